#ifndef C_VECTOR_KERNELS_DISPATCH_H
#define C_VECTOR_KERNELS_DISPATCH_H

// The loader chooses clones before the thread sanitizer has begun, in code that it instruments: the
// program would crash at its start.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ONE_CLONE
#endif
#endif

// One source, several instruction sets: the loader binds the best clone when the program starts.
#if defined(__x86_64__) && defined(__linux__) && !defined(ONE_CLONE)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

// Sums may be split over vector lanes: the order is fixed when this is compiled.
#define REASSOCIATE _Pragma("clang fp reassociate(on)")
#define INLINE static inline __attribute__((always_inline))

#endif
