#pragma once
#include <hdf5.h>
#include <sys/syscall.h>
#include <unistd.h>

// What Swift cannot import: macros that initialise the library before they name a value, and calls that later
// versions of HDF5 turned into macros.

static inline unsigned CHDF5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned CHDF5_read_only(void) { return H5F_ACC_RDONLY; }

static inline hid_t CHDF5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t CHDF5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t CHDF5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t CHDF5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline unsigned CHDF5_creation_order(void) { return H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED; }

static inline hid_t CHDF5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t CHDF5_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t CHDF5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t CHDF5_c_string(void) { return H5T_C_S1; }

static inline haddr_t CHDF5_no_address(void) { return HADDR_UNDEF; }

/// 1 when `name` is a hard link (not soft, external or user-defined), 0 when not, negative on errors.
static inline int CHDF5_is_hard_link(hid_t group, const char *name) {
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
    return info.type == H5L_TYPE_HARD;
}

/// A file in memory that no name leads to; negative on errors, with errno. By its system call, since the C library
/// declares `memfd_create` only to those who define _GNU_SOURCE.
static inline int CHDF5_memory_file(const char *name) {
    const unsigned close_on_exec = 1;
    return (int)syscall(SYS_memfd_create, name, close_on_exec);
}
