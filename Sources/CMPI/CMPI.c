#include "CMPI.h"

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// A message of more elements than this goes in pieces, below MPI's limit of INT_MAX.
#define PIECE ((size_t)1 << 30)

// The ranks of this host.
static MPI_Comm host = MPI_COMM_NULL;

int apus_mpi_init(void) {
    int provided = 0;
    int error = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    if (error == MPI_SUCCESS) MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if (error == MPI_SUCCESS)
        error = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
    if (error == MPI_SUCCESS) MPI_Comm_set_errhandler(host, MPI_ERRORS_RETURN);
    return error;
}

int apus_mpi_finalize(void) { return MPI_Finalize(); }

void apus_mpi_abort(int code) {
    MPI_Abort(MPI_COMM_WORLD, code);
    _Exit(code);
}

int apus_mpi_rank(void) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

int apus_mpi_size(void) {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

static void copy_text(char *to, size_t capacity, const char *from) {
    if (capacity == 0) return;
    strncpy(to, from, capacity - 1);
    to[capacity - 1] = 0;
    to[strcspn(to, "\n")] = 0;
}

void apus_mpi_error_text(int error, char *text, size_t capacity) {
    char buffer[MPI_MAX_ERROR_STRING + 1] = "unknown error";
    int length = 0;
    MPI_Error_string(error, buffer, &length);
    copy_text(text, capacity, buffer);
}

void apus_mpi_library(char *text, size_t capacity) {
    char buffer[MPI_MAX_LIBRARY_VERSION_STRING + 1] = "";
    int length = 0;
    MPI_Get_library_version(buffer, &length);
    copy_text(text, capacity, buffer);
}

void apus_mpi_host(char *text, size_t capacity) {
    char buffer[MPI_MAX_PROCESSOR_NAME + 1] = "";
    int length = 0;
    MPI_Get_processor_name(buffer, &length);
    copy_text(text, capacity, buffer);
}

int apus_mpi_barrier(void) { return MPI_Barrier(MPI_COMM_WORLD); }

int apus_mpi_idle_barrier(void) {
    const struct timespec nap = {.tv_nsec = 500000};
    MPI_Request request;
    int done = 0, error = MPI_Ibarrier(MPI_COMM_WORLD, &request);
    while (error == MPI_SUCCESS && !done) {
        error = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        if (!done) nanosleep(&nap, NULL);
    }
    return error;
}

int apus_mpi_broadcast(void *bytes, size_t count, int root) {
    int error = MPI_SUCCESS;
    for (size_t done = 0; done < count && error == MPI_SUCCESS; done += PIECE) {
        size_t piece = count - done < PIECE ? count - done : PIECE;
        error = MPI_Bcast((char *)bytes + done, (int)piece, MPI_BYTE, root, MPI_COMM_WORLD);
    }
    return error;
}

int apus_mpi_all_gather(const void *bytes, size_t count, void *all) {
    if (count > INT_MAX) return MPI_ERR_COUNT;
    return MPI_Allgather(bytes, (int)count, MPI_BYTE, all, (int)count, MPI_BYTE, MPI_COMM_WORLD);
}

// Not a tag of the messages of floats.
#define BYTES_TAG 32767

int apus_mpi_exchange(const void *bytes, size_t count, int to, void *incoming, size_t incoming_count, int from) {
    if (count > INT_MAX || incoming_count > INT_MAX) return MPI_ERR_COUNT;
    MPI_Status status;
    int error = MPI_Sendrecv(
        bytes, (int)count, MPI_BYTE, to < 0 ? MPI_PROC_NULL : to, BYTES_TAG, incoming, (int)incoming_count, MPI_BYTE,
        from < 0 ? MPI_PROC_NULL : from, BYTES_TAG, MPI_COMM_WORLD, &status);
    int received = 0;
    if (error == MPI_SUCCESS && from >= 0) error = MPI_Get_count(&status, MPI_BYTE, &received);
    // More than there is room for is MPI's own error; less is ours.
    if (error == MPI_SUCCESS && from >= 0 && (size_t)received != incoming_count) error = MPI_ERR_COUNT;
    return error;
}

int apus_mpi_all_sum(float *floats, size_t count) {
    int error = MPI_SUCCESS;
    for (size_t done = 0; done < count && error == MPI_SUCCESS; done += PIECE) {
        size_t piece = count - done < PIECE ? count - done : PIECE;
        error = MPI_Allreduce(MPI_IN_PLACE, floats + done, (int)piece, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }
    return error;
}

struct apus_mpi_requests {
    MPI_Request *list;
    size_t count, capacity;
};

apus_mpi_requests *apus_mpi_requests_create(void) { return calloc(1, sizeof(apus_mpi_requests)); }

void apus_mpi_requests_free(apus_mpi_requests *requests) {
    free(requests->list);
    free(requests);
}

static MPI_Request *next_request(apus_mpi_requests *requests) {
    if (requests->count == requests->capacity) {
        size_t capacity = requests->capacity ? 2 * requests->capacity : 64;
        MPI_Request *list = realloc(requests->list, capacity * sizeof(MPI_Request));
        if (!list) return NULL;
        requests->list = list;
        requests->capacity = capacity;
    }
    return &requests->list[requests->count++];
}

int apus_mpi_start_send(apus_mpi_requests *requests, const float *floats, size_t count, int peer, int tag) {
    for (size_t done = 0; done < count; done += PIECE) {
        size_t piece = count - done < PIECE ? count - done : PIECE;
        MPI_Request *request = next_request(requests);
        if (!request) return MPI_ERR_NO_MEM;
        int error = MPI_Isend(floats + done, (int)piece, MPI_FLOAT, peer, tag, MPI_COMM_WORLD, request);
        if (error != MPI_SUCCESS) return error;
    }
    return MPI_SUCCESS;
}

int apus_mpi_start_receive(apus_mpi_requests *requests, float *floats, size_t count, int peer, int tag) {
    for (size_t done = 0; done < count; done += PIECE) {
        size_t piece = count - done < PIECE ? count - done : PIECE;
        MPI_Request *request = next_request(requests);
        if (!request) return MPI_ERR_NO_MEM;
        int error = MPI_Irecv(floats + done, (int)piece, MPI_FLOAT, peer, tag, MPI_COMM_WORLD, request);
        if (error != MPI_SUCCESS) return error;
    }
    return MPI_SUCCESS;
}

int apus_mpi_progress(void) {
    // Looking for any message moves all that are under way.
    int found = 0;
    return MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &found, MPI_STATUS_IGNORE);
}

int apus_mpi_wait_all(apus_mpi_requests *requests) {
    int error = MPI_SUCCESS;
    for (size_t done = 0; done < requests->count && error == MPI_SUCCESS; done += INT_MAX) {
        size_t some = requests->count - done < INT_MAX ? requests->count - done : INT_MAX;
        error = MPI_Waitall((int)some, requests->list + done, MPI_STATUSES_IGNORE);
    }
    requests->count = 0;
    return error;
}

int apus_mpi_first_on_hosts(int *first) {
    int own = apus_mpi_rank(), error = MPI_Bcast(&own, 1, MPI_INT, 0, host);
    if (error == MPI_SUCCESS) error = MPI_Allgather(&own, 1, MPI_INT, first, 1, MPI_INT, MPI_COMM_WORLD);
    return error;
}

int apus_mpi_host_all_gather(const void *bytes, size_t count, void *all) {
    if (count > INT_MAX) return MPI_ERR_COUNT;
    return MPI_Allgather(bytes, (int)count, MPI_BYTE, all, (int)count, MPI_BYTE, host);
}

int apus_mpi_host_barrier(void) { return MPI_Barrier(host); }
