"""Client of the Teller recommender.

``Client`` blocks and serves any number of threads; ``AsyncClient`` is the same for asyncio. Answers
are the protocol's messages (``recommender_pb2``); what goes wrong is a subclass of ``TellerError``.
"""

from . import recommender_pb2 as messages
from .aio import AsyncClient
from .client import Client, Pending
from .errors import (
    Aborted,
    AlreadyExists,
    Cancelled,
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    OutOfRange,
    PermissionDenied,
    ResourceExhausted,
    StatusCode,
    TellerError,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
)
from .methods import catalogue_item, feedback_event
from .retry import NO_RETRY, RetryPolicy

__all__ = [
    "NO_RETRY",
    "Aborted",
    "AlreadyExists",
    "AsyncClient",
    "Cancelled",
    "Client",
    "DataLoss",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "NotFound",
    "OutOfRange",
    "Pending",
    "PermissionDenied",
    "ResourceExhausted",
    "RetryPolicy",
    "StatusCode",
    "TellerError",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "catalogue_item",
    "feedback_event",
    "messages",
]
