#include "CVectorKernels.h"
#include "Dispatch.h"

// Rows of the right factor that are packed at a time.
#define DEPTH 256
// With no more rows than this, packing costs more than it saves.
#define UNPACKED_ROWS 64
// The floats of a cache line, and a step between columns that defeats the caches.
#define LINE 16
#define FAR_STEP 1024

#if defined(__x86_64__)
#define LANES 16
#define ROWS 8
// Without the width named, the compiler would split vectors of 64 bytes in two.
#define TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define NAME(x) wide_##x
#include "MatrixProductKernel.h"
#undef LANES
#undef ROWS
#undef TARGET
#undef NAME

#define LANES 8
#define ROWS 4
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define NAME(x) middle_##x
#include "MatrixProductKernel.h"
#undef LANES
#undef ROWS
#undef TARGET
#undef NAME
#endif

#define LANES 4
#define ROWS 4
#define TARGET
#define NAME(x) narrow_##x
#include "MatrixProductKernel.h"

int CVectorKernels_vector_width(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512cd"))
    return 16;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
#endif
  return 4;
}

void CVectorKernels_matrix_product(size_t m, size_t n, size_t k, const float *left,
                                   size_t left_row_step, size_t left_column_step,
                                   const float *right, size_t right_row_step,
                                   size_t right_column_step, float *result, size_t result_step,
                                   int accumulate, int width) {
#define ARGUMENTS                                                                                \
  m, n, k, left, left_row_step, left_column_step, right, right_row_step, right_column_step,      \
      result, result_step, accumulate
#if defined(__x86_64__)
  if (width >= 16) return wide_product(ARGUMENTS);
  if (width >= 8) return middle_product(ARGUMENTS);
#endif
  (void)width;
  narrow_product(ARGUMENTS);
}
