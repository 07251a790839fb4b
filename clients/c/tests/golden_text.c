#include "golden_text.h"

#include <stdlib.h>
#include <string.h>

static void ranked(FILE *out, size_t ids, char **item_ids, size_t scores, const float *score,
                   size_t indexes, const uint32_t *index) {
  for (size_t i = 0; i < ids; i++) fprintf(out, "item_id=%s\n", item_ids[i]);
  for (size_t i = 0; i < scores; i++)
    fprintf(out, "score_thousandths=%d\n", (int)(score[i] * 1000));
  for (size_t i = 0; i < indexes; i++) fprintf(out, "item_index=%u\n", index[i]);
}

static void recommend_request(FILE *out, const void *message) {
  const Teller__V1__RecommendRequest *request = message;
  fprintf(out, "user_id=%s\ncount=%u\n", request->user_id,
          request->count_presence_case == TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT
              ? request->count
              : 10);
  for (size_t i = 0; i < request->n_exclude_item_ids; i++)
    fprintf(out, "exclude_item_id=%s\n", request->exclude_item_ids[i]);
  fprintf(out, "item_indexes_only=%d\n", request->item_indexes_only);
  if (request->softmax_scores) fprintf(out, "softmax_scores=1\n");
  if (request->exploration_weight_presence_case ==
      TELLER__V1__RECOMMEND_REQUEST__EXPLORATION_WEIGHT_PRESENCE_EXPLORATION_WEIGHT)
    fprintf(out, "exploration_thousandths=%d\n", (int)(request->exploration_weight * 1000));
}

static void recommend_response(FILE *out, const void *message) {
  const Teller__V1__RecommendResponse *answer = message;
  ranked(out, answer->n_item_ids, answer->item_ids, answer->n_scores, answer->scores,
         answer->n_item_indexes, answer->item_indexes);
  for (size_t i = 0; i < answer->n_softmax_scores; i++)
    fprintf(out, "softmax_thousandths=%d\n", (int)(answer->softmax_scores[i] * 1000));
  for (size_t i = 0; i < answer->n_propensities; i++)
    fprintf(out, "propensity_thousandths=%d\n", (int)(answer->propensities[i] * 1000));
  if (answer->explored) fprintf(out, "explored=1\n");
  fprintf(out, "model_version=%s\nsource=%d\nrecommendation_id=%s\n", answer->model_version,
          (int)answer->source, answer->recommendation_id);
}

static void similar_request(FILE *out, const void *message) {
  const Teller__V1__SimilarItemsRequest *request = message;
  fprintf(out, "item_id=%s\ncount=%u\n", request->item_id,
          request->count_presence_case == TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT
              ? request->count
              : 10);
}

static void similar_response(FILE *out, const void *message) {
  const Teller__V1__SimilarItemsResponse *answer = message;
  ranked(out, answer->n_item_ids, answer->item_ids, answer->n_scores, answer->scores,
         answer->n_item_indexes, answer->item_indexes);
  fprintf(out, "model_version=%s\nsource=%d\nrecommendation_id=\n", answer->model_version,
          (int)answer->source);
}

static void feedback_request(FILE *out, const void *message) {
  const Teller__V1__FeedbackRequest *request = message;
  for (size_t i = 0; i < request->n_events; i++) {
    const Teller__V1__FeedbackEvent *event = request->events[i];
    fprintf(out, "event_id=%s\nuser_id=%s\nitem_id=%s\ntype=%d\ntime_ms=%lld\n", event->event_id,
            event->user_id, event->item_id, (int)event->type, (long long)event->time_ms);
    fprintf(out, "recommendation_id=%s\nsession_id=%s\nchannel=%s\n", event->recommendation_id,
            event->session_id, event->channel);
    if (event->value_presence_case == TELLER__V1__FEEDBACK_EVENT__VALUE_PRESENCE_VALUE)
      fprintf(out, "value_thousandths=%d\n", (int)(event->value * 1000));
    for (size_t j = 0; j < event->n_impression_item_ids; j++)
      fprintf(out, "impression_item_id=%s\n", event->impression_item_ids[j]);
  }
}

static void feedback_response(FILE *out, const void *message) {
  const Teller__V1__FeedbackResponse *answer = message;
  for (size_t i = 0; i < answer->n_outcomes; i++)
    fprintf(out, "outcome=%d %s\n", (int)answer->outcomes[i],
            i < answer->n_reasons ? answer->reasons[i] : "");
}

static void nothing(FILE *out, const void *message) {
  (void)out;
  (void)message;
}

static void health_response(FILE *out, const void *message) {
  const Teller__V1__HealthResponse *answer = message;
  fprintf(out,
          "status=%d\nuptime_ms=%llu\ncpu_time_us=%llu\nmemory_bytes=%llu\nrequests=%llu\n"
          "model_version=%s\nrecommendations_recorded=%llu\nrecommendations_dropped=%llu\n",
          (int)answer->status, (unsigned long long)answer->uptime_ms,
          (unsigned long long)answer->cpu_time_us, (unsigned long long)answer->memory_bytes,
          (unsigned long long)answer->requests, answer->model_version,
          (unsigned long long)answer->recommendations_recorded,
          (unsigned long long)answer->recommendations_dropped);
}

static void describe_request(FILE *out, const void *message) {
  const Teller__V1__DescribeRequest *request = message;
  fprintf(out, "first_item_index=%u\n", request->first_item_index);
}

static void describe_response(FILE *out, const void *message) {
  const Teller__V1__DescribeResponse *answer = message;
  fprintf(out, "protocol_version=%u\nserver_version=%s\nitem_count=%u\n",
          answer->protocol_version, answer->server_version, answer->item_count);
  for (size_t i = 0; i < answer->n_item_ids; i++)
    fprintf(out, "item_id=%s\n", answer->item_ids[i]);
  for (size_t i = 0; i < answer->n_item_names; i++)
    fprintf(out, "item_name=%s\n", answer->item_names[i]);
  for (size_t i = 0; i < answer->n_models; i++)
    fprintf(out, "model=%s %s %s %llu\n", answer->models[i]->kind, answer->models[i]->version,
            answer->models[i]->trained_through,
            (unsigned long long)answer->models[i]->parameters);
  for (size_t i = 0; i < answer->n_methods; i++)
    fprintf(out, "method=%u %s\n", answer->methods[i]->number, answer->methods[i]->name);
  fprintf(out, "customers=%llu\nmax_frame_bytes=%u\nmax_count=%u\n",
          (unsigned long long)answer->customers, answer->limits->max_frame_bytes,
          answer->limits->max_count);
  for (size_t i = 0; i < answer->n_cold_items; i++) {
    const Teller__V1__ColdItem *item = answer->cold_items[i];
    fprintf(out, "cold_item=%u %d %llu %llu %d\n", item->item_index, (int)item->state,
            (unsigned long long)item->showings, (unsigned long long)item->acceptances,
            (int)(item->acceptance * 1000));
  }
  fprintf(out, "exploration_thousandths=%d\n", (int)(answer->exploration_weight * 1000));
}

static void put_items_request(FILE *out, const void *message) {
  const Teller__V1__PutItemsRequest *request = message;
  for (size_t i = 0; i < request->n_items; i++) {
    const Teller__V1__Item *item = request->items[i];
    fprintf(out, "item_id=%s\nname=%s\ncategory=%s\n", item->item_id, item->name,
            item->category);
    if (item->price_presence_case == TELLER__V1__ITEM__PRICE_PRESENCE_PRICE)
      fprintf(out, "price_thousandths=%d\n", (int)(item->price * 1000));
    for (size_t j = 0; j < item->n_attributes; j++)
      fprintf(out, "attribute=%s %s\n", item->attributes[j]->key, item->attributes[j]->value);
    fprintf(out, "created_time_ms=%lld\n", (long long)item->created_time_ms);
  }
}

static void put_items_response(FILE *out, const void *message) {
  const Teller__V1__PutItemsResponse *answer = message;
  for (size_t i = 0; i < answer->n_outcomes; i++)
    fprintf(out, "outcome=%d %u %s\n", (int)answer->outcomes[i],
            i < answer->n_item_indexes ? answer->item_indexes[i] : 0,
            i < answer->n_reasons ? answer->reasons[i] : "");
}

static void status_response(FILE *out, const void *message) {
  const Teller__V1__StatusResponse *answer = message;
  fprintf(out, "status=%d\nuptime_ms=%llu\nserver_version=%s\nmodel_version=%s\n",
          (int)answer->status, (unsigned long long)answer->uptime_ms, answer->server_version,
          answer->model_version);
  for (size_t i = 0; i < answer->n_samples; i++) {
    const Teller__V1__MetricSample *sample = answer->samples[i];
    fprintf(out, "sample=%s", sample->name);
    for (size_t j = 0; j < sample->n_labels; j++)
      fprintf(out, " %s:%s", sample->labels[j]->name, sample->labels[j]->value);
    fprintf(out, " %lld\n", (long long)(sample->value * 1000));
  }
}

static void update_models_request(FILE *out, const void *message) {
  const Teller__V1__UpdateModelsRequest *request = message;
  fprintf(out, "update=%d\n", (int)request->update);
}

static void update_models_response(FILE *out, const void *message) {
  const Teller__V1__UpdateModelsResponse *answer = message;
  fprintf(out, "model_version=%s\nprevious_model_version=%s\n", answer->model_version,
          answer->previous_model_version);
}

static void recommend_many_request(FILE *out, const void *message) {
  const Teller__V1__RecommendManyRequest *request = message;
  for (size_t i = 0; i < request->n_user_ids; i++)
    fprintf(out, "user_id=%s\n", request->user_ids[i]);
  fprintf(out, "count=%u\n",
          request->count_presence_case == TELLER__V1__RECOMMEND_MANY_REQUEST__COUNT_PRESENCE_COUNT
              ? request->count
              : 10);
  for (size_t i = 0; i < request->n_exclude_item_ids; i++)
    fprintf(out, "exclude_item_id=%s\n", request->exclude_item_ids[i]);
  fprintf(out, "item_indexes_only=%d\n", request->item_indexes_only);
}

static void recommend_many_response(FILE *out, const void *message) {
  const Teller__V1__RecommendManyResponse *answer = message;
  fprintf(out, "answered=%u\n", answer->answered);
}

static void recorded(FILE *out, const Teller__V1__RecordedRecommendation *record) {
  fprintf(out, "recommendation_id=%s\nuser_id=%s\ntime_ms=%lld\nmodel_version=%s\nsource=%d\n",
          record->recommendation_id, record->user_id, (long long)record->time_ms,
          record->model_version, (int)record->source);
  ranked(out, record->n_item_ids, record->item_ids, record->n_scores, record->scores,
         record->n_item_indexes, record->item_indexes);
  for (size_t i = 0; i < record->n_propensities; i++)
    fprintf(out, "propensity_thousandths=%d\n", (int)(record->propensities[i] * 1000));
  fprintf(out, "explored=%d\nexploration_thousandths=%d\ncandidate_count=%u\n", record->explored,
          (int)(record->exploration_weight * 1000), record->candidate_count);
  for (size_t i = 0; i < record->n_excluded_item_ids; i++)
    fprintf(out, "excluded_item_id=%s\n", record->excluded_item_ids[i]);
  for (size_t i = 0; i < record->n_rules; i++) fprintf(out, "rule=%s\n", record->rules[i]);
}

static void get_recommendation_request(FILE *out, const void *message) {
  const Teller__V1__GetRecommendationRequest *request = message;
  fprintf(out, "recommendation_id=%s\n", request->recommendation_id);
}

static void get_recommendation_response(FILE *out, const void *message) {
  const Teller__V1__GetRecommendationResponse *answer = message;
  if (answer->recommendation != NULL) recorded(out, answer->recommendation);
}

static void list_recommendations_request(FILE *out, const void *message) {
  const Teller__V1__ListRecommendationsRequest *request = message;
  const int has_count = request->count_presence_case ==
                        TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__COUNT_PRESENCE_COUNT;
  fprintf(out, "user_id=%s\ncount=%u\nbefore_time_ms=%lld\n", request->user_id,
          has_count ? request->count : 10, (long long)request->before_time_ms);
}

static void list_recommendations_response(FILE *out, const void *message) {
  const Teller__V1__ListRecommendationsResponse *answer = message;
  for (size_t i = 0; i < answer->n_recommendations; i++)
    recorded(out, answer->recommendations[i]);
}

typedef struct Kind {
  const ProtobufCMessageDescriptor *descriptor;
  void (*print)(FILE *, const void *);
} Kind;

// By method; requests first, then answers.
static const Kind kinds[2][15] = {
    {{NULL, NULL},
     {&teller__v1__recommend_request__descriptor, recommend_request},
     {&teller__v1__similar_items_request__descriptor, similar_request},
     {&teller__v1__feedback_request__descriptor, feedback_request},
     {&teller__v1__health_request__descriptor, nothing},
     {&teller__v1__describe_request__descriptor, describe_request},
     {NULL, NULL},
     {&teller__v1__put_items_request__descriptor, put_items_request},
     [10] = {&teller__v1__recommend_many_request__descriptor, recommend_many_request},
     [11] = {&teller__v1__get_recommendation_request__descriptor, get_recommendation_request},
     [12] = {&teller__v1__list_recommendations_request__descriptor, list_recommendations_request},
     [13] = {&teller__v1__status_request__descriptor, nothing},
     [14] = {&teller__v1__update_models_request__descriptor, update_models_request}},
    {{NULL, NULL},
     {&teller__v1__recommend_response__descriptor, recommend_response},
     {&teller__v1__similar_items_response__descriptor, similar_response},
     {&teller__v1__feedback_response__descriptor, feedback_response},
     {&teller__v1__health_response__descriptor, health_response},
     {&teller__v1__describe_response__descriptor, describe_response},
     {NULL, NULL},
     {&teller__v1__put_items_response__descriptor, put_items_response},
     [10] = {&teller__v1__recommend_many_response__descriptor, recommend_many_response},
     [11] = {&teller__v1__get_recommendation_response__descriptor, get_recommendation_response},
     [12] = {&teller__v1__list_recommendations_response__descriptor,
             list_recommendations_response},
     [13] = {&teller__v1__status_response__descriptor, status_response},
     [14] = {&teller__v1__update_models_response__descriptor, update_models_response}}};

static int print_message(FILE *out, const Kind *kind, const uint8_t *payload, size_t length) {
  ProtobufCMessage *message = protobuf_c_message_unpack(kind->descriptor, NULL, length, payload);
  if (message == NULL) return 0;
  kind->print(out, message);
  size_t size = protobuf_c_message_get_packed_size(message);
  uint8_t *again = malloc(size + 1);
  int same = again != NULL && size == length;
  if (same) {
    protobuf_c_message_pack(message, again);
    same = memcmp(again, payload, length) == 0;
  }
  free(again);
  protobuf_c_message_free_unpacked(message, NULL);
  return same;
}

int golden_text(FILE *out, const TellerHeader *header, const uint8_t *payload) {
  fprintf(out, "type=%u\nflags=%u\nmethod=%u\nrequest_id=%u\nword=%u\npayload_length=%u\n",
          header->type, header->flags, header->method, header->request_id, header->word,
          header->payload_length);
  int is_request = header->type == TELLER_FRAME_REQUEST;
  int is_response = header->type == TELLER_FRAME_RESPONSE;
  if (header->type == TELLER_FRAME_GO_AWAY || (is_response && header->word != 0)) {
    fprintf(out, "text=%.*s\n", (int)header->payload_length, (const char *)payload);
    return 1;
  }
  if (header->type == TELLER_FRAME_CREDENTIALS) {
    fprintf(out, "token=%.*s\n", (int)header->payload_length, (const char *)payload);
    return 1;
  }
  // The one method whose answer is a stream sends the messages of Recommend.
  if (header->type == TELLER_FRAME_STREAM_DATA)
    return print_message(out, &kinds[1][1], payload, header->payload_length);
  if (!is_request && !is_response) return 1;
  if (header->method > 14 || kinds[is_response][header->method].print == NULL) return 0;
  size_t trace_bytes = 0;
  if (is_request && (header->flags & TELLER_FLAG_TRACED) != 0) {
    trace_bytes = TELLER_TRACE_ID_BYTES;
    if (header->payload_length < trace_bytes) return 0;
    fprintf(out, "trace=");
    for (size_t i = 0; i < trace_bytes; i++) fprintf(out, "%02x", payload[i]);
    fprintf(out, "\n");
  }
  return print_message(out, &kinds[is_response][header->method], payload + trace_bytes,
                       header->payload_length - trace_bytes);
}
