#ifndef C_VECTOR_KERNELS_EXPONENTIAL_H
#define C_VECTOR_KERNELS_EXPONENTIAL_H

#include "Dispatch.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

// exp(x) = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to a whole
// number and leaves it in the low bits: no conversion, no call, so that loops over it vectorise.
// The polynomial is Cephes's expf (https://www.netlib.org/cephes/).
INLINE float fast_exp(float x) {
  x = x > 88.3f ? 88.3f : x;
  const float clamped = x < -87.3f ? -87.3f : x;
  const float shifted = clamped * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  uint32_t bits, exponent;
  memcpy(&exponent, &shifted, 4);
  memcpy(&bits, &p, 4);
  bits += exponent << 23;
  float result;
  memcpy(&result, &bits, 4);
  // Where x is no number, so is p, and the exponent's bits must not disguise it.
  result = x != x ? x : result;
  return x < -87.3f ? 0.0f : result;
}

INLINE float fast_sigmoid(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

INLINE float fast_tanh(float x) {
  const float e = fast_exp(-2.0f * fabsf(x));
  return copysignf((1.0f - e) / (1.0f + e), x);
}

#endif
