// A blocking client of the Teller protocol, version 1 (proto/PROTOCOL.md).
//
// One connection, one call at a time, one thread at a time. Every function that can fail returns
// TELLER_OK (0) or a status code of the protocol (1 to 16), and teller_error_message says why in
// one line. After TELLER_UNAVAILABLE, TELLER_DEADLINE_EXCEEDED or TELLER_INTERNAL the connection
// may be gone: teller_is_connected tells.
//
// Answers are protobuf-c messages; release them with the matching free function.
#ifndef TELLER_CLIENT_H
#define TELLER_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "recommender.pb-c.h"

// Status codes, as in PROTOCOL.md.
typedef enum TellerStatus {
  TELLER_OK = 0,
  TELLER_CANCELLED = 1,
  TELLER_UNKNOWN = 2,
  TELLER_INVALID_ARGUMENT = 3,
  TELLER_DEADLINE_EXCEEDED = 4,
  TELLER_NOT_FOUND = 5,
  TELLER_ALREADY_EXISTS = 6,
  TELLER_PERMISSION_DENIED = 7,
  TELLER_RESOURCE_EXHAUSTED = 8,
  TELLER_FAILED_PRECONDITION = 9,
  TELLER_ABORTED = 10,
  TELLER_OUT_OF_RANGE = 11,
  TELLER_UNIMPLEMENTED = 12,
  TELLER_INTERNAL = 13,
  TELLER_UNAVAILABLE = 14,
  TELLER_DATA_LOSS = 15,
  TELLER_UNAUTHENTICATED = 16,
} TellerStatus;

typedef struct TellerClient TellerClient;

// Connects to a host (name or address) and port, and exchanges prefaces. Always sets *client (NULL
// only when memory is short), so that the message can be asked for; free it with teller_close.
// `timeout_ms` bounds connecting, and later each call; 0 waits for ever.
TellerStatus teller_connect(TellerClient **client, const char *host, const char *port,
                            uint32_t timeout_ms);

// Closes the connection and frees the client. NULL is allowed.
void teller_close(TellerClient *client);

// Why the last call failed; valid until the next call. "" when it did not.
const char *teller_error_message(const TellerClient *client);

// 1 while the connection can be used.
int teller_is_connected(const TellerClient *client);

// Name of a status, for instance "INVALID_ARGUMENT".
const char *teller_status_name(TellerStatus status);

// Products for a customer, best first. `count` 0 leaves the number to the server. Free the answer
// with teller__v1__recommend_response__free_unpacked(answer, NULL).
TellerStatus teller_recommend(TellerClient *client, const char *user_id, uint32_t count,
                              Teller__V1__RecommendResponse **answer);

// The same with every field in the caller's hands.
TellerStatus teller_recommend_request(TellerClient *client,
                                      const Teller__V1__RecommendRequest *request,
                                      Teller__V1__RecommendResponse **answer);

// Products that go together with one. Free with teller__v1__similar_items_response__free_unpacked.
TellerStatus teller_similar_items(TellerClient *client, const char *item_id, uint32_t count,
                                  Teller__V1__SimilarItemsResponse **answer);

// Reports 1 to 1000 events. Free with teller__v1__feedback_response__free_unpacked.
TellerStatus teller_feedback(TellerClient *client, const Teller__V1__FeedbackRequest *request,
                             Teller__V1__FeedbackResponse **answer);

// Whether the server is well. Free with teller__v1__health_response__free_unpacked.
TellerStatus teller_health(TellerClient *client, Teller__V1__HealthResponse **answer);

// What the server is, and the catalogue from `first_item_index` on. Free with
// teller__v1__describe_response__free_unpacked.
TellerStatus teller_describe(TellerClient *client, uint32_t first_item_index,
                             Teller__V1__DescribeResponse **answer);

// Frames, for tests and other tools.

enum { TELLER_HEADER_BYTES = 16, TELLER_PREFACE_BYTES = 8, TELLER_FRAME_BYTES_MAX = 1 << 20 };

typedef enum TellerFrameType {
  TELLER_FRAME_REQUEST = 1,
  TELLER_FRAME_RESPONSE = 2,
  TELLER_FRAME_STREAM_DATA = 3,
  TELLER_FRAME_END_OF_STREAM = 4,
  TELLER_FRAME_CANCEL = 5,
  TELLER_FRAME_PING = 6,
  TELLER_FRAME_PONG = 7,
  TELLER_FRAME_GO_AWAY = 8,
  TELLER_FRAME_CREDENTIALS = 9,
  TELLER_FRAME_CREDIT = 10,
} TellerFrameType;

// Bits of a request's flags.
enum { TELLER_FLAG_STREAMED = 1, TELLER_FLAG_TRACED = 2, TELLER_TRACE_ID_BYTES = 16 };

typedef struct TellerHeader {
  uint32_t payload_length;
  uint8_t type;
  uint8_t flags;
  uint16_t method;
  uint32_t request_id;
  // Deadline in ms (REQUEST) or status (RESPONSE, GO_AWAY).
  uint32_t word;
} TellerHeader;

void teller_header_write(const TellerHeader *header, uint8_t bytes[TELLER_HEADER_BYTES]);
void teller_header_read(TellerHeader *header, const uint8_t bytes[TELLER_HEADER_BYTES]);

#endif
