// TLS with a certificate of the client's own, a token and its roles, and what happens without.
//
//   build/09_security 127.0.0.1:7001 CA.pem CLIENT.pem CLIENT.key TOKEN-FILE READ-TOKEN-FILE
//     STRANGER.pem STRANGER.key
//
// The second token has the role `read` alone, and the stranger's certificate is signed by nobody the
// server knows. Ends with 1 where the server lets in whom it should not.
#include <stdio.h>
#include <string.h>

#include "teller_client.h"

typedef struct Caller {
  const char *name;
  TellerConnectOptions options;
  // What Recommend and Feedback end with; the second is not called where the first fails.
  TellerStatus reading, reporting;
} Caller;

static TellerStatus recommend(TellerClient *client) {
  Teller__V1__RecommendResponse *answer = NULL;
  TellerStatus status = teller_recommend(client, "15889", 1, &answer);
  if (answer != NULL) teller__v1__recommend_response__free_unpacked(answer, NULL);
  return status;
}

static TellerStatus report(TellerClient *client) {
  Teller__V1__FeedbackEvent event = TELLER__V1__FEEDBACK_EVENT__INIT, *events[] = {&event};
  event.event_id = "security-1";
  event.user_id = "15889";
  event.item_id = "ind_recibo_ult1";
  event.type = TELLER__V1__EVENT_TYPE__EVENT_TYPE_SHOWN;
  Teller__V1__FeedbackRequest request = TELLER__V1__FEEDBACK_REQUEST__INIT;
  request.n_events = 1;
  request.events = events;
  Teller__V1__FeedbackResponse *answer = NULL;
  TellerStatus status = teller_feedback(client, &request, &answer);
  if (answer != NULL) teller__v1__feedback_response__free_unpacked(answer, NULL);
  return status;
}

// 1 when the server treats a caller as it should.
static int try_caller(const char *address, const Caller *caller) {
  TellerClient *client;
  TellerStatus status = teller_connect_with(&client, address, &caller->options);
  if (status == TELLER_OK) status = recommend(client);
  printf("%s: %s %s\n", caller->name, teller_status_name(status), teller_error_message(client));
  int is_as_expected = status == caller->reading;
  if (status == TELLER_OK) {
    status = report(client);
    printf("%s, feedback: %s %s\n", caller->name, teller_status_name(status),
           teller_error_message(client));
    // Whatever came of it, the connection lives on.
    is_as_expected &= status == caller->reporting && recommend(client) == TELLER_OK;
  }
  teller_close(client);
  return is_as_expected;
}

static int read_token(const char *path, char *token, size_t capacity) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  int is_read = fgets(token, (int)capacity, file) != NULL;
  fclose(file);
  token[strcspn(token, "\r\n")] = 0;
  return is_read;
}

int main(int count, char **arguments) {
  char token[TELLER_TOKEN_BYTES_MAX + 2], read_only[TELLER_TOKEN_BYTES_MAX + 2];
  if (count != 9 || !read_token(arguments[5], token, sizeof token) ||
      !read_token(arguments[6], read_only, sizeof read_only)) {
    fprintf(stderr, "usage: 09_security HOST:PORT CA.pem CLIENT.pem CLIENT.key TOKEN-FILE "
                    "READ-TOKEN-FILE STRANGER.pem STRANGER.key\n");
    return 2;
  }
  const TellerTlsOptions known = {
      .ca_path = arguments[2], .certificate_path = arguments[3], .key_path = arguments[4]};
  const TellerTlsOptions stranger = {
      .ca_path = arguments[2], .certificate_path = arguments[7], .key_path = arguments[8]};
  const TellerTlsOptions nobody = {.ca_path = arguments[2]}, elsewhere = {.ca_path = NULL};
  const TellerStatus refused = TELLER_UNAUTHENTICATED;
  const Caller callers[] = {
      {"known", {5000, &known, token}, TELLER_OK, TELLER_OK},
      {"may only read", {5000, &known, read_only}, TELLER_OK, TELLER_PERMISSION_DENIED},
      {"without TLS", {5000, NULL, token}, refused, refused},
      {"without a certificate", {5000, &nobody, token}, refused, refused},
      {"a stranger's certificate", {5000, &stranger, token}, refused, refused},
      {"another authority", {5000, &elsewhere, token}, refused, refused},
      {"without a token", {5000, &known, NULL}, refused, refused},
      {"with a wrong token", {5000, &known, "guess"}, refused, refused},
  };
  int is_as_expected = 1;
  for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++)
    is_as_expected &= try_caller(arguments[1], &callers[i]);
  return is_as_expected ? 0 : 1;
}
