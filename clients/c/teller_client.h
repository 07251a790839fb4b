// A client of the Teller protocol, version 1 (proto/PROTOCOL.md).
//
// One connection, one thread at a time. A call either blocks (teller_recommend and its like) or is
// submitted and collected later, so that any number up to TELLER_IN_FLIGHT_MAX are under way at once.
//
// Every function that can fail returns TELLER_OK (0) or a status code of the protocol (1 to 16), and
// teller_error_message says why in one line. A call that runs out of time is cancelled; the connection
// lives on. teller_is_connected tells whether it does; when it does not, connect anew.
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

// Methods, as in PROTOCOL.md.
typedef enum TellerMethod {
  TELLER_RECOMMEND = 1,
  TELLER_SIMILAR_ITEMS = 2,
  TELLER_FEEDBACK = 3,
  TELLER_HEALTH = 4,
  TELLER_DESCRIBE = 5,
  TELLER_PUT_ITEMS = 7,
  // Streamed: a RecommendResponse for each customer, then a RecommendManyResponse.
  TELLER_RECOMMEND_MANY = 10,
  TELLER_GET_RECOMMENDATION = 11,
  TELLER_LIST_RECOMMENDATIONS = 12,
  TELLER_STATUS = 13,
  TELLER_UPDATE_MODELS = 14,
} TellerMethod;

enum {
  // Calls that may be under way on one connection, those not collected included.
  TELLER_IN_FLIGHT_MAX = 1024,
  // Bytes that may wait for the socket before teller_submit waits.
  TELLER_UNSENT_BYTES_MAX = 4 << 20,
  TELLER_TOKEN_BYTES_MAX = 1024,
};

typedef struct TellerClient TellerClient;

// Connects to a host (name or address) and port, and exchanges prefaces. Always sets *client (NULL
// only when memory is short), so that the message can be asked for; free it with teller_close.
// `timeout_ms` bounds connecting, and later each call; 0 waits for ever.
TellerStatus teller_connect(TellerClient **client, const char *host, const char *port,
                            uint32_t timeout_ms);

// The same with an address as HOST:PORT or [IPv6]:PORT; INVALID_ARGUMENT for anything else.
TellerStatus teller_connect_address(TellerClient **client, const char *address, uint32_t timeout_ms);

// Whom a client trusts, and who it is to servers that ask. All files are in PEM form.
typedef struct TellerTlsOptions {
  // The authorities one of which must vouch for the server; NULL takes those the system trusts.
  const char *ca_path;
  // The client's own certificate followed by its chain, and its private key; both or neither.
  const char *certificate_path, *key_path;
  // The name the server's certificate must have; NULL takes the host connected to. An address is held
  // against the certificate's addresses.
  const char *server_name;
} TellerTlsOptions;

typedef struct TellerConnectOptions {
  // Bounds connecting, the TLS handshake included, and later each call; 0 waits for ever.
  uint32_t timeout_ms;
  // NULL: no TLS. Only read while connecting.
  const TellerTlsOptions *tls;
  // A bearer token as in teller_set_token, sent before the first request; NULL: none. Without TLS it
  // travels as it is, for everybody on the way to read.
  const char *token;
} TellerConnectOptions;

// The same with TLS 1.2 or 1.3 and a token. INVALID_ARGUMENT for files that are of no use.
// UNAUTHENTICATED for a certificate that one side does not accept, or where only one side uses TLS; of
// a bad token the first call says so. Neither is worth another try.
TellerStatus teller_connect_with(TellerClient **client, const char *address,
                                 const TellerConnectOptions *options);

// Closes the connection and frees the client. NULL is allowed.
void teller_close(TellerClient *client);

// Why the last call failed; valid until the next call. "" when it did not.
const char *teller_error_message(const TellerClient *client);

// 1 while the connection can be used.
int teller_is_connected(const TellerClient *client);

// Name of a status, for instance "INVALID_ARGUMENT"; "UNKNOWN" for a number that is none.
const char *teller_status_name(TellerStatus status);

// A bearer token of 1 to 1024 bytes for the calls that follow; it replaces the one before.
TellerStatus teller_set_token(TellerClient *client, const char *token);

// Waits for the server to answer a PING.
TellerStatus teller_ping(TellerClient *client);

typedef struct TellerCallOptions {
  // 0: the client's.
  uint32_t timeout_ms;
  // The 16 bytes of a W3C trace id, which the server's log then names; NULL for none.
  const uint8_t *trace_id;
} TellerCallOptions;

// Calls that block. Answers to other calls that come meanwhile are kept for teller_collect.

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

// Puts 1 to 1000 products into the catalogue. Free with
// teller__v1__put_items_response__free_unpacked.
TellerStatus teller_put_items(TellerClient *client, const Teller__V1__PutItemsRequest *request,
                              Teller__V1__PutItemsResponse **answer);

// The record of an answer, by its `recommendation_id` of 1 to 40 bytes; NOT_FOUND without one,
// FAILED_PRECONDITION where the server keeps none. Free with
// teller__v1__get_recommendation_response__free_unpacked.
TellerStatus teller_get_recommendation(TellerClient *client, const char *recommendation_id,
                                       Teller__V1__GetRecommendationResponse **answer);

// The answers to a customer on record, newest first, at most `count` (0: 10), of before a time in
// milliseconds since 1970 (0: all). Free with
// teller__v1__list_recommendations_response__free_unpacked.
TellerStatus teller_list_recommendations(TellerClient *client, const char *user_id, uint32_t count,
                                         int64_t before_time_ms,
                                         Teller__V1__ListRecommendationsResponse **answer);

// The numbers that an operator of the server watches. Free with
// teller__v1__status_response__free_unpacked.
TellerStatus teller_server_status(TellerClient *client, Teller__V1__StatusResponse **answer);

// Puts newer models in force, or those that were before; returns when they are. Allow minutes:
// `options` may be NULL, which takes the client's time. FAILED_PRECONDITION where there are none to go
// back to. Free with teller__v1__update_models_response__free_unpacked.
TellerStatus teller_update_models(TellerClient *client, Teller__V1__ModelUpdate update,
                                  const TellerCallOptions *options,
                                  Teller__V1__UpdateModelsResponse **answer);

// Gets one customer's answer, `index` the customer's place in the request; it is freed afterwards.
// Anything but 0 gives the rest up.
typedef int (*TellerManyFunction)(void *context, size_t index,
                                  const Teller__V1__RecommendResponse *answer);

// Products for 1 to 10,000 customers, each handed over as it comes, in the request's order. The server
// waits while the function works. `options` may be NULL. CANCELLED when the function gave up.
TellerStatus teller_recommend_many(TellerClient *client,
                                   const Teller__V1__RecommendManyRequest *request,
                                   const TellerCallOptions *options, TellerManyFunction function,
                                   void *context);

// Calls that are submitted and collected.

typedef struct TellerAnswer {
  // What teller_submit gave.
  uint32_t call;
  TellerMethod method;
  // How the call ended.
  TellerStatus status;
  // The method's answer, or of a stream one of its messages; NULL where there is none.
  ProtobufCMessage *message;
  // 0 while more messages of a stream follow.
  int is_last;
} TellerAnswer;

// Sends a request and returns without waiting for its answer; *call names it. Waits only while
// TELLER_UNSENT_BYTES_MAX bytes wait for the socket. `options` may be NULL.
TellerStatus teller_submit(TellerClient *client, TellerMethod method,
                           const ProtobufCMessage *request, const TellerCallOptions *options,
                           uint32_t *call);

// Waits for the next answer of a call, with `call` 0 of any, until that call's time is up: it is then
// answered DEADLINE_EXCEEDED and the server told to give it up. Returns the answer's status. Clear the
// answer, whatever the status. INVALID_ARGUMENT when no such call is under way.
TellerStatus teller_collect(TellerClient *client, uint32_t call, TellerAnswer *answer);

// Frees the answer's message.
void teller_answer_clear(TellerAnswer *answer);

// Gives a call up: nothing of it can be collected any more. 0 when it was answered already, and can be.
int teller_cancel(TellerClient *client, uint32_t call);

// Calls submitted and not collected.
size_t teller_calls_under_way(const TellerClient *client);

// Says that no call follows. What is under way is still answered; then the server closes.
void teller_say_farewell(TellerClient *client);

// Frames, for tests and other tools.

enum {
  TELLER_HEADER_BYTES = 16,
  TELLER_PREFACE_BYTES = 8,
  TELLER_PING_BYTES = 8,
  TELLER_FRAME_BYTES_MAX = 1 << 20,
  // Messages of a stream that may be under way or waiting here.
  TELLER_STREAM_CREDIT = 64,
};

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
  // Deadline in ms (REQUEST), status (RESPONSE, GO_AWAY) or a number of messages (CREDIT).
  uint32_t word;
} TellerHeader;

void teller_header_write(const TellerHeader *header, uint8_t bytes[TELLER_HEADER_BYTES]);
void teller_header_read(TellerHeader *header, const uint8_t bytes[TELLER_HEADER_BYTES]);

// The status of a number; TELLER_UNKNOWN for one this version does not know.
TellerStatus teller_status_of(uint32_t number);

#endif
