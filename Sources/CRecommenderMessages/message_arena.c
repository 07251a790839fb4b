#include "message_arena.h"

#include <stdlib.h>

enum { ALIGNMENT = 16 };

// One malloc of a message that did not fit; its bytes follow the header.
typedef struct Chunk {
  struct Chunk *next;
  size_t size;
} Chunk;

_Static_assert(sizeof(Chunk) % ALIGNMENT == 0, "bytes after a chunk's header must stay aligned");

struct TellerArena {
  ProtobufCAllocator allocator;
  uint8_t *block;
  size_t capacity;
  size_t capacity_max;
  size_t used;
  size_t chunk_bytes;
  Chunk *chunks;
  uint64_t fallback_allocations;
};

static void *allocate(void *data, size_t size) { return teller_arena_allocate(data, size); }

static void release(void *data, void *pointer) {
  (void)data;
  (void)pointer;
}

TellerArena *teller_arena_create(size_t capacity, size_t capacity_max) {
  TellerArena *arena = calloc(1, sizeof *arena);
  if (arena == NULL) return NULL;
  arena->capacity = (capacity + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  arena->capacity_max = capacity_max;
  arena->block = malloc(arena->capacity);
  if (arena->block == NULL) {
    free(arena);
    return NULL;
  }
  arena->allocator.alloc = allocate;
  arena->allocator.free = release;
  arena->allocator.allocator_data = arena;
  return arena;
}

static void free_chunks(TellerArena *arena) {
  while (arena->chunks != NULL) {
    Chunk *next = arena->chunks->next;
    free(arena->chunks);
    arena->chunks = next;
  }
  arena->chunk_bytes = 0;
}

void teller_arena_destroy(TellerArena *arena) {
  if (arena == NULL) return;
  free_chunks(arena);
  free(arena->block);
  free(arena);
}

void teller_arena_reset(TellerArena *arena) {
  if (arena->chunks != NULL) {
    // Grow to what the last message needed, so that the next like it fits.
    size_t wanted = arena->used + arena->chunk_bytes;
    free_chunks(arena);
    uint8_t *block = malloc(wanted);
    if (block != NULL) {
      arena->fallback_allocations += 1;
      free(arena->block);
      arena->block = block;
      arena->capacity = wanted;
    }
  }
  arena->used = 0;
}

static void *allocate_chunk(TellerArena *arena, size_t size) {
  if (arena->used + arena->chunk_bytes + size > arena->capacity_max) return NULL;
  Chunk *chunk = malloc(sizeof *chunk + size);
  if (chunk == NULL) return NULL;
  chunk->next = arena->chunks;
  chunk->size = size;
  arena->chunks = chunk;
  arena->chunk_bytes += size;
  arena->fallback_allocations += 1;
  return chunk + 1;
}

void *teller_arena_allocate(TellerArena *arena, size_t size) {
  if (size > arena->capacity_max) return NULL;
  size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  if (rounded > arena->capacity - arena->used) return allocate_chunk(arena, rounded);
  void *result = arena->block + arena->used;
  arena->used += rounded;
  return result;
}

ProtobufCAllocator *teller_arena_allocator(TellerArena *arena) { return &arena->allocator; }

uint64_t teller_arena_fallback_allocations(const TellerArena *arena) {
  return arena->fallback_allocations;
}

size_t teller_arena_capacity(const TellerArena *arena) { return arena->capacity; }
