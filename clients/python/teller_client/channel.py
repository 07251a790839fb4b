"""One connection that any number of threads may call on at once.

A thread of its own reads; what is sent goes out from the calling thread while the socket takes it,
and from the connection's thread when it does not, so that nobody who must read ever waits to write.
"""

from __future__ import annotations

import contextlib
import queue
import selectors
import socket
import ssl
import threading
from collections.abc import Generator
from dataclasses import dataclass, field

from .address import Address
from .connection import (
    ClientConnection,
    Ended,
    Event,
    Pong,
    Response,
    StreamData,
)
from .deadline import Deadline
from .errors import Cancelled, TellerError, Unavailable
from .tls import TLSLayer, tls_error

_READ_BYTES = 1 << 18
#: Bytes that may wait for the socket; more callers wait until there is room.
UNSENT_BYTES_MAX = 4 << 20
#: Requests that may be unanswered on one connection.
IN_FLIGHT_MAX = 1024


@dataclass(frozen=True)
class ChannelSettings:
    """What a connection is made with."""

    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None
    token: str | None = field(default=None, repr=False)
    stream_window: int = 64
    in_flight_max: int = IN_FLIGHT_MAX


class PendingCall:
    """A call under way: its answer is waited for by ``payload`` or, of a stream, by
    ``messages``.
    """

    def __init__(self, channel: Channel, deadline: Deadline) -> None:
        self._channel = channel
        self._deadline = deadline
        self._arrived: queue.SimpleQueue[Response | StreamData | TellerError] = queue.SimpleQueue()
        self.request_id = 0
        #: The payload of a stream's RESPONSE, once ``messages`` has ended.
        self.answer = b""

    def payload(self) -> bytes:
        """Waits for the answer, at most until the deadline; then the server is told by CANCEL.

        Raises the error the call ended with. Call it once.
        """
        while True:
            arrived = self._next()
            if isinstance(arrived, Response):
                return arrived.payload

    def messages(self) -> Generator[bytes, None, None]:
        """The messages of a stream; ``answer`` is there behind the last.

        Each one taken lets the server send another. A loop that is left early cancels the stream.
        """
        try:
            while isinstance(arrived := self._next(), StreamData):
                self._channel._take_stream_data(self.request_id)
                yield arrived.payload
            self.answer = arrived.payload
        finally:
            # Does nothing where the answer has come.
            self._channel._abandon(self)

    def cancel(self) -> bool:
        """Gives the call up: whoever waits gets Cancelled. False when it was answered already."""
        if not self._channel._abandon(self):
            return False
        self._arrived.put(Cancelled("the call was cancelled"))
        return True

    def _next(self) -> Response | StreamData:
        try:
            arrived = self._arrived.get(timeout=self._deadline.left())
        except queue.Empty:
            self._channel._abandon(self)
            # What crossed the CANCEL still counts.
            try:
                arrived = self._arrived.get_nowait()
            except queue.Empty:
                arrived = self._deadline.exceeded()
        if isinstance(arrived, TellerError):
            raise arrived
        if isinstance(arrived, Response) and arrived.error is not None:
            raise arrived.error
        return arrived


class Channel:
    """See the module. Made by ``open``; closed by ``close``, or by the server."""

    def __init__(
        self, sock: socket.socket, tls: TLSLayer | None, settings: ChannelSettings
    ) -> None:
        self._socket = sock
        self._tls = tls
        self._settings = settings
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._state = ClientConnection(stream_window=settings.stream_window)
        self._calls: dict[int, PendingCall] = {}
        self._pings: dict[bytes, queue.SimpleQueue[TellerError | None]] = {}
        self._ping_count = 0
        self._unsent = bytearray()
        self._is_closed = False
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)

    @classmethod
    def open(cls, address: Address, settings: ChannelSettings, deadline: Deadline) -> Channel:
        """Connects, does the TLS handshake and exchanges prefaces, all before the deadline.

        Raises Unavailable where that fails, and Unauthenticated where one side does not trust the
        other.
        """
        try:
            sock = socket.create_connection(
                (address.host, address.port), timeout=_positive(deadline)
            )
        except OSError as error:
            raise Unavailable(f"{address}: cannot connect: {_reason(error)}") from None
        with contextlib.ExitStack() as undo:
            undo.callback(sock.close)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                tls = None
                if settings.tls is not None:
                    tls = TLSLayer(settings.tls, settings.server_hostname or address.host)
                    _handshake(sock, tls, deadline)
                channel = cls(sock, tls, settings)
                undo.callback(channel._close_sockets)
                channel._exchange_prefaces(deadline)
            except ssl.SSLError as error:
                raise tls_error(error) from None
            except OSError as error:
                raise Unavailable(f"{address}: {_reason(error)}") from None
            undo.pop_all()
        threading.Thread(target=channel._run, name=f"teller {address}", daemon=True).start()
        return channel

    def _close_sockets(self) -> None:
        for sock in (self._socket, self._wake_read, self._wake_write):
            sock.close()

    def _exchange_prefaces(self, deadline: Deadline) -> None:
        with self._lock:
            if self._settings.token is not None:
                self._state.send_credentials(self._settings.token)
            self._socket.settimeout(_positive(deadline))
            self._collect_output()
            # A server that has closed already has said why: it is read below.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._socket.sendall(self._unsent)
            self._unsent.clear()
            events: list[Event] = []
            while not self._state.has_preface:
                self._socket.settimeout(_positive(deadline))
                events = self._read(self._socket.recv(_READ_BYTES))
                for event in events:
                    if isinstance(event, Ended):
                        raise event.error
            self._socket.setblocking(False)
            # A server that is going away says so right behind its preface.
            self._dispatch(events)
            self._flush()

    # Calls.

    @property
    def takes_requests(self) -> bool:
        """Whether a call may be made here."""
        return self._state.takes_requests

    def start(
        self,
        method: int,
        payload: bytes,
        deadline: Deadline,
        *,
        is_streamed: bool = False,
        trace_id: bytes | None = None,
    ) -> PendingCall:
        """Sends a request without waiting for its answer.

        Waits only while ``in_flight_max`` requests are unanswered or the socket takes nothing;
        raises DeadlineExceeded when that lasts too long, Unavailable when the connection takes no
        requests.
        """
        call = PendingCall(self, deadline)
        with self._lock:
            while self._state.takes_requests and not self._has_room:
                if not self._room.wait(deadline.left()):
                    raise deadline.exceeded()
            call.request_id = self._state.open_request(
                method,
                payload,
                deadline_ms=deadline.left_ms(),
                is_streamed=is_streamed,
                trace_id=trace_id,
            )
            self._calls[call.request_id] = call
            self._flush()
        return call

    @property
    def _has_room(self) -> bool:
        return (
            self._state.unanswered_count < self._settings.in_flight_max
            and len(self._unsent) < UNSENT_BYTES_MAX
        )

    def ping(self, deadline: Deadline) -> None:
        """Waits for the server to answer a PING."""
        waiter: queue.SimpleQueue[TellerError | None] = queue.SimpleQueue()
        with self._lock:
            self._ping_count += 1
            payload = self._ping_count.to_bytes(8, "little")
            self._state.ping(payload)
            self._pings[payload] = waiter
            self._flush()
        try:
            error = waiter.get(timeout=deadline.left())
        except queue.Empty:
            raise deadline.exceeded() from None
        finally:
            with self._lock:
                self._pings.pop(payload, None)
        if error is not None:
            raise error

    def send_credentials(self, token: str) -> None:
        """Replaces the connection's token."""
        with self._lock:
            self._state.send_credentials(token)
            self._flush()

    def close(self) -> None:
        """Says farewell and closes; calls under way fail with Unavailable."""
        with self._lock:
            if self._is_closed:
                return
            self._state.say_farewell()
            self._flush()
            self._dispatch(self._state.receive_eof("the client was closed"))

    def _abandon(self, call: PendingCall) -> bool:
        with self._lock:
            is_new = self._state.abandon(call.request_id)
            if is_new:
                self._calls.pop(call.request_id, None)
                self._flush()
            return is_new

    def _take_stream_data(self, request_id: int) -> None:
        with self._lock:
            self._state.take_stream_data(request_id)
            self._flush()

    # The connection's thread. Everything below runs under the lock, but for waiting.

    def _run(self) -> None:
        try:
            self._loop()
        finally:
            with self._lock:
                # Nobody waits for ever because of a bug here.
                self._dispatch(self._state.receive_eof("the connection's thread ended"))
                self._close_sockets()

    def _loop(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_read, selectors.EVENT_READ)
            wanted = selectors.EVENT_READ
            selector.register(self._socket, wanted)
            while True:
                ready = selector.select()
                with self._lock:
                    if not self._is_closed:
                        self._turn({key.fileobj for key, events in ready if events & 1})
                    if self._is_closed:
                        return
                    writes = selectors.EVENT_WRITE if self._unsent else 0
                    if wanted != selectors.EVENT_READ | writes:
                        wanted = selectors.EVENT_READ | writes
                        selector.modify(self._socket, wanted)

    def _turn(self, readable: set[object]) -> None:
        if self._wake_read in readable:
            with contextlib.suppress(BlockingIOError):
                self._wake_read.recv(4096)
        if self._socket in readable:
            try:
                self._dispatch(self._read(self._socket.recv(_READ_BYTES)))
            except BlockingIOError:
                pass
            except OSError as error:
                self._lose(error)
        self._flush()

    def _read(self, data: bytes) -> list[Event]:
        is_end = not data
        if self._tls is not None:
            self._tls.feed(data)
            data, is_end = self._tls.read()
        events = self._state.receive(data)
        return events + self._state.receive_eof() if is_end else events

    def _collect_output(self) -> None:
        data = self._state.data_to_send()
        if self._tls is not None:
            self._tls.write(data)
            data = self._tls.outgoing()
        self._unsent += data

    def _flush(self) -> None:
        if self._is_closed:
            return
        self._collect_output()
        had_backlog = len(self._unsent) >= UNSENT_BYTES_MAX
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent)
                del self._unsent[:sent]
        except BlockingIOError:
            self._wake()
        except OSError as error:
            self._hear_last_words()
            self._lose(error)
        if had_backlog:
            self._room.notify_all()

    def _wake(self) -> None:
        # A full pipe wakes just as well.
        with contextlib.suppress(BlockingIOError):
            self._wake_write.send(b"\0")

    def _hear_last_words(self) -> None:
        """Reads what came before the socket refused to send: it may say why."""
        with contextlib.suppress(OSError):
            while not self._is_closed and (data := self._socket.recv(_READ_BYTES)):
                self._dispatch(self._read(data))

    def _lose(self, error: OSError) -> None:
        if isinstance(error, ssl.SSLError):
            self._dispatch(self._state.receive_failure(tls_error(error)))
        else:
            reason = f"the connection failed: {_reason(error)}"
            self._dispatch(self._state.receive_eof(reason))

    def _dispatch(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Response():
                    self._calls.pop(event.request_id)._arrived.put(event)
                case StreamData():
                    self._calls[event.request_id]._arrived.put(event)
                case Pong():
                    waiter = self._pings.pop(event.payload, None)
                    if waiter is not None:
                        waiter.put(None)
                case Ended():
                    self._end(event)
        self._room.notify_all()
        # A server that goes away may leave the closing to whoever is done first. Asked only here:
        # the state has seen all of the events, the calls have not.
        is_done = not self._state.takes_requests and self._state.unanswered_count == 0
        if is_done and not self._state.is_ended:
            self._flush()
            self._dispatch(self._state.receive_eof())

    def _end(self, event: Ended) -> None:
        for request_id in event.request_ids:
            self._calls.pop(request_id)._arrived.put(event.error)
        for waiter in self._pings.values():
            waiter.put(event.error)
        self._calls.clear()
        self._pings.clear()
        self._is_closed = True
        self._room.notify_all()
        # What the server sends after this is of no use: both halves.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._wake()


def _handshake(sock: socket.socket, tls: TLSLayer, deadline: Deadline) -> None:
    is_done = False
    while not is_done:
        try:
            is_done = tls.handshake()
        finally:
            # Of a handshake that failed, the alert that tells the server.
            sock.settimeout(_positive(deadline))
            sock.sendall(tls.outgoing())
        if not is_done:
            tls.feed(sock.recv(_READ_BYTES))


def _positive(deadline: Deadline) -> float | None:
    left = deadline.left()
    # 0 would mean a socket that does not block.
    return None if left is None else max(left, 0.001)


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or str(error)
