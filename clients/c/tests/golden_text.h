// The human form of a frame, made from its decoded bytes; the same text as the Swift tests make.
#ifndef GOLDEN_TEXT_H
#define GOLDEN_TEXT_H

#include <stdio.h>

#include "teller_client.h"

// Prints the frame. Returns 0 when the payload does not decode, or when packing the decoded message
// again does not give the same bytes.
int golden_text(FILE *output, const TellerHeader *header, const uint8_t *payload);

#endif
