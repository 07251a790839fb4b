#include "ranked_items.h"

#include <string.h>

#include "recommender.pb-c.h"

// Tags (field number << 3 | wire type) of the answers; each fits one byte.
enum {
  TAG_ITEM_IDS = 1 << 3 | 2,
  TAG_SCORES = 2 << 3 | 2,
  TAG_ITEM_INDEXES = 3 << 3 | 2,
  TAG_MODEL_VERSION = 4 << 3 | 2,
  TAG_SOURCE = 5 << 3 | 0,
  TAG_RECOMMENDATION_ID = 6 << 3 | 2,
  TAG_SOFTMAX_SCORES = 7 << 3 | 2,
  TAG_PROPENSITIES = 8 << 3 | 2,
  TAG_EXPLORED = 9 << 3 | 0,
};

// The fields that both messages have, under the same names.
#define COPY_COMMON_FIELDS(request, message)                                                     \
  do {                                                                                           \
    (request)->count = (message)->count_presence_case != 0 ? (message)->count                    \
                                                           : TELLER_COUNT_DEFAULT;               \
    (request)->item_indexes_only = (message)->item_indexes_only;                                 \
    (request)->softmax_scores = (message)->softmax_scores;                                       \
    (request)->has_exploration_weight = (message)->exploration_weight_presence_case != 0;        \
    (request)->exploration_weight =                                                              \
        (request)->has_exploration_weight ? (message)->exploration_weight : 0;                   \
    (request)->excluded_count = (message)->n_exclude_item_ids;                                   \
    (request)->excluded_item_ids = (message)->exclude_item_ids;                                  \
  } while (0)

static bool check_common_fields(const TellerRecommendRequest *request, TellerFault *fault) {
  if (request->count < 1 || request->count > TELLER_COUNT_MAX) {
    *fault = (TellerFault){TELLER_FAULT_LIMIT, "count", "", 1, TELLER_COUNT_MAX, request->count};
    return false;
  }
  for (size_t i = 0; i < request->excluded_count; i++)
    if (!teller_check_length("exclude_item_ids", request->excluded_item_ids[i], 1,
                             TELLER_ID_BYTES_MAX, fault))
      return false;
  return true;
}

bool teller_decode_recommend_request(TellerArena *arena, const uint8_t *bytes, size_t length,
                                     TellerRecommendRequest *request, TellerFault *fault) {
  teller_arena_reset(arena);
  const Teller__V1__RecommendRequest *message = (const Teller__V1__RecommendRequest *)teller_unpack(
      &teller__v1__recommend_request__descriptor, arena, bytes, length, fault);
  if (message == NULL) return false;
  COPY_COMMON_FIELDS(request, message);
  request->user_id = message->user_id;
  request->user_id_length = strlen(message->user_id);
  return check_common_fields(request, fault) &&
         teller_check_length("user_id", request->user_id, 1, TELLER_ID_BYTES_MAX, fault);
}

bool teller_decode_recommend_many_request(TellerArena *arena, const uint8_t *bytes, size_t length,
                                          TellerRecommendManyRequest *request,
                                          TellerFault *fault) {
  teller_arena_reset(arena);
  const Teller__V1__RecommendManyRequest *message =
      (const Teller__V1__RecommendManyRequest *)teller_unpack(
          &teller__v1__recommend_many_request__descriptor, arena, bytes, length, fault);
  if (message == NULL) return false;
  COPY_COMMON_FIELDS(&request->each, message);
  request->each.user_id = "";
  request->each.user_id_length = 0;
  request->user_count = message->n_user_ids;
  request->user_ids = message->user_ids;
  if (request->user_count < 1) {
    *fault = (TellerFault){TELLER_FAULT_LIMIT, "user_ids", "entries", 1,
                           TELLER_STREAM_USERS_MAX, 0};
    return false;
  }
  for (size_t i = 0; i < request->user_count; i++)
    if (!teller_check_length("user_ids", request->user_ids[i], 1, TELLER_ID_BYTES_MAX, fault))
      return false;
  return check_common_fields(&request->each, fault);
}

bool teller_decode_similar_items_request(TellerArena *arena, const uint8_t *bytes, size_t length,
                                         TellerSimilarItemsRequest *request, TellerFault *fault) {
  teller_arena_reset(arena);
  const Teller__V1__SimilarItemsRequest *message =
      (const Teller__V1__SimilarItemsRequest *)teller_unpack(
          &teller__v1__similar_items_request__descriptor, arena, bytes, length, fault);
  if (message == NULL) return false;
  request->count = message->count_presence_case ==
                           TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT
                       ? message->count
                       : TELLER_COUNT_DEFAULT;
  request->item_id = message->item_id;
  request->item_id_length = strlen(message->item_id);
  if (request->count < 1 || request->count > TELLER_COUNT_MAX) {
    *fault = (TellerFault){TELLER_FAULT_LIMIT, "count", "", 1, TELLER_COUNT_MAX, request->count};
    return false;
  }
  return teller_check_length("item_id", request->item_id, 1, TELLER_ID_BYTES_MAX, fault);
}

static size_t varint_size(uint32_t value) {
  return value < 1u << 7    ? 1
         : value < 1u << 14 ? 2
         : value < 1u << 21 ? 3
         : value < 1u << 28 ? 4
                            : 5;
}

static uint8_t *put_varint(uint8_t *at, uint32_t value) {
  while (value >= 0x80) {
    *at++ = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  *at++ = (uint8_t)value;
  return at;
}

static uint8_t *put_bytes(uint8_t *at, uint8_t tag, const void *bytes, size_t length) {
  *at++ = tag;
  at = put_varint(at, (uint32_t)length);
  memcpy(at, bytes, length);
  return at + length;
}

static size_t id_length(const TellerRankedItems *items, uint32_t index) {
  return items->id_offsets[index + 1] - items->id_offsets[index] - 1;
}

static size_t text_size(size_t length) {
  return length == 0 ? 0 : 1 + varint_size((uint32_t)length) + length;
}

static size_t packed_indexes_size(const TellerRankedItems *items) {
  size_t size = 0;
  for (size_t i = 0; i < items->count; i++) size += varint_size(items->item_indexes[i]);
  return size;
}

size_t teller_ranked_items_size(const TellerRankedItems *items) {
  size_t size = text_size(items->model_version_length) + text_size(items->recommendation_id_length);
  if (items->source != 0) size += 1 + varint_size(items->source);
  if (items->explored) size += 2;
  if (items->count == 0) return size;
  size_t scores = 4 * items->count, indexes = packed_indexes_size(items);
  size += (1 + varint_size((uint32_t)scores) + scores) *
          (1 + (items->softmax_scores != NULL) + (items->propensities != NULL));
  size += 1 + varint_size((uint32_t)indexes) + indexes;
  if (!items->without_item_ids)
    for (size_t i = 0; i < items->count; i++) {
      size_t length = id_length(items, items->item_indexes[i]);
      size += 1 + varint_size((uint32_t)length) + length;
    }
  return size;
}

size_t teller_ranked_items_pack(const TellerRankedItems *items, uint8_t *output) {
  uint8_t *at = output;
  if (items->count > 0) {
    if (!items->without_item_ids)
      for (size_t i = 0; i < items->count; i++) {
        uint32_t index = items->item_indexes[i];
        at = put_bytes(at, TAG_ITEM_IDS, items->id_bytes + items->id_offsets[index],
                       id_length(items, index));
      }
    // Floats travel as their little-endian bits, which is how this machine holds them.
    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "scores are copied as they are");
    at = put_bytes(at, TAG_SCORES, items->scores, 4 * items->count);
    *at++ = TAG_ITEM_INDEXES;
    at = put_varint(at, (uint32_t)packed_indexes_size(items));
    for (size_t i = 0; i < items->count; i++) at = put_varint(at, items->item_indexes[i]);
  }
  if (items->model_version_length > 0)
    at = put_bytes(at, TAG_MODEL_VERSION, items->model_version, items->model_version_length);
  if (items->source != 0) {
    *at++ = TAG_SOURCE;
    at = put_varint(at, items->source);
  }
  if (items->recommendation_id_length > 0)
    at = put_bytes(at, TAG_RECOMMENDATION_ID, items->recommendation_id,
                   items->recommendation_id_length);
  if (items->softmax_scores != NULL && items->count > 0)
    at = put_bytes(at, TAG_SOFTMAX_SCORES, items->softmax_scores, 4 * items->count);
  if (items->propensities != NULL && items->count > 0)
    at = put_bytes(at, TAG_PROPENSITIES, items->propensities, 4 * items->count);
  if (items->explored) {
    *at++ = TAG_EXPLORED;
    *at++ = 1;
  }
  return (size_t)(at - output);
}
