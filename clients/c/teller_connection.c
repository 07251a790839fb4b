#include "teller_connection.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t PREFACE[TELLER_PREFACE_BYTES] = {'T', 'E', 'L', 'L', 'E', 'R', 1, 0};

// Buffers.

int teller_buffer_reserve(TellerBuffer *buffer, size_t length) {
  if (buffer->capacity - buffer->end >= length) return 1;
  size_t used = buffer->end - buffer->start;
  if (buffer->start > 0) memmove(buffer->bytes, buffer->bytes + buffer->start, used);
  buffer->start = 0;
  buffer->end = used;
  if (buffer->capacity - used >= length) return 1;
  size_t capacity = used + length > 2 * buffer->capacity ? used + length : 2 * buffer->capacity;
  uint8_t *bytes = realloc(buffer->bytes, capacity);
  if (bytes == NULL) return 0;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return 1;
}

int teller_buffer_append(TellerBuffer *buffer, const void *bytes, size_t length) {
  if (length == 0) return 1;
  if (!teller_buffer_reserve(buffer, length)) return 0;
  memcpy(buffer->bytes + buffer->end, bytes, length);
  buffer->end += length;
  return 1;
}

void teller_buffer_consume(TellerBuffer *buffer, size_t length) {
  buffer->start += length;
  if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
}

void teller_buffer_free(TellerBuffer *buffer) {
  free(buffer->bytes);
  *buffer = (TellerBuffer){0};
}

// Arrivals.

static void arrive(TellerConnection *connection, const TellerSlot *slot, TellerStatus status,
                   int is_last, const void *payload, size_t length) {
  TellerArrival *arrival = malloc(sizeof *arrival + length + 1);
  if (arrival == NULL) {
    // Nothing can be told any more: the connection's end is.
    connection->end = TELLER_RESOURCE_EXHAUSTED;
    snprintf(connection->end_text, sizeof connection->end_text, "out of memory");
    return;
  }
  *arrival = (TellerArrival){.request_id = slot->request_id,
                             .method = slot->method,
                             .status = status,
                             .is_last = is_last,
                             .length = length};
  if (length > 0) memcpy(arrival->payload, payload, length);
  arrival->payload[length] = 0;
  if (connection->last == NULL) connection->first = arrival;
  else connection->last->next = arrival;
  connection->last = arrival;
  connection->answered_count += is_last != 0;
}

TellerArrival *teller_connection_take(TellerConnection *connection, uint32_t request_id) {
  TellerArrival *before = NULL, *arrival = connection->first;
  while (arrival != NULL && request_id != 0 && arrival->request_id != request_id) {
    before = arrival;
    arrival = arrival->next;
  }
  if (arrival == NULL) return NULL;
  if (before == NULL) connection->first = arrival->next;
  else before->next = arrival->next;
  if (connection->last == arrival) connection->last = before;
  connection->answered_count -= arrival->is_last != 0;
  TellerSlot *slot = arrival->is_last ? NULL : teller_connection_find(connection, arrival->request_id);
  if (slot != NULL && ++slot->taken >= TELLER_STREAM_CREDIT / 2) {
    // In halves of the window: a frame for each message would cost as much as the message.
    teller_connection_frame(connection, TELLER_FRAME_CREDIT, slot->request_id, slot->taken, NULL, 0);
    slot->credit += slot->taken;
    slot->taken = 0;
  }
  return arrival;
}

// Life.

void teller_connection_init(TellerConnection *connection) {
  memset(connection, 0, sizeof *connection);
  if (!teller_buffer_append(&connection->output, PREFACE, sizeof PREFACE))
    teller_connection_end(connection, TELLER_RESOURCE_EXHAUSTED, "out of memory");
}

void teller_connection_free(TellerConnection *connection) {
  TellerArrival *arrival;
  while ((arrival = teller_connection_take(connection, 0)) != NULL) free(arrival);
  teller_buffer_free(&connection->input);
  teller_buffer_free(&connection->output);
}

void teller_connection_end(TellerConnection *connection, TellerStatus status, const char *format,
                           ...) {
  if (connection->end != TELLER_OK) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(connection->end_text, sizeof connection->end_text, format, arguments);
  va_end(arguments);
  connection->end = status;
  for (size_t i = 0; i < TELLER_IN_FLIGHT_MAX; i++) {
    TellerSlot *slot = &connection->slots[i];
    if (slot->request_id != 0 && slot->is_wanted)
      arrive(connection, slot, status, 1, connection->end_text, strlen(connection->end_text));
    *slot = (TellerSlot){0};
  }
  connection->unanswered_count = 0;
  teller_buffer_free(&connection->input);
  teller_buffer_free(&connection->output);
}

// Sending.

int teller_connection_frame(TellerConnection *connection, TellerFrameType type, uint32_t request_id,
                            uint32_t word, const void *payload, size_t length) {
  if (connection->end != TELLER_OK) return 0;
  TellerHeader header = {.payload_length = (uint32_t)length,
                         .type = (uint8_t)type,
                         .request_id = request_id,
                         .word = word};
  uint8_t bytes[TELLER_HEADER_BYTES];
  teller_header_write(&header, bytes);
  if (teller_buffer_append(&connection->output, bytes, sizeof bytes) &&
      teller_buffer_append(&connection->output, payload, length))
    return 1;
  teller_connection_end(connection, TELLER_RESOURCE_EXHAUSTED, "out of memory");
  return 0;
}

// The next id whose slot is free.
static TellerSlot *free_slot(TellerConnection *connection) {
  for (;;) {
    if (++connection->last_request_id == 0) connection->last_request_id = 1;
    TellerSlot *slot = &connection->slots[connection->last_request_id % TELLER_IN_FLIGHT_MAX];
    if (slot->request_id == 0) return slot;
  }
}

TellerSlot *teller_connection_open(TellerConnection *connection, uint16_t method, size_t length,
                                   uint32_t deadline_ms, int is_streamed, const uint8_t *trace_id,
                                   uint8_t **payload, TellerStatus *status, const char **reason) {
  size_t trace_bytes = trace_id == NULL ? 0 : TELLER_TRACE_ID_BYTES;
  *status = TELLER_UNAVAILABLE;
  if (connection->end != TELLER_OK) {
    *reason = connection->end_text;
    *status = connection->end;
  } else if (connection->is_going_away) *reason = "the server is going away";
  else if (connection->has_said_farewell) *reason = "the client has said farewell";
  else {
    *status = TELLER_RESOURCE_EXHAUSTED;
    if (length + trace_bytes > TELLER_FRAME_BYTES_MAX) *reason = "the request is over 1048576 bytes";
    else if (connection->unanswered_count + connection->answered_count >= TELLER_IN_FLIGHT_MAX)
      *reason = "1024 calls are under way: collect some first";
    else *status = TELLER_OK;
  }
  if (*status != TELLER_OK) return NULL;
  size_t total = TELLER_HEADER_BYTES + trace_bytes + length;
  if (!teller_buffer_reserve(&connection->output, total)) {
    *status = TELLER_RESOURCE_EXHAUSTED;
    *reason = "out of memory";
    return NULL;
  }
  TellerSlot *slot = free_slot(connection);
  *slot = (TellerSlot){.request_id = connection->last_request_id,
                       .method = method,
                       .is_wanted = 1,
                       .is_streamed = is_streamed != 0,
                       .credit = is_streamed ? TELLER_STREAM_CREDIT : 0,
                       .deadline_ms = INT64_MAX};
  connection->unanswered_count += 1;
  TellerHeader header = {.payload_length = (uint32_t)(length + trace_bytes),
                         .type = TELLER_FRAME_REQUEST,
                         .flags = (uint8_t)((is_streamed ? TELLER_FLAG_STREAMED : 0) |
                                            (trace_id != NULL ? TELLER_FLAG_TRACED : 0)),
                         .method = method,
                         .request_id = slot->request_id,
                         .word = deadline_ms};
  uint8_t *at = connection->output.bytes + connection->output.end;
  teller_header_write(&header, at);
  if (trace_id != NULL) memcpy(at + TELLER_HEADER_BYTES, trace_id, trace_bytes);
  *payload = at + TELLER_HEADER_BYTES + trace_bytes;
  connection->output.end += total;
  return slot;
}

TellerSlot *teller_connection_find(TellerConnection *connection, uint32_t request_id) {
  TellerSlot *slot = &connection->slots[request_id % TELLER_IN_FLIGHT_MAX];
  return request_id != 0 && slot->request_id == request_id && slot->is_wanted ? slot : NULL;
}

int teller_connection_abandon(TellerConnection *connection, uint32_t request_id) {
  TellerSlot *slot = teller_connection_find(connection, request_id);
  if (slot == NULL) return 0;
  slot->is_wanted = 0;
  teller_connection_frame(connection, TELLER_FRAME_CANCEL, request_id, 0, NULL, 0);
  // Messages of the stream that were not taken.
  TellerArrival *arrival;
  while ((arrival = teller_connection_take(connection, request_id)) != NULL) free(arrival);
  return 1;
}

// Receiving.

// Bytes of the preface that are good; the connection is ended at the first that is not.
static int read_preface(TellerConnection *connection, const uint8_t *bytes, size_t length) {
  size_t compared = length < 6 ? length : 6;
  if (bytes[0] == 0x15 || bytes[0] == 0x16) {
    // An alert or a handshake of TLS.
    teller_connection_end(connection, TELLER_UNAUTHENTICATED,
                          "the server speaks TLS on this port: connect with TLS");
  } else if (memcmp(bytes, PREFACE, compared) != 0) {
    teller_connection_end(connection, TELLER_INTERNAL, "the peer does not speak the Teller protocol");
  } else if (length >= sizeof PREFACE) {
    connection->has_preface = memcmp(bytes, PREFACE, sizeof PREFACE) == 0;
    if (!connection->has_preface)
      teller_connection_end(connection, TELLER_INTERNAL,
                            "the server speaks version %d of the protocol, this client 1",
                            bytes[6] | bytes[7] << 8);
  }
  return connection->has_preface;
}

static void receive_response(TellerConnection *connection, const TellerHeader *header,
                             const uint8_t *payload) {
  TellerSlot *slot = &connection->slots[header->request_id % TELLER_IN_FLIGHT_MAX];
  if (header->request_id == 0 || slot->request_id != header->request_id) {
    teller_connection_end(connection, TELLER_INTERNAL,
                          "the server answered request %u, which is not open", header->request_id);
    return;
  }
  TellerSlot answered = *slot;
  *slot = (TellerSlot){0};
  connection->unanswered_count -= 1;
  if (answered.is_wanted)
    arrive(connection, &answered, teller_status_of(header->word), 1, payload,
           header->payload_length);
}

static void receive_stream_data(TellerConnection *connection, const TellerHeader *header,
                                const uint8_t *payload) {
  TellerSlot *slot = &connection->slots[header->request_id % TELLER_IN_FLIGHT_MAX];
  if (header->request_id == 0 || slot->request_id != header->request_id || !slot->is_streamed)
    teller_connection_end(connection, TELLER_INTERNAL,
                          "the server sent stream data for request %u, which is no stream",
                          header->request_id);
  else if (slot->credit == 0)
    teller_connection_end(connection, TELLER_INTERNAL,
                          "the server sent more on stream %u than it may", header->request_id);
  else {
    slot->credit -= 1;
    if (slot->is_wanted) arrive(connection, slot, TELLER_OK, 0, payload, header->payload_length);
  }
}

static void receive_ping(TellerConnection *connection, const TellerHeader *header,
                         const uint8_t *payload) {
  if (header->payload_length != TELLER_PING_BYTES) {
    teller_connection_end(connection, TELLER_INTERNAL, "the server sent a ping of %u bytes",
                          header->payload_length);
  } else if (header->type == TELLER_FRAME_PONG) {
    connection->has_pong = 1;
    memcpy(&connection->pong, payload, sizeof connection->pong);
  } else {
    teller_connection_frame(connection, TELLER_FRAME_PONG, 0, 0, payload, TELLER_PING_BYTES);
  }
}

static void receive_frame(TellerConnection *connection, const TellerHeader *header,
                          const uint8_t *payload) {
  switch (header->type) {
    case TELLER_FRAME_RESPONSE: receive_response(connection, header, payload); break;
    case TELLER_FRAME_STREAM_DATA: receive_stream_data(connection, header, payload); break;
    case TELLER_FRAME_PING:
    case TELLER_FRAME_PONG: receive_ping(connection, header, payload); break;
    case TELLER_FRAME_GO_AWAY:
      // In good order (status OK) what was sent is still answered.
      connection->is_going_away = 1;
      if (header->word != TELLER_OK)
        teller_connection_end(connection, teller_status_of(header->word), "%.*s",
                              (int)header->payload_length, (const char *)payload);
      break;
    default:
      teller_connection_end(connection, TELLER_INTERNAL, "the server sent a frame of type %u",
                            header->type);
  }
}

void teller_connection_receive(TellerConnection *connection) {
  TellerBuffer *input = &connection->input;
  if (connection->end == TELLER_OK && !connection->has_preface && input->end > input->start &&
      read_preface(connection, input->bytes + input->start, input->end - input->start))
    teller_buffer_consume(input, TELLER_PREFACE_BYTES);
  while (connection->end == TELLER_OK && connection->has_preface &&
         input->end - input->start >= TELLER_HEADER_BYTES) {
    TellerHeader header;
    teller_header_read(&header, input->bytes + input->start);
    // Before the payload has come, so that a bad length costs no memory.
    if (header.payload_length > TELLER_FRAME_BYTES_MAX || header.flags != 0) {
      teller_connection_end(connection, TELLER_INTERNAL,
                            "the server sent a frame of %u bytes with flags %u",
                            header.payload_length, header.flags);
      return;
    }
    size_t total = TELLER_HEADER_BYTES + header.payload_length;
    if (input->end - input->start < total) return;
    receive_frame(connection, &header, input->bytes + input->start + TELLER_HEADER_BYTES);
    if (connection->end == TELLER_OK) teller_buffer_consume(input, total);
  }
}
