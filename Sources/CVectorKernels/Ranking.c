#include "CVectorKernels.h"

#include <math.h>
#include <string.h>

#include "Dispatch.h"

enum { LANES = 16, BLOCKS = CVectorKernels_ranking_limit / LANES };

typedef float Floats __attribute__((vector_size(4 * LANES)));
typedef int32_t Integers __attribute__((vector_size(4 * LANES)));

CLONES
size_t CVectorKernels_best(size_t count, const float *scores, size_t limit, uint32_t *indexes) {
  union {
    float scores[BLOCKS * LANES];
    Floats block[BLOCKS];
  } padded;
  size_t blocks = (count + LANES - 1) / LANES;
  memcpy(padded.scores, scores, count * sizeof(float));
  for (size_t index = count; index < blocks * LANES; index++) padded.scores[index] = -INFINITY;

  Integers lane;
  for (int index = 0; index < LANES; index++) lane[index] = index;
  // One place more than there are: whatever may not be picked is written there.
  uint32_t places[BLOCKS * LANES + 1];
  size_t picked = 0;
  for (size_t block = 0; block < blocks; block++) {
    Floats own = padded.block[block];
    size_t first = block * LANES, end = first + LANES < count ? first + LANES : count;
    // A score's place is the number of those that come before it. Each comparison that holds is -1.
    Integers place = {0};
    for (size_t index = 0; index < first; index++) place -= padded.scores[index] >= own;
    for (size_t index = first; index < end; index++) {
      float other = padded.scores[index];
      place -= (other > own) | ((other == own) & (lane > (int32_t)(index - first)));
    }
    for (size_t index = end; index < count; index++) place -= padded.scores[index] > own;
    for (size_t index = first; index < end; index++) {
      int may = padded.scores[index] > -INFINITY;
      places[may ? place[index - first] : BLOCKS * LANES] = (uint32_t)index;
      picked += (size_t)may;
    }
  }
  if (picked > limit) picked = limit;
  memcpy(indexes, places, picked * sizeof(uint32_t));
  return picked;
}
