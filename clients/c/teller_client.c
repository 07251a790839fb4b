// The socket under a TellerConnection, and time.
#define _POSIX_C_SOURCE 200809L

#include "teller_client.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "teller_connection.h"
#include "teller_methods.h"

enum { READ_BYTES = 1 << 16 };

struct TellerClient {
  int socket;
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

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int64_t deadline_after(uint32_t timeout_ms) {
  return timeout_ms == 0 ? INT64_MAX : now_ms() + timeout_ms;
}

// Ends the connection for a reason of the system.
static void lose(TellerClient *client, const char *what, int error) {
  teller_connection_end(&client->connection, TELLER_UNAVAILABLE, "%s: %s", what, strerror(error));
}

static void send_output(TellerClient *client) {
  TellerBuffer *output = &client->connection.output;
  while (client->connection.end == TELLER_OK && output->end > output->start) {
    ssize_t sent = send(client->socket, output->bytes + output->start, output->end - output->start,
                        MSG_NOSIGNAL);
    if (sent > 0) teller_buffer_consume(output, (size_t)sent);
    else if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    else if (errno != EINTR) lose(client, "send", errno);
  }
}

static void receive_input(TellerClient *client) {
  TellerBuffer *input = &client->connection.input;
  while (client->connection.end == TELLER_OK) {
    if (!teller_buffer_reserve(input, READ_BYTES)) {
      teller_connection_end(&client->connection, TELLER_RESOURCE_EXHAUSTED, "out of memory");
      return;
    }
    size_t room = input->capacity - input->end;
    ssize_t received = recv(client->socket, input->bytes + input->end, room, 0);
    if (received > 0) {
      input->end += (size_t)received;
      teller_connection_receive(&client->connection);
      if ((size_t)received < room) return;
    } else if (received == 0) {
      teller_connection_end(&client->connection, TELLER_UNAVAILABLE,
                            client->connection.is_going_away ? "the server went away"
                                                             : "the server closed the connection");
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    else if (errno != EINTR) lose(client, "recv", errno);
  }
}

// Sends and receives what goes without waiting, then waits for more. 0 when the time was up. It always
// reads as well as writes: a server whose answers nobody takes stops taking requests.
static int turn(TellerClient *client, int64_t deadline_ms) {
  TellerConnection *connection = &client->connection;
  send_output(client);
  if (connection->end != TELLER_OK) return 1;
  int64_t left = deadline_ms == INT64_MAX ? -1 : deadline_ms - now_ms();
  if (deadline_ms != INT64_MAX && left < 0) left = 0;
  short events = POLLIN;
  if (connection->output.end > connection->output.start) events |= POLLOUT;
  struct pollfd poll_for = {client->socket, events, 0};
  int ready = poll(&poll_for, 1, left > 1000000 ? 1000000 : (int)left);
  if (ready < 0 && errno != EINTR) lose(client, "poll", errno);
  if (ready > 0 && poll_for.revents & ~POLLOUT) receive_input(client);
  // Answers to pings and credit must not wait for the next call.
  send_output(client);
  return ready != 0 || left > 1000000;
}

// Connecting.

static int connect_address(TellerClient *client, const struct addrinfo *address, int64_t deadline) {
  client->socket = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
  if (client->socket < 0) return errno;
  int on = 1;
  setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(client->socket, F_SETFL, fcntl(client->socket, F_GETFL) | O_NONBLOCK);
  if (connect(client->socket, address->ai_addr, address->ai_addrlen) == 0) return 0;
  int error = errno;
  if (error == EINPROGRESS) {
    int64_t left = deadline == INT64_MAX ? -1 : deadline - now_ms();
    struct pollfd poll_for = {client->socket, POLLOUT, 0};
    int ready;
    do ready = poll(&poll_for, 1, deadline != INT64_MAX && left < 0 ? 0 : (int)left);
    while (ready < 0 && errno == EINTR);
    error = ready == 0 ? ETIMEDOUT : 0;
    socklen_t size = sizeof error;
    if (ready != 0 && getsockopt(client->socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
      error = errno;
  }
  if (error != 0) {
    close(client->socket);
    client->socket = -1;
  }
  return error;
}

static TellerClient *make_client(uint32_t timeout_ms) {
  TellerClient *client = calloc(1, sizeof *client);
  if (client == NULL) return NULL;
  client->socket = -1;
  client->timeout_ms = timeout_ms;
  teller_connection_init(&client->connection);
  return client;
}

TellerStatus teller_connect_address(TellerClient **client, const char *address,
                                    uint32_t timeout_ms) {
  const char *colon = strrchr(address, ':');
  char host[256];
  size_t length = colon == NULL ? 0 : (size_t)(colon - address);
  int is_bracketed = length > 2 && address[0] == '[' && colon[-1] == ']';
  if (is_bracketed) {
    address += 1;
    length -= 2;
  }
  int is_good = length > 0 && length < sizeof host && colon[1] != 0 &&
                (is_bracketed || memchr(address, ':', length) == NULL);
  if (is_good) {
    snprintf(host, sizeof host, "%.*s", (int)length, address);
    return teller_connect(client, host, colon + 1, timeout_ms);
  }
  *client = make_client(timeout_ms);
  if (*client == NULL) return TELLER_RESOURCE_EXHAUSTED;
  teller_connection_end(&(*client)->connection, TELLER_INVALID_ARGUMENT,
                        "an address is HOST:PORT or [IPv6]:PORT");
  return fail(*client, TELLER_INVALID_ARGUMENT, "%s", (*client)->connection.end_text);
}

TellerStatus teller_connect(TellerClient **result, const char *host, const char *port,
                            uint32_t timeout_ms) {
  TellerClient *client = make_client(timeout_ms);
  *result = client;
  if (client == NULL) return TELLER_RESOURCE_EXHAUSTED;
  TellerConnection *connection = &client->connection;
  int64_t deadline = deadline_after(timeout_ms);
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses = NULL;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    teller_connection_end(connection, TELLER_UNAVAILABLE, "%s:%s: %s", host, port,
                          gai_strerror(error));
    return fail(client, TELLER_UNAVAILABLE, "%s", connection->end_text);
  }
  error = ECONNREFUSED;
  // The first address that can be reached is taken.
  for (const struct addrinfo *at = addresses; at != NULL && error != 0; at = at->ai_next)
    error = connect_address(client, at, deadline);
  freeaddrinfo(addresses);
  if (error != 0) lose(client, "connect", error);
  while (connection->end == TELLER_OK && !connection->has_preface)
    if (!turn(client, deadline))
      teller_connection_end(connection, TELLER_UNAVAILABLE, "no answer to the preface within %u ms",
                            timeout_ms);
  if (connection->end != TELLER_OK) return fail(client, connection->end, "%s", connection->end_text);
  return TELLER_OK;
}

void teller_close(TellerClient *client) {
  if (client == NULL) return;
  // What was submitted last, as far as it goes without waiting.
  if (client->socket >= 0) {
    send_output(client);
    close(client->socket);
  }
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
  send_output(client);
  return client->connection.end == TELLER_OK
             ? TELLER_OK
             : fail(client, client->connection.end, "%s", client->connection.end_text);
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
  return connection->end == TELLER_OK ? TELLER_OK
                                      : fail(client, connection->end, "%s", connection->end_text);
}

void teller_say_farewell(TellerClient *client) {
  static const char reason[] = "done";
  client->connection.has_said_farewell = 1;
  teller_connection_frame(&client->connection, TELLER_FRAME_GO_AWAY, 0, TELLER_OK, reason,
                          sizeof reason - 1);
  send_output(client);
}
