#include "words.h"

#include <stdlib.h>
#include <string.h>

void words_cut(Words *words, char *line) {
  words->count = 0;
  line[strcspn(line, "\n")] = 0;
  for (char *word = strtok(line, " "); word != NULL && words->count < WORDS_MAX;
       word = strtok(NULL, " "))
    words->words[words->count++] = word;
}

char *words_value(const Words *words, const char *name) {
  size_t length = strlen(name);
  for (size_t i = 0; i < words->count; i++)
    if (strncmp(words->words[i], name, length) == 0 && words->words[i][length] == '=')
      return words->words[i] + length + 1;
  return NULL;
}

unsigned long long words_number(const Words *words, const char *name) {
  const char *text = words_value(words, name);
  return text == NULL ? 0 : strtoull(text, NULL, 10);
}

static int digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

static char *unquoted(char *text) {
  char *to = text;
  for (const char *from = text; *from != 0; from++) {
    if (from[0] == '%' && digit(from[1]) >= 0 && digit(from[2]) >= 0) {
      *to++ = (char)(digit(from[1]) * 16 + digit(from[2]));
      from += 2;
    } else *to++ = *from;
  }
  *to = 0;
  return text;
}

char *words_text(const Words *words, const char *name) {
  static char nothing[1];
  char *text = words_value(words, name);
  return text == NULL ? nothing : unquoted(text);
}

size_t entries(char *text, char **list, size_t maximum) {
  size_t count = 0;
  while (text != NULL && *text != 0) {
    if (count == maximum) {
      fprintf(stderr, "interop-agent: a list of more than %zu entries\n", maximum);
      exit(2);
    }
    list[count++] = text;
    char *end = strchr(text, ',');
    if (end != NULL) *end++ = 0;
    text = end;
  }
  return count;
}

size_t words_list(const Words *words, const char *name, char **list, size_t maximum) {
  size_t count = entries(words_value(words, name), list, maximum);
  for (size_t i = 0; i < count; i++) unquoted(list[i]);
  return count;
}

void cut_parts(char *text, char **parts, size_t count) {
  static char nothing[1];
  for (size_t i = 0; i < count; i++) {
    parts[i] = text == NULL ? nothing : text;
    char *colon = text == NULL ? NULL : strchr(text, ':');
    if (colon != NULL) *colon++ = 0;
    text = colon;
  }
  for (size_t i = 0; i < count; i++) unquoted(parts[i]);
}

void print_quoted(FILE *out, const char *text) {
  for (; *text != 0; text++) {
    unsigned char c = (unsigned char)*text;
    int plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                c == '_' || c == '.' || c == '-';
    if (plain) putc(c, out);
    else fprintf(out, "%%%02X", c);
  }
}

void print_bits(FILE *out, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  fprintf(out, "%08x", bits);
}

void print_text(const char *name, const char *text) {
  printf(" %s=", name);
  print_quoted(stdout, text);
}

void print_texts(const char *name, size_t count, char **texts) {
  printf(" %s=", name);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) putchar(',');
    print_quoted(stdout, texts[i]);
  }
}

void print_floats(const char *name, size_t count, const float *values) {
  printf(" %s=", name);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) putchar(',');
    print_bits(stdout, values[i]);
  }
}

void print_numbers(const char *name, size_t count, const uint32_t *values) {
  printf(" %s=", name);
  for (size_t i = 0; i < count; i++) printf("%s%u", i > 0 ? "," : "", values[i]);
}
