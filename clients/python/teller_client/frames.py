"""The frames of the protocol as bytes: no sockets, no messages, no state.

Layout and meaning are in ``proto/PROTOCOL.md``; all integers are little-endian.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass

PROTOCOL_VERSION = 1
PREFACE = b"TELLER" + struct.pack("<H", PROTOCOL_VERSION)
HEADER_BYTES = 16
FRAME_BYTES_MAX = 1 << 20
PING_BYTES = 8
TEXT_BYTES_MAX = 1024
TRACE_ID_BYTES = 16
TOKEN_BYTES_MAX = 1024
#: Messages a server may send on a stream before the client's first CREDIT.
STREAM_CREDIT_INITIAL = 64
#: Most messages that may be outstanding on a stream.
STREAM_CREDIT_MAX = 65_535
DEADLINE_MS_MAX = 0xFFFF_FFFF

_HEADER = struct.Struct("<IBBHII")


class FrameType(enum.IntEnum):
    """What a frame is."""

    REQUEST = 1
    RESPONSE = 2
    STREAM_DATA = 3
    END_OF_STREAM = 4
    CANCEL = 5
    PING = 6
    PONG = 7
    GO_AWAY = 8
    CREDENTIALS = 9
    CREDIT = 10


class Flags(enum.IntFlag):
    """Flags of a REQUEST."""

    NONE = 0
    STREAMED = 1
    TRACED = 2


@dataclass(frozen=True)
class Header:
    """The 16 bytes before a payload.

    ``type`` and ``flags`` are plain numbers, for a peer may send any. ``word`` is the deadline in
    ms (REQUEST), a status (RESPONSE, GO_AWAY) or a number of messages (CREDIT).
    """

    payload_length: int
    type: int
    flags: int = 0
    method: int = 0
    request_id: int = 0
    word: int = 0

    def encode(self) -> bytes:
        """The header as it travels."""
        return _HEADER.pack(
            self.payload_length, self.type, self.flags, self.method, self.request_id, self.word
        )

    @classmethod
    def decode(cls, data: bytes | bytearray | memoryview, offset: int = 0) -> Header:
        """Reads 16 bytes from ``offset`` on; any content gives a header."""
        return cls(*_HEADER.unpack_from(data, offset))


def encode_frame(
    kind: FrameType,
    payload: bytes = b"",
    *,
    flags: int = 0,
    method: int = 0,
    request_id: int = 0,
    word: int = 0,
) -> bytes:
    """A whole frame."""
    return Header(len(payload), kind, flags, method, request_id, word).encode() + payload


def text_payload(text: str) -> bytes:
    """One line of UTF-8 of at most 1024 bytes, cut between characters."""
    data = text.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace")
    return data[:TEXT_BYTES_MAX].decode("utf-8", "ignore").encode("utf-8")
