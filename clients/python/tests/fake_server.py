"""A server whose every byte the test decides, for what a well-behaved server never does."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from teller_client.frames import HEADER_BYTES, PREFACE, FrameType, Header, encode_frame

#: How long a test waits for what never comes; no test passes or fails by how long a thing takes.
PATIENCE_SECONDS = 30.0


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock

    def read(self, length: int) -> bytes:
        """Exactly that many bytes; raises EOFError when the client has closed."""
        data = b""
        while len(data) < length:
            try:
                part = self.socket.recv(length - len(data))
            except ConnectionResetError:  # It closed before it had read all it was sent.
                part = b""
            if not part:
                raise EOFError
            data += part
        return data

    def exchange_prefaces(self) -> None:
        """Reads the client's preface and sends ours."""
        assert self.read(len(PREFACE)) == PREFACE
        self.socket.sendall(PREFACE)

    def frame(self) -> tuple[Header, bytes]:
        """The client's next frame."""
        header = Header.decode(self.read(HEADER_BYTES))
        return header, self.read(header.payload_length)

    def request(self) -> tuple[Header, bytes]:
        """The client's next REQUEST; other frames before it are dropped."""
        while True:
            header, payload = self.frame()
            if header.type == FrameType.REQUEST:
                return header, payload

    def send(self, kind: FrameType, payload: bytes = b"", **fields: int) -> None:
        """Sends a frame; raises EOFError when the client has closed."""
        try:
            self.socket.sendall(encode_frame(kind, payload, **fields))
        except (BrokenPipeError, ConnectionResetError):
            raise EOFError from None

    def answer(self, request: Header, payload: bytes = b"", status: int = 0) -> None:
        """Answers a request."""
        self.send(
            FrameType.RESPONSE,
            payload,
            method=request.method,
            request_id=request.request_id,
            word=status,
        )

    def wait_for_close(self) -> None:
        """Drops what the client still sends, until it closes."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                self.frame()


class FakeServer:
    """Runs a function for the first connection, another for the second, and so on.

    What a function raises fails the test when the server is left.
    """

    def __init__(
        self, *behaviours: Callable[[Peer], None], tls: ssl.SSLContext | None = None
    ) -> None:
        self._behaviours = behaviours
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_SECONDS)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: BaseException | None = None
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> FakeServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # A failed test has its own message; a server that still waits would hide it.
        if kind is None:
            self._thread.join(PATIENCE_SECONDS)
        self._listener.close()
        if kind is None and self._error is not None:
            raise AssertionError("the fake server failed") from self._error

    def _run(self) -> None:
        try:
            for behaviour in self._behaviours:
                sock, _ = self._listener.accept()
                if self._tls is not None:
                    sock = self._tls.wrap_socket(sock, server_side=True)
                with sock:
                    behaviour(Peer(sock))
        except BaseException as error:
            self._error = error
