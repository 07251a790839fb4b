// TLS with a certificate of the client's own and a token, and what happens without.
//
//   build/09_security 127.0.0.1:7001 CA.pem CLIENT.pem CLIENT.key TOKEN-FILE
#include <stdio.h>
#include <string.h>

#include "teller_client.h"

static TellerStatus greet(const char *name, const char *address,
                          const TellerConnectOptions *options) {
  TellerClient *client;
  Teller__V1__RecommendResponse *answer = NULL;
  TellerStatus status = teller_connect_with(&client, address, options);
  if (status == TELLER_OK) status = teller_recommend(client, "15889", 1, &answer);
  printf("%s: %s %s\n", name, teller_status_name(status), teller_error_message(client));
  if (answer != NULL) teller__v1__recommend_response__free_unpacked(answer, NULL);
  teller_close(client);
  return status;
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
  char token[TELLER_TOKEN_BYTES_MAX + 2];
  if (count != 6 || !read_token(arguments[5], token, sizeof token)) {
    fprintf(stderr, "usage: 09_security HOST:PORT CA.pem CLIENT.pem CLIENT.key TOKEN-FILE\n");
    return 2;
  }
  const TellerTlsOptions known = {
      .ca_path = arguments[2], .certificate_path = arguments[3], .key_path = arguments[4]};
  const TellerTlsOptions nobody = {.ca_path = arguments[2]}, elsewhere = {.ca_path = NULL};
  const struct {
    const char *name;
    TellerConnectOptions options;
    TellerStatus expected;
  } callers[] = {
      {"known", {5000, &known, token}, TELLER_OK},
      {"without TLS", {5000, NULL, token}, TELLER_UNAUTHENTICATED},
      {"without a certificate", {5000, &nobody, token}, TELLER_UNAUTHENTICATED},
      {"another authority", {5000, &elsewhere, token}, TELLER_UNAUTHENTICATED},
      {"without a token", {5000, &known, NULL}, TELLER_UNAUTHENTICATED},
      {"with a wrong token", {5000, &known, "guess"}, TELLER_UNAUTHENTICATED},
  };
  int is_as_expected = 1;
  for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++)
    if (greet(callers[i].name, arguments[1], &callers[i].options) != callers[i].expected)
      is_as_expected = 0;
  return is_as_expected ? 0 : 1;
}
