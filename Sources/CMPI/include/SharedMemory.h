// Memory that processes of one host share: an anonymous file in memory (memfd), which others open through /proc. It has
// no name, counts against no /dev/shm, and is gone with the last process that has it, however that ends.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// How others find it, and how they know that it is the right one.
typedef struct apus_shared {
    int64_t process, descriptor;
    uint64_t device, inode, bytes;
} apus_shared;

// Makes `bytes` of zeros. All pages are taken at once: what there is no room for fails here, not at a later touch.
// Returns 0, or an errno.
int apus_shared_create(size_t bytes, apus_shared *shared);
// Maps what a process of this host has created. Returns 0, or an errno.
int apus_shared_map(const apus_shared *shared, void *_Nullable *_Nonnull address);
void apus_shared_unmap(void *address, size_t bytes);
// The creator needs the descriptor only until all have mapped.
void apus_shared_close(const apus_shared *shared);

// Numbers that processes tell each other there: what was written before a publish is seen after its fetch.
static inline void apus_publish(long *place, long value) { __atomic_store_n(place, value, __ATOMIC_RELEASE); }
static inline long apus_published(const long *place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }

#pragma clang assume_nonnull end
