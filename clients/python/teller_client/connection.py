"""The client's side of one connection as a state machine over bytes.

It opens no socket, reads no clock and knows no message: bytes from the server go in by
:meth:`ClientConnection.receive`, what happened comes out as events, and what must be sent is taken
by :meth:`ClientConnection.data_to_send`. The blocking and the asyncio client both run on it.

Rules it keeps (``proto/PROTOCOL.md``): a request id is free again only when its RESPONSE has come,
also when the request was given up; PING is answered with the same bytes; after GO_AWAY no request
is opened; what a server may not send ends the connection with INTERNAL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .errors import (
    Internal,
    InvalidArgument,
    ResourceExhausted,
    TellerError,
    Unauthenticated,
    Unavailable,
    error_of,
)
from .frames import (
    DEADLINE_MS_MAX,
    FRAME_BYTES_MAX,
    HEADER_BYTES,
    PING_BYTES,
    PREFACE,
    PROTOCOL_VERSION,
    STREAM_CREDIT_INITIAL,
    STREAM_CREDIT_MAX,
    TOKEN_BYTES_MAX,
    TRACE_ID_BYTES,
    Flags,
    FrameType,
    Header,
    encode_frame,
    text_payload,
)

#: What a server that speaks TLS begins with: an alert, or a handshake.
_TLS_RECORDS = (b"\x15", b"\x16")


@dataclass(frozen=True)
class PrefaceAccepted:
    """The server speaks this protocol."""


@dataclass(frozen=True)
class Response:
    """The answer to a request that is waited for: a payload, or an error."""

    request_id: int
    payload: bytes
    error: TellerError | None


@dataclass(frozen=True)
class AbandonedResponse:
    """The answer to a request that was given up; its id is free again."""

    request_id: int


@dataclass(frozen=True)
class StreamData:
    """One more message of a stream that is waited for."""

    request_id: int
    payload: bytes


@dataclass(frozen=True)
class Pong:
    """A ping came back."""

    payload: bytes


@dataclass(frozen=True)
class GoAway:
    """The server closes in good order: what it has read is answered, no more requests go here."""

    message: str


@dataclass(frozen=True)
class Ended:
    """The connection is over; every request still waited for fails with ``error``."""

    error: TellerError
    request_ids: tuple[int, ...]


Event = PrefaceAccepted | Response | AbandonedResponse | StreamData | Pong | GoAway | Ended


@dataclass
class _Call:
    is_wanted: bool = True
    is_streamed: bool = False
    #: Messages the server may still send.
    credit: int = 0
    #: Messages the caller has taken and not yet given back as credit.
    taken: int = 0


class ClientConnection:
    """One connection; see the module. ``stream_window`` is how many messages of a stream may be
    under way or waiting here, 64 to 65,535."""

    def __init__(
        self,
        *,
        frame_bytes_max: int = FRAME_BYTES_MAX,
        stream_window: int = STREAM_CREDIT_INITIAL,
        last_request_id: int = 0,
    ) -> None:
        if not STREAM_CREDIT_INITIAL <= stream_window <= STREAM_CREDIT_MAX:
            raise ValueError(
                f"stream_window must be {STREAM_CREDIT_INITIAL} to {STREAM_CREDIT_MAX}, "
                f"not {stream_window}"
            )
        self._frame_bytes_max = frame_bytes_max
        self._stream_window = stream_window
        self._last_request_id = last_request_id
        self._calls: dict[int, _Call] = {}
        self._input = bytearray()
        self._output = bytearray(PREFACE)
        self._has_preface = False
        self._go_away: str | None = None
        self._end: TellerError | None = None
        self._has_said_farewell = False

    # What is known.

    @property
    def has_preface(self) -> bool:
        """Whether the server's preface has come."""
        return self._has_preface

    @property
    def is_ended(self) -> bool:
        """Whether nothing can be sent or received any more."""
        return self._end is not None

    @property
    def takes_requests(self) -> bool:
        """Whether a request may be opened."""
        return self._end is None and self._go_away is None and not self._has_said_farewell

    @property
    def unanswered_count(self) -> int:
        """Requests without an answer, those given up included."""
        return len(self._calls)

    # What the client sends.

    def data_to_send(self) -> bytes:
        """Takes the bytes that must be written next; empty when there are none."""
        data = bytes(self._output)
        self._output.clear()
        return data

    def open_request(
        self,
        method: int,
        payload: bytes,
        *,
        deadline_ms: int = 0,
        is_streamed: bool = False,
        trace_id: bytes | None = None,
    ) -> int:
        """Sends a request and returns its id.

        Raises Unavailable where the connection takes no more, the connection's error where it
        ended, ResourceExhausted for a payload over the frame limit, InvalidArgument for a bad trace
        id.
        """
        self._check_takes_requests()
        if trace_id is not None:
            if len(trace_id) != TRACE_ID_BYTES:
                raise InvalidArgument(f"a trace id has {TRACE_ID_BYTES} bytes, not {len(trace_id)}")
            payload = trace_id + payload
        if len(payload) > self._frame_bytes_max:
            raise ResourceExhausted(
                f"a request of {len(payload)} bytes is over the limit of {self._frame_bytes_max}"
            )
        request_id = self._free_id()
        flags = Flags.STREAMED if is_streamed else Flags.NONE
        if trace_id is not None:
            flags |= Flags.TRACED
        self._calls[request_id] = _Call(
            is_streamed=is_streamed, credit=STREAM_CREDIT_INITIAL if is_streamed else 0
        )
        self._output += encode_frame(
            FrameType.REQUEST,
            payload,
            flags=flags,
            method=method,
            request_id=request_id,
            word=min(deadline_ms, DEADLINE_MS_MAX),
        )
        if is_streamed and self._stream_window > STREAM_CREDIT_INITIAL:
            self._grant(request_id, self._stream_window - STREAM_CREDIT_INITIAL)
        return request_id

    def abandon(self, request_id: int) -> bool:
        """Gives a request up and sends CANCEL; False when it is already answered or given up."""
        call = self._calls.get(request_id)
        if call is None or not call.is_wanted or self._end is not None:
            return False
        call.is_wanted = False
        self._output += encode_frame(FrameType.CANCEL, request_id=request_id)
        return True

    def take_stream_data(self, request_id: int) -> None:
        """Says that the caller has taken one message of a stream, so that the server may send more.

        Credit goes back in halves of the window: a frame for each message would cost as much as the
        message.
        """
        call = self._calls.get(request_id)
        if call is None or not call.is_wanted or self._end is not None:
            return
        call.taken += 1
        if call.taken >= (self._stream_window + 1) // 2:
            self._grant(request_id, call.taken)
            call.taken = 0

    def _grant(self, request_id: int, count: int) -> None:
        self._calls[request_id].credit += count
        self._output += encode_frame(FrameType.CREDIT, request_id=request_id, word=count)

    def ping(self, payload: bytes = bytes(PING_BYTES)) -> None:
        """Sends a PING of 8 bytes."""
        if len(payload) != PING_BYTES:
            raise InvalidArgument(f"a ping has {PING_BYTES} bytes, not {len(payload)}")
        if self._end is not None:
            raise self._end
        self._output += encode_frame(FrameType.PING, payload)

    def send_credentials(self, token: str) -> None:
        """Sends a bearer token of 1 to 1024 bytes, which replaces the connection's earlier one."""
        data = token.encode("utf-8")
        if not 1 <= len(data) <= TOKEN_BYTES_MAX:
            # The token itself stays out of the message: messages end up in logs.
            raise InvalidArgument(f"a token has 1 to {TOKEN_BYTES_MAX} bytes, not {len(data)}")
        if self._end is not None:
            raise self._end
        self._output += encode_frame(FrameType.CREDENTIALS, data)

    def say_farewell(self, reason: str = "done") -> None:
        """Sends GO_AWAY: no request follows, and the server closes when all is answered."""
        if self._end is None and not self._has_said_farewell:
            self._has_said_farewell = True
            self._output += encode_frame(FrameType.GO_AWAY, text_payload(reason))

    def _check_takes_requests(self) -> None:
        if self._end is not None:
            raise self._end
        if self._go_away is not None:
            raise Unavailable(f"the server is going away: {self._go_away}")
        if self._has_said_farewell:
            raise Unavailable("the client was closed")

    def _free_id(self) -> int:
        request_id = self._last_request_id
        while True:
            request_id = (request_id + 1) & 0xFFFF_FFFF
            if request_id != 0 and request_id not in self._calls:
                self._last_request_id = request_id
                return request_id

    # What the server sends.

    def receive(self, data: bytes) -> list[Event]:
        """Reads bytes, cut anywhere, and says what they mean."""
        if self._end is not None:
            return []
        self._input += data
        events: list[Event] = []
        used = 0
        try:
            if not self._has_preface:
                used = self._read_preface()
                if used == 0:
                    return []
                events.append(PrefaceAccepted())
            for header, payload, after in self._frames(used):
                used = after
                event = self._interpret(header, payload)
                if event is not None:
                    events.append(event)
                if self._end is not None:
                    break
        except (Internal, Unauthenticated) as violation:
            events.append(self._finish(violation))
        del self._input[:used]
        return events

    def receive_eof(self, reason: str = "the server closed the connection") -> list[Event]:
        """The connection is closed or lost: whatever is unanswered fails with UNAVAILABLE."""
        if self._end is not None:
            return []
        if self._go_away is not None:
            reason = f"the server went away: {self._go_away}"
        return [self._finish(Unavailable(reason))]

    def receive_failure(self, error: TellerError) -> list[Event]:
        """What carries the bytes failed: whatever is unanswered fails with ``error``."""
        return [] if self._end is not None else [self._finish(error)]

    def _read_preface(self) -> int:
        start = bytes(self._input[: len(PREFACE)])
        if start[:1] in _TLS_RECORDS:
            raise Unauthenticated("the server speaks TLS on this port: connect with TLS")
        if not PREFACE[:6].startswith(start[:6]):
            raise Internal("the peer does not speak the Teller protocol")
        if len(start) < len(PREFACE):
            return 0
        if start != PREFACE:
            version = int.from_bytes(start[6:], "little")
            raise Internal(
                f"the server speaks version {version} of the protocol, this client "
                f"{PROTOCOL_VERSION}"
            )
        self._has_preface = True
        return len(PREFACE)

    def _frames(self, offset: int) -> Iterator[tuple[Header, bytes, int]]:
        while len(self._input) - offset >= HEADER_BYTES:
            header = Header.decode(self._input, offset)
            self._check_envelope(header)
            start, end = offset + HEADER_BYTES, offset + HEADER_BYTES + header.payload_length
            if end > len(self._input):
                return
            yield header, bytes(self._input[start:end]), end
            offset = end

    def _check_envelope(self, header: Header) -> None:
        # Before the payload has come, so that a bad length costs no memory.
        if header.payload_length > self._frame_bytes_max:
            raise Internal(f"the server sent a frame of {header.payload_length} bytes")
        if header.flags != 0:
            raise Internal(f"the server sent a frame with flags {header.flags:#04x}")

    def _interpret(self, header: Header, payload: bytes) -> Event | None:
        if header.type == FrameType.RESPONSE:
            return self._response(header, payload)
        if header.type == FrameType.STREAM_DATA:
            return self._stream_data(header, payload)
        if header.type in (FrameType.PING, FrameType.PONG):
            if len(payload) != PING_BYTES:
                raise Internal(f"the server sent a ping of {len(payload)} bytes")
            if header.type == FrameType.PONG:
                return Pong(payload)
            self._output += encode_frame(FrameType.PONG, payload)
            return None
        if header.type == FrameType.GO_AWAY:
            text = payload.decode("utf-8", "replace")
            if header.word != 0:
                return self._finish(error_of(header.word, text))
            self._go_away = text
            return GoAway(text)
        raise Internal(f"the server sent a frame of type {header.type}")

    def _response(self, header: Header, payload: bytes) -> Event:
        call = self._calls.pop(header.request_id, None)
        if call is None:
            raise Internal(f"the server answered request {header.request_id}, which is not open")
        if not call.is_wanted:
            return AbandonedResponse(header.request_id)
        if header.word == 0:
            return Response(header.request_id, payload, None)
        text = payload.decode("utf-8", "replace")
        return Response(header.request_id, b"", error_of(header.word, text))

    def _stream_data(self, header: Header, payload: bytes) -> Event | None:
        call = self._calls.get(header.request_id)
        if call is None or not call.is_streamed:
            raise Internal(
                f"the server sent stream data for request {header.request_id}, which is no stream"
            )
        if call.credit == 0:
            raise Internal(f"the server sent more on stream {header.request_id} than it may")
        call.credit -= 1
        return StreamData(header.request_id, payload) if call.is_wanted else None

    def _finish(self, error: TellerError) -> Ended:
        self._end = error
        wanted = tuple(sorted(key for key, call in self._calls.items() if call.is_wanted))
        self._calls.clear()
        return Ended(error, wanted)
