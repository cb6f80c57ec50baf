#define _GNU_SOURCE
#include "SharedMemory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int apus_shared_create(size_t bytes, apus_shared *shared) {
    int file = memfd_create("apus", MFD_CLOEXEC);
    if (file < 0) return errno;
    struct stat status;
    int error = posix_fallocate(file, 0, (off_t)bytes);
    if (error == 0 && fstat(file, &status) != 0) error = errno;
    if (error != 0) {
        close(file);
        return error;
    }
    *shared = (apus_shared){getpid(), file, status.st_dev, status.st_ino, bytes};
    return 0;
}

int apus_shared_map(const apus_shared *shared, void **address) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%lld/fd/%lld", (long long)shared->process, (long long)shared->descriptor);
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return errno;
    struct stat status;
    int error = fstat(file, &status) == 0 ? 0 : errno;
    // Where processes have numbers of their own (containers), the same number may be somebody else's.
    if (error == 0 && (status.st_dev != shared->device || status.st_ino != shared->inode)) error = ESTALE;
    if (error == 0) {
        void *mapping = mmap(NULL, shared->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (mapping == MAP_FAILED) {
            error = errno;
        } else {
            madvise(mapping, shared->bytes, MADV_HUGEPAGE);  // where the system offers them for such memory
            *address = mapping;
        }
    }
    close(file);
    return error;
}

void apus_shared_unmap(void *address, size_t bytes) { munmap(address, bytes); }

void apus_shared_close(const apus_shared *shared) { close((int)shared->descriptor); }
