#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// Counts what the calling thread allocates: malloc and its kin, and memory mapped by mmap, which arenas are made of.
/// A program that links this library has its allocations go through it; they are counted between start and stop only.
void allocation_counter_start(void);

/// Allocations of this thread since its start.
long allocation_counter_stop(void);

#endif
