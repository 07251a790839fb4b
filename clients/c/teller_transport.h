// What carries the bytes of a TellerConnection: a socket that does not block, with or without TLS.
// Inside the library; programs use teller_client.h.
#ifndef TELLER_TRANSPORT_H
#define TELLER_TRANSPORT_H

#include "teller_connection.h"
#include "teller_tls.h"

typedef struct TellerTransport {
  // -1: none.
  int socket;
  // NULL: the bytes travel as they are.
  TellerTls *tls;
  // Of TLS: records that wait for the socket.
  TellerBuffer records;
} TellerTransport;

// Connects to the first address of a host that can be reached; ends the connection where none can.
// `tls` NULL: none. The handshake goes on in what follows.
void teller_transport_connect(TellerTransport *transport, TellerConnection *connection,
                              const char *host, const char *port, const TellerTlsOptions *tls,
                              int64_t deadline_ms);

// Sends what goes without waiting, and closes.
void teller_transport_close(TellerTransport *transport, TellerConnection *connection);

// Sends what goes without waiting.
void teller_transport_send(TellerTransport *transport, TellerConnection *connection);

// Sends and receives what goes without waiting, then waits for more. 0 when the time was up. It always
// reads as well as writes: a server whose answers nobody takes stops taking requests.
int teller_transport_turn(TellerTransport *transport, TellerConnection *connection,
                          int64_t deadline_ms);

// A clock that only goes forward, in milliseconds.
int64_t teller_now_ms(void);

#endif
