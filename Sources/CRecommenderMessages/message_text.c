#include <string.h>

#include "message_checks.h"

// Length of the well-formed sequence at `bytes`, or 0. The ranges are those of table 3-7 of the
// Unicode Standard.
static size_t sequence_length(const uint8_t *bytes, size_t left) {
  uint8_t first = bytes[0];
  if (first >= 0x01 && first <= 0x7F) return 1;
  if (first >= 0xC2 && first <= 0xDF) return left >= 2 && (bytes[1] & 0xC0) == 0x80 ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (left < 3 || (bytes[2] & 0xC0) != 0x80) return 0;
    uint8_t low = first == 0xE0 ? 0xA0 : 0x80, high = first == 0xED ? 0x9F : 0xBF;
    return bytes[1] >= low && bytes[1] <= high ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (left < 4 || (bytes[2] & 0xC0) != 0x80 || (bytes[3] & 0xC0) != 0x80) return 0;
    uint8_t low = first == 0xF0 ? 0x90 : 0x80, high = first == 0xF4 ? 0x8F : 0xBF;
    return bytes[1] >= low && bytes[1] <= high ? 4 : 0;
  }
  return 0;
}

bool teller_text_is_valid(const uint8_t *bytes, size_t length) {
  const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
  size_t at = 0;
  while (at < length) {
    if (length - at >= 8) {
      // Eight bytes at once when all are ASCII and none is zero: the usual identifier. When no
      // byte has its high bit set, subtracting one sets the high bit of exactly the zero bytes
      // (and perhaps of those above a zero byte, which is refused anyway).
      uint64_t word;
      memcpy(&word, bytes + at, 8);
      if (((word | (word - ones)) & highs) == 0) {
        at += 8;
        continue;
      }
    }
    size_t step = sequence_length(bytes + at, length - at);
    if (step == 0) return false;
    at += step;
  }
  return true;
}
