// TLS by OpenSSL, over two buffers in memory.
#define _POSIX_C_SOURCE 200809L

#include "teller_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLEAR_BYTES = 1 << 16 };

struct TellerTls {
  SSL_CTX *context;
  SSL *session;
  // Records of the server that were not read yet; records that must be sent. The session owns them.
  BIO *incoming, *outgoing;
};

// What the server's certificate or TLS's own alerts mean. The words are those of the other clients.
static const struct {
  int reason;
  const char *words;
} meanings[] = {
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
     "the server asks for a client certificate: none was shown"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the peer refused our certificate: it has expired"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA,
     "the peer refused our certificate: its authority is not trusted there"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the peer refused our certificate: it was revoked"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the peer refused our certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the peer refused our certificate"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
     "the peer refused our certificate: it is of a kind not accepted"},
    {SSL_R_WRONG_VERSION_NUMBER, "the peer does not speak TLS on this connection"},
    {SSL_R_HTTP_REQUEST, "the peer speaks HTTP, not TLS"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "the peer offers no TLS version of 1.2 or later"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "the peer accepts no TLS version of 1.2 or later"},
    {SSL_R_NO_CIPHERS_AVAILABLE, "there is no cipher suite that both sides accept"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "there is no cipher suite that both sides accept"},
};

static int fail(TellerTlsFailure *failure, TellerStatus status, const char *name,
                const char *text) {
  failure->status = status;
  snprintf(failure->text, sizeof failure->text, "%s%s%s", name, *name != 0 ? ": " : "", text);
  ERR_clear_error();
  return 0;
}

static int fail_memory(TellerTlsFailure *failure) {
  return fail(failure, TELLER_RESOURCE_EXHAUSTED, "", "out of memory");
}

// The failure of the session. Nothing of it passes by itself: UNAUTHENTICATED.
static int fail_session(TellerTls *tls, TellerTlsFailure *failure) {
  static const char untrusted[] = "the peer's certificate is not trusted";
  switch (SSL_get_verify_result(tls->session)) {
    case X509_V_OK: break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fail(failure, TELLER_UNAUTHENTICATED, "", "the peer's certificate is for another name");
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fail(failure, TELLER_UNAUTHENTICATED, untrusted, "it has expired");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fail(failure, TELLER_UNAUTHENTICATED, untrusted, "it is not valid yet");
    default:
      return fail(failure, TELLER_UNAUTHENTICATED, untrusted, "no trusted authority has signed it");
  }
  unsigned long error = ERR_peek_error();
  for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
    if (ERR_GET_REASON(error) == meanings[i].reason)
      return fail(failure, TELLER_UNAUTHENTICATED, "", meanings[i].words);
  const char *text = ERR_reason_error_string(error);
  return fail(failure, TELLER_UNAUTHENTICATED, "TLS failed", text != NULL ? text : "no reason given");
}

// What is wrong with a file that OpenSSL did not take.
static int fail_file(TellerTlsFailure *failure, const char *path, const char *problem) {
  FILE *file = fopen(path, "rb");
  const char *text = file == NULL ? strerror(errno) : problem;
  if (file != NULL) fclose(file);
  return fail(failure, TELLER_INVALID_ARGUMENT, path, text);
}

static int read_files(SSL_CTX *context, const TellerTlsOptions *options, TellerTlsFailure *failure) {
  if (options->ca_path == NULL) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      return fail(failure, TELLER_INVALID_ARGUMENT, "", "the system's authorities cannot be read");
  } else if (SSL_CTX_load_verify_file(context, options->ca_path) != 1) {
    return fail_file(failure, options->ca_path, "no certificate in PEM form in it");
  }
  if ((options->certificate_path == NULL) != (options->key_path == NULL))
    return fail(failure, TELLER_INVALID_ARGUMENT, "",
                "a client's certificate and its key go together: give both");
  if (options->certificate_path == NULL) return 1;
  if (SSL_CTX_use_certificate_chain_file(context, options->certificate_path) != 1)
    return fail_file(failure, options->certificate_path, "no certificate in PEM form in it");
  if (SSL_CTX_use_PrivateKey_file(context, options->key_path, SSL_FILETYPE_PEM) != 1)
    return fail_file(failure, options->key_path,
                     "no private key in PEM form in it, or not that of the certificate");
  return 1;
}

// A host given as an address is held against the addresses in the certificate, a name against its
// names.
static int expect_name(SSL *session, const char *name) {
  uint8_t address[16];
  if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) == 1;
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(session, name) == 1 && SSL_set_tlsext_host_name(session, name) == 1;
}

static int set_up(TellerTls *tls, const TellerTlsOptions *options, const char *host,
                  TellerTlsFailure *failure) {
  tls->context = SSL_CTX_new(TLS_client_method());
  if (tls->context == NULL) return fail_memory(failure);
  SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
  SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
  if (!read_files(tls->context, options, failure)) return 0;
  tls->session = SSL_new(tls->context);
  tls->incoming = BIO_new(BIO_s_mem());
  tls->outgoing = BIO_new(BIO_s_mem());
  if (tls->session == NULL || tls->incoming == NULL || tls->outgoing == NULL) {
    BIO_free(tls->incoming);
    BIO_free(tls->outgoing);
    return fail_memory(failure);
  }
  SSL_set_bio(tls->session, tls->incoming, tls->outgoing);
  SSL_set_connect_state(tls->session);
  const char *name = options->server_name != NULL ? options->server_name : host;
  return expect_name(tls->session, name)
             ? 1
             : fail(failure, TELLER_INVALID_ARGUMENT, name, "no name a certificate can have");
}

TellerTls *teller_tls_make(const TellerTlsOptions *options, const char *host,
                           TellerTlsFailure *failure) {
  TellerTls *tls = calloc(1, sizeof *tls);
  if (tls == NULL) {
    fail_memory(failure);
    return NULL;
  }
  // What another library left behind is not ours.
  ERR_clear_error();
  if (set_up(tls, options, host, failure)) return tls;
  teller_tls_free(tls);
  return NULL;
}

void teller_tls_free(TellerTls *tls) {
  if (tls == NULL) return;
  SSL_free(tls->session);
  SSL_CTX_free(tls->context);
  free(tls);
}

static int take_records(TellerTls *tls, TellerBuffer *records) {
  size_t length = BIO_ctrl_pending(tls->outgoing);
  if (length == 0) return 1;
  if (!teller_buffer_reserve(records, length)) return 0;
  int taken = BIO_read(tls->outgoing, records->bytes + records->end, (int)length);
  if (taken > 0) records->end += (size_t)taken;
  return 1;
}

int teller_tls_seal(TellerTls *tls, TellerBuffer *clear, TellerBuffer *records,
                    TellerTlsFailure *failure) {
  ERR_clear_error();
  int is_good = 1, result = SSL_do_handshake(tls->session);
  if (result == 1 && clear->end > clear->start) {
    size_t length = clear->end - clear->start, written = 0;
    if (length > CLEAR_BYTES) length = CLEAR_BYTES;
    // Memory takes everything: all of it is written or nothing can be.
    result = SSL_write_ex(tls->session, clear->bytes + clear->start, length, &written);
    if (result == 1) teller_buffer_consume(clear, written);
  }
  if (result != 1 && SSL_get_error(tls->session, result) != SSL_ERROR_WANT_READ)
    is_good = fail_session(tls, failure);
  return take_records(tls, records) ? is_good : fail_memory(failure);
}

int teller_tls_open(TellerTls *tls, const uint8_t *bytes, size_t length, TellerBuffer *clear,
                    TellerTlsFailure *failure) {
  ERR_clear_error();
  if (BIO_write(tls->incoming, bytes, (int)length) != (int)length) return fail_memory(failure);
  for (;;) {
    if (!teller_buffer_reserve(clear, CLEAR_BYTES)) return fail_memory(failure);
    size_t count = 0;
    int result =
        SSL_read_ex(tls->session, clear->bytes + clear->end, clear->capacity - clear->end, &count);
    if (result == 1) {
      clear->end += count;
      continue;
    }
    switch (SSL_get_error(tls->session, result)) {
      case SSL_ERROR_WANT_READ: return 1;
      case SSL_ERROR_ZERO_RETURN:
        return fail(failure, TELLER_UNAVAILABLE, "", "the server closed the connection");
      default: return fail_session(tls, failure);
    }
  }
}

void teller_tls_say_farewell(TellerTls *tls, TellerBuffer *records) {
  ERR_clear_error();
  if (SSL_is_init_finished(tls->session)) SSL_shutdown(tls->session);
  take_records(tls, records);
  ERR_clear_error();
}
