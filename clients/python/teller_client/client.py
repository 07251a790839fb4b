"""The blocking client: one object for all threads of a program."""

from __future__ import annotations

import contextlib
import datetime
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from types import TracebackType
from typing import Any, Generic

from . import methods
from . import recommender_pb2 as pb
from .base import BaseClient
from .channel import IN_FLIGHT_MAX, Channel, ChannelSettings, PendingCall
from .deadline import UNSET, Clock, Deadline, Timeout
from .errors import Unavailable
from .methods import Answer, Method, Request
from .retry import RetryPolicy


class Pending(Generic[Answer]):
    """A call that was started and is waited for later."""

    def __init__(self, method: Method[Any, Answer], call: PendingCall) -> None:
        self._method = method
        self._call = call

    def result(self) -> Answer:
        """Waits for the answer, until the call's deadline; raises what it failed with. Ask once."""
        return self._method.decode(self._call.payload())

    def cancel(self) -> bool:
        """Gives the call up, so that ``result`` raises Cancelled; False when it was answered."""
        return self._call.cancel()


class Client(BaseClient):
    """Calls a Teller server over one connection, made at the first call and again when it was lost.

    Any number of calls may be under way at once, from any thread. Times are in seconds; ``timeout``
    bounds a call with all its tries, None waits for ever. A call that fails with UNAVAILABLE is
    made again as ``retry`` says. Errors are subclasses of TellerError.

    ``tls`` is an ssl.SSLContext (``ssl.create_default_context(cafile=...)``; load a certificate
    into it where the server asks for one). ``token`` is sent before the first request. ``clock``
    and ``sleep`` stand for ``time.monotonic`` and ``time.sleep``.

    ::

        with Client("127.0.0.1:7001") as client:
            answer = client.recommend("15889", count=3)
            print(answer.item_ids, answer.scores)
    """

    def __init__(
        self,
        address: str,
        *,
        timeout: float | None = 5.0,
        connect_timeout: float = 10.0,
        retry: RetryPolicy | None = None,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
        stream_window: int = 64,
        in_flight_max: int = IN_FLIGHT_MAX,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        settings = ChannelSettings(tls, server_hostname, token, stream_window, in_flight_max)
        super().__init__(address, timeout, connect_timeout, retry, settings, clock)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._channel: Channel | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; calls under way fail with Unavailable."""
        with self._lock:
            self._is_closed = True
            channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def set_token(self, token: str) -> None:
        """Uses another bearer token from now on, on the connection that is open too."""
        with self._lock:
            self._replace_token(token)
            if self._channel is not None and self._channel.takes_requests:
                self._channel.send_credentials(token)

    # Methods.

    def recommend(
        self,
        user_id: str,
        *,
        count: int | None = None,
        exclude_item_ids: Sequence[str] = (),
        item_indexes_only: bool = False,
        softmax_scores: bool = False,
        exploration_weight: float | None = None,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.RecommendResponse:
        """Products for a customer, best first. ``count`` None leaves the number to the server
        (10).
        """
        request = methods.recommend_request(
            user_id,
            count=count,
            exclude_item_ids=exclude_item_ids,
            item_indexes_only=item_indexes_only,
            softmax_scores=softmax_scores,
            exploration_weight=exploration_weight,
        )
        return self.call(methods.RECOMMEND, request, timeout=timeout, trace_id=trace_id)

    def similar_items(
        self,
        item_id: str,
        *,
        count: int | None = None,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.SimilarItemsResponse:
        """Products that go together with a product, best first."""
        request = methods.similar_items_request(item_id, count=count)
        return self.call(methods.SIMILAR_ITEMS, request, timeout=timeout, trace_id=trace_id)

    def feedback(
        self,
        events: Iterable[pb.FeedbackEvent],
        *,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.FeedbackResponse:
        """Reports 1 to 1000 events (``feedback_event``), in order; returns when they are
        durable.
        """
        request = methods.feedback_request(events)
        answer = self.call(methods.FEEDBACK, request, timeout=timeout, trace_id=trace_id)
        methods.check_feedback_answer(request, answer)
        return answer

    def recommend_many(
        self,
        user_ids: Iterable[str],
        *,
        count: int | None = None,
        exclude_item_ids: Sequence[str] = (),
        item_indexes_only: bool = False,
        softmax_scores: bool = False,
        exploration_weight: float | None = None,
        timeout: Timeout = None,
        trace_id: bytes | None = None,
    ) -> Generator[tuple[str, pb.RecommendResponse], None, None]:
        """Each customer and the answer, in the order given, as the server streams them.

        More than 10,000 customers are several requests. The server never sends more than
        ``stream_window`` answers ahead of the loop. Where the connection is lost, the rest is asked
        for on a new one. A loop that is left early cancels the call; ``timeout`` bounds all of it.
        """
        deadline = self._deadline(timeout)
        answers = methods.ManyAnswers(
            user_ids,
            {
                "count": count,
                "exclude_item_ids": exclude_item_ids,
                "item_indexes_only": item_indexes_only,
                "softmax_scores": softmax_scores,
                "exploration_weight": exploration_weight,
            },
        )
        attempt = 1
        while not answers.is_done:
            payload = answers.next_request().SerializeToString()
            number = methods.RECOMMEND_MANY.number
            try:
                call = self._connected(deadline).start(
                    number, payload, deadline, is_streamed=True, trace_id=trace_id
                )
                with contextlib.closing(call.messages()) as stream:
                    for message in stream:
                        yield answers.take(message)
                        attempt = 1
                answers.finish()
            except Unavailable:
                self._sleep(self._wait_or_raise(attempt, deadline))
                attempt += 1

    def put_items(
        self,
        items: Iterable[pb.Item],
        *,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.PutItemsResponse:
        """Puts 1 to 1000 products (``catalogue_item``) into the catalogue, an outcome for each."""
        request = methods.put_items_request(items)
        return self.call(methods.PUT_ITEMS, request, timeout=timeout, trace_id=trace_id)

    def get_recommendation(
        self,
        recommendation_id: str,
        *,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.RecordedRecommendation:
        """The record of an answer; NotFound when there is none."""
        request = methods.get_recommendation_request(recommendation_id)
        answer = self.call(methods.GET_RECOMMENDATION, request, timeout=timeout, trace_id=trace_id)
        return answer.recommendation

    def list_recommendations(
        self,
        user_id: str,
        *,
        count: int | None = None,
        before: datetime.datetime | int = 0,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> Sequence[pb.RecordedRecommendation]:
        """The answers to a customer, newest first, at most ``count`` (None: 10).

        ``before`` is a datetime with a time zone, or milliseconds since 1970: only answers of
        before it, 0 all. Fewer than ``count`` may come where more would not fit a frame.
        """
        request = methods.list_recommendations_request(user_id, count=count, before=before)
        answer = self.call(
            methods.LIST_RECOMMENDATIONS, request, timeout=timeout, trace_id=trace_id
        )
        return answer.recommendations

    def status(self, *, timeout: Timeout = UNSET) -> pb.StatusResponse:
        """The numbers that an operator of the server watches."""
        return self.call(methods.STATUS, pb.StatusRequest(), timeout=timeout)

    def reload_models(self, *, timeout: Timeout = 600.0) -> pb.UpdateModelsResponse:
        """Puts the newest models in force; returns when they are, or when there are none newer."""
        return self.call(methods.UPDATE_MODELS, methods.RELOAD, timeout=timeout)

    def rollback_models(self, *, timeout: Timeout = 600.0) -> pb.UpdateModelsResponse:
        """Puts the models in force again that were before; FailedPrecondition without any."""
        return self.call(methods.UPDATE_MODELS, methods.ROLLBACK, timeout=timeout)

    def health(self, *, timeout: Timeout = UNSET) -> pb.HealthResponse:
        """Whether the server is well, and what it has used."""
        return self.call(methods.HEALTH, pb.HealthRequest(), timeout=timeout)

    def describe(self, *, timeout: Timeout = UNSET) -> pb.DescribeResponse:
        """What the server is, with the whole catalogue: its pages are fetched and joined."""
        pages = methods.CataloguePages()
        while pages.first_missing is not None:
            request = pb.DescribeRequest(first_item_index=pages.first_missing)
            pages.add(self.call(methods.DESCRIBE, request, timeout=timeout))
        return pages.joined

    def ping(self, *, timeout: Timeout = UNSET) -> None:
        """Waits for the server's PONG."""
        deadline = self._deadline(timeout)
        self._connected(deadline).ping(deadline)

    # Calling.

    def call(
        self,
        method: Method[Request, Answer],
        request: Request,
        *,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> Answer:
        """Calls a method with a message as it stands, and again as the retry policy says.

        ``trace_id`` is the 16 bytes of a W3C trace id, which the server's log then names.
        """
        deadline = self._deadline(timeout)
        attempt = 1
        while True:
            try:
                return self._start(method, request, deadline, trace_id).result()
            except Unavailable:
                if not method.is_repeatable:
                    raise
                self._sleep(self._wait_or_raise(attempt, deadline))
                attempt += 1

    def start(
        self,
        method: Method[Request, Answer],
        request: Request,
        *,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> Pending[Answer]:
        """Sends a request and returns at once, so that more can follow; it is not made again.

        Waits only for the connection, or while ``in_flight_max`` requests are unanswered.
        """
        return self._start(method, request, self._deadline(timeout), trace_id)

    def _start(
        self,
        method: Method[Request, Answer],
        request: Request,
        deadline: Deadline,
        trace_id: bytes | None,
    ) -> Pending[Answer]:
        payload = request.SerializeToString()
        call = self._connected(deadline).start(method.number, payload, deadline, trace_id=trace_id)
        return Pending(method, call)

    def _connected(self, deadline: Deadline) -> Channel:
        """The connection, made anew where it takes no requests."""
        left = deadline.left()
        if not self._lock.acquire(timeout=-1 if left is None else left):
            raise deadline.exceeded()
        try:
            limit = self._connect_deadline(left)
            if self._channel is None or not self._channel.takes_requests:
                self._channel = Channel.open(self._address, self._settings, limit)
            return self._channel
        finally:
            self._lock.release()
