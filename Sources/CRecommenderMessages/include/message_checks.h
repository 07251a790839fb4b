// What protobuf-c does not check while it decodes: that strings are UTF-8, that none holds a NUL
// (its strings are C strings, the rest would vanish silently), and that lists are short enough
// before memory is spent on them.
#ifndef TELLER_MESSAGE_CHECKS_H
#define TELLER_MESSAGE_CHECKS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message_arena.h"

// Limits of the protocol, version 1. PROTOCOL.md lists them.
enum {
  TELLER_ID_BYTES_MAX = 256,
  TELLER_RECOMMENDATION_ID_BYTES_MAX = 40,
  TELLER_COUNT_DEFAULT = 10,
  TELLER_COUNT_MAX = 500,
  TELLER_EXCLUDED_ITEMS_MAX = 500,
  TELLER_STREAM_USERS_MAX = 10000,
  TELLER_FEEDBACK_EVENTS_MAX = 1000,
  TELLER_IMPRESSION_ITEMS_MAX = 100,
  TELLER_PUT_ITEMS_MAX = 1000,
  TELLER_ITEM_ATTRIBUTES_MAX = 32,
  TELLER_UNKNOWN_FIELDS_MAX = 64,
};

typedef enum TellerFaultKind {
  TELLER_FAULT_NONE = 0,
  // The bytes are no message of this type.
  TELLER_FAULT_MALFORMED,
  // A string is not UTF-8, or holds a NUL.
  TELLER_FAULT_TEXT,
  // A list, a string or a number breaks a limit: `actual` is not in `minimum` to `maximum`.
  TELLER_FAULT_LIMIT,
  // Decoding needs more memory than the arena may take.
  TELLER_FAULT_MEMORY,
} TellerFaultKind;

// What is wrong with a message, enough to tell its sender.
typedef struct TellerFault {
  TellerFaultKind kind;
  // Name of the field in the .proto file, or NULL. Static storage.
  const char *field;
  // What `minimum`, `maximum` and `actual` count: "bytes", "entries", or "" for a plain number.
  const char *unit;
  uint64_t minimum;
  uint64_t maximum;
  uint64_t actual;
} TellerFault;

// True when the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF)
// and hold no NUL.
bool teller_text_is_valid(const uint8_t *bytes, size_t length);

// Walks the wire form of a message and of those inside it. True when it is well formed, its
// strings are valid text and its lists keep the limits above; else false, and `fault` says why.
bool teller_check_wire(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                       size_t length, TellerFault *fault);

// The messages that are decoded by `teller_unpack`. (Swift cannot take a descriptor's address.)
typedef enum TellerMessage {
  TELLER_FEEDBACK_REQUEST,
  TELLER_FEEDBACK_RESPONSE,
  TELLER_HEALTH_REQUEST,
  TELLER_HEALTH_RESPONSE,
  TELLER_DESCRIBE_REQUEST,
  TELLER_DESCRIBE_RESPONSE,
  TELLER_RECOMMEND_REQUEST,
  TELLER_RECOMMEND_RESPONSE,
  TELLER_SIMILAR_ITEMS_REQUEST,
  TELLER_SIMILAR_ITEMS_RESPONSE,
  TELLER_PUT_ITEMS_REQUEST,
  TELLER_PUT_ITEMS_RESPONSE,
  TELLER_RECOMMEND_MANY_REQUEST,
  TELLER_RECOMMEND_MANY_RESPONSE,
  TELLER_GET_RECOMMENDATION_REQUEST,
  TELLER_GET_RECOMMENDATION_RESPONSE,
  TELLER_LIST_RECOMMENDATIONS_REQUEST,
  TELLER_LIST_RECOMMENDATIONS_RESPONSE,
  TELLER_STATUS_REQUEST,
  TELLER_STATUS_RESPONSE,
  TELLER_UPDATE_MODELS_REQUEST,
  TELLER_UPDATE_MODELS_RESPONSE,
} TellerMessage;

const ProtobufCMessageDescriptor *teller_descriptor(TellerMessage message);

// Checks, then decodes into the arena. NULL and a fault when the bytes are bad. The arena is not
// reset: the caller does that when the message before this one is done with.
ProtobufCMessage *teller_unpack(const ProtobufCMessageDescriptor *descriptor, TellerArena *arena,
                                const uint8_t *bytes, size_t length, TellerFault *fault);

// True when a string of the message is `minimum` to `maximum` bytes; else false with the fault.
bool teller_check_length(const char *field, const char *text, size_t minimum, size_t maximum,
                         TellerFault *fault);

// Bytes of a text before its NUL.
size_t teller_text_length(const char *text);

#endif
