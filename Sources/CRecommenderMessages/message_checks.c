#include "message_checks.h"

#include <string.h>

#include "recommender.pb-c.h"

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_LENGTH = 2, WIRE_32 = 5, LISTS_MAX = 16 };

static bool malformed(TellerFault *fault, const char *field) {
  *fault = (TellerFault){.kind = TELLER_FAULT_MALFORMED, .field = field, .unit = ""};
  return false;
}

static bool over_limit(TellerFault *fault, const char *field, const char *unit, uint64_t minimum,
                       uint64_t maximum, uint64_t actual) {
  *fault = (TellerFault){.kind = TELLER_FAULT_LIMIT,
                         .field = field,
                         .unit = unit,
                         .minimum = minimum,
                         .maximum = maximum,
                         .actual = actual};
  return false;
}

// Reads a varint of at most ten bytes; returns the position after it, or NULL.
static const uint8_t *read_varint(const uint8_t *at, const uint8_t *end, uint64_t *value) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at == end) return NULL;
    uint8_t byte = *at++;
    result |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) {
      *value = result;
      return at;
    }
  }
  return NULL;
}

typedef struct {
  // What the caller is told; the checks of whole messages see to it.
  uint32_t least;
  uint32_t most;
} EntryLimits;

// How many entries a list in a request has. Lists of answers are bounded by the frame alone.
static EntryLimits entry_limits(const ProtobufCMessageDescriptor *descriptor, uint32_t number) {
  if (descriptor == &teller__v1__recommend_request__descriptor && number == 3)
    return (EntryLimits){0, TELLER_EXCLUDED_ITEMS_MAX};
  if (descriptor == &teller__v1__recommend_many_request__descriptor && number == 1)
    return (EntryLimits){1, TELLER_STREAM_USERS_MAX};
  if (descriptor == &teller__v1__recommend_many_request__descriptor && number == 3)
    return (EntryLimits){0, TELLER_EXCLUDED_ITEMS_MAX};
  if (descriptor == &teller__v1__feedback_request__descriptor && number == 1)
    return (EntryLimits){1, TELLER_FEEDBACK_EVENTS_MAX};
  if (descriptor == &teller__v1__feedback_event__descriptor && number == 10)
    return (EntryLimits){0, TELLER_IMPRESSION_ITEMS_MAX};
  if (descriptor == &teller__v1__put_items_request__descriptor && number == 1)
    return (EntryLimits){1, TELLER_PUT_ITEMS_MAX};
  if (descriptor == &teller__v1__item__descriptor && number == 5)
    return (EntryLimits){0, TELLER_ITEM_ATTRIBUTES_MAX};
  return (EntryLimits){0, UINT32_MAX};
}

static bool check_bytes(const ProtobufCFieldDescriptor *field, const uint8_t *at, size_t length,
                        TellerFault *fault) {
  if (field->type == PROTOBUF_C_TYPE_STRING && !teller_text_is_valid(at, length)) {
    *fault = (TellerFault){.kind = TELLER_FAULT_TEXT, .field = field->name, .unit = ""};
    return false;
  }
  if (field->type == PROTOBUF_C_TYPE_MESSAGE)
    return teller_check_wire(field->descriptor, at, length, fault);
  return true;
}

bool teller_check_wire(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                       size_t length, TellerFault *fault) {
  const uint8_t *at = bytes, *end = bytes + length;
  uint32_t counts[LISTS_MAX] = {0};
  uint32_t unknown = 0;
  while (at != end) {
    uint64_t key, value = 0;
    if ((at = read_varint(at, end, &key)) == NULL || key >> 3 == 0 || key >> 32 != 0)
      return malformed(fault, NULL);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(key >> 3));
    const char *name = field == NULL ? NULL : field->name;
    size_t size;
    switch (key & 7) {
      case WIRE_VARINT:
        if ((at = read_varint(at, end, &value)) == NULL) return malformed(fault, name);
        size = 0;
        break;
      case WIRE_64: size = 8; break;
      case WIRE_32: size = 4; break;
      case WIRE_LENGTH:
        if ((at = read_varint(at, end, &value)) == NULL) return malformed(fault, name);
        if (value > (size_t)(end - at)) return malformed(fault, name);
        size = (size_t)value;
        break;
      default: return malformed(fault, name);
    }
    if (size > (size_t)(end - at)) return malformed(fault, name);
    if (field == NULL) {
      // protobuf-c keeps unknown fields, each at many times its bytes on the wire.
      if (++unknown > TELLER_UNKNOWN_FIELDS_MAX)
        return over_limit(fault, "(unknown fields)", "entries", 0, TELLER_UNKNOWN_FIELDS_MAX,
                          unknown);
    } else if ((key & 7) == WIRE_LENGTH) {
      size_t index = (size_t)(field - descriptor->fields);
      if (field->label == PROTOBUF_C_LABEL_REPEATED && index < LISTS_MAX) {
        EntryLimits limits = entry_limits(descriptor, field->id);
        if (++counts[index] > limits.most)
          return over_limit(fault, name, "entries", limits.least, limits.most, counts[index]);
      }
      if (!check_bytes(field, at, size, fault)) return false;
    }
    at += size;
  }
  return true;
}

ProtobufCMessage *teller_unpack(const ProtobufCMessageDescriptor *descriptor, TellerArena *arena,
                                const uint8_t *bytes, size_t length, TellerFault *fault) {
  if (!teller_check_wire(descriptor, bytes, length, fault)) return NULL;
  ProtobufCMessage *message =
      protobuf_c_message_unpack(descriptor, teller_arena_allocator(arena), length, bytes);
  if (message != NULL) return message;
  // The walk passed, so either a known field has the wrong wire type or memory ran out.
  if (teller_arena_allocate(arena, length) == NULL)
    *fault = (TellerFault){.kind = TELLER_FAULT_MEMORY, .unit = ""};
  else
    malformed(fault, NULL);
  return NULL;
}

bool teller_check_length(const char *field, const char *text, size_t minimum, size_t maximum,
                         TellerFault *fault) {
  size_t length = strlen(text);
  if (length >= minimum && length <= maximum) return true;
  return over_limit(fault, field, "bytes", minimum, maximum, length);
}

size_t teller_text_length(const char *text) { return strlen(text); }

const ProtobufCMessageDescriptor *teller_descriptor(TellerMessage message) {
  switch (message) {
    case TELLER_FEEDBACK_REQUEST: return &teller__v1__feedback_request__descriptor;
    case TELLER_FEEDBACK_RESPONSE: return &teller__v1__feedback_response__descriptor;
    case TELLER_HEALTH_REQUEST: return &teller__v1__health_request__descriptor;
    case TELLER_HEALTH_RESPONSE: return &teller__v1__health_response__descriptor;
    case TELLER_DESCRIBE_REQUEST: return &teller__v1__describe_request__descriptor;
    case TELLER_DESCRIBE_RESPONSE: return &teller__v1__describe_response__descriptor;
    case TELLER_RECOMMEND_REQUEST: return &teller__v1__recommend_request__descriptor;
    case TELLER_RECOMMEND_RESPONSE: return &teller__v1__recommend_response__descriptor;
    case TELLER_SIMILAR_ITEMS_REQUEST: return &teller__v1__similar_items_request__descriptor;
    case TELLER_SIMILAR_ITEMS_RESPONSE: return &teller__v1__similar_items_response__descriptor;
    case TELLER_PUT_ITEMS_REQUEST: return &teller__v1__put_items_request__descriptor;
    case TELLER_PUT_ITEMS_RESPONSE: return &teller__v1__put_items_response__descriptor;
    case TELLER_RECOMMEND_MANY_REQUEST: return &teller__v1__recommend_many_request__descriptor;
    case TELLER_RECOMMEND_MANY_RESPONSE: return &teller__v1__recommend_many_response__descriptor;
    case TELLER_GET_RECOMMENDATION_REQUEST:
      return &teller__v1__get_recommendation_request__descriptor;
    case TELLER_GET_RECOMMENDATION_RESPONSE:
      return &teller__v1__get_recommendation_response__descriptor;
    case TELLER_LIST_RECOMMENDATIONS_REQUEST:
      return &teller__v1__list_recommendations_request__descriptor;
    case TELLER_LIST_RECOMMENDATIONS_RESPONSE:
      return &teller__v1__list_recommendations_response__descriptor;
    case TELLER_STATUS_REQUEST: return &teller__v1__status_request__descriptor;
    case TELLER_STATUS_RESPONSE: return &teller__v1__status_response__descriptor;
    case TELLER_UPDATE_MODELS_REQUEST: return &teller__v1__update_models_request__descriptor;
    case TELLER_UPDATE_MODELS_RESPONSE: return &teller__v1__update_models_response__descriptor;
  }
  return NULL;
}
