// Counts what a process allocates, for `teller bench rpc --allocations FILE`.
//
// Preloaded (LD_PRELOAD), it stands before the C library's malloc and its kin and keeps their number,
// all threads together, in the first 8 bytes of the file that ALLOCATIONS_FILE names. What is measured
// is the very program that is served from.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// What the C library's own functions do, under names that stay when they are replaced.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static uint64_t *number;

static void count(void) {
  if (number != NULL) __atomic_fetch_add(number, 1, __ATOMIC_RELAXED);
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ALLOCATIONS_FILE");
  if (path == NULL) return;
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof *number) != 0) {
    perror(path);
    exit(1);
  }
  void *memory = mmap(NULL, sizeof *number, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) {
    perror(path);
    exit(1);
  }
  number = memory;
}

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  count();
  return __libc_calloc(items, size);
}

void *realloc(void *pointer, size_t size) {
  count();
  return __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **pointer, size_t alignment, size_t size) {
  void *memory = memalign(alignment, size);
  if (memory == NULL) return ENOMEM;
  *pointer = memory;
  return 0;
}
