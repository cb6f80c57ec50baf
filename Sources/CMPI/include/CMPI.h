// Apus's vocabulary over MPI: a dozen calls on MPI_COMM_WORLD. The only code that includes <mpi.h>; its macros cannot
// be imported by Swift. Every call returns MPI's error code, 0 for success; errors do not end the process by
// themselves (MPI_ERRORS_RETURN). Counts are size_t: what MPI's int cannot hold goes in pieces, or, in the
// two gathers, is refused with MPI_ERR_COUNT.
#pragma once
#include <stddef.h>

#pragma clang assume_nonnull begin

int apus_mpi_init(void);
int apus_mpi_finalize(void);
// Ends all ranks with `code`; does not return.
void apus_mpi_abort(int code);
int apus_mpi_rank(void);
int apus_mpi_size(void);
// The text of an error code, at most `capacity` bytes with its 0.
void apus_mpi_error_text(int error, char *text, size_t capacity);
// The library's own version line.
void apus_mpi_library(char *text, size_t capacity);
// The name of this rank's host.
void apus_mpi_host(char *text, size_t capacity);

int apus_mpi_barrier(void);
// Root's bytes go to all.
int apus_mpi_broadcast(void *bytes, size_t count, int root);
// Every rank's `count` bytes, in rank order, go to all: [ranks * count].
int apus_mpi_all_gather(const void *bytes, size_t count, void *all);
// In place: rank r's part of `floats` is [offsets[r], offsets[r] + counts[r]); afterwards all ranks have all parts.
int apus_mpi_all_gather_parts(float *floats, const size_t *counts, const size_t *offsets);
// Sum over ranks in MPI's own order, in place.
int apus_mpi_all_sum(float *floats, size_t count);

// Messages under way. Their memory must stay until the wait has returned.
typedef struct apus_mpi_requests apus_mpi_requests;
apus_mpi_requests *_Nullable apus_mpi_requests_create(void);
void apus_mpi_requests_free(apus_mpi_requests *requests);
int apus_mpi_start_send(apus_mpi_requests *requests, const float *floats, size_t count, int peer, int tag);
int apus_mpi_start_receive(apus_mpi_requests *requests, float *floats, size_t count, int peer, int tag);
int apus_mpi_wait_all(apus_mpi_requests *requests);

#pragma clang assume_nonnull end
