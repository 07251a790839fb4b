// An allocator for decoding: one block, handed out from front to back, taken back all at once.
//
// protobuf-c asks its allocator for the message, each string and each list. Here such a request is
// an addition, and freeing is nothing. A message that does not fit takes chunks from malloc
// (counted), and at the next reset the block grows to what that message needed, so a steady stream
// of similar messages stops allocating after the first.
#ifndef TELLER_MESSAGE_ARENA_H
#define TELLER_MESSAGE_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TellerArena TellerArena;

// Makes an arena whose block holds `capacity` bytes and may grow to `capacity_max`. Requests beyond
// `capacity_max` in one message are refused (decoding fails). NULL when memory is short.
TellerArena *teller_arena_create(size_t capacity, size_t capacity_max);

void teller_arena_destroy(TellerArena *arena);

// Takes back everything handed out. Pointers into the arena are invalid afterwards.
void teller_arena_reset(TellerArena *arena);

// `size` bytes aligned to 16, or NULL when the limit is reached.
void *teller_arena_allocate(TellerArena *arena, size_t size);

// The arena as protobuf-c wants it; valid as long as the arena.
ProtobufCAllocator *teller_arena_allocator(TellerArena *arena);

// How often the arena has called malloc since it was made (the first block not counted).
uint64_t teller_arena_fallback_allocations(const TellerArena *arena);

// Bytes of the block now.
size_t teller_arena_capacity(const TellerArena *arena);

#endif
