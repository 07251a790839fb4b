"""RecommendMany of both clients, against a server that streams as the test says."""

from __future__ import annotations

import asyncio
import contextlib
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from teller_client import (
    AsyncClient,
    Client,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    PermissionDenied,
    RetryPolicy,
    Unavailable,
)
from teller_client import recommender_pb2 as pb
from teller_client.frames import FrameType, Header

from .fake_server import FakeServer, Peer

AT_ONCE = RetryPolicy(draw=lambda: 0.0)
Answers = list[tuple[str, str]]


def blocking(address: str, users: list[str], take: int | None = None, **arguments: Any) -> Answers:
    found: Answers = []
    with Client(address, retry=AT_ONCE, stream_window=arguments.pop("window", 64)) as client:
        stream = client.recommend_many(users, **arguments)
        for user, answer in stream:
            found.append((user, answer.recommendation_id))
            if len(found) == take:
                break
        # Closes a stream that was left, while the client is open.
        stream.close()
        if take is not None:
            client.health()
    return found


def with_asyncio(
    address: str, users: list[str], take: int | None = None, **arguments: Any
) -> Answers:
    async def main() -> Answers:
        found: Answers = []
        window = arguments.pop("window", 64)
        async with AsyncClient(address, retry=AT_ONCE, stream_window=window) as client:
            stream = client.recommend_many(users, **arguments)
            async for user, answer in stream:
                found.append((user, answer.recommendation_id))
                if len(found) == take:
                    break
            await stream.aclose()
            if take is not None:
                await client.health()
        return found

    return asyncio.run(main())


CLIENTS: list[Callable[..., Answers]] = [blocking, with_asyncio]


class Stream:
    """The server's side of one stream, which keeps to the credit it is given."""

    def __init__(self, peer: Peer, header: Header, payload: bytes) -> None:
        assert (header.method, header.flags) == (10, 1)
        self.peer, self.header = peer, header
        self.request = pb.RecommendManyRequest.FromString(payload)
        self.credit = 64
        self.credit_frames = 0

    def send(self, user: str) -> None:
        while self.credit == 0:
            header, _ = self.peer.frame()
            assert (header.type, header.request_id) == (FrameType.CREDIT, self.header.request_id)
            self.credit += header.word
            self.credit_frames += 1
        self.credit -= 1
        payload = pb.RecommendResponse(recommendation_id=user).SerializeToString()
        self.peer.send(FrameType.STREAM_DATA, payload, request_id=self.header.request_id)

    def end(self, status: int = 0, text: bytes = b"") -> None:
        answer = pb.RecommendManyResponse(answered=len(self.request.user_ids))
        self.peer.answer(self.header, text or answer.SerializeToString(), status)


def streams(peer: Peer) -> Iterator[Stream]:
    peer.exchange_prefaces()
    while True:
        try:
            header, payload = peer.request()
        except EOFError:
            return
        yield Stream(peer, header, payload)


def answer_all(peer: Peer) -> None:
    for stream in streams(peer):
        for user in stream.request.user_ids:
            stream.send(user)
        stream.end()


class RecommendManyTests(unittest.TestCase):
    def each(self) -> Iterator[Callable[..., Answers]]:
        for client in CLIENTS:
            with self.subTest(client=client.__name__):
                yield client

    def test_answers_come_in_order_and_credit_goes_back(self) -> None:
        users = [f"u{number}" for number in range(1000)]
        frames: list[int] = []

        def behaviour(peer: Peer) -> None:
            for stream in streams(peer):
                assert (stream.request.count, stream.request.item_indexes_only) == (7, True)
                for user in stream.request.user_ids:
                    stream.send(user)
                stream.end()
                frames.append(stream.credit_frames)

        for client in self.each():
            with FakeServer(behaviour) as server:
                found = client(server.address, users, count=7, item_indexes_only=True)
            self.assertEqual(found, [(user, user) for user in users])
            # Given in halves of the window: 936 messages beyond the first 64, by 32.
            self.assertEqual(frames.pop(), 30)

    def test_a_wider_window(self) -> None:
        users = [f"u{number}" for number in range(1000)]
        for client in self.each():
            with FakeServer(answer_all) as server:
                found = client(server.address, users, window=500)
            self.assertEqual(len(found), 1000)

    def test_more_customers_than_one_request_may_have(self) -> None:
        users = [f"u{number}" for number in range(10_001)]
        sizes: list[int] = []

        def behaviour(peer: Peer) -> None:
            for stream in streams(peer):
                sizes.append(len(stream.request.user_ids))
                for user in stream.request.user_ids:
                    stream.send(user)
                stream.end()

        for client in self.each():
            with FakeServer(behaviour) as server:
                found = client(server.address, users)
            self.assertEqual(found, [(user, user) for user in users])
            self.assertEqual(sizes, [10_000, 1])
            sizes.clear()

    def test_a_lost_connection_is_gone_on_with_behind_the_last_answer(self) -> None:
        users = [f"u{number}" for number in range(20)]

        def break_off(peer: Peer) -> None:
            peer.exchange_prefaces()
            stream = Stream(peer, *peer.request())
            for user in stream.request.user_ids[:7]:
                stream.send(user)

        def rest(peer: Peer) -> None:
            for stream in streams(peer):
                assert list(stream.request.user_ids) == users[14:]
                for user in stream.request.user_ids:
                    stream.send(user)
                stream.end()

        for client in self.each():
            with FakeServer(break_off, break_off, rest) as server:
                found = client(server.address, users)
            self.assertEqual(found, [(user, user) for user in users])

    def test_a_loop_that_is_left_cancels(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            stream = Stream(peer, *peer.request())
            for user in stream.request.user_ids[:10]:
                stream.send(user)
            cancel, _ = peer.frame()
            assert (cancel.type, cancel.request_id) == (FrameType.CANCEL, stream.header.request_id)
            # It crossed the CANCEL, and is dropped.
            stream.send("late")
            stream.end(1, b"cancelled")
            peer.answer(peer.request()[0])
            peer.wait_for_close()

        for client in self.each():
            with FakeServer(behaviour) as server:
                found = client(server.address, ["u"] * 100, take=3)
            self.assertEqual(len(found), 3)

    def test_errors(self) -> None:
        def refuse(peer: Peer) -> None:
            for stream in streams(peer):
                stream.send("u0")
                stream.end(7, b"not you")

        def too_many(peer: Peer) -> None:
            for stream in streams(peer):
                for _ in range(3):
                    stream.send("u")
                # The client has closed at the third answer, or will when it reads it.
                with contextlib.suppress(EOFError):
                    stream.end()

        def too_few(peer: Peer) -> None:
            for stream in streams(peer):
                stream.send("u")
                stream.end()

        for behaviour, error in (
            (refuse, PermissionDenied),
            (too_many, Internal),
            (too_few, Internal),
        ):
            for client in self.each():
                with FakeServer(behaviour) as server, self.assertRaises(error):
                    client(server.address, ["u0", "u1"])

    def test_time_and_tries_end(self) -> None:
        def silent(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.wait_for_close()

        for client in self.each():
            with FakeServer(silent) as server, self.assertRaises(DeadlineExceeded):
                client(server.address, ["u"], timeout=0.05)
            with self.assertRaises(Unavailable):
                client("127.0.0.1:1", ["u"])

    def test_limits(self) -> None:
        for client in self.each():
            for users, arguments in (
                (["u"] * 10_000 + [""], {}),
                (["u"], {"count": 0}),
                (["u"], {"exploration_weight": 1.5}),
            ):
                with self.assertRaises(InvalidArgument):
                    client("127.0.0.1:1", users, **arguments)
            self.assertEqual(client("127.0.0.1:1", []), [])


if __name__ == "__main__":
    unittest.main()
