// Answers that the server keeps on record: one by its name, and those of a customer.
//
//   build/07_answers_on_record 127.0.0.1:7001
#include <stdio.h>

#include "teller_client.h"

static TellerStatus print_one(TellerClient *client, const char *recommendation_id) {
  Teller__V1__GetRecommendationResponse *answer;
  TellerStatus status = teller_get_recommendation(client, recommendation_id, &answer);
  if (status != TELLER_OK) return status;
  const Teller__V1__RecordedRecommendation *record = answer->recommendation;
  if (record != NULL)
    printf("%s was answered %zu of %u products by %s\n", record->user_id, record->n_item_ids,
           record->candidate_count, record->model_version);
  teller__v1__get_recommendation_response__free_unpacked(answer, NULL);
  return TELLER_OK;
}

static TellerStatus print_all(TellerClient *client, const char *user_id) {
  Teller__V1__ListRecommendationsResponse *answer;
  TellerStatus status = teller_list_recommendations(client, user_id, 5, 0, &answer);
  if (status != TELLER_OK) return status;
  for (size_t i = 0; i < answer->n_recommendations; i++)
    printf("%lld: %s\n", (long long)answer->recommendations[i]->time_ms,
           answer->recommendations[i]->recommendation_id);
  teller__v1__list_recommendations_response__free_unpacked(answer, NULL);
  return TELLER_OK;
}

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 5000);
  Teller__V1__RecommendResponse *answer = NULL;
  if (status == TELLER_OK) status = teller_recommend(client, "15889", 3, &answer);
  if (status == TELLER_OK) status = print_one(client, answer->recommendation_id);
  if (status == TELLER_OK) status = print_all(client, "15889");
  if (status != TELLER_OK)
    fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  if (answer != NULL) teller__v1__recommend_response__free_unpacked(answer, NULL);
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
