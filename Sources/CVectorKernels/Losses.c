#include "CVectorKernels.h"
#include "Dispatch.h"
#include "Exponential.h"

CLONES double CVectorKernels_hazard_loss(size_t count, const float *restrict logits, uint64_t held,
                                         uint64_t taken, float ranking_weight,
                                         float hazard_weight, float scale,
                                         float *restrict gradient) {
  REASSOCIATE
  float open[64], hit[64], exponential[64];
  float maximum = -INFINITY, hits = 0;
  for (size_t j = 0; j < count; j++) {
    open[j] = (float)(1u ^ (uint32_t)((held >> j) & 1u));
    hit[j] = open[j] * (float)((uint32_t)(taken >> j) & 1u);
  }
  for (size_t j = 0; j < count; j++) {
    const float candidate = open[j] != 0.0f ? logits[j] : -INFINITY;
    maximum = candidate > maximum ? candidate : maximum;
    hits += hit[j];
  }
  if (maximum == -INFINITY) {
    // All is held, or the logits are no numbers: what is no number must reach the caller.
    float sum = 0;
    for (size_t j = 0; j < count; j++) {
      sum += open[j] != 0.0f ? logits[j] : 0.0f;
      gradient[j] = 0;
    }
    return sum;
  }
  float sum = 0, chosen = 0, positive = 0, product = 1;
  for (size_t j = 0; j < count; j++) {
    const float logit = open[j] != 0.0f ? logits[j] : 0.0f;
    exponential[j] = open[j] * fast_exp(logit - maximum);
    sum += exponential[j];
    chosen += hit[j] * logit;
    positive += open[j] * (logit > 0.0f ? logit : 0.0f);
    // At most 64 factors of at most 2 each: the product is a float, and one logarithm is enough.
    product *= 1.0f + open[j] * fast_exp(-fabsf(logit));
  }
  const float share = hits / sum;
  for (size_t j = 0; j < count; j++) {
    const float logit = open[j] != 0.0f ? logits[j] : 0.0f;
    const float hazard = open[j] * fast_sigmoid(logit) - hit[j];
    gradient[j] = scale
        * (ranking_weight * (exponential[j] * share - hit[j]) + hazard_weight * hazard);
  }
  const double ranking = (double)hits * (log(sum) + maximum) - chosen;
  const double hazard = (double)positive + log(product) - chosen;
  return ranking_weight * ranking + hazard_weight * hazard;
}

CLONES double CVectorKernels_softmax_loss(size_t count, size_t target, float scale,
                                          float *restrict logits) {
  REASSOCIATE
  const float chosen = logits[target];
  float maximum = logits[0];
  for (size_t j = 0; j < count; j++) maximum = logits[j] > maximum ? logits[j] : maximum;
  float sum = 0;
  for (size_t j = 0; j < count; j++) {
    logits[j] = fast_exp(logits[j] - maximum);
    sum += logits[j];
  }
  const float factor = scale / sum;
  for (size_t j = 0; j < count; j++) logits[j] *= factor;
  logits[target] -= scale;
  return log((double)sum) + maximum - chosen;
}

CLONES void CVectorKernels_softmax(size_t count, float *restrict logits) {
  REASSOCIATE
  float maximum = logits[0];
  for (size_t j = 0; j < count; j++) maximum = logits[j] > maximum ? logits[j] : maximum;
  float sum = 0;
  for (size_t j = 0; j < count; j++) {
    logits[j] = fast_exp(logits[j] - maximum);
    sum += logits[j];
  }
  const float factor = 1.0f / sum;
  for (size_t j = 0; j < count; j++) logits[j] *= factor;
}

CLONES double CVectorKernels_bpr_max_loss(size_t count, size_t target, float regularization,
                                          float scale, float *restrict logits) {
  REASSOCIATE
  const float chosen = logits[target];
  float maximum = -INFINITY;
  for (size_t j = 0; j < count; j++) {
    const float candidate = j != target ? logits[j] : -INFINITY;
    maximum = candidate > maximum ? candidate : maximum;
  }
  // Without a negative there is nothing to tell apart.
  if (maximum == -INFINITY) {
    for (size_t j = 0; j < count; j++) logits[j] = 0;
    return chosen == chosen ? 0 : chosen;
  }
  float sum = 0, won = 0, squares = 0;
  for (size_t j = 0; j < count; j++) {
    const float weight = j != target ? fast_exp(logits[j] - maximum) : 0.0f;
    sum += weight;
    won += weight * fast_sigmoid(chosen - logits[j]);
    squares += weight * logits[j] * logits[j];
  }
  won = won / sum + 1e-24f;
  squares /= sum;
  float pull = 0;
  for (size_t j = 0; j < count; j++) {
    const float logit = logits[j];
    const float share = j != target ? fast_exp(logit - maximum) / sum : 0.0f;
    const float win = fast_sigmoid(chosen - logit);
    const float slope = share * win * (1.0f - win) / won;
    pull += slope;
    logits[j] = scale
        * (slope - share * (win - won) / won
           + regularization * share * (2.0f * logit + logit * logit - squares));
  }
  logits[target] = -scale * pull;
  return regularization * (double)squares - log((double)won);
}
