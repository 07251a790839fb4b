"""One event from the fields of a row, with every problem of the row said at once."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from .. import limits
from .. import recommender_pb2 as pb
from ..errors import InvalidArgument
from ..methods import EVENT_TYPES, milliseconds

#: What a row may say.
FIELDS = (
    "event_id",
    "user_id",
    "item_id",
    "type",
    "time",
    "recommendation_id",
    "session_id",
    "channel",
    "value",
    "impression_item_ids",
)
#: What the file of rejected rows adds, so that it can be mended and submitted as it is.
REJECT_FIELDS = ("reject_line", "reject_reason")
#: Between products in a CSV field.
IMPRESSION_SEPARATOR = "|"
#: A smaller number is meant as seconds: as milliseconds it would be in 1973 at the latest.
_MILLISECONDS_MIN = 100_000_000_000


class FieldProblem(ValueError):
    """What is wrong with one field."""


def make_event(
    values: Mapping[str, Any],
) -> tuple[pb.FeedbackEvent | None, list[tuple[str, str]]]:
    """The event, or each field that is wrong with what is wrong about it.

    A row without ``event_id`` is given one that is made of its other fields, time included: the
    same row has the same id in every run and wherever it stands in the file.
    """
    problems: list[tuple[str, str]] = []
    event = pb.FeedbackEvent()
    for field, read in _READERS.items():
        value = values.get(field)
        try:
            read(event, field, None if value == "" else value)
        except (FieldProblem, InvalidArgument) as problem:
            problems.append((field, str(problem).removeprefix("INVALID_ARGUMENT: ")))
    if not event.event_id and event.time_ms == 0 and not problems:
        problems.append(
            ("time", "is missing: a row has an event_id or a time (--set time=... gives it to all)")
        )
    if problems:
        return None, problems
    if not event.event_id:
        event.event_id = derived_id(event)
    return event, []


def derived_id(event: pb.FeedbackEvent) -> str:
    """``row-`` and 32 hexadecimal digits, a hash of everything the event says."""
    parts = [
        event.user_id,
        event.item_id,
        event.type,
        event.time_ms,
        event.recommendation_id,
        event.session_id,
        event.channel,
        event.value if event.HasField("value") else None,
        list(event.impression_item_ids),
    ]
    # Not the message's own bytes: those may differ between versions of the library.
    text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return "row-" + hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def _text(minimum: int, maximum: int) -> Callable[[pb.FeedbackEvent, str, Any], None]:
    def read(event: pb.FeedbackEvent, field: str, value: Any) -> None:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            if minimum > 0:
                raise FieldProblem("is missing")
            return
        if not isinstance(value, str):
            raise FieldProblem("must be text")
        _check_text(value, minimum, maximum)
        setattr(event, field, value)

    return read


def _check_text(value: str, minimum: int, maximum: int) -> None:
    try:
        limits.check_text("", value, minimum, maximum)
    except InvalidArgument as error:
        raise FieldProblem(error.message.removeprefix(": ")) from None


def _event_id(event: pb.FeedbackEvent, field: str, value: Any) -> None:
    # Absent: made from the row.
    _text(0, limits.ID_BYTES_MAX)(event, field, value)


def _type(event: pb.FeedbackEvent, field: str, value: Any) -> None:
    if value is None:
        raise FieldProblem(f"is missing: one of {', '.join(EVENT_TYPES)}")
    number = EVENT_TYPES.get(value.strip().lower()) if isinstance(value, str) else None
    if number is None:
        raise FieldProblem(f"{value!r} is not one of {', '.join(EVENT_TYPES)}")
    event.type = number  # type: ignore[assignment]


def _time(event: pb.FeedbackEvent, field: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if not _MILLISECONDS_MIN <= value < 1 << 63:
            raise FieldProblem(
                f"{value} is no number of milliseconds since 1970 (seconds? give them times 1000)"
            )
        event.time_ms = value
        return
    try:
        # "Z" is understood only from Python 3.11 on.
        time = datetime.datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except (ValueError, AttributeError):
        raise FieldProblem(
            f"{value!r} is neither ISO 8601 (2026-11-01T09:30:00+01:00) nor milliseconds since 1970"
        ) from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    event.time_ms = milliseconds(time)
    if event.time_ms <= 0:
        raise FieldProblem(f"{value!r} is before 1970")


def _value(event: pb.FeedbackEvent, field: str, value: Any) -> None:
    if value is None:
        return
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(value)
    except (ValueError, TypeError):
        raise FieldProblem(f"{value!r} is not a number") from None
    if not math.isfinite(number):
        raise FieldProblem(f"{value!r} is not a finite number")
    event.value = number


def _impressions(event: pb.FeedbackEvent, field: str, value: Any) -> None:
    if value is None:
        return
    items = value.split(IMPRESSION_SEPARATOR) if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise FieldProblem("must be a list of texts")
    if len(items) > limits.IMPRESSION_ITEMS_MAX:
        raise FieldProblem(f"has {len(items)} products, at most {limits.IMPRESSION_ITEMS_MAX}")
    for item in items:
        _check_text(item, 1, limits.ID_BYTES_MAX)
    event.impression_item_ids.extend(items)


_READERS: dict[str, Callable[[pb.FeedbackEvent, str, Any], None]] = {
    "event_id": _event_id,
    "user_id": _text(1, limits.ID_BYTES_MAX),
    "item_id": _text(1, limits.ID_BYTES_MAX),
    "type": _type,
    "time": _time,
    "recommendation_id": _text(0, limits.RECOMMENDATION_ID_BYTES_MAX),
    "session_id": _text(0, limits.ID_BYTES_MAX),
    "channel": _text(0, limits.ID_BYTES_MAX),
    "value": _value,
    "impression_item_ids": _impressions,
}
