"""What a call may fail with: a class for each status code of the protocol.

The numbers and meanings are gRPC's; ``proto/PROTOCOL.md`` says of each what it is not for.
"""

from __future__ import annotations

import enum


class StatusCode(enum.IntEnum):
    """A status as it travels."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16

    @classmethod
    def of(cls, number: int) -> StatusCode:
        """The code of a number; UNKNOWN for one this version does not know."""
        return cls(number) if 0 <= number <= cls.UNAUTHENTICATED else cls.UNKNOWN


class TellerError(Exception):
    """A call did not succeed; ``code`` says how, ``message`` why in one line."""

    code: StatusCode = StatusCode.UNKNOWN

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


class Cancelled(TellerError):
    """The caller gave the call up."""

    code = StatusCode.CANCELLED


class Unknown(TellerError):
    """An error nobody classified."""

    code = StatusCode.UNKNOWN


class InvalidArgument(TellerError):
    """The request can never succeed as it stands."""

    code = StatusCode.INVALID_ARGUMENT


class DeadlineExceeded(TellerError):
    """The time had passed; the work may have been done."""

    code = StatusCode.DEADLINE_EXCEEDED


class NotFound(TellerError):
    """Something named does not exist."""

    code = StatusCode.NOT_FOUND


class AlreadyExists(TellerError):
    """Something to be made is there."""

    code = StatusCode.ALREADY_EXISTS


class PermissionDenied(TellerError):
    """The caller is known and may not."""

    code = StatusCode.PERMISSION_DENIED


class ResourceExhausted(TellerError):
    """A named limit or quota is used up; later and slower it may succeed."""

    code = StatusCode.RESOURCE_EXHAUSTED


class FailedPrecondition(TellerError):
    """The server's state forbids it."""

    code = StatusCode.FAILED_PRECONDITION


class Aborted(TellerError):
    """A race was lost; repeat the whole sequence."""

    code = StatusCode.ABORTED


class OutOfRange(TellerError):
    """A position past an end that may move."""

    code = StatusCode.OUT_OF_RANGE


class Unimplemented(TellerError):
    """The method, form or version is not known to the server."""

    code = StatusCode.UNIMPLEMENTED


class Internal(TellerError):
    """A bug of the server or of this library, or a broken rule of the protocol."""

    code = StatusCode.INTERNAL


class Unavailable(TellerError):
    """The server cannot be reached or is going away; the same call may succeed elsewhere or
    later.
    """

    code = StatusCode.UNAVAILABLE


class DataLoss(TellerError):
    """Stored data is damaged."""

    code = StatusCode.DATA_LOSS


class Unauthenticated(TellerError):
    """The caller has not said who it is."""

    code = StatusCode.UNAUTHENTICATED


_CLASSES: dict[StatusCode, type[TellerError]] = {
    kind.code: kind for kind in TellerError.__subclasses__()
}


def error_of(number: int, message: str) -> TellerError:
    """The error for a status that is not OK; Unknown for a number this version does not know."""
    return _CLASSES.get(StatusCode.of(number), Unknown)(message)
