// Lines of ../../interop/run.py: words, and how values are written.
#ifndef TELLER_INTEROP_WORDS_H
#define TELLER_INTEROP_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Of lists: one more than any limit of the protocol, so that requests can pass it.
enum { WORDS_MAX = 16, LIST_MAX = 1001 };

typedef struct Words {
  char *words[WORDS_MAX];
  size_t count;
} Words;

// Cuts a line at its blanks.
void words_cut(Words *words, char *line);

// The value of NAME=VALUE among the words; NULL without one.
char *words_value(const Words *words, const char *name);

// The same as a number; 0 without one.
unsigned long long words_number(const Words *words, const char *name);

// The same with its percent signs decoded, in place; "" without one.
char *words_text(const Words *words, const char *name);

// The same as a list with its percent signs decoded.
size_t words_list(const Words *words, const char *name, char **list, size_t maximum);

// Cuts a list at its commas. Ends the program where it has more entries than `maximum`: none is left out.
size_t entries(char *text, char **list, size_t maximum);

// Cuts one entry at its colons into `count` texts, which are "" where there are fewer, and decodes them.
void cut_parts(char *text, char **parts, size_t count);

void print_quoted(FILE *out, const char *text);
void print_bits(FILE *out, float value);
void print_text(const char *name, const char *text);
void print_texts(const char *name, size_t count, char **texts);
void print_floats(const char *name, size_t count, const float *values);
void print_numbers(const char *name, size_t count, const uint32_t *values);

#endif
