// The messages of the Teller protocol for Swift: protobuf-c's generated code, and what must be
// around it to decode bytes of strangers without allocating.
#ifndef CRECOMMENDERMESSAGES_H
#define CRECOMMENDERMESSAGES_H

#include "message_arena.h"
#include "message_checks.h"
#include "ranked_items.h"
#include "recommender.pb-c.h"

#endif
