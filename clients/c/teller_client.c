// Calls over a TellerConnection and its transport, and time.
#include "teller_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teller_connection.h"
#include "teller_methods.h"
#include "teller_transport.h"

struct TellerClient {
  TellerTransport transport;
  uint32_t timeout_ms;
  uint64_t last_ping;
  TellerConnection connection;
  char error[1200];
};

static TellerStatus fail(TellerClient *client, TellerStatus status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static TellerStatus fail(TellerClient *client, TellerStatus status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(client->error, sizeof client->error, format, arguments);
  va_end(arguments);
  return status;
}

static int64_t deadline_after(uint32_t timeout_ms) {
  return timeout_ms == 0 ? INT64_MAX : teller_now_ms() + timeout_ms;
}

static void send_output(TellerClient *client) {
  teller_transport_send(&client->transport, &client->connection);
}

static int turn(TellerClient *client, int64_t deadline_ms) {
  return teller_transport_turn(&client->transport, &client->connection, deadline_ms);
}

// The status of the connection's end, with its reason; OK while it lives.
static TellerStatus end_status(TellerClient *client) {
  TellerStatus end = client->connection.end;
  return end == TELLER_OK ? TELLER_OK : fail(client, end, "%s", client->connection.end_text);
}

// Connecting.

static TellerClient *make_client(uint32_t timeout_ms) {
  TellerClient *client = calloc(1, sizeof *client);
  if (client == NULL) return NULL;
  client->transport.socket = -1;
  client->timeout_ms = timeout_ms;
  teller_connection_init(&client->connection);
  return client;
}

// Cuts HOST:PORT or [IPv6]:PORT; the port, or NULL where it is neither.
static const char *cut_address(const char *address, char *host, size_t host_bytes) {
  const char *colon = strrchr(address, ':');
  size_t length = colon == NULL ? 0 : (size_t)(colon - address);
  int is_bracketed = length > 2 && address[0] == '[' && colon[-1] == ']';
  if (is_bracketed) {
    address += 1;
    length -= 2;
  }
  int is_good = length > 0 && length < host_bytes && colon[1] != 0 &&
                (is_bracketed || memchr(address, ':', length) == NULL);
  if (!is_good) return NULL;
  memcpy(host, address, length);
  host[length] = 0;
  return colon + 1;
}

static TellerStatus connect_to(TellerClient *client, const char *host, const char *port,
                               const TellerConnectOptions *options) {
  TellerConnection *connection = &client->connection;
  int64_t deadline = deadline_after(options->timeout_ms);
  // Behind the preface, before the first request.
  if (options->token != NULL && teller_set_token(client, options->token) != TELLER_OK)
    teller_connection_end(connection, TELLER_INVALID_ARGUMENT, "%s", client->error);
  if (connection->end == TELLER_OK)
    teller_transport_connect(&client->transport, connection, host, port, options->tls, deadline);
  while (connection->end == TELLER_OK && !connection->has_preface)
    if (!turn(client, deadline))
      teller_connection_end(connection, TELLER_UNAVAILABLE, "no answer to the preface within %u ms",
                            options->timeout_ms);
  return end_status(client);
}

TellerStatus teller_connect_with(TellerClient **client, const char *address,
                                 const TellerConnectOptions *options) {
  *client = make_client(options->timeout_ms);
  if (*client == NULL) return TELLER_RESOURCE_EXHAUSTED;
  char host[256];
  const char *port = cut_address(address, host, sizeof host);
  if (port != NULL) return connect_to(*client, host, port, options);
  teller_connection_end(&(*client)->connection, TELLER_INVALID_ARGUMENT,
                        "an address is HOST:PORT or [IPv6]:PORT");
  return end_status(*client);
}

TellerStatus teller_connect_address(TellerClient **client, const char *address,
                                    uint32_t timeout_ms) {
  return teller_connect_with(client, address, &(TellerConnectOptions){.timeout_ms = timeout_ms});
}

TellerStatus teller_connect(TellerClient **client, const char *host, const char *port,
                            uint32_t timeout_ms) {
  *client = make_client(timeout_ms);
  return *client == NULL ? TELLER_RESOURCE_EXHAUSTED
                         : connect_to(*client, host, port,
                                      &(TellerConnectOptions){.timeout_ms = timeout_ms});
}

void teller_close(TellerClient *client) {
  if (client == NULL) return;
  // What was submitted last goes out, as far as it does without waiting.
  teller_transport_close(&client->transport, &client->connection);
  teller_connection_free(&client->connection);
  free(client);
}

const char *teller_error_message(const TellerClient *client) {
  return client == NULL ? "out of memory" : client->error;
}

int teller_is_connected(const TellerClient *client) {
  return client != NULL && client->connection.end == TELLER_OK;
}

// Calls.

size_t teller_calls_under_way(const TellerClient *client) {
  size_t count = client->connection.answered_count;
  for (size_t i = 0; i < TELLER_IN_FLIGHT_MAX; i++)
    count += client->connection.slots[i].is_wanted;
  return count;
}

TellerStatus teller_submit(TellerClient *client, TellerMethod method,
                           const ProtobufCMessage *request, const TellerCallOptions *options,
                           uint32_t *call) {
  client->error[0] = 0;
  *call = 0;
  uint32_t timeout_ms =
      options != NULL && options->timeout_ms != 0 ? options->timeout_ms : client->timeout_ms;
  int64_t deadline = deadline_after(timeout_ms);
  TellerConnection *connection = &client->connection;
  while (connection->end == TELLER_OK &&
         connection->output.end - connection->output.start >= TELLER_UNSENT_BYTES_MAX)
    if (!turn(client, deadline))
      return fail(client, TELLER_DEADLINE_EXCEEDED, "the server took nothing within %u ms",
                  timeout_ms);
  uint8_t *payload;
  TellerStatus status;
  const char *reason;
  TellerSlot *slot = teller_connection_open(
      connection, (uint16_t)method, protobuf_c_message_get_packed_size(request), timeout_ms,
      teller_method_is_streamed(method), options == NULL ? NULL : options->trace_id, &payload,
      &status, &reason);
  if (slot == NULL) return fail(client, status, "%s", reason);
  protobuf_c_message_pack(request, payload);
  slot->deadline_ms = deadline;
  *call = slot->request_id;
  send_output(client);
  return TELLER_OK;
}

// The call whose time is up first, among all or only `call`; 0 when none waits.
static uint32_t next_deadline(TellerClient *client, uint32_t call, int64_t *deadline) {
  uint32_t first = 0;
  *deadline = INT64_MAX;
  for (size_t i = 0; i < TELLER_IN_FLIGHT_MAX; i++) {
    const TellerSlot *slot = &client->connection.slots[i];
    if (slot->request_id == 0 || !slot->is_wanted || (call != 0 && slot->request_id != call)) continue;
    if (first == 0 || slot->deadline_ms < *deadline) {
      first = slot->request_id;
      *deadline = slot->deadline_ms;
    }
  }
  return first;
}

static TellerStatus deliver(TellerClient *client, const TellerArrival *arrival,
                            TellerAnswer *answer) {
  *answer = (TellerAnswer){.call = arrival->request_id,
                           .method = (TellerMethod)arrival->method,
                           .status = arrival->status,
                           .is_last = arrival->is_last};
  if (arrival->status != TELLER_OK)
    return fail(client, arrival->status, "%s", (const char *)arrival->payload);
  const ProtobufCMessageDescriptor *descriptor =
      teller_answer_descriptor(answer->method, arrival->is_last);
  if (descriptor != NULL)
    answer->message =
        protobuf_c_message_unpack(descriptor, NULL, arrival->length, arrival->payload);
  if (answer->message != NULL) return TELLER_OK;
  answer->status = TELLER_INTERNAL;
  return fail(client, TELLER_INTERNAL, "the answer does not decode");
}

TellerStatus teller_collect(TellerClient *client, uint32_t call, TellerAnswer *answer) {
  client->error[0] = 0;
  TellerConnection *connection = &client->connection;
  for (;;) {
    TellerArrival *arrival = teller_connection_take(connection, call);
    if (arrival != NULL) {
      TellerStatus status = deliver(client, arrival, answer);
      free(arrival);
      send_output(client);
      return status;
    }
    int64_t deadline;
    uint32_t first = next_deadline(client, call, &deadline);
    *answer = (TellerAnswer){.call = call, .status = TELLER_INVALID_ARGUMENT, .is_last = 1};
    if (first == 0) return fail(client, TELLER_INVALID_ARGUMENT, "no such call is under way");
    if (turn(client, deadline)) continue;
    answer->call = first;
    answer->method = (TellerMethod)teller_connection_find(connection, first)->method;
    answer->status = TELLER_DEADLINE_EXCEEDED;
    teller_connection_abandon(connection, first);
    send_output(client);
    return fail(client, TELLER_DEADLINE_EXCEEDED, "no answer in time");
  }
}

void teller_answer_clear(TellerAnswer *answer) {
  if (answer->message != NULL) protobuf_c_message_free_unpacked(answer->message, NULL);
  answer->message = NULL;
}

int teller_cancel(TellerClient *client, uint32_t call) {
  int is_given_up = teller_connection_abandon(&client->connection, call);
  send_output(client);
  return is_given_up;
}

TellerStatus teller_set_token(TellerClient *client, const char *token) {
  client->error[0] = 0;
  size_t length = strlen(token);
  // The token itself stays out of the message: messages end up in logs.
  if (length < 1 || length > TELLER_TOKEN_BYTES_MAX)
    return fail(client, TELLER_INVALID_ARGUMENT, "a token has 1 to 1024 bytes, not %zu", length);
  teller_connection_frame(&client->connection, TELLER_FRAME_CREDENTIALS, 0, 0, token, length);
  if (client->transport.socket >= 0) send_output(client);
  return end_status(client);
}

TellerStatus teller_ping(TellerClient *client) {
  client->error[0] = 0;
  TellerConnection *connection = &client->connection;
  int64_t deadline = deadline_after(client->timeout_ms);
  client->last_ping += 1;
  connection->has_pong = 0;
  teller_connection_frame(connection, TELLER_FRAME_PING, 0, 0, &client->last_ping,
                          sizeof client->last_ping);
  // The answer to an earlier ping that ran out of time is not the one.
  while (connection->end == TELLER_OK &&
         !(connection->has_pong && connection->pong == client->last_ping))
    if (!turn(client, deadline))
      return fail(client, TELLER_DEADLINE_EXCEEDED, "no answer within %u ms", client->timeout_ms);
  return end_status(client);
}

void teller_say_farewell(TellerClient *client) {
  static const char reason[] = "done";
  client->connection.has_said_farewell = 1;
  teller_connection_frame(&client->connection, TELLER_FRAME_GO_AWAY, 0, TELLER_OK, reason,
                          sizeof reason - 1);
  send_output(client);
}
