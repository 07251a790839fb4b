#include "CVectorKernels.h"
#include "Dispatch.h"

// A block of constant size, so that its sums stay in registers.
#define BLOCK(ROWS, COLUMNS)                                                                   \
  do {                                                                                         \
    float sum[ROWS][COLUMNS];                                                                  \
    for (size_t r = 0; r < ROWS; r++)                                                          \
      for (size_t j = 0; j < COLUMNS; j++)                                                     \
        sum[r][j] = accumulate ? result[(row + r) * result_stride + column + j] : 0.0f;        \
    for (size_t k = 0; k < inner; k++) {                                                       \
      const float *restrict b = right + k * right_stride + column;                             \
      for (size_t r = 0; r < ROWS; r++) {                                                      \
        const float a = left[(row + r) * left_stride + k];                                     \
        for (size_t j = 0; j < COLUMNS; j++) sum[r][j] = __builtin_fmaf(a, b[j], sum[r][j]);   \
      }                                                                                        \
    }                                                                                          \
    for (size_t r = 0; r < ROWS; r++)                                                          \
      for (size_t j = 0; j < COLUMNS; j++)                                                     \
        result[(row + r) * result_stride + column + j] = sum[r][j];                            \
  } while (0)

#define BAND(ROWS)                                                                             \
  do {                                                                                         \
    size_t column = 0;                                                                         \
    for (; column + 32 <= columns; column += 32) BLOCK(ROWS, 32);                              \
    for (; column + 8 <= columns; column += 8) BLOCK(ROWS, 8);                                 \
    for (; column < columns; column++) BLOCK(ROWS, 1);                                         \
  } while (0)

CLONES void CVectorKernels_row_product(size_t rows, size_t inner, size_t columns,
                                       const float *restrict left, size_t left_stride,
                                       const float *restrict right, size_t right_stride,
                                       float *restrict result, size_t result_stride,
                                       int accumulate) {
  size_t row = 0;
  for (; row + 4 <= rows; row += 4) BAND(4);
  for (; row < rows; row++) BAND(1);
}
