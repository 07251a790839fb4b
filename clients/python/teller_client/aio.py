"""The asyncio client: one object for all tasks of one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from types import TracebackType

from . import methods
from . import recommender_pb2 as pb
from .aio_channel import AsyncChannel
from .base import BaseClient
from .channel import IN_FLIGHT_MAX, ChannelSettings
from .deadline import UNSET, Clock, Deadline, Timeout
from .errors import Unavailable
from .methods import Answer, Method, Request
from .retry import RetryPolicy


class AsyncClient(BaseClient):
    """What ``Client`` is, for asyncio: the same arguments, methods and errors.

    A cancelled task cancels its call. Pipelining needs nothing of its own: calls of several tasks
    (or of ``asyncio.gather``) share the connection.

    ::

        async with AsyncClient("127.0.0.1:7001") as client:
            first, second = await asyncio.gather(client.recommend("1"), client.recommend("2"))
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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        settings = ChannelSettings(tls, server_hostname, token, stream_window, in_flight_max)
        super().__init__(address, timeout, connect_timeout, retry, settings, clock)
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._channel: AsyncChannel | None = None

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection; calls under way fail with Unavailable."""
        self._is_closed = True
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    def set_token(self, token: str) -> None:
        """Uses another bearer token from now on, on the connection that is open too."""
        self._replace_token(token)
        if self._channel is not None and self._channel.takes_requests:
            self._channel.send_credentials(token)

    # Methods.

    async def recommend(
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
        return await self.call(methods.RECOMMEND, request, timeout=timeout, trace_id=trace_id)

    async def similar_items(
        self,
        item_id: str,
        *,
        count: int | None = None,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.SimilarItemsResponse:
        """Products that go together with a product, best first."""
        request = methods.similar_items_request(item_id, count=count)
        return await self.call(methods.SIMILAR_ITEMS, request, timeout=timeout, trace_id=trace_id)

    async def feedback(
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
        answer = await self.call(methods.FEEDBACK, request, timeout=timeout, trace_id=trace_id)
        methods.check_feedback_answer(request, answer)
        return answer

    async def recommend_many(
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
    ) -> AsyncGenerator[tuple[str, pb.RecommendResponse], None]:
        """Each customer and the answer, in the order given, as the server streams them.

        More than 10,000 customers are several requests. The server never sends more than
        ``stream_window`` answers ahead of the loop. Where the connection is lost, the rest is asked
        for on a new one. Closing the generator cancels the call; ``timeout`` bounds all of it.
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
                channel = await self._connected(deadline)
                stream = channel.stream(number, payload, deadline, trace_id=trace_id)
                async with contextlib.aclosing(stream):
                    async for message in stream:
                        yield answers.take(message)
                        attempt = 1
                answers.finish()
            except Unavailable:
                await self._sleep(self._wait_or_raise(attempt, deadline))
                attempt += 1

    async def put_items(
        self,
        items: Iterable[pb.Item],
        *,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.PutItemsResponse:
        """Puts 1 to 1000 products (``catalogue_item``) into the catalogue, an outcome for each."""
        request = methods.put_items_request(items)
        return await self.call(methods.PUT_ITEMS, request, timeout=timeout, trace_id=trace_id)

    async def get_recommendation(
        self,
        recommendation_id: str,
        *,
        timeout: Timeout = UNSET,
        trace_id: bytes | None = None,
    ) -> pb.RecordedRecommendation:
        """The record of an answer; NotFound when there is none."""
        request = methods.get_recommendation_request(recommendation_id)
        answer = await self.call(
            methods.GET_RECOMMENDATION, request, timeout=timeout, trace_id=trace_id
        )
        return answer.recommendation

    async def list_recommendations(
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
        answer = await self.call(
            methods.LIST_RECOMMENDATIONS, request, timeout=timeout, trace_id=trace_id
        )
        return answer.recommendations

    async def status(self, *, timeout: Timeout = UNSET) -> pb.StatusResponse:
        """The numbers that an operator of the server watches."""
        return await self.call(methods.STATUS, pb.StatusRequest(), timeout=timeout)

    async def reload_models(self, *, timeout: Timeout = 600.0) -> pb.UpdateModelsResponse:
        """Puts the newest models in force; returns when they are, or when there are none newer."""
        return await self.call(methods.UPDATE_MODELS, methods.RELOAD, timeout=timeout)

    async def rollback_models(self, *, timeout: Timeout = 600.0) -> pb.UpdateModelsResponse:
        """Puts the models in force again that were before; FailedPrecondition without any."""
        return await self.call(methods.UPDATE_MODELS, methods.ROLLBACK, timeout=timeout)

    async def health(self, *, timeout: Timeout = UNSET) -> pb.HealthResponse:
        """Whether the server is well, and what it has used."""
        return await self.call(methods.HEALTH, pb.HealthRequest(), timeout=timeout)

    async def describe(self, *, timeout: Timeout = UNSET) -> pb.DescribeResponse:
        """What the server is, with the whole catalogue: its pages are fetched and joined."""
        pages = methods.CataloguePages()
        while pages.first_missing is not None:
            request = pb.DescribeRequest(first_item_index=pages.first_missing)
            pages.add(await self.call(methods.DESCRIBE, request, timeout=timeout))
        return pages.joined

    async def ping(self, *, timeout: Timeout = UNSET) -> None:
        """Waits for the server's PONG."""
        deadline = self._deadline(timeout)
        await (await self._connected(deadline)).ping(deadline)

    # Calling.

    async def call(
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
        payload = request.SerializeToString()
        attempt = 1
        while True:
            try:
                channel = await self._connected(deadline)
                return method.decode(
                    await channel.call(method.number, payload, deadline, trace_id=trace_id)
                )
            except Unavailable:
                if not method.is_repeatable:
                    raise
                await self._sleep(self._wait_or_raise(attempt, deadline))
                attempt += 1

    async def _connected(self, deadline: Deadline) -> AsyncChannel:
        """The connection, made anew where it takes no requests."""
        left = deadline.left()
        try:
            await asyncio.wait_for(self._lock.acquire(), left)
        except asyncio.TimeoutError:
            raise deadline.exceeded() from None
        with contextlib.ExitStack() as stack:
            stack.callback(self._lock.release)
            limit = self._connect_deadline(left)
            if self._channel is None or not self._channel.takes_requests:
                self._channel = await AsyncChannel.open(self._address, self._settings, limit)
            return self._channel
