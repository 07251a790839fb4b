// teller-sample: calls a Teller server from the command line. See README.md.
//
// Exit codes: 0 answered; 1 the server answered with an error status; 2 the command line is wrong;
// 3 the server cannot be reached or the connection broke; 4 feedback was rejected.
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "teller_client.h"

enum { EXIT_ANSWERED = 0, EXIT_STATUS = 1, EXIT_USAGE = 2, EXIT_CONNECTION = 3, EXIT_REJECTED = 4 };

typedef struct Options {
  const char *server, *user, *item, *type, *event_id, *recommendation_id, *token_file;
  TellerTlsOptions tls;
  unsigned long count, timeout_ms;
  int softmax;
} Options;

static int usage(const char *problem) {
  fprintf(stderr,
          "teller-sample: %s\n"
          "usage: teller-sample recommend --server HOST:PORT --user USER [--count K] [--softmax]\n"
          "       teller-sample similar   --server HOST:PORT --item ITEM [--count K]\n"
          "       teller-sample feedback  --server HOST:PORT --user USER --item ITEM --type TYPE\n"
          "                               [--event-id ID] [--recommendation-id ID]\n"
          "       teller-sample health    --server HOST:PORT\n"
          "       TYPE: shown clicked accepted dismissed dropped; also --timeout-ms N (5000)\n"
          "       With TLS: --tls-ca FILE [--tls-certificate FILE --tls-key FILE]\n"
          "                 [--tls-server-name NAME]; with a token: --token-file FILE\n",
          problem);
  return EXIT_USAGE;
}

static int failed(TellerClient *client, TellerStatus status) {
  fprintf(stderr, "teller-sample: %s: %s\n", teller_status_name(status),
          teller_error_message(client));
  return teller_is_connected(client) ? EXIT_STATUS : EXIT_CONNECTION;
}

static const char *source_name(Teller__V1__RecommendationSource source) {
  return source == 1   ? "model"
         : source == 2 ? "popularity"
         : source == 3 ? "metadata"
                       : "unspecified";
}

// `shares` are printed behind the scores where there are any.
static void print_items(size_t count, char **item_ids, const float *scores, const float *shares) {
  for (size_t i = 0; i < count; i++) {
    printf("%3zu  %-32s %12.6f", i + 1, item_ids[i], scores[i]);
    if (shares != NULL) printf(" %12.6f", shares[i]);
    printf("\n");
  }
}

static int recommend(TellerClient *client, const Options *options) {
  if (options->user == NULL) return usage("recommend needs --user");
  Teller__V1__RecommendRequest request = TELLER__V1__RECOMMEND_REQUEST__INIT;
  request.user_id = (char *)options->user;
  request.softmax_scores = options->softmax;
  if (options->count != 0) {
    request.count_presence_case = TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = (uint32_t)options->count;
  }
  Teller__V1__RecommendResponse *answer;
  TellerStatus status = teller_recommend_request(client, &request, &answer);
  if (status != TELLER_OK) return failed(client, status);
  printf("model %s, source %s, recommendation %s\n", answer->model_version,
         source_name(answer->source), answer->recommendation_id);
  if (answer->n_scores >= answer->n_item_ids)
    print_items(answer->n_item_ids, answer->item_ids, answer->scores,
                answer->n_softmax_scores >= answer->n_item_ids ? answer->softmax_scores : NULL);
  teller__v1__recommend_response__free_unpacked(answer, NULL);
  return EXIT_ANSWERED;
}

static int similar(TellerClient *client, const Options *options) {
  if (options->item == NULL) return usage("similar needs --item");
  Teller__V1__SimilarItemsResponse *answer;
  TellerStatus status =
      teller_similar_items(client, options->item, (uint32_t)options->count, &answer);
  if (status != TELLER_OK) return failed(client, status);
  printf("model %s, source %s\n", answer->model_version, source_name(answer->source));
  if (answer->n_scores >= answer->n_item_ids)
    print_items(answer->n_item_ids, answer->item_ids, answer->scores, NULL);
  teller__v1__similar_items_response__free_unpacked(answer, NULL);
  return EXIT_ANSWERED;
}

static int event_type(const char *name) {
  static const char *const names[] = {"", "shown", "clicked", "accepted", "dismissed", "dropped"};
  for (int i = 1; i < 6; i++)
    if (strcmp(names[i], name) == 0) return i;
  return 0;
}

static int feedback(TellerClient *client, const Options *options) {
  if (options->user == NULL || options->item == NULL || options->type == NULL)
    return usage("feedback needs --user, --item and --type");
  int type = event_type(options->type);
  if (type == 0) return usage("--type is not known");
  char event_id[64];
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  snprintf(event_id, sizeof event_id, "sample-%lld-%09ld-%ld", (long long)time.tv_sec,
           time.tv_nsec, (long)getpid());
  Teller__V1__FeedbackEvent event = TELLER__V1__FEEDBACK_EVENT__INIT;
  event.event_id = options->event_id != NULL ? (char *)options->event_id : event_id;
  event.user_id = (char *)options->user;
  event.item_id = (char *)options->item;
  event.type = (Teller__V1__EventType)type;
  if (options->recommendation_id != NULL)
    event.recommendation_id = (char *)options->recommendation_id;
  Teller__V1__FeedbackEvent *events[] = {&event};
  Teller__V1__FeedbackRequest request = TELLER__V1__FEEDBACK_REQUEST__INIT;
  request.n_events = 1;
  request.events = events;
  Teller__V1__FeedbackResponse *answer;
  TellerStatus status = teller_feedback(client, &request, &answer);
  if (status != TELLER_OK) return failed(client, status);
  int outcome = answer->n_outcomes > 0 ? (int)answer->outcomes[0] : 0;
  int code = outcome == 1 || outcome == 2 ? EXIT_ANSWERED : EXIT_REJECTED;
  printf("event %s %s%s%s\n", event.event_id,
         outcome == 1   ? "accepted"
         : outcome == 2 ? "duplicate"
                        : "rejected",
         answer->n_reasons > 0 ? ": " : "", answer->n_reasons > 0 ? answer->reasons[0] : "");
  teller__v1__feedback_response__free_unpacked(answer, NULL);
  return code;
}

static int health(TellerClient *client, const Options *options) {
  (void)options;
  Teller__V1__HealthResponse *answer;
  TellerStatus status = teller_health(client, &answer);
  if (status != TELLER_OK) return failed(client, status);
  printf("status %s\nmodel %s\nuptime %llu ms\ncpu %llu us\nmemory %llu bytes\nrequests %llu\n",
         answer->status == TELLER__V1__SERVING_STATUS__SERVING_STATUS_SERVING ? "serving"
                                                                              : "draining",
         answer->model_version, (unsigned long long)answer->uptime_ms,
         (unsigned long long)answer->cpu_time_us, (unsigned long long)answer->memory_bytes,
         (unsigned long long)answer->requests);
  teller__v1__health_response__free_unpacked(answer, NULL);
  return EXIT_ANSWERED;
}

// A number from 1 up to `maximum`, or 0.
static unsigned long number(const char *text, unsigned long maximum) {
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == 0 && value <= maximum ? value : 0;
}

// Where the value of an option that is a text goes; NULL for another option.
static const char **text_option(const char *name, Options *options) {
  const struct {
    const char *name;
    const char **value;
  } texts[] = {{"--server", &options->server},
               {"--user", &options->user},
               {"--item", &options->item},
               {"--type", &options->type},
               {"--event-id", &options->event_id},
               {"--recommendation-id", &options->recommendation_id},
               {"--tls-ca", &options->tls.ca_path},
               {"--tls-certificate", &options->tls.certificate_path},
               {"--tls-key", &options->tls.key_path},
               {"--tls-server-name", &options->tls.server_name},
               {"--token-file", &options->token_file}};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (strcmp(texts[i].name, name) == 0) return texts[i].value;
  return NULL;
}

static const char *parse(int count, char **arguments, Options *options) {
  for (int i = 2; i < count; i += 2) {
    const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
    if (strcmp(name, "--softmax") == 0) {
      options->softmax = 1;
      i -= 1;
      continue;
    }
    if (value == NULL) return "an option has no value";
    const char **text = text_option(name, options);
    if (text != NULL) *text = value;
    else if (strcmp(name, "--count") == 0) {
      if ((options->count = number(value, 500)) == 0) return "--count must be 1 to 500";
    } else if (strcmp(name, "--timeout-ms") == 0) {
      if ((options->timeout_ms = number(value, 3600000)) == 0)
        return "--timeout-ms must be 1 to 3600000";
    } else return "an option is not known";
  }
  return options->server == NULL ? "--server HOST:PORT is missing" : NULL;
}

// The first line of a file.
static const char *read_token(const char *path, char *token, size_t capacity) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return "--token-file cannot be read";
  char *line = fgets(token, (int)capacity, file);
  fclose(file);
  if (line != NULL) token[strcspn(token, "\r\n")] = 0;
  return line == NULL || *token == 0 ? "--token-file has no first line" : NULL;
}

int main(int count, char **arguments) {
  static const struct {
    const char *name;
    int (*run)(TellerClient *, const Options *);
  } commands[] = {
      {"recommend", recommend}, {"similar", similar}, {"feedback", feedback}, {"health", health}};
  int (*run)(TellerClient *, const Options *) = NULL;
  if (count < 2) return usage("a command is missing");
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    if (strcmp(commands[i].name, arguments[1]) == 0) run = commands[i].run;
  if (run == NULL) return usage("the command is not known");
  Options options = {.timeout_ms = 5000};
  const char *problem = parse(count, arguments, &options);
  char token[TELLER_TOKEN_BYTES_MAX + 3];
  if (problem == NULL && options.token_file != NULL)
    problem = read_token(options.token_file, token, sizeof token);
  if (problem != NULL) return usage(problem);
  const TellerTlsOptions *tls = &options.tls;
  int uses_tls = tls->ca_path || tls->certificate_path || tls->key_path || tls->server_name;
  const TellerConnectOptions connect_options = {.timeout_ms = (uint32_t)options.timeout_ms,
                                                .tls = uses_tls ? tls : NULL,
                                                .token = options.token_file ? token : NULL};
  TellerClient *client;
  TellerStatus status = teller_connect_with(&client, options.server, &connect_options);
  int code;
  if (status == TELLER_INVALID_ARGUMENT) {
    code = usage(teller_error_message(client));
  } else if (status != TELLER_OK) {
    code = failed(client, status);
  } else {
    code = run(client, &options);
  }
  teller_close(client);
  return code;
}
