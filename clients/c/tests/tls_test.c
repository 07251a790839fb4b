// TLS between bytes and bytes, against OpenSSL's own server end: no socket. Certificates are made here
// and written into the folder given. Exits with 1 on any failure. Usage: tls_test FOLDER
#define _POSIX_C_SOURCE 200809L

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teller_tls.h"

static int failures;
static char certificate_path[1024], key_path[1024], missing_path[1024];

#define EXPECT(condition)                                                       \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);  \
      failures += 1;                                                            \
    }                                                                           \
  } while (0)

// The server's end, in clear on one side and records on the other.
typedef struct Server {
  SSL_CTX *context;
  SSL *session;
  BIO *incoming, *outgoing;
} Server;

static void sign(EVP_PKEY *key, X509 *certificate) {
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"tests", -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
                                              "DNS:bank.example,IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  EXPECT(X509_sign(certificate, key, EVP_sha256()) > 0);
}

// A certificate that signs itself, with its key.
static void make_certificate(const char *folder) {
  snprintf(certificate_path, sizeof certificate_path, "%s/tls_test.pem", folder);
  snprintf(key_path, sizeof key_path, "%s/tls_test.key", folder);
  snprintf(missing_path, sizeof missing_path, "%s/tls_test.missing", folder);
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  sign(key, certificate);
  FILE *file = fopen(certificate_path, "w");
  EXPECT(file != NULL && PEM_write_X509(file, certificate));
  if (file != NULL) fclose(file);
  file = fopen(key_path, "w");
  EXPECT(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
  if (file != NULL) fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

static Server start(int maximum_version, int asks_for_certificate) {
  Server server = {.context = SSL_CTX_new(TLS_server_method())};
  SSL_CTX_set_max_proto_version(server.context, maximum_version);
  EXPECT(SSL_CTX_use_certificate_file(server.context, certificate_path, SSL_FILETYPE_PEM) == 1);
  EXPECT(SSL_CTX_use_PrivateKey_file(server.context, key_path, SSL_FILETYPE_PEM) == 1);
  EXPECT(SSL_CTX_load_verify_file(server.context, certificate_path) == 1);
  if (asks_for_certificate)
    SSL_CTX_set_verify(server.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  server.session = SSL_new(server.context);
  server.incoming = BIO_new(BIO_s_mem());
  server.outgoing = BIO_new(BIO_s_mem());
  SSL_set_bio(server.session, server.incoming, server.outgoing);
  SSL_set_accept_state(server.session);
  return server;
}

static void stop(Server *server) {
  SSL_free(server->session);
  SSL_CTX_free(server->context);
}

// The client's records to the server, which sends back what it reads; its records to the client, `cut`
// bytes at a time. 0: the client has failed.
static int turn(TellerTls *tls, Server *server, TellerBuffer *clear, TellerBuffer *received,
                size_t cut, TellerTlsFailure *failure) {
  TellerBuffer records = {0};
  int is_good = teller_tls_seal(tls, clear, &records, failure);
  if (records.end > 0) BIO_write(server->incoming, records.bytes, (int)records.end);
  teller_buffer_free(&records);
  if (!is_good) return 0;
  static uint8_t bytes[1 << 16];
  size_t count;
  while (SSL_read_ex(server->session, bytes, sizeof bytes, &count) == 1)
    SSL_write_ex(server->session, bytes, count, &count);
  int length;
  while (is_good && (length = BIO_read(server->outgoing, bytes, (int)cut)) > 0)
    is_good = teller_tls_open(tls, bytes, (size_t)length, received, failure);
  return is_good;
}

// Sends 200,000 bytes there and back; the failure's status, or OK.
static TellerStatus converse(Server server, const TellerTlsOptions *options, const char *host,
                             size_t cut, TellerTlsFailure *failure) {
  enum { LENGTH = 200000, TURNS_MAX = 100 };
  static uint8_t sent[LENGTH];
  for (size_t i = 0; i < LENGTH; i++) sent[i] = (uint8_t)(i * 31 >> 3);
  TellerTls *tls = teller_tls_make(options, host, failure);
  int is_good = tls != NULL;
  TellerBuffer clear = {0}, received = {0};
  EXPECT(teller_buffer_append(&clear, sent, LENGTH));
  for (int i = 0; is_good && received.end < LENGTH && i < TURNS_MAX; i++)
    is_good = turn(tls, &server, &clear, &received, cut, failure);
  if (is_good)
    EXPECT(received.end == LENGTH && memcmp(received.bytes, sent, LENGTH) == 0);
  teller_buffer_free(&clear);
  teller_buffer_free(&received);
  teller_tls_free(tls);
  stop(&server);
  return is_good ? TELLER_OK : failure->status;
}

static void test_there_and_back(void) {
  const TellerTlsOptions options = {.ca_path = certificate_path};
  TellerTlsFailure failure;
  const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
  const size_t cuts[] = {1, 7, 1 << 16};
  for (size_t i = 0; i < 2; i++)
    for (size_t j = 0; j < 3; j++)
      EXPECT(converse(start(versions[i], 0), &options, "127.0.0.1", cuts[j], &failure) == TELLER_OK);
  const TellerTlsOptions known = {
      .ca_path = certificate_path, .certificate_path = certificate_path, .key_path = key_path};
  EXPECT(converse(start(TLS1_3_VERSION, 1), &known, "bank.example", 512, &failure) == TELLER_OK);
}

static void expect_refused(Server server, const TellerTlsOptions *options, const char *host,
                           const char *words) {
  TellerTlsFailure failure = {.text = ""};
  EXPECT(converse(server, options, host, 64, &failure) == TELLER_UNAUTHENTICATED);
  if (strstr(failure.text, words) != NULL) return;
  fprintf(stderr, "tls_test: \"%s\" does not say \"%s\"\n", failure.text, words);
  failures += 1;
}

static void test_refusals(void) {
  const TellerTlsOptions trusting = {.ca_path = certificate_path}, doubting = {.ca_path = NULL};
  const TellerTlsOptions named = {.ca_path = certificate_path, .server_name = "shop.example"};
  expect_refused(start(TLS1_3_VERSION, 0), &named, "127.0.0.1", "is for another name");
  expect_refused(start(TLS1_2_VERSION, 0), &trusting, "localhost", "is for another name");
  expect_refused(start(TLS1_3_VERSION, 0), &trusting, "127.0.0.2", "is for another name");
  expect_refused(start(TLS1_3_VERSION, 0), &doubting, "127.0.0.1", "no trusted authority");
  expect_refused(start(TLS1_3_VERSION, 1), &trusting, "127.0.0.1", "none was shown");
  expect_refused(start(TLS1_1_VERSION, 0), &trusting, "127.0.0.1", "TLS");
}

static void test_bytes_that_are_no_tls(void) {
  const TellerTlsOptions options = {.ca_path = certificate_path};
  TellerTlsFailure failure;
  TellerTls *tls = teller_tls_make(&options, "127.0.0.1", &failure);
  TellerBuffer clear = {0}, records = {0};
  EXPECT(tls != NULL && teller_tls_seal(tls, &clear, &records, &failure));
  EXPECT(!teller_tls_open(tls, (const uint8_t *)"TELLER\1\0", 8, &clear, &failure));
  EXPECT(failure.status == TELLER_UNAUTHENTICATED);
  EXPECT(strcmp(failure.text, "the peer does not speak TLS on this connection") == 0);
  teller_buffer_free(&clear);
  teller_buffer_free(&records);
  teller_tls_free(tls);
}

static void expect_unusable(const TellerTlsOptions *options, const char *words) {
  TellerTlsFailure failure = {.text = ""};
  TellerTls *tls = teller_tls_make(options, "127.0.0.1", &failure);
  EXPECT(tls == NULL && failure.status == TELLER_INVALID_ARGUMENT);
  EXPECT(strstr(failure.text, words) != NULL);
  teller_tls_free(tls);
}

static void test_files_that_are_of_no_use(void) {
  const char *const ca = certificate_path;
  expect_unusable(&(TellerTlsOptions){.ca_path = missing_path}, "No such file");
  expect_unusable(&(TellerTlsOptions){.ca_path = key_path}, "no certificate in PEM form");
  expect_unusable(&(TellerTlsOptions){.ca_path = ca, .certificate_path = ca}, "give both");
  expect_unusable(&(TellerTlsOptions){.ca_path = ca, .key_path = key_path}, "give both");
  expect_unusable(
      &(TellerTlsOptions){.ca_path = ca, .certificate_path = key_path, .key_path = key_path},
      "no certificate in PEM form");
  expect_unusable(&(TellerTlsOptions){.ca_path = ca, .certificate_path = ca, .key_path = ca},
                  "no private key in PEM form");
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: tls_test FOLDER\n");
    return 2;
  }
  make_certificate(arguments[1]);
  test_there_and_back();
  test_refusals();
  test_bytes_that_are_no_tls();
  test_files_that_are_of_no_use();
  if (failures > 0) return 1;
  printf("tls_test: all as expected\n");
  return 0;
}
