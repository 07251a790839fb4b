"""TLS between bytes and bytes.

The blocking client reads and writes a socket from two threads, which one SSL object does not bear;
here it is used under the connection's lock, and the socket carries ready-made records.
"""

from __future__ import annotations

import ssl

_READ_BYTES = 1 << 16


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
