#include "CVectorKernels.h"
#include "Dispatch.h"
#include "Exponential.h"

CLONES void CVectorKernels_gru_forward(size_t rows, size_t units, float *gates,
                                       const float *previous, float *state) {
  for (size_t row = 0; row < rows; row++) {
    float *restrict n = gates + row * 4 * units;
    float *restrict r = n + units;
    float *restrict z = r + units;
    const float *restrict recurrent = z + units;
    const float *before = previous + row * units;
    float *after = state + row * units;
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < units; j++) {
      const float reset = fast_sigmoid(r[j]);
      const float update = fast_sigmoid(z[j]);
      const float candidate = fast_tanh(n[j] + reset * recurrent[j]);
      r[j] = reset;
      z[j] = update;
      n[j] = candidate;
      after[j] = candidate + update * (before[j] - candidate);
    }
  }
}

CLONES void CVectorKernels_gru_backward(size_t rows, size_t units, float *gates,
                                        const float *previous, const float *state_gradient,
                                        float *previous_gradient, int accumulate) {
  const float keep = accumulate ? 1.0f : 0.0f;
  for (size_t row = 0; row < rows; row++) {
    float *restrict n = gates + row * 4 * units;
    float *restrict r = n + units;
    float *restrict z = r + units;
    float *restrict recurrent = z + units;
    const float *before = previous + row * units;
    const float *after_gradient = state_gradient + row * units;
    float *before_gradient = previous_gradient + row * units;
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < units; j++) {
      const float d = after_gradient[j];
      const float candidate = n[j], reset = r[j], update = z[j];
      const float candidate_gradient = d * (1.0f - update) * (1.0f - candidate * candidate);
      const float update_gradient = d * (before[j] - candidate);
      const float old = before_gradient[j];
      n[j] = candidate_gradient;
      r[j] = candidate_gradient * recurrent[j] * reset * (1.0f - reset);
      z[j] = update_gradient * update * (1.0f - update);
      recurrent[j] = candidate_gradient * reset;
      before_gradient[j] = (keep != 0.0f ? old : 0.0f) + d * update;
    }
  }
}
