"""The methods of the protocol, and requests made of plain arguments and checked."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from . import limits
from . import recommender_pb2 as pb
from .errors import Aborted, Internal, InvalidArgument

Request = TypeVar("Request", bound=Message)
Answer = TypeVar("Answer", bound=Message)


@dataclass(frozen=True)
class Method(Generic[Request, Answer]):
    """A method's number and messages."""

    number: int
    name: str
    request: type[Request]
    answer: type[Answer]
    #: Whether the same request may be made again when nobody knows whether it was executed.
    is_repeatable: bool = True

    def decode(self, payload: bytes) -> Answer:
        """The answer's message; raises Internal when the bytes are none."""
        return decode(self.answer, payload, self.name)


def decode(message: type[Answer], payload: bytes, name: str) -> Answer:
    """A message of the server; raises Internal when the bytes are none."""
    result = message()
    try:
        result.ParseFromString(payload)
    except DecodeError as error:
        raise Internal(f"the answer of {name} does not decode: {error}") from None
    return result


RECOMMEND = Method(1, "Recommend", pb.RecommendRequest, pb.RecommendResponse)
SIMILAR_ITEMS = Method(2, "SimilarItems", pb.SimilarItemsRequest, pb.SimilarItemsResponse)
FEEDBACK = Method(3, "Feedback", pb.FeedbackRequest, pb.FeedbackResponse)
HEALTH = Method(4, "Health", pb.HealthRequest, pb.HealthResponse)
DESCRIBE = Method(5, "Describe", pb.DescribeRequest, pb.DescribeResponse)
PUT_ITEMS = Method(7, "PutItems", pb.PutItemsRequest, pb.PutItemsResponse)
#: Streamed: a RecommendResponse for each customer, then the answer.
RECOMMEND_MANY = Method(10, "RecommendMany", pb.RecommendManyRequest, pb.RecommendManyResponse)
GET_RECOMMENDATION = Method(
    11, "GetRecommendation", pb.GetRecommendationRequest, pb.GetRecommendationResponse
)
LIST_RECOMMENDATIONS = Method(
    12, "ListRecommendations", pb.ListRecommendationsRequest, pb.ListRecommendationsResponse
)
STATUS = Method(13, "Status", pb.StatusRequest, pb.StatusResponse)
#: Going back twice is going forth again.
UPDATE_MODELS = Method(
    14, "UpdateModels", pb.UpdateModelsRequest, pb.UpdateModelsResponse, is_repeatable=False
)

#: The types of events by the names that people write.
EVENT_TYPES: dict[str, int] = {
    name.removeprefix("EVENT_TYPE_").lower(): number
    for name, number in pb.EventType.items()
    if number != 0
}


def recommend_request(
    user_id: str,
    *,
    count: int | None = None,
    exclude_item_ids: Sequence[str] = (),
    item_indexes_only: bool = False,
    softmax_scores: bool = False,
    exploration_weight: float | None = None,
) -> pb.RecommendRequest:
    """A checked request of Recommend."""
    limits.check_text("user_id", user_id)
    limits.check_count(count)
    limits.check_list("exclude_item_ids", exclude_item_ids, limits.EXCLUDED_ITEMS_MAX)
    limits.check_exploration_weight(exploration_weight)
    return pb.RecommendRequest(
        user_id=user_id,
        count=count,
        exclude_item_ids=exclude_item_ids,
        item_indexes_only=item_indexes_only,
        softmax_scores=softmax_scores,
        exploration_weight=exploration_weight,
    )


def recommend_many_request(
    user_ids: Sequence[str],
    *,
    count: int | None = None,
    exclude_item_ids: Sequence[str] = (),
    item_indexes_only: bool = False,
    softmax_scores: bool = False,
    exploration_weight: float | None = None,
) -> pb.RecommendManyRequest:
    """A checked request of RecommendMany, of 1 to 10,000 customers."""
    limits.check_list("user_ids", user_ids, limits.MANY_USERS_MAX, minimum=1)
    limits.check_count(count)
    limits.check_list("exclude_item_ids", exclude_item_ids, limits.EXCLUDED_ITEMS_MAX)
    limits.check_exploration_weight(exploration_weight)
    return pb.RecommendManyRequest(
        user_ids=user_ids,
        count=count,
        exclude_item_ids=exclude_item_ids,
        item_indexes_only=item_indexes_only,
        softmax_scores=softmax_scores,
        exploration_weight=exploration_weight,
    )


class ManyAnswers:
    """Where a RecommendMany has come to, over its requests and tries.

    Answers come in the order of the customers, so that a try that was cut short is gone on with
    behind the last customer who was answered.
    """

    def __init__(self, user_ids: Iterable[str], arguments: dict[str, Any]) -> None:
        self._rest = list(user_ids)
        self._arguments = arguments
        self._asked = 0
        # All that is wrong is said before anything is sent.
        for start in range(0, len(self._rest), limits.MANY_USERS_MAX):
            self._request(self._rest[start : start + limits.MANY_USERS_MAX])
        self._rest.reverse()

    def _request(self, user_ids: Sequence[str]) -> pb.RecommendManyRequest:
        return recommend_many_request(user_ids, **self._arguments)

    @property
    def is_done(self) -> bool:
        """Whether every customer was answered."""
        return not self._rest

    def next_request(self) -> pb.RecommendManyRequest:
        """For the next customers who are not answered."""
        users = self._rest[: -limits.MANY_USERS_MAX - 1 : -1]
        self._asked = len(users)
        return self._request(users)

    def take(self, payload: bytes) -> tuple[str, pb.RecommendResponse]:
        """The next customer and the answer."""
        if self._asked == 0:
            raise Internal("the server answered more customers than were asked for")
        answer = decode(pb.RecommendResponse, payload, "RecommendMany")
        self._asked -= 1
        return self._rest.pop(), answer

    def finish(self) -> None:
        """The stream has ended in good order."""
        if self._asked != 0:
            raise Internal(f"the server left {self._asked} customers without an answer")


def similar_items_request(item_id: str, *, count: int | None = None) -> pb.SimilarItemsRequest:
    """A checked request of SimilarItems."""
    limits.check_text("item_id", item_id)
    limits.check_count(count)
    return pb.SimilarItemsRequest(item_id=item_id, count=count)


def feedback_event(
    event_id: str,
    user_id: str,
    item_id: str,
    type: str | int,
    *,
    time: datetime.datetime | int = 0,
    recommendation_id: str = "",
    session_id: str = "",
    channel: str = "",
    value: float | None = None,
    impression_item_ids: Sequence[str] = (),
) -> pb.FeedbackEvent:
    """A checked event.

    ``type`` is a name such as ``accepted`` or a number of ``EventType``; ``time`` a datetime with a
    time zone, or milliseconds since 1970, 0 for the server's clock.
    """
    if isinstance(type, str):
        if type not in EVENT_TYPES:
            raise InvalidArgument(f"type: {type!r} is not one of {', '.join(EVENT_TYPES)}")
        type = EVENT_TYPES[type]
    event = pb.FeedbackEvent(
        event_id=event_id,
        user_id=user_id,
        item_id=item_id,
        type=type,  # type: ignore[arg-type]
        time_ms=time if isinstance(time, int) else milliseconds(time),
        recommendation_id=recommendation_id,
        session_id=session_id,
        channel=channel,
        value=value,
        impression_item_ids=impression_item_ids,
    )
    limits.check_event(event)
    return event


def milliseconds(time: datetime.datetime) -> int:
    """Milliseconds since 1970; raises InvalidArgument for a time without a time zone."""
    if time.tzinfo is None:
        raise InvalidArgument(f"time: {time.isoformat()} has no time zone")
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (time - epoch) // datetime.timedelta(milliseconds=1)


def feedback_request(events: Iterable[pb.FeedbackEvent]) -> pb.FeedbackRequest:
    """A checked request of Feedback."""
    events = list(events)
    limits.check_events(events)
    return pb.FeedbackRequest(events=events)


def catalogue_item(
    item_id: str,
    *,
    name: str = "",
    category: str = "",
    price: float | None = None,
    attributes: Mapping[str, str] | None = None,
    created: datetime.datetime | int = 0,
) -> pb.Item:
    """A checked product for PutItems; ``created`` 0: now."""
    item = pb.Item(
        item_id=item_id,
        name=name,
        category=category,
        price=price,
        attributes=[
            pb.ItemAttribute(key=key, value=value) for key, value in (attributes or {}).items()
        ],
        created_time_ms=created if isinstance(created, int) else milliseconds(created),
    )
    limits.check_item(item)
    return item


def put_items_request(items: Iterable[pb.Item]) -> pb.PutItemsRequest:
    """A checked request of PutItems."""
    items = list(items)
    limits.check_items(items)
    return pb.PutItemsRequest(items=items)


def get_recommendation_request(recommendation_id: str) -> pb.GetRecommendationRequest:
    """A checked request of GetRecommendation."""
    limits.check_text("recommendation_id", recommendation_id, 1, limits.RECOMMENDATION_ID_BYTES_MAX)
    return pb.GetRecommendationRequest(recommendation_id=recommendation_id)


def list_recommendations_request(
    user_id: str, *, count: int | None = None, before: datetime.datetime | int = 0
) -> pb.ListRecommendationsRequest:
    """A checked request of ListRecommendations; ``before`` 0: all."""
    limits.check_text("user_id", user_id)
    limits.check_count(count)
    return pb.ListRecommendationsRequest(
        user_id=user_id,
        count=count,
        before_time_ms=before if isinstance(before, int) else milliseconds(before),
    )


#: The two requests of UpdateModels.
RELOAD = pb.UpdateModelsRequest(update=pb.MODEL_UPDATE_RELOAD)
ROLLBACK = pb.UpdateModelsRequest(update=pb.MODEL_UPDATE_ROLLBACK)


def check_feedback_answer(request: pb.FeedbackRequest, answer: pb.FeedbackResponse) -> None:
    """Raises Internal unless there is an outcome for every event."""
    if len(answer.outcomes) != len(request.events):
        raise Internal(
            f"the server gave {len(answer.outcomes)} outcomes for {len(request.events)} events"
        )


class CataloguePages:
    """Joins the pages of Describe."""

    def __init__(self) -> None:
        self.joined = pb.DescribeResponse()
        #: Index of the first product still missing; None when all are there.
        self.first_missing: int | None = 0

    def add(self, page: pb.DescribeResponse) -> None:
        """Takes the next page; raises Aborted when the catalogue changed since the first."""
        if self.first_missing == 0:
            self.joined = page
        elif page.item_count != self.joined.item_count or not page.item_ids:
            raise Aborted("the catalogue changed while it was read: ask again")
        else:
            self.joined.item_ids.extend(page.item_ids)
            self.joined.item_names.extend(page.item_names)
        count = len(self.joined.item_ids)
        if count == 0 and self.joined.item_count > 0:
            raise Internal("the server's first page of the catalogue is empty")
        self.first_missing = count if count < self.joined.item_count else None
