// Requests of ../../interop/run.py as messages.
#include "requests.h"

#include <stdlib.h>
#include <string.h>

TellerCallOptions call_options(const Words *words) {
  static uint8_t trace_id[16];
  const char *trace = words_value(words, "trace");
  for (size_t i = 0; trace != NULL && i < sizeof trace_id; i++)
    if (sscanf(trace + 2 * i, "%2hhx", &trace_id[i]) != 1) {
      fprintf(stderr, "interop-agent: %s is no trace id\n", trace);
      exit(2);
    }
  return (TellerCallOptions){.timeout_ms = (uint32_t)words_number(words, "timeout_ms"),
                             .trace_id = trace == NULL ? NULL : trace_id};
}

static TellerStatus recommend(TellerClient *client, const Words *words, uint32_t *call) {
  char *excluded[LIST_MAX];
  const TellerCallOptions options = call_options(words);
  Teller__V1__RecommendRequest request = TELLER__V1__RECOMMEND_REQUEST__INIT;
  request.user_id = words_text(words, "user");
  request.n_exclude_item_ids = words_list(words, "exclude", excluded, LIST_MAX);
  request.exclude_item_ids = excluded;
  request.item_indexes_only = words_value(words, "indexes_only") != NULL;
  request.softmax_scores = words_value(words, "softmax") != NULL;
  if (words_value(words, "count") != NULL)
    request.count_presence_case = TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT;
  request.count = (uint32_t)words_number(words, "count");
  return teller_submit(client, TELLER_RECOMMEND, &request.base, &options, call);
}

static TellerStatus similar(TellerClient *client, const Words *words, uint32_t *call) {
  const TellerCallOptions options = call_options(words);
  Teller__V1__SimilarItemsRequest request = TELLER__V1__SIMILAR_ITEMS_REQUEST__INIT;
  request.item_id = words_text(words, "item");
  if (words_value(words, "count") != NULL)
    request.count_presence_case = TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT;
  request.count = (uint32_t)words_number(words, "count");
  return teller_submit(client, TELLER_SIMILAR_ITEMS, &request.base, &options, call);
}

static TellerStatus feedback(TellerClient *client, const Words *words, uint32_t *call) {
  static Teller__V1__FeedbackEvent events[LIST_MAX], *pointers[LIST_MAX];
  char *texts[LIST_MAX], *impressions[LIST_MAX];
  size_t impression_count = words_list(words, "impressions", impressions, LIST_MAX);
  const TellerCallOptions options = call_options(words);
  Teller__V1__FeedbackRequest request = TELLER__V1__FEEDBACK_REQUEST__INIT;
  request.n_events = entries(words_value(words, "events"), texts, LIST_MAX);
  for (size_t i = 0; i < request.n_events; i++) {
    char *parts[4];
    cut_parts(texts[i], parts, 4);
    teller__v1__feedback_event__init(&events[i]);
    events[i].event_id = parts[0];
    events[i].user_id = parts[1];
    events[i].item_id = parts[2];
    events[i].type = (Teller__V1__EventType)atoi(parts[3]);
    events[i].n_impression_item_ids = impression_count;
    events[i].impression_item_ids = impressions;
    pointers[i] = &events[i];
  }
  request.events = pointers;
  return teller_submit(client, TELLER_FEEDBACK, &request.base, &options, call);
}

static TellerStatus put(TellerClient *client, const Words *words, uint32_t *call) {
  static Teller__V1__Item items[LIST_MAX], *pointers[LIST_MAX];
  char *texts[LIST_MAX];
  const TellerCallOptions options = call_options(words);
  Teller__V1__PutItemsRequest request = TELLER__V1__PUT_ITEMS_REQUEST__INIT;
  request.n_items = entries(words_value(words, "items"), texts, LIST_MAX);
  for (size_t i = 0; i < request.n_items; i++) {
    char *parts[4];
    cut_parts(texts[i], parts, 4);
    teller__v1__item__init(&items[i]);
    items[i].item_id = parts[0];
    items[i].name = parts[1];
    items[i].category = parts[2];
    if (*parts[3] != 0) items[i].price_presence_case = TELLER__V1__ITEM__PRICE_PRESENCE_PRICE;
    items[i].price = atof(parts[3]);
    pointers[i] = &items[i];
  }
  request.items = pointers;
  return teller_submit(client, TELLER_PUT_ITEMS, &request.base, &options, call);
}

static TellerStatus record(TellerClient *client, const Words *words, uint32_t *call) {
  const TellerCallOptions options = call_options(words);
  Teller__V1__GetRecommendationRequest request = TELLER__V1__GET_RECOMMENDATION_REQUEST__INIT;
  request.recommendation_id = words_text(words, "id");
  return teller_submit(client, TELLER_GET_RECOMMENDATION, &request.base, &options, call);
}

static TellerStatus records(TellerClient *client, const Words *words, uint32_t *call) {
  const TellerCallOptions options = call_options(words);
  Teller__V1__ListRecommendationsRequest request = TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__INIT;
  request.user_id = words_text(words, "user");
  if (words_value(words, "count") != NULL)
    request.count_presence_case = TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__COUNT_PRESENCE_COUNT;
  request.count = (uint32_t)words_number(words, "count");
  request.before_time_ms = (int64_t)words_number(words, "before");
  return teller_submit(client, TELLER_LIST_RECOMMENDATIONS, &request.base, &options, call);
}

static TellerStatus update(TellerClient *client, const Words *words, uint32_t *call) {
  const TellerCallOptions options = call_options(words);
  Teller__V1__UpdateModelsRequest request = TELLER__V1__UPDATE_MODELS_REQUEST__INIT;
  request.update = (Teller__V1__ModelUpdate)words_number(words, "what");
  return teller_submit(client, TELLER_UPDATE_MODELS, &request.base, &options, call);
}

static TellerStatus status(TellerClient *client, const Words *words, uint32_t *call) {
  const TellerCallOptions options = call_options(words);
  Teller__V1__StatusRequest request = TELLER__V1__STATUS_REQUEST__INIT;
  return teller_submit(client, TELLER_STATUS, &request.base, &options, call);
}

static TellerStatus health(TellerClient *client, const Words *words, uint32_t *call) {
  const TellerCallOptions options = call_options(words);
  Teller__V1__HealthRequest request = TELLER__V1__HEALTH_REQUEST__INIT;
  return teller_submit(client, TELLER_HEALTH, &request.base, &options, call);
}

TellerStatus submit(TellerClient *client, const char *command, const Words *words,
                    uint32_t *call) {
  static const struct {
    const char *name;
    TellerStatus (*submit)(TellerClient *, const Words *, uint32_t *);
  } requests[] = {{"recommend", recommend}, {"similar", similar}, {"feedback", feedback},
                  {"put", put},             {"record", record},   {"records", records},
                  {"update", update},       {"status", status},   {"health", health}};
  for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
    if (strcmp(requests[i].name, command) == 0) return requests[i].submit(client, words, call);
  fprintf(stderr, "interop-agent: %s is no request\n", command);
  exit(2);
}
