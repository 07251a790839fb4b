// Products for many customers in one call: each answer is handed over as it comes, and the server waits
// while it is worked on.
//
//   build/05_recommend_many 127.0.0.1:7001
#include <stdio.h>

#include "teller_client.h"

enum { CUSTOMERS = 2000 };

static int print_first(void *context, size_t index, const Teller__V1__RecommendResponse *answer) {
  size_t *items = context;
  *items += answer->n_item_ids;
  if (index < 3 && answer->n_item_ids > 0) printf("customer %zu: %s\n", index, answer->item_ids[0]);
  // Anything but 0 would give the rest up.
  return 0;
}

int main(int count, char **arguments) {
  static char texts[CUSTOMERS][16];
  static char *users[CUSTOMERS];
  for (int i = 0; i < CUSTOMERS; i++) {
    snprintf(texts[i], sizeof texts[i], "%d", 15889 + i % 200);
    users[i] = texts[i];
  }
  Teller__V1__RecommendManyRequest request = TELLER__V1__RECOMMEND_MANY_REQUEST__INIT;
  request.n_user_ids = CUSTOMERS;
  request.user_ids = users;
  request.count_presence_case = TELLER__V1__RECOMMEND_MANY_REQUEST__COUNT_PRESENCE_COUNT;
  request.count = 2;
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 5000);
  size_t items = 0;
  // A minute for all of them.
  const TellerCallOptions options = {.timeout_ms = 60000};
  if (status == TELLER_OK)
    status = teller_recommend_many(client, &request, &options, print_first, &items);
  if (status == TELLER_OK) printf("%zu products for %d customers\n", items, CUSTOMERS);
  else fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
