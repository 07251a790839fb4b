// Products for one customer, best first: a call that blocks.
//
//   build/01_recommend 127.0.0.1:7001
#include <stdio.h>

#include "teller_client.h"

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 5000);
  Teller__V1__RecommendResponse *answer = NULL;
  if (status == TELLER_OK) status = teller_recommend(client, "15889", 3, &answer);
  if (status == TELLER_OK) {
    for (size_t i = 0; i < answer->n_item_ids && i < answer->n_scores; i++)
      printf("%-24s %.5f\n", answer->item_ids[i], answer->scores[i]);
    printf("from %s, recommendation %s\n", answer->model_version, answer->recommendation_id);
    teller__v1__recommend_response__free_unpacked(answer, NULL);
  } else {
    fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  }
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
