// The state machine of a connection, fed bytes: no socket, no clock. Exits with 1 on any failure.
#include "teller_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;
static TellerConnection connection;

#define EXPECT(condition)                                                       \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);  \
      failures += 1;                                                            \
    }                                                                           \
  } while (0)

static const uint8_t preface[] = {'T', 'E', 'L', 'L', 'E', 'R', 1, 0};

// Hands bytes over, `cut` at a time; 0: all at once.
static void feed(const void *bytes, size_t length, size_t cut) {
  for (size_t at = 0; at < length && connection.end == TELLER_OK;) {
    size_t part = cut == 0 || length - at < cut ? length - at : cut;
    teller_buffer_append(&connection.input, (const uint8_t *)bytes + at, part);
    teller_connection_receive(&connection);
    at += part;
  }
}

static size_t frame(uint8_t *bytes, int type, uint32_t id, uint32_t word, const char *payload,
                    size_t length) {
  TellerHeader header = {(uint32_t)length, (uint8_t)type, 0, 0, id, word};
  teller_header_write(&header, bytes);
  if (length > 0) memcpy(bytes + TELLER_HEADER_BYTES, payload, length);
  return TELLER_HEADER_BYTES + length;
}

static void feed_frame(int type, uint32_t id, uint32_t word, const char *payload) {
  uint8_t bytes[256];
  feed(bytes, frame(bytes, type, id, word, payload, strlen(payload)), 0);
}

static void begin(void) {
  teller_connection_free(&connection);
  teller_connection_init(&connection);
  EXPECT(connection.output.end == 8 && memcmp(connection.output.bytes, preface, 8) == 0);
  teller_buffer_consume(&connection.output, 8);
  feed(preface, sizeof preface, 0);
  EXPECT(connection.has_preface);
}

static uint32_t open_call(int is_streamed) {
  uint8_t *payload;
  TellerStatus status;
  const char *reason;
  TellerSlot *slot = teller_connection_open(&connection, 1, 3, 250, is_streamed, NULL, &payload,
                                            &status, &reason);
  if (slot == NULL) return 0;
  memcpy(payload, "abc", 3);
  return slot->request_id;
}

// The header of what the client sent last, which is taken away.
static TellerHeader sent(void) {
  TellerHeader header = {0};
  TellerBuffer *output = &connection.output;
  while (output->end - output->start >= TELLER_HEADER_BYTES) {
    teller_header_read(&header, output->bytes + output->start);
    teller_buffer_consume(output, TELLER_HEADER_BYTES + header.payload_length);
  }
  return header;
}

// Takes an arrival and compares it.
static int took(uint32_t call, uint32_t id, TellerStatus status, int is_last, const char *payload) {
  TellerArrival *arrival = teller_connection_take(&connection, call);
  if (arrival == NULL) return 0;
  int same = arrival->request_id == id && arrival->status == status && arrival->is_last == is_last &&
             strcmp((const char *)arrival->payload, payload) == 0;
  free(arrival);
  return same;
}

static void test_requests(void) {
  begin();
  static const uint8_t expected[] = {3, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 250, 0, 0, 0, 'a', 'b', 'c'};
  uint32_t first = open_call(0);
  EXPECT(connection.output.end == sizeof expected &&
         memcmp(connection.output.bytes, expected, sizeof expected) == 0);
  uint32_t second = open_call(0), third = open_call(0);
  feed_frame(TELLER_FRAME_RESPONSE, second, 0, "two");
  feed_frame(TELLER_FRAME_RESPONSE, third, 99, "three");
  feed_frame(TELLER_FRAME_RESPONSE, first, 5, "one");
  EXPECT(took(first, first, TELLER_NOT_FOUND, 1, "one"));
  EXPECT(took(0, second, TELLER_OK, 1, "two"));
  EXPECT(took(0, third, TELLER_UNKNOWN, 1, "three"));
  EXPECT(teller_connection_take(&connection, 0) == NULL);
}

static void test_limits(void) {
  begin();
  uint8_t *payload;
  TellerStatus status;
  const char *reason;
  const uint8_t trace_id[TELLER_TRACE_ID_BYTES] = {7};
  EXPECT(teller_connection_open(&connection, 1, TELLER_FRAME_BYTES_MAX - 16, 0, 0, trace_id,
                                &payload, &status, &reason) != NULL);
  memset(payload, 0, TELLER_FRAME_BYTES_MAX - 16);
  TellerHeader header = sent();
  EXPECT(header.flags == TELLER_FLAG_TRACED && header.payload_length == TELLER_FRAME_BYTES_MAX);
  EXPECT(teller_connection_open(&connection, 1, TELLER_FRAME_BYTES_MAX - 15, 0, 0, trace_id,
                                &payload, &status, &reason) == NULL);
  EXPECT(status == TELLER_RESOURCE_EXHAUSTED);
  for (int i = 1; i < TELLER_IN_FLIGHT_MAX; i++) EXPECT(open_call(0) != 0);
  EXPECT(open_call(0) == 0);
  // An answer that nobody has collected takes room, too.
  feed_frame(TELLER_FRAME_RESPONSE, 7, 0, "");
  EXPECT(open_call(0) == 0);
  EXPECT(took(7, 7, TELLER_OK, 1, ""));
  EXPECT(open_call(0) != 0);
}

static void test_ids(void) {
  begin();
  connection.last_request_id = 0xFFFFFFFE;
  EXPECT(open_call(0) == 0xFFFFFFFF);
  EXPECT(open_call(0) == 1);
  uint32_t given_up = open_call(0);
  EXPECT(given_up == 2);
  sent();
  EXPECT(teller_connection_abandon(&connection, given_up));
  TellerHeader header = sent();
  EXPECT(header.type == TELLER_FRAME_CANCEL && header.request_id == given_up);
  EXPECT(!teller_connection_abandon(&connection, given_up));
  connection.last_request_id = given_up - 1;
  EXPECT(open_call(0) == given_up + 1);
  feed_frame(TELLER_FRAME_RESPONSE, given_up, 1, "late");
  EXPECT(teller_connection_take(&connection, 0) == NULL && connection.end == TELLER_OK);
  connection.last_request_id = given_up - 1;
  EXPECT(open_call(0) == given_up);
}

static void test_going_away(void) {
  begin();
  uint32_t call = open_call(0);
  sent();
  feed_frame(TELLER_FRAME_GO_AWAY, 0, 0, "restart");
  feed_frame(TELLER_FRAME_PING, 0, 0, "12345678");
  EXPECT(sent().type == TELLER_FRAME_PONG);
  EXPECT(open_call(0) == 0);
  feed_frame(TELLER_FRAME_RESPONSE, call, 0, "x");
  EXPECT(took(call, call, TELLER_OK, 1, "x"));

  begin();
  call = open_call(0);
  uint32_t given_up = open_call(0);
  teller_connection_abandon(&connection, given_up);
  feed_frame(TELLER_FRAME_GO_AWAY, 0, 8, "too many");
  EXPECT(connection.end == TELLER_RESOURCE_EXHAUSTED);
  EXPECT(took(0, call, TELLER_RESOURCE_EXHAUSTED, 1, "too many"));
  EXPECT(teller_connection_take(&connection, 0) == NULL);
  EXPECT(open_call(0) == 0);
}

static void test_streams(void) {
  begin();
  uint32_t call = open_call(1);
  EXPECT(sent().flags == TELLER_FLAG_STREAMED);
  for (int i = 0; i < 64; i++) feed_frame(TELLER_FRAME_STREAM_DATA, call, 0, "m");
  for (int i = 0; i < 31; i++) EXPECT(took(call, call, TELLER_OK, 0, "m"));
  EXPECT(sent().type == 0);
  EXPECT(took(call, call, TELLER_OK, 0, "m"));
  TellerHeader credit = sent();
  EXPECT(credit.type == TELLER_FRAME_CREDIT && credit.request_id == call && credit.word == 32);
  for (int i = 0; i < 32; i++) feed_frame(TELLER_FRAME_STREAM_DATA, call, 0, "m");
  EXPECT(connection.end == TELLER_OK);
  // Given up: what waits and what comes is dropped, and no credit is given.
  EXPECT(teller_connection_abandon(&connection, call));
  EXPECT(sent().type == TELLER_FRAME_CANCEL);
  EXPECT(teller_connection_take(&connection, 0) == NULL);
  feed_frame(TELLER_FRAME_STREAM_DATA, call, 0, "m");
  EXPECT(connection.end == TELLER_INTERNAL);
}

static void expect_internal(const void *bytes, size_t length) {
  for (size_t cut = 0; cut < 2; cut++) {
    begin();
    uint32_t call = open_call(0);
    feed(bytes, length, cut);
    EXPECT(connection.end == TELLER_INTERNAL);
    EXPECT(took(0, call, TELLER_INTERNAL, 1, connection.end_text));
  }
}

static void test_violations(void) {
  uint8_t bytes[64];
  const int types[] = {0, 1, 4, 5, 9, 10, 11, 255};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    expect_internal(bytes, frame(bytes, types[i], 1, 0, "", 0));
  expect_internal(bytes, frame(bytes, TELLER_FRAME_RESPONSE, 2, 0, "", 0));
  expect_internal(bytes, frame(bytes, TELLER_FRAME_RESPONSE, 1 + TELLER_IN_FLIGHT_MAX, 0, "", 0));
  expect_internal(bytes, frame(bytes, TELLER_FRAME_RESPONSE, 0, 0, "", 0));
  expect_internal(bytes, frame(bytes, TELLER_FRAME_STREAM_DATA, 1, 0, "", 0));
  expect_internal(bytes, frame(bytes, TELLER_FRAME_PING, 0, 0, "1234567", 7));
  expect_internal(bytes, frame(bytes, TELLER_FRAME_PONG, 0, 0, "123456789", 9));
  TellerHeader flags = {0, TELLER_FRAME_RESPONSE, 1, 0, 1, 0};
  teller_header_write(&flags, bytes);
  expect_internal(bytes, TELLER_HEADER_BYTES);
  // Before any of the payload has come.
  TellerHeader too_long = {TELLER_FRAME_BYTES_MAX + 1, TELLER_FRAME_RESPONSE, 0, 0, 1, 0};
  teller_header_write(&too_long, bytes);
  expect_internal(bytes, TELLER_HEADER_BYTES);

  const char *const prefaces[] = {"HTTP/1.1", "TELLEX12", "TELLER\2\1"};
  for (size_t i = 0; i < 3; i++) {
    teller_connection_free(&connection);
    teller_connection_init(&connection);
    feed(prefaces[i], 8, i);
    EXPECT(connection.end == TELLER_INTERNAL);
  }
}

// Any cut of the same bytes gives the same arrivals.
static void test_cuts(void) {
  for (size_t cut = 1; cut < 80; cut++) {
    begin();
    uint32_t first = open_call(0), second = open_call(1);
    uint8_t bytes[512];
    size_t length = frame(bytes, TELLER_FRAME_STREAM_DATA, second, 0, "message", 7);
    length += frame(bytes + length, TELLER_FRAME_PING, 0, 0, "abcdefgh", 8);
    length += frame(bytes + length, TELLER_FRAME_RESPONSE, first, 0, "answer", 6);
    length += frame(bytes + length, TELLER_FRAME_GO_AWAY, 0, 0, "bye", 3);
    length += frame(bytes + length, TELLER_FRAME_RESPONSE, second, 0, "", 0);
    feed(bytes, length, cut);
    EXPECT(took(0, second, TELLER_OK, 0, "message"));
    EXPECT(took(0, first, TELLER_OK, 1, "answer"));
    EXPECT(took(0, second, TELLER_OK, 1, ""));
    EXPECT(connection.end == TELLER_OK && connection.unanswered_count == 0);
  }
}

// Frames of a linear congruence: nothing crashes, and every call is answered in the end.
static void test_random(void) {
  uint32_t state = 20260701;
  for (int turn = 0; turn < 20000; turn++) {
    begin();
    open_call(0);
    open_call(1);
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) {
      state = state * 1664525u + 1013904223u;
      bytes[i] = (uint8_t)(state >> 24);
    }
    TellerHeader header = {bytes[0] % 40, bytes[1] % 12, 0, 0, bytes[2] % 4, bytes[3] % 20};
    teller_header_write(&header, bytes);
    feed(bytes, sizeof bytes, bytes[20] % 8);
    teller_connection_end(&connection, TELLER_UNAVAILABLE, "closed");
    int last = 0;
    TellerArrival *arrival;
    while ((arrival = teller_connection_take(&connection, 0)) != NULL) {
      last += arrival->is_last;
      free(arrival);
    }
    EXPECT(last == 2);
  }
}

int main(void) {
  test_requests();
  test_limits();
  test_ids();
  test_going_away();
  test_streams();
  test_violations();
  test_cuts();
  test_random();
  teller_connection_free(&connection);
  if (failures > 0) return 1;
  printf("connection_test: all as expected\n");
  return 0;
}
