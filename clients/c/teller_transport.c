#define _POSIX_C_SOURCE 200809L

#include "teller_transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16 };

int64_t teller_now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// What poll waits: -1 for ever, and never so long that an int could not hold it.
static int wait_ms(int64_t deadline_ms) {
  if (deadline_ms == INT64_MAX) return -1;
  int64_t left = deadline_ms - teller_now_ms();
  return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

// Ends the connection for a reason of the system.
static void lose(TellerConnection *connection, const char *what, int error) {
  teller_connection_end(connection, TELLER_UNAVAILABLE, "%s: %s", what, strerror(error));
}

// Receiving.

static ssize_t receive_some(TellerTransport *transport, void *bytes, size_t room) {
  ssize_t received;
  do received = recv(transport->socket, bytes, room, 0);
  while (received < 0 && errno == EINTR);
  return received;
}

// Hands bytes of the socket over; 0 when TLS has ended.
static int open_records(TellerTransport *transport, TellerConnection *connection,
                        const uint8_t *bytes, size_t length) {
  TellerTlsFailure failure;
  if (teller_tls_open(transport->tls, bytes, length, &connection->input, &failure)) return 1;
  // What came before the end still counts.
  teller_connection_receive(connection);
  teller_connection_end(connection, failure.status, "%s", failure.text);
  return 0;
}

static void receive_input(TellerTransport *transport, TellerConnection *connection) {
  uint8_t records[READ_BYTES];
  TellerBuffer *input = &connection->input;
  while (connection->end == TELLER_OK) {
    if (transport->tls == NULL && !teller_buffer_reserve(input, READ_BYTES)) {
      teller_connection_end(connection, TELLER_RESOURCE_EXHAUSTED, "out of memory");
      return;
    }
    uint8_t *to = transport->tls == NULL ? input->bytes + input->end : records;
    size_t room = transport->tls == NULL ? input->capacity - input->end : sizeof records;
    ssize_t received = receive_some(transport, to, room);
    if (received > 0) {
      if (transport->tls == NULL) input->end += (size_t)received;
      else if (!open_records(transport, connection, records, (size_t)received)) return;
      teller_connection_receive(connection);
      if ((size_t)received < room) return;
    } else if (received == 0) {
      teller_connection_end(connection, TELLER_UNAVAILABLE,
                            connection->is_going_away ? "the server went away"
                                                      : "the server closed the connection");
    } else {
      if (errno != EAGAIN && errno != EWOULDBLOCK) lose(connection, "recv", errno);
      return;
    }
  }
}

// Sending.

// The bytes that wait for the socket; of TLS the next records, one burst at a time, so that what is
// still clear counts against TELLER_UNSENT_BYTES_MAX. NULL when TLS has ended.
static TellerBuffer *unsent(TellerTransport *transport, TellerConnection *connection) {
  if (transport->tls == NULL) return &connection->output;
  TellerBuffer *records = &transport->records;
  if (records->end > records->start) return records;
  TellerTlsFailure failure;
  if (teller_tls_seal(transport->tls, &connection->output, records, &failure)) return records;
  // Tells the server why, where that goes without waiting.
  if (records->end > records->start)
    (void)!send(transport->socket, records->bytes + records->start, records->end - records->start,
                MSG_NOSIGNAL);
  teller_connection_end(connection, failure.status, "%s", failure.text);
  return NULL;
}

void teller_transport_send(TellerTransport *transport, TellerConnection *connection) {
  TellerBuffer *bytes;
  while (connection->end == TELLER_OK && (bytes = unsent(transport, connection)) != NULL &&
         bytes->end > bytes->start) {
    ssize_t sent =
        send(transport->socket, bytes->bytes + bytes->start, bytes->end - bytes->start, MSG_NOSIGNAL);
    if (sent > 0) {
      teller_buffer_consume(bytes, (size_t)sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != EINTR) {
      int error = errno;
      // Why the server closed may have come before.
      receive_input(transport, connection);
      lose(connection, "send", error);
    }
  }
}

int teller_transport_turn(TellerTransport *transport, TellerConnection *connection,
                          int64_t deadline_ms) {
  teller_transport_send(transport, connection);
  if (connection->end != TELLER_OK) return 1;
  const TellerBuffer *bytes = transport->tls == NULL ? &connection->output : &transport->records;
  struct pollfd poll_for = {.fd = transport->socket, .events = POLLIN};
  if (bytes->end > bytes->start) poll_for.events |= POLLOUT;
  int ready = poll(&poll_for, 1, wait_ms(deadline_ms));
  if (ready < 0 && errno != EINTR) lose(connection, "poll", errno);
  if (ready > 0 && poll_for.revents & ~POLLOUT) receive_input(transport, connection);
  // Answers to pings and credit must not wait for the next call.
  teller_transport_send(transport, connection);
  return ready != 0 || wait_ms(deadline_ms) != 0;
}

// Connecting.

// Connects to one address; what failed, or 0.
static int connect_address(TellerTransport *transport, const struct addrinfo *address,
                           int64_t deadline_ms) {
  transport->socket = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
  if (transport->socket < 0) return errno;
  int on = 1;
  setsockopt(transport->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(transport->socket, F_SETFL, fcntl(transport->socket, F_GETFL) | O_NONBLOCK);
  if (connect(transport->socket, address->ai_addr, address->ai_addrlen) == 0) return 0;
  int error = errno;
  if (error == EINPROGRESS) {
    struct pollfd poll_for = {.fd = transport->socket, .events = POLLOUT};
    int ready;
    do ready = poll(&poll_for, 1, wait_ms(deadline_ms));
    while (ready < 0 && errno == EINTR);
    error = ready == 0 ? ETIMEDOUT : 0;
    socklen_t size = sizeof error;
    if (ready != 0 && getsockopt(transport->socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
      error = errno;
  }
  if (error != 0) {
    close(transport->socket);
    transport->socket = -1;
  }
  return error;
}

void teller_transport_connect(TellerTransport *transport, TellerConnection *connection,
                              const char *host, const char *port, const TellerTlsOptions *tls,
                              int64_t deadline_ms) {
  TellerTlsFailure failure;
  if (tls != NULL && (transport->tls = teller_tls_make(tls, host, &failure)) == NULL) {
    teller_connection_end(connection, failure.status, "%s", failure.text);
    return;
  }
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses = NULL;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    teller_connection_end(connection, TELLER_UNAVAILABLE, "%s:%s: %s", host, port,
                          gai_strerror(error));
    return;
  }
  error = ECONNREFUSED;
  // The first address that can be reached is taken.
  for (const struct addrinfo *at = addresses; at != NULL && error != 0; at = at->ai_next)
    error = connect_address(transport, at, deadline_ms);
  freeaddrinfo(addresses);
  if (error != 0) lose(connection, "connect", error);
}

void teller_transport_close(TellerTransport *transport, TellerConnection *connection) {
  if (transport->socket >= 0) {
    teller_transport_send(transport, connection);
    TellerBuffer *records = &transport->records;
    if (transport->tls != NULL && connection->end == TELLER_OK) {
      teller_tls_say_farewell(transport->tls, records);
      if (records->end > records->start)
        (void)!send(transport->socket, records->bytes + records->start,
                    records->end - records->start, MSG_NOSIGNAL);
    }
    close(transport->socket);
    transport->socket = -1;
  }
  teller_tls_free(transport->tls);
  transport->tls = NULL;
  teller_buffer_free(&transport->records);
}
