#include "CVectorKernels.h"
#include "Dispatch.h"
#include <math.h>

CLONES void CVectorKernels_normalize_rows(size_t rows, size_t width, float scale,
                                          float *restrict values, float *restrict lengths) {
  for (size_t row = 0; row < rows; row++) {
    REASSOCIATE
    float *value = values + row * width;
    // A row of zeros has no direction; this keeps it finite.
    float sum = 1e-12f;
    for (size_t j = 0; j < width; j++) sum += value[j] * value[j];
    const float length = sqrtf(sum);
    const float factor = scale / length;
    for (size_t j = 0; j < width; j++) value[j] *= factor;
    lengths[row] = length;
  }
}

CLONES double CVectorKernels_normalize_rows_backward(size_t rows, size_t width, float scale,
                                                     const float *restrict normalized,
                                                     const float *restrict lengths,
                                                     float *restrict gradient) {
  double sum = 0;
  for (size_t row = 0; row < rows; row++) {
    REASSOCIATE
    const float *value = normalized + row * width;
    float *change = gradient + row * width;
    float product = 0;
    for (size_t j = 0; j < width; j++) product += value[j] * change[j];
    const float factor = scale / lengths[row];
    const float along = product / (scale * scale);
    for (size_t j = 0; j < width; j++) change[j] = factor * (change[j] - along * value[j]);
    sum += product;
  }
  return sum;
}
