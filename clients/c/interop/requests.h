#ifndef TELLER_INTEROP_REQUESTS_H
#define TELLER_INTEROP_REQUESTS_H

#include "teller_client.h"
#include "words.h"

TellerCallOptions call_options(const Words *words);

// Submits the request of a line; its command is one of those that are answered by one message.
TellerStatus submit(TellerClient *client, const char *command, const Words *words, uint32_t *call);

#endif
