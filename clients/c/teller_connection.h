// The client's side of one connection as a state machine over bytes: no socket, no clock, no
// messages. Bytes of the server go in by teller_connection_receive; what arrived waits in a list; what
// must be sent waits in `output`. Inside the library; programs use teller_client.h.
//
// Rules it keeps (proto/PROTOCOL.md): a request id is free again only when its RESPONSE has come, also
// when the request was given up; PING is answered with the same bytes; after GO_AWAY no request is
// opened; what a server may not send ends the connection with INTERNAL.
#ifndef TELLER_CONNECTION_H
#define TELLER_CONNECTION_H

#include "teller_client.h"

// Bytes from `start` to `end` of an allocation that grows.
typedef struct TellerBuffer {
  uint8_t *bytes;
  size_t start, end, capacity;
} TellerBuffer;

// Makes room for `length` bytes behind the end; 0 when memory is short.
int teller_buffer_reserve(TellerBuffer *buffer, size_t length);
int teller_buffer_append(TellerBuffer *buffer, const void *bytes, size_t length);
// Drops bytes from the start.
void teller_buffer_consume(TellerBuffer *buffer, size_t length);
void teller_buffer_free(TellerBuffer *buffer);

// One message or error that came for a request and was not taken yet.
typedef struct TellerArrival {
  struct TellerArrival *next;
  uint32_t request_id;
  uint16_t method;
  TellerStatus status;
  int is_last;
  size_t length;
  // A byte more than `length`, which is 0, so that text can be printed.
  uint8_t payload[];
} TellerArrival;

typedef struct TellerSlot {
  // 0: free.
  uint32_t request_id;
  uint16_t method;
  uint8_t is_wanted, is_streamed;
  // Messages of the stream that the server may still send; those taken and not given back yet.
  uint32_t credit, taken;
  // On the caller's clock; INT64_MAX for none.
  int64_t deadline_ms;
} TellerSlot;

typedef struct TellerConnection {
  TellerBuffer input, output;
  // A request's slot is its id modulo their number.
  TellerSlot slots[TELLER_IN_FLIGHT_MAX];
  // Requests without an answer, those given up included; answers that were not taken.
  size_t unanswered_count, answered_count;
  uint32_t last_request_id;
  TellerArrival *first, *last;
  uint64_t pong;
  int has_preface, has_pong, is_going_away, has_said_farewell;
  // TELLER_OK while the connection lives.
  TellerStatus end;
  char end_text[1200];
} TellerConnection;

void teller_connection_init(TellerConnection *connection);
void teller_connection_free(TellerConnection *connection);

// Opens a request whose payload the caller packs into `*payload`, `length` bytes. NULL slot: `end` and
// `end_text`-like reasons are in `*status` and `*reason`.
TellerSlot *teller_connection_open(TellerConnection *connection, uint16_t method, size_t length,
                                   uint32_t deadline_ms, int is_streamed, const uint8_t *trace_id,
                                   uint8_t **payload, TellerStatus *status, const char **reason);

// The slot of a request that is wanted; NULL when there is none.
TellerSlot *teller_connection_find(TellerConnection *connection, uint32_t request_id);

// Gives a request up: CANCEL is sent, what comes for it is dropped. 0 when it is answered already.
int teller_connection_abandon(TellerConnection *connection, uint32_t request_id);

// Takes the first arrival of a request, of any where it is 0; NULL when there is none. The caller frees
// it. Of a stream this gives the server credit to send another.
TellerArrival *teller_connection_take(TellerConnection *connection, uint32_t request_id);

int teller_connection_frame(TellerConnection *connection, TellerFrameType type, uint32_t request_id,
                            uint32_t word, const void *payload, size_t length);

// Reads what stands in `input`.
void teller_connection_receive(TellerConnection *connection);

// Ends the connection; what is unanswered and wanted gets an arrival with this status. The first
// reason stays.
void teller_connection_end(TellerConnection *connection, TellerStatus status, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));

#endif
