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

static const uint8_t PREFACE[TELLER_PREFACE_BYTES] = {'T', 'E', 'L', 'L', 'E', 'R', 1, 0};

enum {
  METHOD_RECOMMEND = 1,
  METHOD_SIMILAR_ITEMS = 2,
  METHOD_FEEDBACK = 3,
  METHOD_HEALTH = 4,
  METHOD_DESCRIBE = 5,
};

struct TellerClient {
  int socket;
  uint32_t timeout_ms;
  uint32_t last_request_id;
  int64_t deadline_ms;
  uint8_t *payload;
  size_t payload_capacity;
  char error[1200];
};

static TellerStatus fail(TellerClient *client, TellerStatus status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(client->error, sizeof client->error, format, arguments);
  va_end(arguments);
  return status;
}

static void disconnect(TellerClient *client) {
  if (client->socket >= 0) close(client->socket);
  client->socket = -1;
}

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void start_timer(TellerClient *client) {
  client->error[0] = 0;
  client->deadline_ms = client->timeout_ms == 0 ? INT64_MAX : now_ms() + client->timeout_ms;
}

// Waits until the socket can be read or written. When the time is up the connection is closed,
// because an answer that comes later would be taken for the next call's.
static TellerStatus wait_for(TellerClient *client, short events) {
  for (;;) {
    int64_t left = client->deadline_ms == INT64_MAX ? -1 : client->deadline_ms - now_ms();
    if (client->deadline_ms != INT64_MAX && left <= 0) {
      disconnect(client);
      return fail(client, TELLER_DEADLINE_EXCEEDED, "no answer within %u ms", client->timeout_ms);
    }
    struct pollfd poll_for = {client->socket, events, 0};
    int ready = poll(&poll_for, 1, left > 1000000 ? 1000000 : (int)left);
    if (ready > 0) return TELLER_OK;
    if (ready < 0 && errno != EINTR) {
      TellerStatus status = fail(client, TELLER_UNAVAILABLE, "poll: %s", strerror(errno));
      disconnect(client);
      return status;
    }
  }
}

static TellerStatus send_all(TellerClient *client, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(client->socket, bytes, length, MSG_NOSIGNAL);
    if (sent > 0) {
      bytes += sent;
      length -= (size_t)sent;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      TellerStatus status = wait_for(client, POLLOUT);
      if (status != TELLER_OK) return status;
    } else if (errno != EINTR) {
      TellerStatus status = fail(client, TELLER_UNAVAILABLE, "send: %s", strerror(errno));
      disconnect(client);
      return status;
    }
  }
  return TELLER_OK;
}

static TellerStatus receive_all(TellerClient *client, uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t received = recv(client->socket, bytes, length, 0);
    if (received > 0) {
      bytes += received;
      length -= (size_t)received;
    } else if (received == 0) {
      disconnect(client);
      return fail(client, TELLER_UNAVAILABLE, "the server closed the connection");
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      TellerStatus status = wait_for(client, POLLIN);
      if (status != TELLER_OK) return status;
    } else if (errno != EINTR) {
      TellerStatus status = fail(client, TELLER_UNAVAILABLE, "recv: %s", strerror(errno));
      disconnect(client);
      return status;
    }
  }
  return TELLER_OK;
}

void teller_header_write(const TellerHeader *header, uint8_t bytes[TELLER_HEADER_BYTES]) {
  const uint32_t words[4] = {header->payload_length,
                             header->type | (uint32_t)header->flags << 8 |
                                 (uint32_t)header->method << 16,
                             header->request_id, header->word};
  for (int i = 0; i < TELLER_HEADER_BYTES; i++) bytes[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
}

void teller_header_read(TellerHeader *header, const uint8_t bytes[TELLER_HEADER_BYTES]) {
  uint32_t words[4] = {0};
  for (int i = 0; i < TELLER_HEADER_BYTES; i++) words[i / 4] |= (uint32_t)bytes[i] << 8 * (i % 4);
  header->payload_length = words[0];
  header->type = (uint8_t)words[1];
  header->flags = (uint8_t)(words[1] >> 8);
  header->method = (uint16_t)(words[1] >> 16);
  header->request_id = words[2];
  header->word = words[3];
}

static TellerStatus connect_address(TellerClient *client, const struct addrinfo *address) {
  client->socket = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
  if (client->socket < 0) return fail(client, TELLER_UNAVAILABLE, "socket: %s", strerror(errno));
  int on = 1;
  setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(client->socket, F_SETFL, fcntl(client->socket, F_GETFL) | O_NONBLOCK);
  if (connect(client->socket, address->ai_addr, address->ai_addrlen) == 0) return TELLER_OK;
  int error = errno;
  if (error == EINPROGRESS) {
    TellerStatus status = wait_for(client, POLLOUT);
    if (status != TELLER_OK) return status;
    socklen_t size = sizeof error;
    if (getsockopt(client->socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
    if (error == 0) return TELLER_OK;
  }
  disconnect(client);
  return fail(client, TELLER_UNAVAILABLE, "connect: %s", strerror(error));
}

static TellerStatus exchange_prefaces(TellerClient *client) {
  uint8_t preface[TELLER_PREFACE_BYTES];
  TellerStatus status = send_all(client, PREFACE, sizeof PREFACE);
  if (status == TELLER_OK) status = receive_all(client, preface, sizeof preface);
  if (status != TELLER_OK) return status;
  if (memcmp(preface, PREFACE, sizeof preface) == 0) return TELLER_OK;
  disconnect(client);
  if (memcmp(preface, PREFACE, 6) == 0)
    return fail(client, TELLER_UNIMPLEMENTED, "the server speaks version %d, this client 1",
                preface[6] | preface[7] << 8);
  return fail(client, TELLER_INTERNAL, "the peer does not speak the Teller protocol");
}

TellerStatus teller_connect(TellerClient **result, const char *host, const char *port,
                            uint32_t timeout_ms) {
  TellerClient *client = calloc(1, sizeof *client);
  *result = client;
  if (client == NULL) return TELLER_RESOURCE_EXHAUSTED;
  client->socket = -1;
  client->timeout_ms = timeout_ms;
  start_timer(client);
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses = NULL;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0)
    return fail(client, TELLER_UNAVAILABLE, "%s:%s: %s", host, port, gai_strerror(error));
  TellerStatus status = TELLER_UNAVAILABLE;
  // The first address that can be reached is taken.
  const struct addrinfo *at = addresses;
  for (; at != NULL && status == TELLER_UNAVAILABLE; at = at->ai_next)
    status = connect_address(client, at);
  freeaddrinfo(addresses);
  return status == TELLER_OK ? exchange_prefaces(client) : status;
}

void teller_close(TellerClient *client) {
  if (client == NULL) return;
  disconnect(client);
  free(client->payload);
  free(client);
}

const char *teller_error_message(const TellerClient *client) {
  return client == NULL ? "out of memory" : client->error;
}

int teller_is_connected(const TellerClient *client) {
  return client != NULL && client->socket >= 0;
}

const char *teller_status_name(TellerStatus status) {
  static const char *const names[] = {
      "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
      "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
      "UNAUTHENTICATED"};
  return (unsigned)status < sizeof names / sizeof names[0] ? names[status] : "UNKNOWN";
}

static int grow(TellerClient *client, size_t length) {
  if (length <= client->payload_capacity) return 1;
  uint8_t *bytes = realloc(client->payload, length);
  if (bytes == NULL) return 0;
  client->payload = bytes;
  client->payload_capacity = length;
  return 1;
}

static TellerStatus send_frame(TellerClient *client, const TellerHeader *header,
                               const uint8_t *payload) {
  uint8_t bytes[TELLER_HEADER_BYTES];
  teller_header_write(header, bytes);
  TellerStatus status = send_all(client, bytes, sizeof bytes);
  return status == TELLER_OK ? send_all(client, payload, header->payload_length) : status;
}

static TellerStatus send_request(TellerClient *client, uint16_t method,
                                 const ProtobufCMessage *request) {
  size_t size = protobuf_c_message_get_packed_size(request);
  if (size > TELLER_FRAME_BYTES_MAX)
    return fail(client, TELLER_RESOURCE_EXHAUSTED, "a request of %zu bytes is over the limit of %d",
                size, TELLER_FRAME_BYTES_MAX);
  if (!grow(client, TELLER_HEADER_BYTES + size))
    return fail(client, TELLER_RESOURCE_EXHAUSTED, "out of memory");
  if (++client->last_request_id == 0) client->last_request_id = 1;
  TellerHeader header = {.payload_length = (uint32_t)size,
                         .type = TELLER_FRAME_REQUEST,
                         .method = method,
                         .request_id = client->last_request_id,
                         .word = client->timeout_ms};
  // Header and payload in one write, so that they leave in one packet.
  teller_header_write(&header, client->payload);
  protobuf_c_message_pack(request, client->payload + TELLER_HEADER_BYTES);
  return send_all(client, client->payload, TELLER_HEADER_BYTES + size);
}

// Reads frames until the answer is there; pings on the way are answered.
static TellerStatus receive_response(TellerClient *client, TellerHeader *header) {
  for (;;) {
    uint8_t bytes[TELLER_HEADER_BYTES];
    TellerStatus status = receive_all(client, bytes, sizeof bytes);
    if (status != TELLER_OK) return status;
    teller_header_read(header, bytes);
    if (header->payload_length > TELLER_FRAME_BYTES_MAX) {
      disconnect(client);
      return fail(client, TELLER_INTERNAL, "the server sent a frame of %u bytes",
                  header->payload_length);
    }
    if (!grow(client, header->payload_length + 1u)) {
      disconnect(client);
      return fail(client, TELLER_RESOURCE_EXHAUSTED, "out of memory");
    }
    status = receive_all(client, client->payload, header->payload_length);
    if (status != TELLER_OK) return status;
    client->payload[header->payload_length] = 0;
    switch (header->type) {
      case TELLER_FRAME_RESPONSE:
        if (header->request_id == client->last_request_id) return TELLER_OK;
        break;
      case TELLER_FRAME_PING:
        header->type = TELLER_FRAME_PONG;
        status = send_frame(client, header, client->payload);
        if (status != TELLER_OK) return status;
        continue;
      case TELLER_FRAME_PONG: continue;
      case TELLER_FRAME_GO_AWAY:
        // In good order (status OK) the answer still comes.
        if (header->word == TELLER_OK) continue;
        disconnect(client);
        return fail(client, (TellerStatus)header->word, "%s", (char *)client->payload);
      default: break;
    }
    disconnect(client);
    return fail(client, TELLER_INTERNAL, "unexpected frame of type %u for request %u",
                header->type, header->request_id);
  }
}

static TellerStatus call(TellerClient *client, uint16_t method, const ProtobufCMessage *request,
                         const ProtobufCMessageDescriptor *descriptor, void **answer) {
  *answer = NULL;
  start_timer(client);
  if (client->socket < 0) return fail(client, TELLER_UNAVAILABLE, "the connection is closed");
  TellerStatus status = send_request(client, method, request);
  TellerHeader header;
  if (status == TELLER_OK) status = receive_response(client, &header);
  if (status != TELLER_OK) return status;
  if (header.word != TELLER_OK)
    return fail(client, header.word <= TELLER_UNAUTHENTICATED ? header.word : TELLER_UNKNOWN, "%s",
                (char *)client->payload);
  *answer = protobuf_c_message_unpack(descriptor, NULL, header.payload_length, client->payload);
  if (*answer == NULL) return fail(client, TELLER_INTERNAL, "the answer does not decode");
  return TELLER_OK;
}

TellerStatus teller_recommend_request(TellerClient *client,
                                      const Teller__V1__RecommendRequest *request,
                                      Teller__V1__RecommendResponse **answer) {
  return call(client, METHOD_RECOMMEND, &request->base,
              &teller__v1__recommend_response__descriptor, (void **)answer);
}

TellerStatus teller_recommend(TellerClient *client, const char *user_id, uint32_t count,
                              Teller__V1__RecommendResponse **answer) {
  Teller__V1__RecommendRequest request = TELLER__V1__RECOMMEND_REQUEST__INIT;
  request.user_id = (char *)user_id;
  if (count != 0) {
    request.count_presence_case = TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = count;
  }
  return teller_recommend_request(client, &request, answer);
}

TellerStatus teller_similar_items(TellerClient *client, const char *item_id, uint32_t count,
                                  Teller__V1__SimilarItemsResponse **answer) {
  Teller__V1__SimilarItemsRequest request = TELLER__V1__SIMILAR_ITEMS_REQUEST__INIT;
  request.item_id = (char *)item_id;
  if (count != 0) {
    request.count_presence_case = TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = count;
  }
  return call(client, METHOD_SIMILAR_ITEMS, &request.base,
              &teller__v1__similar_items_response__descriptor, (void **)answer);
}

TellerStatus teller_feedback(TellerClient *client, const Teller__V1__FeedbackRequest *request,
                             Teller__V1__FeedbackResponse **answer) {
  return call(client, METHOD_FEEDBACK, &request->base, &teller__v1__feedback_response__descriptor,
              (void **)answer);
}

TellerStatus teller_health(TellerClient *client, Teller__V1__HealthResponse **answer) {
  Teller__V1__HealthRequest request = TELLER__V1__HEALTH_REQUEST__INIT;
  return call(client, METHOD_HEALTH, &request.base, &teller__v1__health_response__descriptor,
              (void **)answer);
}

TellerStatus teller_describe(TellerClient *client, uint32_t first_item_index,
                             Teller__V1__DescribeResponse **answer) {
  Teller__V1__DescribeRequest request = TELLER__V1__DESCRIBE_REQUEST__INIT;
  request.first_item_index = first_item_index;
  return call(client, METHOD_DESCRIBE, &request.base, &teller__v1__describe_response__descriptor,
              (void **)answer);
}
