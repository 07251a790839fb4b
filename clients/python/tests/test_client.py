"""The blocking and the asyncio client against a server that misbehaves as the test says.

Each behaviour is tested on both: the asyncio client through ``Blocking``, which has the blocking
one's form.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest
from typing import Any

from teller_client import (
    NO_RETRY,
    AsyncClient,
    Cancelled,
    Client,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    RetryPolicy,
    Unauthenticated,
    Unavailable,
    methods,
)
from teller_client import recommender_pb2 as pb
from teller_client.frames import PREFACE, FrameType, encode_frame

from .fake_server import PATIENCE_SECONDS, FakeServer, Peer

HEALTHY = pb.HealthResponse(status=1, model_version="m").SerializeToString()
AT_ONCE = RetryPolicy(draw=lambda: 0.0)


class Blocking:
    """An AsyncClient in the form of a Client."""

    def __init__(self, address: str, **arguments: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = self._loop.run_until_complete(self._make(address, arguments))

    async def _make(self, address: str, arguments: dict[str, Any]) -> AsyncClient:
        return AsyncClient(address, **arguments)

    def __enter__(self) -> Blocking:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def set_token(self, token: str) -> None:
        self._client.set_token(token)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return lambda *arguments, **named: self._loop.run_until_complete(
            method(*arguments, **named)
        )


class BothClientsTests(unittest.TestCase):
    def each(self) -> list[tuple[str, Any]]:
        return [("blocking", Client), ("asyncio", Blocking)]

    def test_an_error_comes_with_code_and_text(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.answer(peer.request()[0], "no ü".encode(), status=5)
            peer.answer(peer.request()[0], b"\xff\xff\xff")
            peer.answer(peer.request()[0], HEALTHY)
            peer.wait_for_close()

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address) as client,
            ):
                with self.assertRaisesRegex(NotFound, "no ü"):
                    client.similar_items("x")
                with self.assertRaisesRegex(Internal, "Health does not decode"):
                    client.health()
                self.assertEqual(client.health().model_version, "m")

    def test_limits_are_checked_before_anything_is_sent(self) -> None:
        for name, make in self.each():
            # Nobody listens there.
            with self.subTest(name), make("127.0.0.1:1") as client:
                with self.assertRaises(InvalidArgument):
                    client.recommend("u", count=501)
                with self.assertRaises(InvalidArgument):
                    client.feedback([])

    def test_unavailable_is_tried_again_on_a_new_connection(self) -> None:
        def close(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.request()

        def refuse(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.send(FrameType.GO_AWAY, b"restart")
            peer.send(FrameType.PING, bytes(8))
            # A request may have crossed the farewell; a client without one may close at once.
            with contextlib.suppress(EOFError):
                while True:
                    header, _ = peer.frame()
                    if header.type == FrameType.REQUEST:
                        peer.answer(header, b"going", status=14)

        def answer(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.answer(peer.request()[0], HEALTHY)
            peer.wait_for_close()

        for name, make in self.each():
            with self.subTest(name), FakeServer(close, refuse, answer) as server:
                client = make(server.address, retry=AT_ONCE)
                with client:
                    self.assertEqual(client.health().model_version, "m")

    def test_a_farewell_in_one_piece_with_several_answers(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            requests = [peer.request()[0] for _ in range(3)]
            data = encode_frame(FrameType.GO_AWAY, b"restart")
            for header in requests:
                data += encode_frame(
                    FrameType.RESPONSE, HEALTHY, method=4, request_id=header.request_id
                )
            peer.socket.sendall(data)
            peer.wait_for_close()

        with FakeServer(behaviour) as server, Client(server.address, timeout=30) as client:
            calls = [client.start(methods.HEALTH, pb.HealthRequest()) for _ in range(3)]
            for call in calls:
                self.assertEqual(call.result().model_version, "m")

        async def main(address: str) -> None:
            async with AsyncClient(address, timeout=30) as client:
                for answer in await asyncio.gather(*(client.health() for _ in range(3))):
                    self.assertEqual(answer.model_version, "m")

        with FakeServer(behaviour) as server:
            asyncio.run(main(server.address))

    def test_tries_end(self) -> None:
        for name, make in self.each():
            drawn: list[int] = []

            def draw(drawn: list[int] = drawn) -> float:
                drawn.append(1)
                return 0.0

            with (
                self.subTest(name),
                make("127.0.0.1:1", retry=RetryPolicy(attempts_max=3, draw=draw)) as client,
            ):
                with self.assertRaisesRegex(Unavailable, "127.0.0.1:1: cannot connect"):
                    client.health()
                self.assertEqual(len(drawn), 2)

    def test_nothing_else_is_tried_again(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.answer(peer.request()[0], b"slower", status=8)
            peer.wait_for_close()

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address, retry=AT_ONCE) as client,
                self.assertRaises(ResourceExhausted),
            ):
                client.health()

    def test_a_deadline_sends_cancel_and_the_connection_lives_on(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.answer(peer.request()[0], HEALTHY)
            request, _ = peer.request()
            assert 0 < request.word <= 500
            cancel, _ = peer.frame()
            assert (cancel.type, cancel.request_id) == (FrameType.CANCEL, request.request_id)
            second, _ = peer.request()
            assert second.request_id != request.request_id
            peer.answer(request, b"gave up", status=1)
            peer.answer(second, HEALTHY)
            peer.wait_for_close()

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address) as client,
            ):
                client.health(timeout=PATIENCE_SECONDS)
                with self.assertRaisesRegex(DeadlineExceeded, "within 0.5 s"):
                    client.recommend("u", timeout=0.5)
                self.assertEqual(client.health(timeout=PATIENCE_SECONDS).model_version, "m")

    def test_a_server_that_says_nothing_is_unavailable(self) -> None:
        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(Peer.wait_for_close) as server,
                make(server.address, connect_timeout=0.05, retry=NO_RETRY) as client,
                self.assertRaisesRegex(Unavailable, "no answer in time"),
            ):
                client.health(timeout=PATIENCE_SECONDS)

    def test_time_that_ends_while_connecting_is_the_calls(self) -> None:
        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(Peer.wait_for_close) as server,
                make(server.address) as client,
                self.assertRaisesRegex(DeadlineExceeded, "within 0.05 s"),
            ):
                client.health(timeout=0.05)

    def test_another_protocol_is_internal(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.read(len(PREFACE))
            peer.socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address) as client,
                self.assertRaisesRegex(Internal, "does not speak"),
            ):
                client.health()

    def test_a_farewell_with_a_status_is_what_calls_fail_with(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.request()
            peer.send(FrameType.GO_AWAY, b"bad token", word=16)

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address) as client,
                self.assertRaisesRegex(Exception, "UNAUTHENTICATED: bad token"),
            ):
                client.health()

    def test_the_token_goes_first_and_can_be_replaced(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            assert peer.frame()[1] == b"one"
            peer.answer(peer.request()[0], HEALTHY)
            header, payload = peer.frame()
            assert (header.type, payload) == (FrameType.CREDENTIALS, b"two")
            peer.answer(peer.request()[0], HEALTHY)
            peer.wait_for_close()

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address, token="one") as client,
            ):
                client.health()
                client.set_token("two")
                client.health()

    def test_a_trace_id_travels(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            header, payload = peer.request()
            assert header.flags == 2 and payload[:16] == b"0123456789abcdef"
            assert pb.RecommendRequest.FromString(payload[16:]).user_id == "u"
            peer.answer(header)
            peer.wait_for_close()

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address) as client,
            ):
                client.recommend("u", trace_id=b"0123456789abcdef")

    def test_pings(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            header, payload = peer.frame()
            assert header.type == FrameType.PING
            peer.send(FrameType.PING, b"ours....")
            peer.send(FrameType.PONG, payload)
            assert peer.frame()[1] == b"ours...."
            peer.frame()
            peer.wait_for_close()

        for name, make in self.each():
            with (
                self.subTest(name),
                FakeServer(behaviour) as server,
                make(server.address) as client,
            ):
                client.ping()
                with self.assertRaises(DeadlineExceeded):
                    client.ping(timeout=0.01)

    def test_a_closed_client_makes_no_connection(self) -> None:
        for name, make in self.each():
            with self.subTest(name), make("127.0.0.1:1") as client:
                client.close()
                with self.assertRaisesRegex(Unavailable, "was closed"):
                    client.health()


class PipeliningTests(unittest.TestCase):
    def test_answers_in_any_order_to_many_threads(self) -> None:
        count = 200

        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            requests = [peer.request() for _ in range(count)]
            for header, payload in reversed(requests):
                user = pb.RecommendRequest.FromString(payload).user_id
                answer = pb.RecommendResponse(recommendation_id=user)
                peer.answer(header, answer.SerializeToString())
            peer.wait_for_close()

        wrong: list[str] = []
        with FakeServer(behaviour) as server, Client(server.address, timeout=None) as client:

            def call(user: str) -> None:
                if client.recommend(user).recommendation_id != user:
                    wrong.append(user)

            threads = [threading.Thread(target=call, args=(f"u{i}",)) for i in range(count)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(wrong, [])

    def test_started_calls_share_the_connection(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            first, second = peer.request()[0], peer.request()[0]
            cancel, _ = peer.frame()
            assert (cancel.type, cancel.request_id) == (FrameType.CANCEL, second.request_id)
            peer.answer(second, status=1)
            peer.answer(first, HEALTHY)
            peer.wait_for_close()

        with FakeServer(behaviour) as server, Client(server.address) as client:
            first = client.start(methods.HEALTH, pb.HealthRequest())
            second = client.start(methods.HEALTH, pb.HealthRequest())
            self.assertTrue(second.cancel())
            self.assertFalse(second.cancel())
            with self.assertRaises(Cancelled):
                second.result()
            self.assertEqual(first.result().model_version, "m")
            self.assertFalse(first.cancel())

    def test_more_than_in_flight_max_wait_for_room(self) -> None:
        seen = threading.Event()

        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            requests = [peer.request()[0] for _ in range(2)]
            seen.set()
            for header in requests:
                peer.answer(header, HEALTHY)
            peer.answer(peer.request()[0], HEALTHY)
            peer.wait_for_close()

        with FakeServer(behaviour) as server, Client(server.address, in_flight_max=2) as client:
            pending = [client.start(methods.HEALTH, pb.HealthRequest()) for _ in range(3)]
            # The third could be sent only because the first two were answered.
            self.assertTrue(seen.is_set())
            for call in pending:
                call.result()

        def silent(peer: Peer) -> None:
            peer.exchange_prefaces()
            peer.wait_for_close()

        with FakeServer(silent) as server, Client(server.address, in_flight_max=1) as client:
            client.start(methods.HEALTH, pb.HealthRequest())
            with self.assertRaises(DeadlineExceeded):
                client.start(methods.HEALTH, pb.HealthRequest(), timeout=0.02)

    def test_a_cancelled_task_cancels_its_call(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            first = peer.request()[0]
            cancel, _ = peer.frame()
            assert (cancel.type, cancel.request_id) == (FrameType.CANCEL, first.request_id)
            peer.answer(first, status=1)
            peer.answer(peer.request()[0], HEALTHY)
            peer.wait_for_close()

        async def main(address: str) -> None:
            async with AsyncClient(address) as client:
                await client._connected(client._deadline(None))
                task = asyncio.create_task(client.recommend("u"))
                while not client._channel or not client._channel._calls:
                    await asyncio.sleep(0)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                self.assertEqual((await client.health()).model_version, "m")

        with FakeServer(behaviour) as server:
            asyncio.run(main(server.address))

    def test_a_server_that_does_not_read_holds_nobody_up_for_ever(self) -> None:
        stop = threading.Event()

        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            stop.wait(PATIENCE_SECONDS)

        request = methods.recommend_request("u", exclude_item_ids=["i" * 256] * 500)
        with FakeServer(behaviour) as server, Client(server.address, timeout=0.2) as client:
            with self.assertRaises(DeadlineExceeded):
                for _ in range(1000):
                    client.start(methods.RECOMMEND, request)
            stop.set()


@unittest.skipUnless(shutil.which("openssl"), "openssl is not here to make certificates")
class TLSTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls._folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._folder.cleanup)
        cls.key, cls.certificate = f"{cls._folder.name}/key", f"{cls._folder.name}/certificate"
        subprocess.run(
            [
                *[
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                ],
                *["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                *("-keyout", cls.key, "-out", cls.certificate),
            ],
            check=True,
            capture_output=True,
        )

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def test_calls_over_tls(self) -> None:
        def behaviour(peer: Peer) -> None:
            peer.exchange_prefaces()
            for _ in range(3):
                header, payload = peer.request()
                answer = pb.RecommendResponse(item_ids=["i" * 250] * 300)
                assert len(payload) > 100_000
                peer.answer(header, answer.SerializeToString())
            peer.wait_for_close()

        for make in (Client, Blocking):
            context = ssl.create_default_context(cafile=self.certificate)
            with (
                FakeServer(behaviour, tls=self.server_context()) as server,
                make(server.address, tls=context) as client,
            ):
                for _ in range(3):
                    answer = client.recommend("u", exclude_item_ids=["i" * 256] * 400)
                    self.assertEqual(len(answer.item_ids), 300)

    def test_a_server_that_is_not_trusted(self) -> None:
        for make in (Client, Blocking):
            server = FakeServer(Peer.wait_for_close, tls=self.server_context())
            with (
                server,
                make(server.address, tls=ssl.create_default_context()) as client,
            ):
                # It is not tried again: the server lets one connection in.
                with self.assertRaisesRegex(Unauthenticated, "not trusted: no trusted authority"):
                    client.health()
                # The server's side of it: a failed handshake.
                server._thread.join(PATIENCE_SECONDS)
                self.assertIsInstance(server._error, ssl.SSLError)
                server._error = None


if __name__ == "__main__":
    unittest.main()
