// Compares two shapes of a ranked list by what they cost to encode and to decode: a list of nested
// messages, and parallel arrays. The figures in proto/PROTOCOL.md come from `make bench`.
#define _POSIX_C_SOURCE 200809L

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "message_shapes.pb-c.h"

enum { ITEMS_MAX = 24, ROUNDS = 5, REPETITIONS = 1000000 };

static char item_ids[ITEMS_MAX][32];
static float scores[ITEMS_MAX];
static uint32_t item_indexes[ITEMS_MAX];
static char *item_id_pointers[ITEMS_MAX];
static uint8_t output[8192];

// A bump allocator like the server's, so that decoding is not a measurement of malloc.
static _Alignas(16) uint8_t arena[1 << 16];
static size_t arena_used;

static void *arena_alloc(void *data, size_t size) {
  (void)data;
  size_t start = arena_used;
  arena_used += (size + 15) & ~(size_t)15;
  return arena_used <= sizeof arena ? arena + start : NULL;
}

static void arena_free(void *data, void *pointer) {
  (void)data;
  (void)pointer;
}

static ProtobufCAllocator allocator = {arena_alloc, arena_free, NULL};

static double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static size_t encode_nested(size_t count) {
  static Shapes__ScoredItem items[ITEMS_MAX];
  static Shapes__ScoredItem *pointers[ITEMS_MAX];
  for (size_t i = 0; i < count; i++) {
    shapes__scored_item__init(&items[i]);
    items[i].item_id = item_id_pointers[i];
    items[i].score = scores[i];
    items[i].item_index = item_indexes[i];
    pointers[i] = &items[i];
  }
  Shapes__Nested message = SHAPES__NESTED__INIT;
  message.n_items = count;
  message.items = pointers;
  message.model_version = "hrnn-20160501-0001";
  message.source = 1;
  message.recommendation_id = "0123456789abcdef0123456789abcdef";
  size_t size = shapes__nested__get_packed_size(&message);
  if (size > sizeof output) abort();
  return shapes__nested__pack(&message, output);
}

static size_t encode_parallel(size_t count) {
  Shapes__Parallel message = SHAPES__PARALLEL__INIT;
  message.n_item_ids = count;
  message.item_ids = item_id_pointers;
  message.n_scores = count;
  message.scores = scores;
  message.n_item_indexes = count;
  message.item_indexes = item_indexes;
  message.model_version = "hrnn-20160501-0001";
  message.source = 1;
  message.recommendation_id = "0123456789abcdef0123456789abcdef";
  size_t size = shapes__parallel__get_packed_size(&message);
  if (size > sizeof output) abort();
  return shapes__parallel__pack(&message, output);
}

static size_t encode_parallel_indexes_only(size_t count) {
  Shapes__Parallel message = SHAPES__PARALLEL__INIT;
  message.n_scores = count;
  message.scores = scores;
  message.n_item_indexes = count;
  message.item_indexes = item_indexes;
  message.model_version = "hrnn-20160501-0001";
  message.source = 1;
  message.recommendation_id = "0123456789abcdef0123456789abcdef";
  size_t size = shapes__parallel__get_packed_size(&message);
  if (size > sizeof output) abort();
  return shapes__parallel__pack(&message, output);
}

static void decode_nested(size_t size) {
  arena_used = 0;
  if (shapes__nested__unpack(&allocator, size, output) == NULL) abort();
}

static void decode_parallel(size_t size) {
  arena_used = 0;
  if (shapes__parallel__unpack(&allocator, size, output) == NULL) abort();
}

// The best of ROUNDS: what the code costs when nothing disturbs it.
static void measure(const char *name, size_t count, size_t (*encode)(size_t),
                    void (*decode)(size_t)) {
  double encode_best = 1e30, decode_best = 1e30;
  size_t size = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double start = now_ns();
    for (int i = 0; i < REPETITIONS; i++) size = encode(count);
    double middle = now_ns();
    for (int i = 0; i < REPETITIONS; i++) decode(size);
    double end = now_ns();
    if (middle - start < encode_best) encode_best = middle - start;
    if (end - middle < decode_best) decode_best = end - middle;
  }
  printf("%-22s %5zu items %5zu bytes  encode %6.1f ns  decode %6.1f ns\n", name, count, size,
         encode_best / REPETITIONS, decode_best / REPETITIONS);
}

int main(void) {
  for (int i = 0; i < ITEMS_MAX; i++) {
    snprintf(item_ids[i], sizeof item_ids[i], "ind_product_%02d_ult1", i);
    item_id_pointers[i] = item_ids[i];
    scores[i] = 1.0f / (float)(i + 1);
    item_indexes[i] = (uint32_t)i;
  }
  const size_t counts[] = {7, ITEMS_MAX};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    measure("nested", counts[i], encode_nested, decode_nested);
    measure("parallel", counts[i], encode_parallel, decode_parallel);
    measure("parallel, no strings", counts[i], encode_parallel_indexes_only, decode_parallel);
  }
  return 0;
}
