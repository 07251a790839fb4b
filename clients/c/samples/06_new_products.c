// Products put into the catalogue: an outcome and a place for each.
//
//   build/06_new_products 127.0.0.1:7001
#include <stdio.h>

#include "teller_client.h"

int main(int count, char **arguments) {
  Teller__V1__Item bond = TELLER__V1__ITEM__INIT, account = TELLER__V1__ITEM__INIT;
  bond.item_id = "green_bond";
  bond.name = "Green bond";
  bond.category = "funds";
  bond.price_presence_case = TELLER__V1__ITEM__PRICE_PRESENCE_PRICE;
  bond.price = 100;
  account.item_id = "junior_account";
  Teller__V1__Item *items[] = {&bond, &account};
  Teller__V1__PutItemsRequest request = TELLER__V1__PUT_ITEMS_REQUEST__INIT;
  request.n_items = 2;
  request.items = items;

  TellerClient *client;
  TellerStatus status = teller_connect_address(&client, count > 1 ? arguments[1] : "", 5000);
  Teller__V1__PutItemsResponse *answer = NULL;
  if (status == TELLER_OK) status = teller_put_items(client, &request, &answer);
  if (status == TELLER_OK) {
    // 1: new; 2: was there, and is described anew; 3: rejected, for the reason given.
    for (size_t i = 0; i < answer->n_outcomes && i < answer->n_item_indexes; i++)
      printf("%s: outcome %d at place %u\n", items[i]->item_id, (int)answer->outcomes[i],
             answer->item_indexes[i]);
    teller__v1__put_items_response__free_unpacked(answer, NULL);
  } else {
    fprintf(stderr, "%s: %s\n", teller_status_name(status), teller_error_message(client));
  }
  teller_close(client);
  return status == TELLER_OK ? 0 : 1;
}
