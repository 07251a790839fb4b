// The C client's agent for ../interop/run.py, which says what an agent reads and writes.
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teller_client.h"

enum { WORDS_MAX = 16, LIST_MAX = 600, EVENTS_MAX = 16, ANSWERS_MAX = 10000 };

typedef struct Words {
  char *words[WORDS_MAX];
  size_t count;
} Words;

static int digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

// Decodes percent signs in place.
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

static void print_quoted(const char *text) {
  for (; *text != 0; text++) {
    unsigned char c = (unsigned char)*text;
    int plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                c == '_' || c == '.' || c == '-';
    if (plain) putchar(c);
    else printf("%%%02X", c);
  }
}

static void print_texts(const char *name, size_t count, char **texts) {
  printf(" %s=", name);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) putchar(',');
    print_quoted(texts[i]);
  }
}

static void print_floats(const char *name, size_t count, const float *values) {
  printf(" %s=", name);
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    printf("%s%08x", i > 0 ? "," : "", bits);
  }
}

static void print_numbers(const char *name, size_t count, const uint32_t *values) {
  printf(" %s=", name);
  for (size_t i = 0; i < count; i++) printf("%s%u", i > 0 ? "," : "", values[i]);
}

static void print_text(const char *name, const char *text) {
  printf(" %s=", name);
  print_quoted(text);
}

static void print_error(TellerClient *client, TellerStatus status) {
  printf("status=%s", teller_status_name(status));
  print_text("message", teller_error_message(client));
  putchar('\n');
}

static void print_answer(TellerMethod method, const void *message) {
  if (method == TELLER_RECOMMEND) {
    const Teller__V1__RecommendResponse *answer = message;
    print_texts("items", answer->n_item_ids, answer->item_ids);
    print_floats("scores", answer->n_scores, answer->scores);
    print_numbers("indexes", answer->n_item_indexes, answer->item_indexes);
    print_floats("softmax", answer->n_softmax_scores, answer->softmax_scores);
    print_text("model", answer->model_version);
    printf(" source=%d recommendation=%s", (int)answer->source, answer->recommendation_id);
  } else if (method == TELLER_SIMILAR_ITEMS) {
    const Teller__V1__SimilarItemsResponse *answer = message;
    print_texts("items", answer->n_item_ids, answer->item_ids);
    print_floats("scores", answer->n_scores, answer->scores);
    print_numbers("indexes", answer->n_item_indexes, answer->item_indexes);
    printf(" softmax=");
    print_text("model", answer->model_version);
    printf(" source=%d recommendation=", (int)answer->source);
  } else if (method == TELLER_FEEDBACK) {
    const Teller__V1__FeedbackResponse *answer = message;
    print_numbers("outcomes", answer->n_outcomes, (const uint32_t *)answer->outcomes);
    print_texts("reasons", answer->n_reasons, answer->reasons);
  } else if (method == TELLER_HEALTH) {
    const Teller__V1__HealthResponse *answer = message;
    printf(" serving=%d", (int)answer->status);
    print_text("model", answer->model_version);
  }
}

static void finish(TellerClient *client, uint32_t call) {
  TellerAnswer answer;
  TellerStatus status = teller_collect(client, call, &answer);
  if (status == TELLER_OK) {
    printf("status=OK");
    print_answer(answer.method, answer.message);
    putchar('\n');
  } else print_error(client, status);
  teller_answer_clear(&answer);
}

// The whole catalogue, page by page.
static void describe(TellerClient *client) {
  char *items[LIST_MAX], *names[LIST_MAX], *kinds[LIST_MAX], *methods[LIST_MAX];
  Teller__V1__DescribeResponse *pages[LIST_MAX];
  size_t count = 0, page_count = 0;
  TellerStatus status = TELLER_OK;
  do {
    status = teller_describe(client, (uint32_t)count, &pages[page_count]);
    if (status != TELLER_OK) break;
    const Teller__V1__DescribeResponse *page = pages[page_count++];
    for (size_t i = 0; i < page->n_item_ids && i < page->n_item_names && count < LIST_MAX; i++) {
      items[count] = page->item_ids[i];
      names[count++] = page->item_names[i];
    }
    if (page->n_item_ids == 0) break;
  } while (count < pages[0]->item_count && count < LIST_MAX && page_count < LIST_MAX);
  if (status == TELLER_OK) {
    const Teller__V1__DescribeResponse *first = pages[0];
    printf("status=OK version=%u", first->protocol_version);
    print_texts("items", count, items);
    print_texts("names", count, names);
    for (size_t i = 0; i < first->n_models && i < LIST_MAX; i++) kinds[i] = first->models[i]->kind;
    print_texts("models", first->n_models, kinds);
    for (size_t i = 0; i < first->n_methods && i < LIST_MAX; i++)
      methods[i] = first->methods[i]->name;
    print_texts("methods", first->n_methods, methods);
    printf(" customers=%llu limit=%u\n", (unsigned long long)first->customers,
           first->limits->max_count);
  } else print_error(client, status);
  for (size_t i = 0; i < page_count; i++)
    teller__v1__describe_response__free_unpacked(pages[i], NULL);
}

// The value of NAME=VALUE among the words; NULL without one.
static char *value(const Words *words, const char *name) {
  size_t length = strlen(name);
  for (size_t i = 0; i < words->count; i++)
    if (strncmp(words->words[i], name, length) == 0 && words->words[i][length] == '=')
      return words->words[i] + length + 1;
  return NULL;
}

// Cuts a list at its commas.
static size_t entries(char *text, char separator, char **list, size_t maximum) {
  size_t count = 0;
  while (text != NULL && *text != 0 && count < maximum) {
    list[count++] = text;
    char *end = strchr(text, separator);
    if (end != NULL) *end++ = 0;
    else if (separator == ':') break;
    text = end;
  }
  return count;
}

static TellerCallOptions call_options(const Words *words) {
  char *timeout = value(words, "timeout_ms");
  return (TellerCallOptions){
      .timeout_ms = timeout == NULL ? 0 : (uint32_t)strtoul(timeout, NULL, 10)};
}

static TellerStatus submit_feedback(TellerClient *client, const Words *words,
                                    const TellerCallOptions *options, uint32_t *call) {
  static Teller__V1__FeedbackEvent events[EVENTS_MAX];
  Teller__V1__FeedbackEvent *pointers[EVENTS_MAX];
  char *texts[EVENTS_MAX];
  Teller__V1__FeedbackRequest request = TELLER__V1__FEEDBACK_REQUEST__INIT;
  request.n_events = entries(value(words, "events"), ',', texts, EVENTS_MAX);
  for (size_t i = 0; i < request.n_events; i++) {
    char *parts[4] = {texts[i], "", "", "0"};
    for (size_t part = 1; part < 4; part++) {
      char *colon = strchr(parts[part - 1], ':');
      if (colon == NULL) break;
      *colon = 0;
      parts[part] = colon + 1;
    }
    teller__v1__feedback_event__init(&events[i]);
    events[i].event_id = unquoted(parts[0]);
    events[i].user_id = unquoted(parts[1]);
    events[i].item_id = unquoted(parts[2]);
    events[i].type = (Teller__V1__EventType)atoi(parts[3]);
    pointers[i] = &events[i];
  }
  request.events = pointers;
  return teller_submit(client, TELLER_FEEDBACK, &request.base, options, call);
}

static TellerStatus submit(TellerClient *client, const char *command, const Words *words,
                           uint32_t *call) {
  char *count = value(words, "count");
  const TellerCallOptions options = call_options(words);
  uint32_t number = count == NULL ? 0 : (uint32_t)strtoul(count, NULL, 10);
  if (strcmp(command, "recommend") == 0) {
    char *excluded[LIST_MAX];
    Teller__V1__RecommendRequest request = TELLER__V1__RECOMMEND_REQUEST__INIT;
    request.user_id = unquoted(value(words, "user"));
    request.n_exclude_item_ids = entries(value(words, "exclude"), ',', excluded, LIST_MAX);
    for (size_t i = 0; i < request.n_exclude_item_ids; i++) unquoted(excluded[i]);
    request.exclude_item_ids = excluded;
    request.item_indexes_only = value(words, "indexes_only") != NULL;
    request.softmax_scores = value(words, "softmax") != NULL;
    if (count != NULL)
      request.count_presence_case = TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = number;
    return teller_submit(client, TELLER_RECOMMEND, &request.base, &options, call);
  }
  if (strcmp(command, "similar") == 0) {
    Teller__V1__SimilarItemsRequest request = TELLER__V1__SIMILAR_ITEMS_REQUEST__INIT;
    request.item_id = unquoted(value(words, "item"));
    if (count != NULL)
      request.count_presence_case = TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = number;
    return teller_submit(client, TELLER_SIMILAR_ITEMS, &request.base, &options, call);
  }
  if (strcmp(command, "feedback") == 0) return submit_feedback(client, words, &options, call);
  Teller__V1__HealthRequest request = TELLER__V1__HEALTH_REQUEST__INIT;
  return teller_submit(client, TELLER_HEALTH, &request.base, &options, call);
}

// The answers of a stream, kept until they can be printed one behind the other.
typedef struct Many {
  FILE *items, *scores, *sources;
  size_t count;
} Many;

static int keep_answer(void *context, size_t index, const Teller__V1__RecommendResponse *answer) {
  Many *many = context;
  for (size_t i = 0; i < answer->n_item_ids; i++)
    fprintf(many->items, "%s%s", index + i > 0 ? "," : "", answer->item_ids[i]);
  for (size_t i = 0; i < answer->n_scores; i++) {
    uint32_t bits;
    memcpy(&bits, &answer->scores[i], sizeof bits);
    fprintf(many->scores, "%s%08x", index + i > 0 ? "," : "", bits);
  }
  fprintf(many->sources, "%s%d", index > 0 ? "," : "", (int)answer->source);
  many->count += 1;
  return 0;
}

static void recommend_many(TellerClient *client, const Words *words) {
  static char *users[ANSWERS_MAX];
  char *excluded[LIST_MAX], *count = value(words, "count"), *times = value(words, "times");
  Teller__V1__RecommendManyRequest request = TELLER__V1__RECOMMEND_MANY_REQUEST__INIT;
  size_t once = entries(value(words, "users"), ',', users, ANSWERS_MAX);
  for (size_t i = 0; i < once; i++) unquoted(users[i]);
  request.n_user_ids = once * (times == NULL ? 1 : strtoul(times, NULL, 10));
  if (request.n_user_ids > ANSWERS_MAX) request.n_user_ids = ANSWERS_MAX;
  for (size_t i = once; i < request.n_user_ids; i++) users[i] = users[i - once];
  request.user_ids = users;
  request.n_exclude_item_ids = entries(value(words, "exclude"), ',', excluded, LIST_MAX);
  for (size_t i = 0; i < request.n_exclude_item_ids; i++) unquoted(excluded[i]);
  request.exclude_item_ids = excluded;
  request.item_indexes_only = value(words, "indexes_only") != NULL;
  request.softmax_scores = value(words, "softmax") != NULL;
  if (count != NULL) {
    request.count_presence_case = TELLER__V1__RECOMMEND_MANY_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = (uint32_t)strtoul(count, NULL, 10);
  }
  char *texts[3] = {NULL, NULL, NULL};
  size_t lengths[3];
  Many many = {.items = open_memstream(&texts[0], &lengths[0]),
               .scores = open_memstream(&texts[1], &lengths[1]),
               .sources = open_memstream(&texts[2], &lengths[2])};
  const TellerCallOptions options = call_options(words);
  TellerStatus status = teller_recommend_many(client, &request, &options, keep_answer, &many);
  fclose(many.items);
  fclose(many.scores);
  fclose(many.sources);
  if (status == TELLER_OK)
    printf("status=OK answers=%zu items=%s scores=%s sources=%s\n", many.count, texts[0], texts[1],
           texts[2]);
  else print_error(client, status);
  for (size_t i = 0; i < 3; i++) free(texts[i]);
}

static void run(TellerClient *client, const Words *words, uint32_t *begun) {
  int begins = strcmp(words->words[0], "begin") == 0 && words->count > 1;
  const char *command = words->words[begins];
  TellerStatus status = TELLER_OK;
  if (strcmp(command, "describe") == 0) return describe(client);
  if (strcmp(command, "many") == 0) return recommend_many(client, words);
  if (strcmp(command, "finish") == 0) return finish(client, *begun);
  if (strcmp(command, "cancel") == 0) {
    status = teller_cancel(client, *begun) ? TELLER_CANCELLED : TELLER_OK;
  } else if (strcmp(command, "ping") == 0) {
    status = teller_ping(client);
  } else {
    status = submit(client, command, words, begun);
    if (status == TELLER_OK && !begins) return finish(client, *begun);
  }
  if (status == TELLER_OK) printf("status=OK\n");
  else print_error(client, status);
}

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 30000);
  if (status != TELLER_OK)
    fprintf(stderr, "interop-agent: %s\n", teller_error_message(client));
  char *line = NULL;
  size_t capacity = 0;
  uint32_t begun = 0;
  while (status == TELLER_OK && getline(&line, &capacity, stdin) > 0) {
    Words words = {.count = 0};
    line[strcspn(line, "\n")] = 0;
    for (char *word = strtok(line, " "); word != NULL && words.count < WORDS_MAX;
         word = strtok(NULL, " "))
      words.words[words.count++] = word;
    if (words.count > 0) run(client, &words, &begun);
    fflush(stdout);
  }
  free(line);
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
