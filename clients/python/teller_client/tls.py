"""TLS between bytes and bytes, and what its errors mean.

The blocking client reads and writes a socket from two threads, which one SSL object does not bear;
here it is used under the connection's lock, and the socket carries ready-made records.
"""

from __future__ import annotations

import ssl

from .errors import TellerError, Unauthenticated, Unavailable

_READ_BYTES = 1 << 16

_UNTRUSTED = "the peer's certificate is not trusted"
_REFUSED = "the peer refused our certificate"
_NO_CIPHER = "there is no cipher suite that both sides accept"
#: OpenSSL's names and what they come from. The words are those of the other clients.
_MEANINGS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server asks for a client certificate: none was shown",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"{_REFUSED}: it has expired",
    "TLSV1_ALERT_UNKNOWN_CA": f"{_REFUSED}: its authority is not trusted there",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": f"{_REFUSED}: it was revoked",
    "SSLV3_ALERT_BAD_CERTIFICATE": _REFUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _REFUSED,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": f"{_REFUSED}: it is of a kind not accepted",
    "WRONG_VERSION_NUMBER": "the peer does not speak TLS on this connection",
    "HTTP_REQUEST": "the peer speaks HTTP, not TLS",
    "UNSUPPORTED_PROTOCOL": "the peer offers no TLS version of 1.2 or later",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the peer accepts no TLS version of 1.2 or later",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NO_CIPHER,
    "NO_CIPHERS_AVAILABLE": _NO_CIPHER,
}
#: OpenSSL's numbers of what is wrong with a certificate.
_EXPIRED, _NOT_YET_VALID, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64


def tls_error(error: ssl.SSLError) -> TellerError:
    """What a failure of TLS means for a call.

    Nothing of it passes by itself, so that all is Unauthenticated and none is tried again; but a
    connection that only ended is Unavailable.
    """
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Unavailable("the peer closed the connection during the TLS handshake")
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in (_OTHER_NAME, _OTHER_ADDRESS):
            return Unauthenticated("the peer's certificate is for another name")
        reasons = {_EXPIRED: "it has expired", _NOT_YET_VALID: "it is not valid yet"}
        reason = reasons.get(error.verify_code, "no trusted authority has signed it")
        return Unauthenticated(f"{_UNTRUSTED}: {reason}")
    reason = error.reason or str(error)
    return Unauthenticated(_MEANINGS.get(reason, f"TLS failed: {reason}"))


class TLSLayer:
    """The client's end of one TLS connection."""

    def __init__(self, context: ssl.SSLContext, server_hostname: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )

    def handshake(self) -> bool:
        """Goes on with the handshake; True when it is done. Send ``outgoing`` after each step.

        Raises ssl.SSLError when the peer is not whom it should be.
        """
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def feed(self, data: bytes) -> None:
        """Takes bytes from the socket; empty: end of file."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def read(self) -> tuple[bytes, bool]:
        """The clear bytes that have come, and whether the peer has closed."""
        parts: list[bytes] = []
        while True:
            try:
                data = self._object.read(_READ_BYTES)
            except ssl.SSLWantReadError:
                return b"".join(parts), False
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b"".join(parts), True
            if not data:
                return b"".join(parts), True
            parts.append(data)

    def write(self, data: bytes) -> None:
        """Encrypts bytes into ``outgoing``."""
        if data:
            self._object.write(data)

    def outgoing(self) -> bytes:
        """Takes what the socket must send."""
        return self._outgoing.read()
