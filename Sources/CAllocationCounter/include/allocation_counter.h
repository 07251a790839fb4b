// Counts what a thread allocates, for tests that must show that a path allocates nothing.
//
// Linked into a program, this defines malloc and its kin over those of the C library, so everything
// in the process is counted, the Swift runtime included. Under a sanitizer, which has its own, nothing
// is counted.
#ifndef TELLER_ALLOCATION_COUNTER_H
#define TELLER_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

// False when the counter stands still, as under a sanitizer.
bool teller_counts_allocations(void);

// How often the calling thread has asked for memory since it began.
uint64_t teller_thread_allocations(void);

#endif
