// What a customer did; the next answer knows it.
//
//   build/02_feedback 127.0.0.1:7001
#include <stdio.h>
#include <string.h>

#include "teller_client.h"

static const char *outcome_name(Teller__V1__FeedbackOutcome outcome) {
  static const char *const names[] = {"unspecified", "accepted", "duplicate", "rejected"};
  return (unsigned)outcome < 4 ? names[outcome] : "unknown";
}

static TellerStatus feed_back(TellerClient *client, char *item_id) {
  Teller__V1__FeedbackEvent event = TELLER__V1__FEEDBACK_EVENT__INIT;
  // The id is the caller's: the same event sent again is a duplicate and changes nothing.
  event.event_id = "sample-2";
  event.user_id = "15890";
  event.item_id = item_id;
  event.type = TELLER__V1__EVENT_TYPE__EVENT_TYPE_ACCEPTED;
  Teller__V1__FeedbackEvent *events[] = {&event};
  Teller__V1__FeedbackRequest request = TELLER__V1__FEEDBACK_REQUEST__INIT;
  request.n_events = 1;
  request.events = events;
  Teller__V1__FeedbackResponse *answer;
  TellerStatus status = teller_feedback(client, &request, &answer);
  if (status != TELLER_OK) return status;
  printf("%s: %s\n", item_id, outcome_name(answer->outcomes[0]));
  teller__v1__feedback_response__free_unpacked(answer, NULL);
  return TELLER_OK;
}

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 5000);
  Teller__V1__RecommendResponse *before = NULL, *after = NULL;
  if (status == TELLER_OK) status = teller_recommend(client, "15890", 1, &before);
  for (int i = 0; i < 2 && status == TELLER_OK; i++)
    status = feed_back(client, before->item_ids[0]);
  if (status == TELLER_OK) status = teller_recommend(client, "15890", 24, &after);
  int is_there = 0;
  for (size_t i = 0; status == TELLER_OK && i < after->n_item_ids; i++)
    is_there |= strcmp(after->item_ids[i], before->item_ids[0]) == 0;
  if (status != TELLER_OK)
    fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  else printf("%s is %s recommended\n", before->item_ids[0], is_there ? "still" : "no longer");
  if (before != NULL) teller__v1__recommend_response__free_unpacked(before, NULL);
  if (after != NULL) teller__v1__recommend_response__free_unpacked(after, NULL);
  teller_close(client);
  return status == TELLER_OK && !is_there ? 0 : 1;
}
