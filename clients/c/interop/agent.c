// The C client's agent for ../interop/run.py, which says what an agent reads and writes.
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "requests.h"
#include "teller_client.h"
#include "words.h"

// One more than a RecommendMany may have, so that a request can pass the limit.
enum { USERS_MAX = 10001, TIMEOUT_MS = 30000 };

// Calls that were begun and neither finished nor cancelled, first to last.
enum { BEGUN_MAX = 16 };
typedef struct Begun {
  uint32_t calls[BEGUN_MAX];
  size_t count;
} Begun;

static uint32_t take_begun(Begun *begun) {
  if (begun->count == 0) return 0;
  uint32_t first = begun->calls[0];
  begun->count -= 1;
  memmove(begun->calls, begun->calls + 1, begun->count * sizeof first);
  return first;
}

static void print_error(TellerClient *client, TellerStatus status) {
  printf("status=%s", teller_status_name(status));
  print_text("message", teller_error_message(client));
  putchar('\n');
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

// The catalogue page by page, or only the page that begins at the product asked for.
static void describe(TellerClient *client, const Words *words) {
  const char *asked = words_value(words, "first");
  size_t begin = asked == NULL ? 0 : (size_t)words_number(words, "first");
  char *items[LIST_MAX], *names[LIST_MAX], *kinds[LIST_MAX], *methods[LIST_MAX];
  Teller__V1__DescribeResponse *pages[LIST_MAX];
  size_t count = 0, page_count = 0;
  TellerStatus status = TELLER_OK;
  do {
    status = teller_describe(client, (uint32_t)(begin + count), &pages[page_count]);
    if (status != TELLER_OK) break;
    const Teller__V1__DescribeResponse *page = pages[page_count++];
    for (size_t i = 0; i < page->n_item_ids && i < page->n_item_names && count < LIST_MAX; i++) {
      items[count] = page->item_ids[i];
      names[count++] = page->item_names[i];
    }
    if (page->n_item_ids == 0 || asked != NULL) break;
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

// The answers of a stream, kept until they can be printed one behind the other.
typedef struct Many {
  FILE *items, *scores, *sources;
  // Of answers; `leave` of them are read before the stream is left, 0 reads all.
  size_t count, leave;
} Many;

static int keep_answer(void *context, size_t index, const Teller__V1__RecommendResponse *answer) {
  Many *many = context;
  for (size_t i = 0; i < answer->n_item_ids; i++)
    fprintf(many->items, "%s%s", index + i > 0 ? "," : "", answer->item_ids[i]);
  for (size_t i = 0; i < answer->n_scores; i++) {
    if (index + i > 0) putc(',', many->scores);
    print_bits(many->scores, answer->scores[i]);
  }
  fprintf(many->sources, "%s%d", index > 0 ? "," : "", (int)answer->source);
  many->count += 1;
  return many->count == many->leave;
}

static void recommend_many(TellerClient *client, const Words *words) {
  static char *users[USERS_MAX];
  char *excluded[LIST_MAX], *times = words_value(words, "times");
  Teller__V1__RecommendManyRequest request = TELLER__V1__RECOMMEND_MANY_REQUEST__INIT;
  size_t once = words_list(words, "users", users, USERS_MAX);
  request.n_user_ids = once * (times == NULL ? 1 : strtoul(times, NULL, 10));
  if (request.n_user_ids > USERS_MAX) {
    fprintf(stderr, "interop-agent: more than %d customers\n", USERS_MAX);
    exit(2);
  }
  for (size_t i = once; i < request.n_user_ids; i++) users[i] = users[i - once];
  request.user_ids = users;
  request.n_exclude_item_ids = words_list(words, "exclude", excluded, LIST_MAX);
  request.exclude_item_ids = excluded;
  request.item_indexes_only = words_value(words, "indexes_only") != NULL;
  request.softmax_scores = words_value(words, "softmax") != NULL;
  if (words_value(words, "count") != NULL)
    request.count_presence_case = TELLER__V1__RECOMMEND_MANY_REQUEST__COUNT_PRESENCE_COUNT;
  request.count = (uint32_t)words_number(words, "count");
  char *texts[3] = {NULL, NULL, NULL};
  size_t lengths[3];
  Many many = {.items = open_memstream(&texts[0], &lengths[0]),
               .scores = open_memstream(&texts[1], &lengths[1]),
               .sources = open_memstream(&texts[2], &lengths[2]),
               .leave = (size_t)words_number(words, "leave")};
  const TellerCallOptions options = call_options(words);
  TellerStatus status = teller_recommend_many(client, &request, &options, keep_answer, &many);
  fclose(many.items);
  fclose(many.scores);
  fclose(many.sources);
  // Left as the line says: what the client answers to its own cancelling.
  if (status == TELLER_CANCELLED && many.count == many.leave) status = TELLER_OK;
  if (status == TELLER_OK)
    printf("status=OK answers=%zu items=%s scores=%s sources=%s\n", many.count, texts[0], texts[1],
           texts[2]);
  else print_error(client, status);
  for (size_t i = 0; i < 3; i++) free(texts[i]);
}

// Connects anew as the line says, and asks whether the server lets the client in.
static void connect_again(TellerClient **client, const Words *words) {
  const TellerTlsOptions tls = {
      .ca_path = words_text(words, "ca"),
      .certificate_path =
          words_value(words, "certificate") == NULL ? NULL : words_text(words, "certificate"),
      .key_path = words_value(words, "key") == NULL ? NULL : words_text(words, "key"),
      .server_name = words_value(words, "name") == NULL ? NULL : words_text(words, "name")};
  const TellerConnectOptions options = {
      .timeout_ms = TIMEOUT_MS,
      .tls = words_value(words, "ca") == NULL ? NULL : &tls,
      .token = words_value(words, "token") == NULL ? NULL : words_text(words, "token")};
  teller_close(*client);
  TellerStatus status = teller_connect_with(client, words_text(words, "server"), &options);
  Teller__V1__HealthResponse *answer = NULL;
  if (status == TELLER_OK) status = teller_health(*client, &answer);
  if (answer != NULL) teller__v1__health_response__free_unpacked(answer, NULL);
  if (status == TELLER_OK) printf("status=OK\n");
  else print_error(*client, status);
}

static void run(TellerClient **connected, const Words *words, Begun *begun) {
  TellerClient *client = *connected;
  int begins = strcmp(words->words[0], "begin") == 0 && words->count > 1;
  const char *command = words->words[begins];
  TellerStatus status = TELLER_OK;
  if (strcmp(command, "connect") == 0) return connect_again(connected, words);
  if (strcmp(command, "describe") == 0) return describe(client, words);
  if (strcmp(command, "many") == 0) return recommend_many(client, words);
  if (strcmp(command, "finish") == 0) return finish(client, take_begun(begun));
  if (strcmp(command, "cancel") == 0) {
    status = teller_cancel(client, take_begun(begun)) ? TELLER_CANCELLED : TELLER_OK;
  } else if (strcmp(command, "ping") == 0) {
    status = teller_ping(client);
  } else {
    uint32_t call;
    status = submit(client, command, words, &call);
    if (status == TELLER_OK && !begins) return finish(client, call);
    if (status == TELLER_OK && begun->count == BEGUN_MAX) {
      fprintf(stderr, "interop-agent: more than %d calls begun\n", BEGUN_MAX);
      exit(2);
    }
    if (status == TELLER_OK) begun->calls[begun->count++] = call;
  }
  if (status == TELLER_OK) printf("status=OK\n");
  else print_error(client, status);
}

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", TIMEOUT_MS);
  if (status != TELLER_OK)
    fprintf(stderr, "interop-agent: %s\n", teller_error_message(client));
  char *line = NULL;
  size_t capacity = 0;
  Begun begun = {.count = 0};
  while (status == TELLER_OK && getline(&line, &capacity, stdin) > 0) {
    Words words;
    words_cut(&words, line);
    if (words.count > 0) run(&client, &words, &begun);
    fflush(stdout);
  }
  free(line);
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
