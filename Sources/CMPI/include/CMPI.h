// Apus's vocabulary over MPI: some calls on MPI_COMM_WORLD and on the ranks of a host. The only code that includes
// <mpi.h>; its macros cannot be imported by Swift. Every call returns MPI's error code, 0 for success; errors do not
// end the process by themselves (MPI_ERRORS_RETURN). Counts are size_t: what MPI's int cannot hold goes in pieces, or,
// in a gather, is refused with MPI_ERR_COUNT.
#pragma once
#include <stddef.h>

#include "SharedMemory.h"

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
// A barrier at which ranks sleep instead of spinning: the cores are those of who still works.
int apus_mpi_idle_barrier(void);
// Root's bytes go to all.
int apus_mpi_broadcast(void *bytes, size_t count, int root);
// Every rank's `count` bytes, in rank order, go to all: [ranks * count].
int apus_mpi_all_gather(const void *bytes, size_t count, void *all);
// Sends bytes to rank `to` while those of rank `from` arrive, exactly `incoming_count`; -1 for nobody.
int apus_mpi_exchange(
    const void *bytes, size_t count, int to, void *incoming, size_t incoming_count, int from);
// Sum over ranks in MPI's own order, in place.
int apus_mpi_all_sum(float *floats, size_t count);

// Messages under way. Their memory must stay until the wait has returned.
typedef struct apus_mpi_requests apus_mpi_requests;
apus_mpi_requests *_Nullable apus_mpi_requests_create(void);
void apus_mpi_requests_free(apus_mpi_requests *requests);
int apus_mpi_start_send(apus_mpi_requests *requests, const float *floats, size_t count, int peer, int tag);
int apus_mpi_start_receive(apus_mpi_requests *requests, float *floats, size_t count, int peer, int tag);
// Moves what is under way, without waiting: nothing else does while this process computes.
int apus_mpi_progress(void);
int apus_mpi_wait_all(apus_mpi_requests *requests);

// The first rank on the host of every rank.                                                                 [ranks]
int apus_mpi_first_on_hosts(int *first);
// Every rank's `count` bytes, of the ranks of this host in their order, go to all of them.
int apus_mpi_host_all_gather(const void *bytes, size_t count, void *all);
// Returns when all ranks of this host have called it.
int apus_mpi_host_barrier(void);

#pragma clang assume_nonnull end
