// The client's end of TLS, between bytes and bytes: no socket, no clock. What must be sent goes in
// clear and comes out as records; records of the server go in and come out clear. Inside the library;
// programs use TellerTlsOptions of teller_client.h.
#ifndef TELLER_TLS_H
#define TELLER_TLS_H

#include "teller_connection.h"

typedef struct TellerTls TellerTls;

// Why TLS did not go on, in one line.
typedef struct TellerTlsFailure {
  TellerStatus status;
  char text[600];
} TellerTlsFailure;

// Reads the files of `options`; `host` is the name to hold against the server's certificate where the
// options have none. NULL: see the failure, INVALID_ARGUMENT for files that are of no use.
TellerTls *teller_tls_make(const TellerTlsOptions *options, const char *host,
                           TellerTlsFailure *failure);
void teller_tls_free(TellerTls *tls);

// Goes on with the handshake and, once it is done, turns what stands in `clear` into records, which are
// appended to `records`. 0: see the failure; what stands in `records` tells the server of it.
int teller_tls_seal(TellerTls *tls, TellerBuffer *clear, TellerBuffer *records,
                    TellerTlsFailure *failure);

// Takes bytes of the socket and appends what they say to `clear`. 0: see the failure; UNAVAILABLE when
// the server has said that it sends no more.
int teller_tls_open(TellerTls *tls, const uint8_t *bytes, size_t length, TellerBuffer *clear,
                    TellerTlsFailure *failure);

// Says that nothing more will be sent.
void teller_tls_say_farewell(TellerTls *tls, TellerBuffer *records);

#endif
