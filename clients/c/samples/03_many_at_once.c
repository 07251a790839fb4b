// Many calls under way on one connection: submitted first, collected in any order.
//
//   build/03_many_at_once 127.0.0.1:7001
#include <stdio.h>

#include "teller_client.h"

enum { CUSTOMERS = 5000, WINDOW = 256 };

int main(int count, char **arguments) {
  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 30000);
  int submitted = 0, collected = 0;
  size_t items = 0;
  while (status == TELLER_OK && collected < CUSTOMERS) {
    while (status == TELLER_OK && submitted < CUSTOMERS && submitted - collected < WINDOW) {
      char user_id[32];
      snprintf(user_id, sizeof user_id, "%d", 15889 + submitted % 200);
      Teller__V1__RecommendRequest request = TELLER__V1__RECOMMEND_REQUEST__INIT;
      request.user_id = user_id;
      uint32_t call;
      status = teller_submit(client, TELLER_RECOMMEND, &request.base, NULL, &call);
      submitted += status == TELLER_OK;
    }
    TellerAnswer answer;
    if (status == TELLER_OK) {
      // 0: whichever comes first.
      status = teller_collect(client, 0, &answer);
      if (status == TELLER_OK)
        items += ((Teller__V1__RecommendResponse *)answer.message)->n_item_ids;
      teller_answer_clear(&answer);
      collected += 1;
    }
  }
  if (status == TELLER_OK)
    printf("%d answers, %zu products, %zu calls under way\n", collected, items,
           teller_calls_under_way(client));
  else fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  teller_close(client);
  return status == TELLER_OK && items > 0 ? 0 : 1;
}
