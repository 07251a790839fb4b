// The two hot methods, as plain structs: no generated name leaves this header's implementation.
#ifndef TELLER_RANKED_ITEMS_H
#define TELLER_RANKED_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message_arena.h"
#include "message_checks.h"

// A decoded RecommendRequest. Texts end with NUL and lie in the arena.
typedef struct TellerRecommendRequest {
  const char *user_id;
  size_t user_id_length;
  uint32_t count;
  bool item_indexes_only;
  bool softmax_scores;
  bool has_exploration_weight;
  // 0 when there is none; not checked.
  float exploration_weight;
  size_t excluded_count;
  char *const *excluded_item_ids;
} TellerRecommendRequest;

// A decoded RecommendManyRequest: `each` is what is asked for every customer, without one.
typedef struct TellerRecommendManyRequest {
  TellerRecommendRequest each;
  size_t user_count;
  char *const *user_ids;
} TellerRecommendManyRequest;

// A decoded SimilarItemsRequest.
typedef struct TellerSimilarItemsRequest {
  const char *item_id;
  size_t item_id_length;
  uint32_t count;
} TellerSimilarItemsRequest;

// Resets the arena and decodes into it. False with a fault when the request breaks the protocol.
bool teller_decode_recommend_request(TellerArena *arena, const uint8_t *bytes, size_t length,
                                     TellerRecommendRequest *request, TellerFault *fault);
bool teller_decode_recommend_many_request(TellerArena *arena, const uint8_t *bytes, size_t length,
                                          TellerRecommendManyRequest *request, TellerFault *fault);
bool teller_decode_similar_items_request(TellerArena *arena, const uint8_t *bytes, size_t length,
                                         TellerSimilarItemsRequest *request, TellerFault *fault);

// A ranked list to encode: RecommendResponse, or SimilarItemsResponse when `recommendation_id` is
// NULL or empty, `softmax_scores` and `propensities` NULL and `explored` false (their other fields
// have the same numbers and types).
typedef struct TellerRankedItems {
  size_t count;
  // Text of item i is `id_bytes + id_offsets[item_indexes[i]]`, up to the NUL before the next
  // offset. Left out when `without_item_ids`.
  const char *id_bytes;
  const uint32_t *id_offsets;
  bool without_item_ids;
  const float *scores;
  // Left out when NULL.
  const float *softmax_scores;
  // Left out when NULL.
  const float *propensities;
  bool explored;
  const uint32_t *item_indexes;
  const char *model_version;
  size_t model_version_length;
  const char *recommendation_id;
  size_t recommendation_id_length;
  uint32_t source;
} TellerRankedItems;

// Bytes of the encoded list: exact.
size_t teller_ranked_items_size(const TellerRankedItems *items);

// Encodes into `output`, which holds at least `teller_ranked_items_size` bytes; returns how many
// were written. The bytes equal those protobuf-c packs from the generated message.
size_t teller_ranked_items_pack(const TellerRankedItems *items, uint8_t *output);

#endif
