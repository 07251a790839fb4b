"""One connection of the asyncio client."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator

from .address import Address
from .channel import ChannelSettings
from .connection import (
    ClientConnection,
    Ended,
    Event,
    Pong,
    PrefaceAccepted,
    Response,
    StreamData,
)
from .deadline import Deadline
from .errors import TellerError, Unavailable
from .tls import tls_error

_Arrived = Response | StreamData | TellerError


class AsyncChannel(asyncio.Protocol):
    """See the module. Made by ``open``; closed by ``close``, or by the server."""

    def __init__(self, settings: ChannelSettings) -> None:
        loop = asyncio.get_running_loop()
        self._settings = settings
        self._state = ClientConnection(stream_window=settings.stream_window)
        self._transport: asyncio.Transport | None = None
        self._calls: dict[int, asyncio.Queue[_Arrived]] = {}
        self._pings: dict[bytes, asyncio.Future[None]] = {}
        self._ping_count = 0
        self._ready: asyncio.Future[None] = loop.create_future()
        self._closed: asyncio.Future[None] = loop.create_future()
        self._waiting_for_room: list[asyncio.Future[None]] = []
        self._is_writable = True

    @classmethod
    async def open(
        cls, address: Address, settings: ChannelSettings, deadline: Deadline
    ) -> AsyncChannel:
        """Connects, does the TLS handshake and exchanges prefaces, all before the deadline.

        Raises Unavailable where that fails, Unauthenticated where one side does not trust the other,
        and InvalidArgument for a token that is too long.
        """
        loop = asyncio.get_running_loop()
        hostname = (settings.server_hostname or address.host) if settings.tls else None
        channel = cls(settings)
        if settings.token is not None:
            # Before there is a connection: a token that cannot be sent is told at once.
            channel._state.send_credentials(settings.token)

        async def connect() -> None:
            await loop.create_connection(
                lambda: channel,
                address.host,
                address.port,
                ssl=settings.tls,
                server_hostname=hostname,
            )
            await channel._ready

        try:
            await asyncio.wait_for(connect(), deadline.left())
        except asyncio.TimeoutError:
            channel._drop()
            raise Unavailable(f"{address}: no answer in time") from None
        except ssl.SSLError as error:
            raise tls_error(error) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unavailable(f"{address}: cannot connect: {reason}") from None
        except BaseException:
            channel._drop()
            raise
        return channel

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # Calls.

    @property
    def takes_requests(self) -> bool:
        """Whether a call may be made here."""
        return self._state.takes_requests

    async def call(
        self, method: int, payload: bytes, deadline: Deadline, *, trace_id: bytes | None = None
    ) -> bytes:
        """The answer's payload; raises what the call failed with."""
        request_id = await self._start(method, payload, deadline, trace_id, is_streamed=False)
        try:
            arrived = await self._next(request_id, deadline)
        finally:
            self._forget(request_id)
        return arrived.payload

    async def stream(
        self, method: int, payload: bytes, deadline: Deadline, *, trace_id: bytes | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The messages of a stream, the RESPONSE's own left out.

        Each one taken lets the server send another. A loop that is left early cancels the stream.
        """
        request_id = await self._start(method, payload, deadline, trace_id, is_streamed=True)
        try:
            while isinstance(arrived := await self._next(request_id, deadline), StreamData):
                self._state.take_stream_data(request_id)
                self._flush()
                yield arrived.payload
        finally:
            self._forget(request_id)

    async def _start(
        self,
        method: int,
        payload: bytes,
        deadline: Deadline,
        trace_id: bytes | None,
        *,
        is_streamed: bool,
    ) -> int:
        if self._state.takes_requests and not self._has_room:
            try:
                await asyncio.wait_for(self._wait_for_room(), deadline.left())
            except asyncio.TimeoutError:
                raise deadline.exceeded() from None
        request_id = self._state.open_request(
            method,
            payload,
            deadline_ms=deadline.left_ms(),
            is_streamed=is_streamed,
            trace_id=trace_id,
        )
        self._calls[request_id] = asyncio.Queue()
        self._flush()
        return request_id

    @property
    def _has_room(self) -> bool:
        return self._is_writable and self._state.unanswered_count < self._settings.in_flight_max

    async def _wait_for_room(self) -> None:
        while self._state.takes_requests and not self._has_room:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting_for_room.append(waiter)
            await waiter

    async def _next(self, request_id: int, deadline: Deadline) -> Response | StreamData:
        arrivals = self._calls[request_id]
        try:
            # A stream's messages come in bursts; a wait costs a task.
            arrived = (
                arrivals.get_nowait()
                if not arrivals.empty()
                else await asyncio.wait_for(arrivals.get(), deadline.left())
            )
        except asyncio.TimeoutError:
            raise deadline.exceeded() from None
        if isinstance(arrived, TellerError):
            raise arrived
        if isinstance(arrived, Response) and arrived.error is not None:
            raise arrived.error
        return arrived

    def _forget(self, request_id: int) -> None:
        """Tells the server, unless the answer has come."""
        self._calls.pop(request_id, None)
        if self._state.abandon(request_id):
            self._flush()

    async def ping(self, deadline: Deadline) -> None:
        """Waits for the server to answer a PING."""
        self._ping_count += 1
        payload = self._ping_count.to_bytes(8, "little")
        self._state.ping(payload)
        waiter = self._pings[payload] = asyncio.get_running_loop().create_future()
        self._flush()
        try:
            await asyncio.wait_for(waiter, deadline.left())
        except asyncio.TimeoutError:
            raise deadline.exceeded() from None
        finally:
            self._pings.pop(payload, None)

    def send_credentials(self, token: str) -> None:
        """Replaces the connection's token."""
        self._state.send_credentials(token)
        self._flush()

    async def close(self) -> None:
        """Says farewell and closes; calls under way fail with Unavailable."""
        self._state.say_farewell()
        self._flush()
        self._dispatch(self._state.receive_eof("the client was closed"))
        with contextlib.suppress(TellerError):
            await self._closed

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._dispatch(self._state.receive(data))
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        # Closing it once more is more than some versions of asyncio's TLS bear.
        self._transport = None
        if exc is None:
            events = self._state.receive_eof()
        elif isinstance(exc, ssl.SSLError):
            events = self._state.receive_failure(tls_error(exc))
        else:
            events = self._state.receive_eof(f"the connection failed: {exc}")
        self._dispatch(events)
        if not self._closed.done():
            self._closed.set_result(None)

    def pause_writing(self) -> None:
        self._is_writable = False

    def resume_writing(self) -> None:
        self._is_writable = True
        self._tell_room()

    # What follows.

    def _flush(self) -> None:
        data = self._state.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _tell_room(self) -> None:
        waiting, self._waiting_for_room = self._waiting_for_room, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _dispatch(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case PrefaceAccepted():
                    if not self._ready.done():
                        self._ready.set_result(None)
                case Response() | StreamData():
                    waiter = self._calls.get(event.request_id)
                    if waiter is not None:
                        waiter.put_nowait(event)
                case Pong():
                    ping = self._pings.pop(event.payload, None)
                    if ping is not None and not ping.done():
                        ping.set_result(None)
                case Ended():
                    self._end(event)
        self._tell_room()
        # A server that goes away may leave the closing to whoever is done first. Asked only here:
        # the state has seen all of the events, the calls have not.
        is_done = not self._state.takes_requests and self._state.unanswered_count == 0
        if is_done and not self._state.is_ended:
            self._flush()
            self._dispatch(self._state.receive_eof())

    def _end(self, event: Ended) -> None:
        for request_id in event.request_ids:
            waiter = self._calls.get(request_id)
            if waiter is not None:
                waiter.put_nowait(event.error)
        for ping in self._pings.values():
            if not ping.done():
                ping.set_exception(event.error)
        if not self._ready.done():
            self._ready.set_exception(event.error)
        self._tell_room()
        if self._transport is not None:
            self._transport.close()
