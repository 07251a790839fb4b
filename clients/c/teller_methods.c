// Methods by name: descriptors, and calls that block.
#include "teller_methods.h"

int teller_method_is_streamed(TellerMethod method) {
  (void)method;
  return 0;
}

const ProtobufCMessageDescriptor *teller_answer_descriptor(TellerMethod method, int is_last) {
  (void)is_last;
  switch (method) {
    case TELLER_RECOMMEND: return &teller__v1__recommend_response__descriptor;
    case TELLER_SIMILAR_ITEMS: return &teller__v1__similar_items_response__descriptor;
    case TELLER_FEEDBACK: return &teller__v1__feedback_response__descriptor;
    case TELLER_HEALTH: return &teller__v1__health_response__descriptor;
    case TELLER_DESCRIBE: return &teller__v1__describe_response__descriptor;
  }
  return NULL;
}

static TellerStatus call(TellerClient *client, TellerMethod method, const ProtobufCMessage *request,
                         void **message) {
  uint32_t call_id;
  *message = NULL;
  TellerStatus status = teller_submit(client, method, request, NULL, &call_id);
  if (status != TELLER_OK) return status;
  TellerAnswer answer;
  status = teller_collect(client, call_id, &answer);
  *message = answer.message;
  return status;
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
