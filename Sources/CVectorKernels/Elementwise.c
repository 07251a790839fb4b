#include "CVectorKernels.h"
#include "Dispatch.h"
#include "Exponential.h"

CLONES void CVectorKernels_exp(size_t count, const float *source, float *destination) {
  for (size_t i = 0; i < count; i++) destination[i] = fast_exp(source[i]);
}

CLONES void CVectorKernels_sigmoid(size_t count, const float *source, float *destination) {
  for (size_t i = 0; i < count; i++) destination[i] = fast_sigmoid(source[i]);
}

CLONES void CVectorKernels_tanh(size_t count, const float *source, float *destination) {
  for (size_t i = 0; i < count; i++) destination[i] = fast_tanh(source[i]);
}

CLONES void CVectorKernels_tanh_backward(size_t count, const float *output, float *gradient) {
  for (size_t i = 0; i < count; i++) gradient[i] *= 1.0f - output[i] * output[i];
}

CLONES void CVectorKernels_add(size_t count, const float *source, float *destination) {
  for (size_t i = 0; i < count; i++) destination[i] += source[i];
}

CLONES void CVectorKernels_add_scaled(size_t count, float factor, const float *source,
                                      float *destination) {
  for (size_t i = 0; i < count; i++) destination[i] += factor * source[i];
}

CLONES void CVectorKernels_column_sums(size_t rows, size_t columns, size_t stride,
                                       const float *source, float *destination) {
  for (size_t row = 0; row < rows; row++)
    for (size_t j = 0; j < columns; j++) destination[j] += source[row * stride + j];
}

CLONES void CVectorKernels_gather_rows(size_t width, size_t count, const uint32_t *indexes,
                                       const float *restrict table, float *restrict destination) {
  for (size_t k = 0; k < count; k++) {
    const float *row = table + (size_t)indexes[k] * width;
    for (size_t j = 0; j < width; j++) destination[j] += row[j];
  }
}

CLONES void CVectorKernels_scatter_rows(size_t width, size_t count, const uint32_t *indexes,
                                        const float *restrict source, float *restrict table) {
  for (size_t k = 0; k < count; k++) {
    float *row = table + (size_t)indexes[k] * width;
    for (size_t j = 0; j < width; j++) row[j] += source[j];
  }
}

CLONES void CVectorKernels_dropout(size_t count, uint64_t key, uint32_t threshold, float scale,
                                   const float *source, float *destination) {
  const uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
  for (size_t i = 0; i < count; i++) {
    // The finaliser of MurmurHash3 over a Weyl sequence.
    uint32_t hash = (uint32_t)i * 0x9e3779b9u + low;
    hash ^= hash >> 16;
    hash *= 0x85ebca6bu;
    hash ^= (hash >> 13) ^ high;
    hash *= 0xc2b2ae35u;
    hash ^= hash >> 16;
    destination[i] = hash < threshold ? 0.0f : source[i] * scale;
  }
}

CLONES double CVectorKernels_sum_of_squares(size_t count, const float *source) {
  REASSOCIATE
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)source[i] * (double)source[i];
  return sum;
}

CLONES void CVectorKernels_adamw(size_t count, float gradient_scale, float step_size,
                                 float epsilon, float decay, float beta1, float beta2,
                                 const float *restrict gradient, float *restrict first_moment,
                                 float *restrict second_moment, float *restrict parameters) {
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i] * gradient_scale;
    const float m = beta1 * first_moment[i] + (1.0f - beta1) * g;
    const float v = beta2 * second_moment[i] + (1.0f - beta2) * g * g;
    first_moment[i] = m;
    second_moment[i] = v;
    parameters[i] -= decay * parameters[i] + step_size * m / (sqrtf(v) + epsilon);
  }
}
