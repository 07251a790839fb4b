#define _POSIX_C_SOURCE 200809L

#include "answers.h"

#include <stdlib.h>
#include <string.h>

#include "words.h"

static void print_recommend(const void *message) {
  const Teller__V1__RecommendResponse *answer = message;
  print_texts("items", answer->n_item_ids, answer->item_ids);
  print_floats("scores", answer->n_scores, answer->scores);
  print_numbers("indexes", answer->n_item_indexes, answer->item_indexes);
  print_floats("softmax", answer->n_softmax_scores, answer->softmax_scores);
  print_text("model", answer->model_version);
  printf(" source=%d recommendation=%s", (int)answer->source, answer->recommendation_id);
}

static void print_similar(const void *message) {
  const Teller__V1__SimilarItemsResponse *answer = message;
  print_texts("items", answer->n_item_ids, answer->item_ids);
  print_floats("scores", answer->n_scores, answer->scores);
  print_numbers("indexes", answer->n_item_indexes, answer->item_indexes);
  printf(" softmax=");
  print_text("model", answer->model_version);
  printf(" source=%d recommendation=", (int)answer->source);
}

static void print_feedback(const void *message) {
  const Teller__V1__FeedbackResponse *answer = message;
  print_numbers("outcomes", answer->n_outcomes, (const uint32_t *)answer->outcomes);
  print_texts("reasons", answer->n_reasons, answer->reasons);
}

static void print_put(const void *message) {
  const Teller__V1__PutItemsResponse *answer = message;
  print_numbers("outcomes", answer->n_outcomes, (const uint32_t *)answer->outcomes);
  print_texts("reasons", answer->n_reasons, answer->reasons);
  print_numbers("indexes", answer->n_item_indexes, answer->item_indexes);
}

static void print_health(const void *message) {
  const Teller__V1__HealthResponse *answer = message;
  printf(" serving=%d", (int)answer->status);
  print_text("model", answer->model_version);
}

// The fields of records, each with those of all records one behind the other.
enum { FIELDS = 11 };

static const char *const record_names[FIELDS] = {
    "recommendation", "times",   "users",      "models",   "sources", "items",
    "scores",         "indexes", "candidates", "excluded", "explored"};

static void next(FILE *out) {
  if (ftell(out) > 0) putc(',', out);
}

static void add_texts(FILE *out, size_t count, char **texts) {
  for (size_t i = 0; i < count; i++) {
    next(out);
    print_quoted(out, texts[i]);
  }
}

static void add_number(FILE *out, long long number) {
  next(out);
  fprintf(out, "%lld", number);
}

static void add_record(FILE *const out[FIELDS], const Teller__V1__RecordedRecommendation *record) {
  add_texts(out[0], 1, (char *[]){record->recommendation_id});
  add_number(out[1], record->time_ms);
  add_texts(out[2], 1, (char *[]){record->user_id});
  add_texts(out[3], 1, (char *[]){record->model_version});
  add_number(out[4], record->source);
  add_texts(out[5], record->n_item_ids, record->item_ids);
  for (size_t i = 0; i < record->n_scores; i++) {
    next(out[6]);
    print_bits(out[6], record->scores[i]);
  }
  for (size_t i = 0; i < record->n_item_indexes; i++) add_number(out[7], record->item_indexes[i]);
  add_number(out[8], record->candidate_count);
  add_texts(out[9], record->n_excluded_item_ids, record->excluded_item_ids);
  add_number(out[10], record->explored);
}

static void print_records(size_t count, Teller__V1__RecordedRecommendation *const *records) {
  FILE *out[FIELDS];
  char *texts[FIELDS];
  size_t lengths[FIELDS];
  for (size_t i = 0; i < FIELDS; i++) out[i] = open_memstream(&texts[i], &lengths[i]);
  for (size_t i = 0; i < count; i++)
    if (records[i] != NULL) add_record(out, records[i]);
  printf(" records=%zu", count);
  for (size_t i = 0; i < FIELDS; i++) {
    fclose(out[i]);
    printf(" %s=%s", record_names[i], texts[i]);
    free(texts[i]);
  }
}

static void print_record(const void *message) {
  const Teller__V1__GetRecommendationResponse *answer = message;
  print_records(1, &answer->recommendation);
}

static void print_list(const void *message) {
  const Teller__V1__ListRecommendationsResponse *answer = message;
  print_records(answer->n_recommendations, answer->recommendations);
}

static void print_status(const void *message) {
  const Teller__V1__StatusResponse *answer = message;
  printf(" serving=%d", (int)answer->status);
  print_text("version", answer->server_version);
  print_text("model", answer->model_version);
  printf(" samples=");
  for (size_t i = 0, printed = 0; i < answer->n_samples; i++) {
    size_t before = 0;
    while (before < i && strcmp(answer->samples[before]->name, answer->samples[i]->name) != 0)
      before += 1;
    if (before < i) continue;
    if (printed++ > 0) putchar(',');
    print_quoted(stdout, answer->samples[i]->name);
  }
  printf(" opened=");
  for (size_t i = 0; i < answer->n_samples; i++)
    if (strcmp(answer->samples[i]->name, "teller_connections_opened_total") == 0)
      printf("%.0f", answer->samples[i]->value);
}

static void print_update(const void *message) {
  const Teller__V1__UpdateModelsResponse *answer = message;
  print_text("model", answer->model_version);
  print_text("previous", answer->previous_model_version);
}

void print_answer(TellerMethod method, const void *message) {
  static void (*const prints[])(const void *) = {
      [TELLER_RECOMMEND] = print_recommend,
      [TELLER_SIMILAR_ITEMS] = print_similar,
      [TELLER_FEEDBACK] = print_feedback,
      [TELLER_HEALTH] = print_health,
      [TELLER_PUT_ITEMS] = print_put,
      [TELLER_GET_RECOMMENDATION] = print_record,
      [TELLER_LIST_RECOMMENDATIONS] = print_list,
      [TELLER_STATUS] = print_status,
      [TELLER_UPDATE_MODELS] = print_update,
  };
  if (method < sizeof prints / sizeof prints[0] && prints[method] != NULL) prints[method](message);
}
