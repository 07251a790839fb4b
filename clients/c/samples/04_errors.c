// Errors by status, a call that is given up, and a connection that lives on.
//
//   build/04_errors 127.0.0.1:7001
#include <stdio.h>

#include "teller_client.h"

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 5000);
  if (status == TELLER_OK) {
    Teller__V1__SimilarItemsResponse *answer;
    TellerStatus unknown = teller_similar_items(client, "ind_moon_rocket_ult1", 1, &answer);
    printf("%s: %s\n", teller_status_name(unknown), teller_error_message(client));

    Teller__V1__HealthRequest request = TELLER__V1__HEALTH_REQUEST__INIT;
    uint32_t call;
    // A quarter of a second for this call only.
    const TellerCallOptions options = {.timeout_ms = 250};
    status = teller_submit(client, TELLER_HEALTH, &request.base, &options, &call);
    if (status == TELLER_OK && teller_cancel(client, call)) printf("given up\n");

    if (status == TELLER_OK) status = teller_ping(client);
    if (status == TELLER_OK && unknown == TELLER_NOT_FOUND && teller_is_connected(client))
      printf("the connection lives on\n");
  }
  if (status != TELLER_OK)
    fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
