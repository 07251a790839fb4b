"""The limits of messages (``proto/PROTOCOL.md``), checked before anything is sent.

A server refuses a whole Feedback when one event breaks a limit, so each event is checked by itself.
Every check raises InvalidArgument with the field, the limit and what was found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import recommender_pb2 as pb
from .errors import InvalidArgument

ID_BYTES_MAX = 256
COUNT_MAX = 500
EXCLUDED_ITEMS_MAX = 500
FEEDBACK_EVENTS_MAX = 1000
IMPRESSION_ITEMS_MAX = 100
RECOMMENDATION_ID_BYTES_MAX = 40
MANY_USERS_MAX = 10_000
PUT_ITEMS_MAX = 1000
ATTRIBUTES_MAX = 32
ATTRIBUTE_KEY_BYTES_MAX = 64


def check_text(field: str, value: str, minimum: int = 1, maximum: int = ID_BYTES_MAX) -> None:
    """Text of ``minimum`` to ``maximum`` bytes of UTF-8 without NUL."""
    try:
        length = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidArgument(f"{field}: holds a character that UTF-8 cannot write") from None
    if "\0" in value:
        raise InvalidArgument(f"{field}: holds a NUL")
    if not minimum <= length <= maximum:
        raise InvalidArgument(f"{field}: has {length} bytes, {minimum} to {maximum} are allowed")


def check_list(field: str, values: Sequence[str], maximum: int, minimum: int = 0) -> None:
    """A list of identifiers."""
    if not minimum <= len(values) <= maximum:
        raise InvalidArgument(
            f"{field}: has {len(values)} entries, {minimum} to {maximum} are allowed"
        )
    for index, value in enumerate(values):
        check_text(f"{field}[{index}]", value)


def check_count(count: int | None) -> None:
    """How many products at most; None leaves it to the server."""
    if count is not None and not 1 <= count <= COUNT_MAX:
        raise InvalidArgument(f"count: is {count}, 1 to {COUNT_MAX} are allowed")


def check_exploration_weight(weight: float | None) -> None:
    """How much of an answer may be tried; None leaves it to the server."""
    if weight is not None and not 0 <= weight <= 1:
        raise InvalidArgument(f"exploration_weight: is {weight}, 0 to 1 are allowed")


def check_item(item: pb.Item, name: str = "item") -> None:
    """One product of PutItems."""
    check_text(f"{name}.item_id", item.item_id)
    check_text(f"{name}.name", item.name, 0)
    check_text(f"{name}.category", item.category, 0)
    if item.HasField("price") and not (math.isfinite(item.price) and item.price >= 0):
        raise InvalidArgument(f"{name}.price: is {item.price}, not a finite number from 0 on")
    if len(item.attributes) > ATTRIBUTES_MAX:
        raise InvalidArgument(
            f"{name}.attributes: has {len(item.attributes)} entries, 0 to {ATTRIBUTES_MAX} are "
            "allowed"
        )
    for attribute in item.attributes:
        check_text(f"{name}.attributes.key", attribute.key, 1, ATTRIBUTE_KEY_BYTES_MAX)
        check_text(f"{name}.attributes.value", attribute.value)


def check_items(items: Sequence[pb.Item]) -> None:
    """The products of one PutItems."""
    if not 1 <= len(items) <= PUT_ITEMS_MAX:
        raise InvalidArgument(f"items: has {len(items)} entries, 1 to {PUT_ITEMS_MAX} are allowed")
    for index, item in enumerate(items):
        check_item(item, f"items[{index}]")


def check_event(event: pb.FeedbackEvent, name: str = "event") -> None:
    """One event of a Feedback."""
    for field in ("event_id", "user_id", "item_id"):
        check_text(f"{name}.{field}", getattr(event, field))
    # A number that this version does not know may be known to a newer server: it says so itself.
    if event.type == pb.EVENT_TYPE_UNSPECIFIED:
        raise InvalidArgument(f"{name}.type: must be given")
    recommendation_id = event.recommendation_id
    check_text(f"{name}.recommendation_id", recommendation_id, 0, RECOMMENDATION_ID_BYTES_MAX)
    for field in ("session_id", "channel"):
        check_text(f"{name}.{field}", getattr(event, field), 0)
    if event.HasField("value") and not math.isfinite(event.value):
        raise InvalidArgument(f"{name}.value: is {event.value}, not a finite number")
    check_list(f"{name}.impression_item_ids", event.impression_item_ids, IMPRESSION_ITEMS_MAX)


def check_events(events: Sequence[pb.FeedbackEvent]) -> None:
    """The events of one Feedback."""
    if not 1 <= len(events) <= FEEDBACK_EVENTS_MAX:
        raise InvalidArgument(
            f"events: has {len(events)} entries, 1 to {FEEDBACK_EVENTS_MAX} are allowed"
        )
    for index, event in enumerate(events):
        check_event(event, f"events[{index}]")
