"""The state machine of a connection, fed bytes: no socket, no clock."""

from __future__ import annotations

import random
import unittest

from teller_client.connection import (
    AbandonedResponse,
    ClientConnection,
    Ended,
    GoAway,
    Pong,
    PrefaceAccepted,
    Response,
    StreamData,
)
from teller_client.errors import (
    Internal,
    InvalidArgument,
    ResourceExhausted,
    StatusCode,
    TellerError,
    Unavailable,
)
from teller_client.frames import FRAME_BYTES_MAX, PREFACE, FrameType, Header, encode_frame


def opened(**arguments: int) -> ClientConnection:
    """A connection whose prefaces are exchanged."""
    connection = ClientConnection(**arguments)
    assert connection.data_to_send() == PREFACE
    assert connection.receive(PREFACE) == [PrefaceAccepted()]
    return connection


def response(request_id: int, payload: bytes = b"", status: int = 0) -> bytes:
    return encode_frame(FrameType.RESPONSE, payload, method=1, request_id=request_id, word=status)


def stream_data(request_id: int, payload: bytes = b"") -> bytes:
    return encode_frame(FrameType.STREAM_DATA, payload, request_id=request_id)


class RequestTests(unittest.TestCase):
    def test_a_request_is_one_frame(self) -> None:
        connection = opened()
        request_id = connection.open_request(1, b"abc", deadline_ms=250)
        expected = bytes.fromhex("03000000 01 00 0100 01000000 fa000000") + b"abc"
        self.assertEqual((request_id, connection.data_to_send()), (1, expected))
        self.assertEqual(connection.data_to_send(), b"")

    def test_requests_follow_the_preface_without_waiting(self) -> None:
        connection = ClientConnection()
        connection.open_request(4, b"")
        self.assertTrue(connection.data_to_send().startswith(PREFACE))

    def test_a_trace_id_stands_before_the_message(self) -> None:
        connection = opened()
        connection.open_request(1, b"abc", trace_id=bytes(range(16)))
        data = connection.data_to_send()
        self.assertEqual(Header.decode(data).flags, 2)
        self.assertEqual(data[16:], bytes(range(16)) + b"abc")
        with self.assertRaises(InvalidArgument):
            connection.open_request(1, b"", trace_id=bytes(15))

    def test_answers_come_in_any_order(self) -> None:
        connection = opened()
        first, second = connection.open_request(1, b""), connection.open_request(1, b"")
        self.assertEqual(
            connection.receive(response(second, b"2") + response(first, b"1")),
            [Response(second, b"2", None), Response(first, b"1", None)],
        )
        self.assertEqual(connection.unanswered_count, 0)

    def test_an_error_has_its_code_and_message(self) -> None:
        connection = opened()
        for status, code in ((5, StatusCode.NOT_FOUND), (99, StatusCode.UNKNOWN)):
            request_id = connection.open_request(1, b"")
            (event,) = connection.receive(response(request_id, "ungültig".encode(), status))
            assert isinstance(event, Response) and event.error is not None
            self.assertEqual((event.error.code, event.error.message), (code, "ungültig"))

    def test_the_longest_payload_and_one_byte_more(self) -> None:
        connection = opened()
        connection.open_request(3, bytes(FRAME_BYTES_MAX))
        with self.assertRaises(ResourceExhausted):
            connection.open_request(3, bytes(FRAME_BYTES_MAX + 1))
        with self.assertRaises(ResourceExhausted):
            connection.open_request(3, bytes(FRAME_BYTES_MAX - 15), trace_id=bytes(16))
        self.assertEqual(connection.unanswered_count, 1)

    def test_ids_wrap_over_zero_and_those_in_use(self) -> None:
        connection = opened(last_request_id=0xFFFF_FFFE)
        self.assertEqual(connection.open_request(1, b""), 0xFFFF_FFFF)
        self.assertEqual(connection.open_request(1, b""), 1)
        connection._last_request_id = 0xFFFF_FFFE
        self.assertEqual(connection.open_request(1, b""), 2)


class CancelTests(unittest.TestCase):
    def test_an_id_is_free_only_behind_its_answer(self) -> None:
        connection = opened()
        request_id = connection.open_request(3, b"")
        connection.data_to_send()
        self.assertTrue(connection.abandon(request_id))
        self.assertEqual(
            connection.data_to_send(), encode_frame(FrameType.CANCEL, request_id=request_id)
        )
        self.assertFalse(connection.abandon(request_id), "twice")
        connection._last_request_id = 0
        self.assertEqual(connection.open_request(1, b""), request_id + 1)
        self.assertEqual(
            connection.receive(response(request_id, b"late")), [AbandonedResponse(request_id)]
        )
        connection._last_request_id = 0
        self.assertEqual(connection.open_request(1, b""), request_id)

    def test_what_is_answered_cannot_be_cancelled(self) -> None:
        connection = opened()
        request_id = connection.open_request(1, b"")
        connection.receive(response(request_id))
        connection.data_to_send()
        self.assertFalse(connection.abandon(request_id))
        self.assertEqual(connection.data_to_send(), b"")


class GoAwayTests(unittest.TestCase):
    def test_in_good_order(self) -> None:
        connection = opened()
        request_id = connection.open_request(1, b"")
        connection.data_to_send()
        ping = encode_frame(FrameType.PING, bytes(8))
        self.assertEqual(
            connection.receive(encode_frame(FrameType.GO_AWAY, b"restart") + ping),
            [GoAway("restart")],
        )
        # The PONG tells the server that its farewell was read.
        self.assertEqual(connection.data_to_send(), encode_frame(FrameType.PONG, bytes(8)))
        with self.assertRaisesRegex(Unavailable, "restart"):
            connection.open_request(1, b"")
        self.assertEqual(
            connection.receive(response(request_id, b"x")), [Response(request_id, b"x", None)]
        )

    def test_a_status_ends_every_call_with_it(self) -> None:
        connection = opened()
        ids = (connection.open_request(1, b""), connection.open_request(1, b""))
        given_up = connection.open_request(1, b"")
        connection.abandon(given_up)
        (event,) = connection.receive(encode_frame(FrameType.GO_AWAY, b"too many", word=8))
        assert isinstance(event, Ended)
        self.assertIsInstance(event.error, ResourceExhausted)
        self.assertEqual(event.request_ids, ids)
        with self.assertRaises(ResourceExhausted):
            connection.open_request(1, b"")

    def test_a_lost_connection_is_unavailable(self) -> None:
        connection = opened()
        request_id = connection.open_request(1, b"")
        (event,) = connection.receive_eof()
        assert isinstance(event, Ended)
        self.assertIsInstance(event.error, Unavailable)
        self.assertEqual(event.request_ids, (request_id,))
        self.assertEqual(connection.receive_eof(), [])

    def test_farewell_of_the_client(self) -> None:
        connection = opened()
        connection.say_farewell("done\nhere" + "ü" * 1024)
        connection.say_farewell()
        header = Header.decode(data := connection.data_to_send())
        self.assertEqual((header.type, header.word), (FrameType.GO_AWAY, 0))
        self.assertLessEqual(header.payload_length, 1024)
        self.assertTrue(data[16:].decode().startswith("done hereü"))
        with self.assertRaises(Unavailable):
            connection.open_request(1, b"")


class PingAndCredentialsTests(unittest.TestCase):
    def test_pings_both_ways(self) -> None:
        connection = opened()
        connection.ping(b"12345678")
        self.assertEqual(connection.data_to_send(), encode_frame(FrameType.PING, b"12345678"))
        pong = encode_frame(FrameType.PONG, b"12345678")
        self.assertEqual(connection.receive(pong), [Pong(b"12345678")])
        self.assertEqual(connection.receive(encode_frame(FrameType.PING, b"abcdefgh")), [])
        self.assertEqual(connection.data_to_send(), encode_frame(FrameType.PONG, b"abcdefgh"))
        with self.assertRaises(InvalidArgument):
            connection.ping(b"1234567")

    def test_tokens(self) -> None:
        connection = opened()
        connection.send_credentials("t" * 1024)
        self.assertEqual(
            connection.data_to_send(), encode_frame(FrameType.CREDENTIALS, b"t" * 1024)
        )
        for token in ("", "s3cret" * 171):
            with self.assertRaises(InvalidArgument) as caught:
                connection.send_credentials(token)
            self.assertNotIn("s3cret", caught.exception.message)


class StreamTests(unittest.TestCase):
    def test_credit_goes_back_in_halves_of_the_window(self) -> None:
        connection = opened()
        request_id = connection.open_request(10, b"", is_streamed=True)
        self.assertEqual(Header.decode(connection.data_to_send()).flags, 1)
        for index in range(64):
            payload = bytes([index])
            self.assertEqual(
                connection.receive(stream_data(request_id, payload)),
                [StreamData(request_id, payload)],
            )
        for _ in range(31):
            connection.take_stream_data(request_id)
        self.assertEqual(connection.data_to_send(), b"")
        connection.take_stream_data(request_id)
        credit = encode_frame(FrameType.CREDIT, request_id=request_id, word=32)
        self.assertEqual(connection.data_to_send(), credit)
        self.assertEqual(len(connection.receive(stream_data(request_id) * 32)), 32)
        (event,) = connection.receive(stream_data(request_id))
        assert isinstance(event, Ended)
        self.assertIsInstance(event.error, Internal, "one more than it may")

    def test_a_wider_window_is_granted_at_once(self) -> None:
        connection = opened(stream_window=65_535)
        request_id = connection.open_request(10, b"", is_streamed=True)
        data = connection.data_to_send()
        self.assertEqual(
            data[16:], encode_frame(FrameType.CREDIT, request_id=request_id, word=65_535 - 64)
        )
        for window in (63, 65_536):
            with self.assertRaises(ValueError):
                ClientConnection(stream_window=window)

    def test_data_of_a_stream_given_up_is_dropped(self) -> None:
        connection = opened()
        request_id = connection.open_request(10, b"", is_streamed=True)
        connection.abandon(request_id)
        connection.data_to_send()
        self.assertEqual(connection.receive(stream_data(request_id)), [])
        connection.take_stream_data(request_id)
        self.assertEqual(connection.data_to_send(), b"")
        self.assertEqual(
            connection.receive(response(request_id, b"", 1)), [AbandonedResponse(request_id)]
        )


class ViolationTests(unittest.TestCase):
    def expect_internal(self, data: bytes, pattern: str) -> None:
        for cut in (len(data), 1):
            connection = ClientConnection()
            connection.data_to_send()
            request_id = connection.open_request(1, b"")
            events = []
            for start in range(0, len(data), cut):
                events += connection.receive(data[start : start + cut])
            last = events[-1]
            assert isinstance(last, Ended), events
            self.assertIsInstance(last.error, Internal)
            self.assertRegex(last.error.message, pattern)
            self.assertEqual(last.request_ids, (request_id,))
            self.assertEqual(connection.receive(b"more"), [])

    def test_prefaces(self) -> None:
        self.expect_internal(b"HTTP/1.1", "does not speak")
        self.expect_internal(b"TELLEX", "does not speak")
        self.expect_internal(b"TELLER\x02\x00", "version 2")

    def test_a_wrong_preface_is_noticed_at_its_first_wrong_byte(self) -> None:
        connection = ClientConnection()
        self.assertEqual(connection.receive(b"TEL"), [])
        self.assertIsInstance(connection.receive(b"X")[0], Ended)

    def test_frames_a_server_may_not_send(self) -> None:
        for data, pattern in (
            (response(2), "request 2"),
            (response(1) + response(1), "request 1"),
            (stream_data(1), "no stream"),
            (stream_data(7), "no stream"),
            (encode_frame(FrameType.REQUEST, method=1, request_id=1), "type 1"),
            (encode_frame(FrameType.END_OF_STREAM, request_id=1), "type 4"),
            (encode_frame(FrameType.CANCEL, request_id=1), "type 5"),
            (encode_frame(FrameType.CREDENTIALS, b"x"), "type 9"),
            (encode_frame(FrameType.CREDIT, request_id=1, word=1), "type 10"),
            (Header(0, 0).encode(), "type 0"),
            (Header(0, 11).encode(), "type 11"),
            (Header(0, 2, flags=1, request_id=1).encode(), "flags 0x01"),
            (encode_frame(FrameType.PING, bytes(7)), "7 bytes"),
            (encode_frame(FrameType.PONG, bytes(9)), "9 bytes"),
            # Before any of the payload has come.
            (Header(FRAME_BYTES_MAX + 1, 2, request_id=1).encode(), "1048577 bytes"),
        ):
            with self.subTest(pattern=pattern, data=data[:24].hex()):
                # A violation behind an answer fails what is still open: nothing, then.
                if data.startswith(response(1)):
                    connection = opened()
                    connection.open_request(1, b"")
                    self.assertIsInstance(connection.receive(data)[-1], Ended)
                else:
                    self.expect_internal(PREFACE + data, pattern)


class CuttingTests(unittest.TestCase):
    def test_any_cut_of_the_bytes_gives_the_same_events(self) -> None:
        def run(cuts: list[int]) -> list[object]:
            connection = ClientConnection()
            ids = [connection.open_request(1, b"") for _ in range(3)]
            stream = connection.open_request(10, b"", is_streamed=True)
            data = PREFACE + b"".join(
                [
                    response(ids[2], b"three"),
                    encode_frame(FrameType.PING, b"abcdefgh"),
                    stream_data(stream, b"m" * 300),
                    response(ids[0], b"no", 5),
                    stream_data(stream),
                    encode_frame(FrameType.GO_AWAY, b"bye"),
                    response(stream, b"end"),
                    response(ids[1]),
                ]
            )
            events: list[object] = []
            for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
                events += [
                    (e.request_id, e.error.code) if isinstance(e, Response) and e.error else e
                    for e in connection.receive(data[start:end])
                ]
            self.assertEqual(connection.unanswered_count, 0)
            self.length = len(data)
            return events

        whole = run([])
        self.assertEqual(len(whole), 8)
        self.assertEqual(run(list(range(1, self.length))), whole)
        seed = 20_260_701
        generator = random.Random(seed)
        for _ in range(200):
            cuts = sorted(generator.sample(range(1, self.length), generator.randrange(1, 12)))
            self.assertEqual(run(cuts), whole, f"seed {seed}, cuts {cuts}")

    def test_random_bytes_never_escape(self) -> None:
        seed = 7
        generator = random.Random(seed)
        for turn in range(2000):
            connection = opened()
            connection.open_request(1, b"")
            connection.open_request(10, b"", is_streamed=True)
            header = Header(
                generator.randrange(40),
                generator.randrange(12),
                generator.choice((0, 0, 0, 1)),
                0,
                generator.randrange(4),
                generator.randrange(20),
            )
            data = header.encode() + generator.randbytes(generator.randrange(60))
            try:
                connection.receive(data)
                connection.receive_eof()
            except TellerError as error:
                self.fail(f"seed {seed}, turn {turn}, {data.hex()}: {error}")
            self.assertTrue(connection.is_ended)


if __name__ == "__main__":
    unittest.main()
