"""Frames of the test's own making against the real server: rules of ``proto/PROTOCOL.md`` that no
client leans on, and that another client's author may."""

from __future__ import annotations

import pathlib
import shutil
import signal
import socket
import tempfile
import time
import unittest

from teller_client import recommender_pb2 as pb
from teller_client.errors import StatusCode
from teller_client.frames import PREFACE, Flags, FrameType, encode_frame

from .fake_server import PATIENCE_SECONDS, Peer
from .real_server import RealServer, make_workspace, program

SKIPPED = "no teller was built: run 'make build', or set TELLER_BINARY"
RECOMMEND, SIMILAR, FEEDBACK, HEALTH, DESCRIBE, PUT = 1, 2, 3, 4, 5, 7
MANY, GET, LIST, STATUS, UPDATE = 10, 11, 12, 13, 14
HEALTH_OF_99 = encode_frame(FrameType.REQUEST, method=HEALTH, request_id=99)
DAY_MS = 86_400_000


def request(method: int, message: object, request_id: int = 1, **fields: int) -> bytes:
    """A REQUEST with a message."""
    payload = message.SerializeToString()  # type: ignore[attr-defined]
    return encode_frame(FrameType.REQUEST, payload, method=method, request_id=request_id, **fields)


def many(count: int, request_id: int = 1) -> bytes:
    """A RecommendMany for one customer, ``count`` times."""
    message = pb.RecommendManyRequest(user_ids=["15889"] * count, count=1)
    return request(MANY, message, request_id, flags=Flags.STREAMED)


def credit(count: int, request_id: int = 1) -> bytes:
    return encode_frame(FrameType.CREDIT, request_id=request_id, word=count)


@unittest.skipUnless(program(), SKIPPED)
class WireTests(unittest.TestCase):
    workspace: pathlib.Path

    @classmethod
    def setUpClass(cls) -> None:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="teller-clients-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.workspace = make_workspace(folder)
        cls.server = RealServer(cls.workspace)
        cls.addClassCleanup(cls.server.close)

    def connect(self, greeting: bytes = b"", server: RealServer | None = None) -> Peer:
        """A connection whose preface has been sent and answered; ``greeting`` came right behind."""
        host, port = (server or self.server).address.rsplit(":", 1)
        peer = Peer(socket.create_connection((host, int(port)), PATIENCE_SECONDS))
        self.addCleanup(peer.socket.close)
        peer.socket.sendall(PREFACE + greeting)
        self.assertEqual(peer.read(len(PREFACE)), PREFACE)
        return peer

    def expect(self, peer: Peer, request_id: int, status: StatusCode = StatusCode.OK) -> bytes:
        """The next frame's payload: a RESPONSE to the request, with the status."""
        header, payload = peer.frame()
        self.assertEqual(
            (header.type, header.request_id, header.word, header.flags),
            (FrameType.RESPONSE, request_id, status, 0),
            payload,
        )
        return payload

    def expect_messages(self, peer: Peer, count: int, request_id: int = 1) -> None:
        """The next frames: so many messages of a stream."""
        for _ in range(count):
            header, _ = peer.frame()
            self.assertEqual((header.type, header.request_id), (FrameType.STREAM_DATA, request_id))

    def expect_alive(self, peer: Peer) -> None:
        """Nothing else has come: the next frame answers what is asked now."""
        peer.socket.sendall(HEALTH_OF_99)
        self.expect(peer, 99)

    def expect_end(self, peer: Peer) -> None:
        """The server has closed, and said nothing more."""
        with self.assertRaises(EOFError):
            peer.read(1)

    def test_requests_come_right_behind_the_preface(self) -> None:
        self.expect(self.connect(HEALTH_OF_99), 99)

    def test_requests_answered_at_once_are_answered_in_order(self) -> None:
        peer = self.connect()
        user = pb.RecommendRequest(user_id="15889", count=1)
        messages = [
            *((RECOMMEND, user), (SIMILAR, pb.SimilarItemsRequest(item_id="ind_recibo_ult1"))),
            *((DESCRIBE, pb.DescribeRequest()), (STATUS, pb.StatusRequest())),
            *((HEALTH, pb.HealthRequest()), (RECOMMEND, user)),
        ]
        # Any order of numbers is good, and the largest is.
        numbers = [0xFFFF_FFFF, 7, 3, 1 << 31, 1, 2]
        peer.socket.sendall(
            b"".join(
                request(*message, number)
                for message, number in zip(messages, numbers, strict=True)
            )
        )
        for number in numbers:
            self.expect(peer, number)

    def test_every_request_in_flight_can_be_cancelled(self) -> None:
        event = pb.FeedbackEvent(event_id="c", user_id="u", item_id="ind_recibo_ult1", type=1)
        for method, message in (
            (FEEDBACK, pb.FeedbackRequest(events=[event])),
            (PUT, pb.PutItemsRequest(items=[pb.Item(item_id="ind_recibo_ult1")])),
            (GET, pb.GetRecommendationRequest(recommendation_id="x")),
            (LIST, pb.ListRecommendationsRequest(user_id="15889")),
            (UPDATE, pb.UpdateModelsRequest(update=pb.MODEL_UPDATE_RELOAD)),
        ):
            with self.subTest(method=method):
                peer = self.connect()
                cancel = encode_frame(FrameType.CANCEL, request_id=1)
                # In one piece, so that the server reads the one behind the other; twice is once.
                peer.socket.sendall(request(method, message) + cancel + cancel)
                self.expect(peer, 1, StatusCode.CANCELLED)
                self.expect_alive(peer)

    def test_frames_of_nobody_are_ignored(self) -> None:
        peer = self.connect(encode_frame(FrameType.PONG, b"unasked!"))
        for request_id in (0, 5):
            for kind in (FrameType.STREAM_DATA, FrameType.END_OF_STREAM, FrameType.CANCEL):
                peer.send(kind, request_id=request_id, method=9, word=9)
            peer.socket.sendall(credit(0xFFFF_FFFF, request_id))
        self.expect_alive(peer)

    def test_any_trace_id_will_do(self) -> None:
        peer = self.connect()
        for trace_id in (bytes(16), b"\xff" * 16):
            peer.send(
                FrameType.REQUEST, trace_id, method=HEALTH, request_id=1, flags=Flags.TRACED
            )
            self.expect(peer, 1)

    def test_credit(self) -> None:
        peer = self.connect(many(80))
        self.expect_messages(peer, 64)
        peer.socket.sendall(credit(0) + encode_frame(FrameType.END_OF_STREAM, request_id=1))
        self.expect_alive(peer)
        peer.socket.sendall(credit(10))
        self.expect_messages(peer, 10)
        self.expect_alive(peer)
        peer.socket.sendall(credit(6))
        self.expect_messages(peer, 6)
        self.expect(peer, 1)
        # Right behind the request, up to the limit and one past it.
        peer.socket.sendall(many(70, 2) + credit(65_535 - 64, 2))
        self.expect_messages(peer, 70, 2)
        self.expect(peer, 2)
        peer.socket.sendall(many(70, 3) + credit(65_536 - 64, 3))
        header, _ = peer.frame()
        self.assertEqual(
            (header.type, header.word), (FrameType.GO_AWAY, StatusCode.INVALID_ARGUMENT)
        )
        self.expect_end(peer)

    def test_half_a_close_is_a_close(self) -> None:
        peer = self.connect(many(65))
        self.expect_messages(peer, 64)
        # One message is left; a server that took this for half a close would wait for credit.
        peer.socket.shutdown(socket.SHUT_WR)
        self.expect_end(peer)

    def test_farewell_of_the_client(self) -> None:
        peer = self.connect(many(65))
        self.expect_messages(peer, 64)
        # Status and text are not looked at.
        peer.send(FrameType.GO_AWAY, b"\xff" * 2000, word=999)
        peer.socket.sendall(credit(1))
        self.expect_messages(peer, 1)
        self.expect(peer, 1)
        self.expect_end(peer)

    def test_a_server_that_stops(self) -> None:
        with RealServer(self.copy_of_workspace()) as server:
            peer = self.connect(many(65), server)
            self.expect_messages(peer, 64)
            server.signal(signal.SIGTERM)
            header, _ = peer.frame()
            self.assertEqual((header.type, header.word), (FrameType.GO_AWAY, StatusCode.OK))
            header, payload = peer.frame()
            self.assertEqual(header.type, FrameType.PING)
            # Behind the PONG requests are refused; the stream goes on.
            peer.send(FrameType.PONG, payload)
            peer.socket.sendall(HEALTH_OF_99)
            self.expect(peer, 99, StatusCode.UNAVAILABLE)
            peer.socket.sendall(credit(1))
            self.expect_messages(peer, 1)
            self.expect(peer, 1)
            self.expect_end(peer)

    def copy_of_workspace(self) -> pathlib.Path:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="teller-clients-"))
        self.addCleanup(shutil.rmtree, folder)
        return make_workspace(folder)

    def test_pages_of_the_catalogue_end(self) -> None:
        peer = self.connect(request(DESCRIBE, pb.DescribeRequest()))
        first = pb.DescribeResponse.FromString(self.expect(peer, 1))
        end = pb.DescribeRequest(first_item_index=first.item_count)
        peer.socket.sendall(request(DESCRIBE, end))
        last = pb.DescribeResponse.FromString(self.expect(peer, 1))
        # All but the products stands on every page.
        self.assertEqual(list(last.item_ids), [])
        del first.item_ids[:], first.item_names[:]
        self.assertEqual(last, first)
        behind = pb.DescribeRequest(first_item_index=first.item_count + 1)
        peer.socket.sendall(request(DESCRIBE, behind))
        self.expect(peer, 1, StatusCode.OUT_OF_RANGE)

    def test_what_only_the_service_can_know_is_rejected_alone(self) -> None:
        now = time.time_ns() // 1_000_000

        def event(name: str, **fields: object) -> pb.FeedbackEvent:
            fields = {"item_id": "ind_recibo_ult1", **fields}
            event = pb.FeedbackEvent(event_id=name, user_id="u", type=pb.EVENT_TYPE_SHOWN)
            event.MergeFrom(pb.FeedbackEvent(**fields))  # type: ignore[arg-type]
            return event

        events = [
            *(event("r1"), event("r1"), event("r2", item_id="nothing")),
            *(event("r3", impression_item_ids=["nothing"]), event("r4", time_ms=-1)),
            *(event("r5", time_ms=now + 2 * DAY_MS), event("r6", time_ms=now + DAY_MS // 2)),
        ]
        peer = self.connect(request(FEEDBACK, pb.FeedbackRequest(events=events)))
        fed = pb.FeedbackResponse.FromString(self.expect(peer, 1))
        self.assertEqual(list(fed.outcomes), [1, 2, 3, 3, 3, 3, 1])
        self.assertEqual([bool(reason) for reason in fed.reasons], [n == 3 for n in fed.outcomes])

        def item(**fields: object) -> pb.Item:
            return pb.Item(item_id="ind_recibo_ult1", **fields)  # type: ignore[arg-type]

        def named(*keys: str) -> pb.Item:
            return item(attributes=[pb.ItemAttribute(key=key, value="v") for key in keys])

        items = [
            *(named("category"), named("PRICE"), named("a", "A"), named("a", "b")),
            item(created_time_ms=now + 2 * DAY_MS),
        ]
        peer.socket.sendall(request(PUT, pb.PutItemsRequest(items=items)))
        put = pb.PutItemsResponse.FromString(self.expect(peer, 1))
        self.assertEqual(list(put.outcomes), [3, 3, 3, 2, 3])
        peer.socket.sendall(request(PUT, pb.PutItemsRequest(items=[item(created_time_ms=-1)])))
        self.expect(peer, 1, StatusCode.INVALID_ARGUMENT)

    def test_the_last_of_a_field_counts_and_unknown_fields_have_a_limit(self) -> None:
        peer = self.connect()
        first = pb.SimilarItemsRequest(item_id="x", count=9)
        last = pb.SimilarItemsRequest(item_id="ind_recibo_ult1", count=2)
        twice = first.SerializeToString() + last.SerializeToString()
        # Field 100 of wire type 0.
        for unknown, status in ((64, StatusCode.OK), (65, StatusCode.INVALID_ARGUMENT)):
            payload = b"\xa0\x06\x01" * unknown + twice
            peer.send(FrameType.REQUEST, payload, method=SIMILAR, request_id=1)
            self.expect(peer, 1, status)
        peer.send(FrameType.REQUEST, twice, method=SIMILAR, request_id=1)
        answer = self.expect(peer, 1)
        self.assertEqual(len(pb.SimilarItemsResponse.FromString(answer).item_ids), 2)


if __name__ == "__main__":
    unittest.main()
