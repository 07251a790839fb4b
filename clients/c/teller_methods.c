// Methods by name: descriptors, and calls that block.
#include "teller_methods.h"

int teller_method_is_streamed(TellerMethod method) { return method == TELLER_RECOMMEND_MANY; }

const ProtobufCMessageDescriptor *teller_answer_descriptor(TellerMethod method, int is_last) {
  switch (method) {
    case TELLER_RECOMMEND: return &teller__v1__recommend_response__descriptor;
    case TELLER_SIMILAR_ITEMS: return &teller__v1__similar_items_response__descriptor;
    case TELLER_FEEDBACK: return &teller__v1__feedback_response__descriptor;
    case TELLER_HEALTH: return &teller__v1__health_response__descriptor;
    case TELLER_DESCRIBE: return &teller__v1__describe_response__descriptor;
    case TELLER_PUT_ITEMS: return &teller__v1__put_items_response__descriptor;
    case TELLER_RECOMMEND_MANY:
      return is_last ? &teller__v1__recommend_many_response__descriptor
                     : &teller__v1__recommend_response__descriptor;
    case TELLER_GET_RECOMMENDATION: return &teller__v1__get_recommendation_response__descriptor;
    case TELLER_LIST_RECOMMENDATIONS: return &teller__v1__list_recommendations_response__descriptor;
    case TELLER_STATUS: return &teller__v1__status_response__descriptor;
    case TELLER_UPDATE_MODELS: return &teller__v1__update_models_response__descriptor;
  }
  return NULL;
}

static TellerStatus call_with(TellerClient *client, TellerMethod method,
                              const ProtobufCMessage *request, const TellerCallOptions *options,
                              void **message) {
  uint32_t call_id;
  *message = NULL;
  TellerStatus status = teller_submit(client, method, request, options, &call_id);
  if (status != TELLER_OK) return status;
  TellerAnswer answer;
  status = teller_collect(client, call_id, &answer);
  *message = answer.message;
  return status;
}

static TellerStatus call(TellerClient *client, TellerMethod method, const ProtobufCMessage *request,
                         void **message) {
  return call_with(client, method, request, NULL, message);
}

TellerStatus teller_recommend_request(TellerClient *client,
                                      const Teller__V1__RecommendRequest *request,
                                      Teller__V1__RecommendResponse **answer) {
  return call(client, TELLER_RECOMMEND, &request->base, (void **)answer);
}

TellerStatus teller_recommend(TellerClient *client, const char *user_id, uint32_t count,
                              Teller__V1__RecommendResponse **answer) {
  Teller__V1__RecommendRequest request = TELLER__V1__RECOMMEND_REQUEST__INIT;
  request.user_id = (char *)user_id;
  if (count != 0) {
    request.count_presence_case = TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = count;
  }
  return teller_recommend_request(client, &request, answer);
}

TellerStatus teller_similar_items(TellerClient *client, const char *item_id, uint32_t count,
                                  Teller__V1__SimilarItemsResponse **answer) {
  Teller__V1__SimilarItemsRequest request = TELLER__V1__SIMILAR_ITEMS_REQUEST__INIT;
  request.item_id = (char *)item_id;
  if (count != 0) {
    request.count_presence_case = TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = count;
  }
  return call(client, TELLER_SIMILAR_ITEMS, &request.base, (void **)answer);
}

TellerStatus teller_feedback(TellerClient *client, const Teller__V1__FeedbackRequest *request,
                             Teller__V1__FeedbackResponse **answer) {
  return call(client, TELLER_FEEDBACK, &request->base, (void **)answer);
}

TellerStatus teller_health(TellerClient *client, Teller__V1__HealthResponse **answer) {
  Teller__V1__HealthRequest request = TELLER__V1__HEALTH_REQUEST__INIT;
  return call(client, TELLER_HEALTH, &request.base, (void **)answer);
}

TellerStatus teller_describe(TellerClient *client, uint32_t first_item_index,
                             Teller__V1__DescribeResponse **answer) {
  Teller__V1__DescribeRequest request = TELLER__V1__DESCRIBE_REQUEST__INIT;
  request.first_item_index = first_item_index;
  return call(client, TELLER_DESCRIBE, &request.base, (void **)answer);
}

TellerStatus teller_put_items(TellerClient *client, const Teller__V1__PutItemsRequest *request,
                              Teller__V1__PutItemsResponse **answer) {
  return call(client, TELLER_PUT_ITEMS, &request->base, (void **)answer);
}

TellerStatus teller_get_recommendation(TellerClient *client, const char *recommendation_id,
                                       Teller__V1__GetRecommendationResponse **answer) {
  Teller__V1__GetRecommendationRequest request = TELLER__V1__GET_RECOMMENDATION_REQUEST__INIT;
  request.recommendation_id = (char *)recommendation_id;
  return call(client, TELLER_GET_RECOMMENDATION, &request.base, (void **)answer);
}

TellerStatus teller_list_recommendations(TellerClient *client, const char *user_id, uint32_t count,
                                         int64_t before_time_ms,
                                         Teller__V1__ListRecommendationsResponse **answer) {
  Teller__V1__ListRecommendationsRequest request = TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__INIT;
  request.user_id = (char *)user_id;
  request.before_time_ms = before_time_ms;
  if (count != 0) {
    request.count_presence_case = TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__COUNT_PRESENCE_COUNT;
    request.count = count;
  }
  return call(client, TELLER_LIST_RECOMMENDATIONS, &request.base, (void **)answer);
}

TellerStatus teller_server_status(TellerClient *client, Teller__V1__StatusResponse **answer) {
  Teller__V1__StatusRequest request = TELLER__V1__STATUS_REQUEST__INIT;
  return call(client, TELLER_STATUS, &request.base, (void **)answer);
}

TellerStatus teller_update_models(TellerClient *client, Teller__V1__ModelUpdate update,
                                  const TellerCallOptions *options,
                                  Teller__V1__UpdateModelsResponse **answer) {
  Teller__V1__UpdateModelsRequest request = TELLER__V1__UPDATE_MODELS_REQUEST__INIT;
  request.update = update;
  return call_with(client, TELLER_UPDATE_MODELS, &request.base, options, (void **)answer);
}

TellerStatus teller_recommend_many(TellerClient *client,
                                   const Teller__V1__RecommendManyRequest *request,
                                   const TellerCallOptions *options, TellerManyFunction function,
                                   void *context) {
  uint32_t call_id;
  TellerStatus status =
      teller_submit(client, TELLER_RECOMMEND_MANY, &request->base, options, &call_id);
  TellerAnswer answer = {.is_last = status != TELLER_OK};
  for (size_t index = 0; !answer.is_last; index++) {
    status = teller_collect(client, call_id, &answer);
    if (status == TELLER_OK && !answer.is_last &&
        function(context, index, (const Teller__V1__RecommendResponse *)answer.message) != 0)
      status = TELLER_CANCELLED;
    teller_answer_clear(&answer);
    if (status != TELLER_OK && !answer.is_last) {
      // Given up, or a message that does not decode: the rest is of no use.
      teller_cancel(client, call_id);
      break;
    }
  }
  return status;
}
