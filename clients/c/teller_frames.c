#include "teller_client.h"

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

TellerStatus teller_status_of(uint32_t number) {
  return number <= TELLER_UNAUTHENTICATED ? (TellerStatus)number : TELLER_UNKNOWN;
}

const char *teller_status_name(TellerStatus status) {
  static const char *const names[] = {
      "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
      "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
      "UNAUTHENTICATED"};
  return names[teller_status_of((uint32_t)status)];
}
