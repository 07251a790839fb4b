// What an operator does: the server's numbers, and newer models.
//
//   build/08_operations 127.0.0.1:7001
#include <stdio.h>

#include "teller_client.h"

static TellerStatus print_numbers(TellerClient *client) {
  Teller__V1__StatusResponse *answer;
  TellerStatus status = teller_server_status(client, &answer);
  if (status != TELLER_OK) return status;
  printf("version %s, model %s, %zu numbers\n", answer->server_version, answer->model_version,
         answer->n_samples);
  teller__v1__status_response__free_unpacked(answer, NULL);
  return TELLER_OK;
}

static TellerStatus update(TellerClient *client, Teller__V1__ModelUpdate what) {
  // Loading may take a minute; other calls have the client's time.
  const TellerCallOptions options = {.timeout_ms = 60000};
  Teller__V1__UpdateModelsResponse *answer;
  TellerStatus status = teller_update_models(client, what, &options, &answer);
  if (status != TELLER_OK) return status;
  printf("%s in place of %s\n", answer->model_version, answer->previous_model_version);
  teller__v1__update_models_response__free_unpacked(answer, NULL);
  return TELLER_OK;
}

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 5000);
  if (status == TELLER_OK) status = print_numbers(client);
  if (status == TELLER_OK)
    status = update(client, TELLER__V1__MODEL_UPDATE__MODEL_UPDATE_RELOAD);
  if (status == TELLER_OK) {
    status = update(client, TELLER__V1__MODEL_UPDATE__MODEL_UPDATE_ROLLBACK);
    if (status == TELLER_FAILED_PRECONDITION) {
      // There are no models to go back to: the reload found nothing newer.
      printf("%s: %s\n", teller_status_name(status), teller_error_message(client));
      status = TELLER_OK;
    }
  }
  if (status != TELLER_OK)
    fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
