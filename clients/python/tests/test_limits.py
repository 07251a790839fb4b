"""Limits of messages, each at its end and one past it; retries; deadlines; addresses."""

from __future__ import annotations

import datetime
import random
import unittest

from teller_client import RetryPolicy, feedback_event, methods
from teller_client import recommender_pb2 as pb
from teller_client.address import Address
from teller_client.deadline import Deadline
from teller_client.errors import (
    Aborted,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    StatusCode,
    TellerError,
    error_of,
)


class LimitTests(unittest.TestCase):
    def expect(self, pattern: str, function: object, *arguments: object, **named: object) -> None:
        with self.assertRaises(InvalidArgument) as caught:
            function(*arguments, **named)  # type: ignore[operator]
        self.assertRegex(caught.exception.message, pattern)

    def test_identifiers(self) -> None:
        for good in ("x" * 256, "ü" * 128, "a b\n"):
            methods.recommend_request(good)
        for bad, pattern in (
            ("", "user_id: has 0 bytes, 1 to 256"),
            ("x" * 257, "has 257 bytes"),
            ("ü" * 129, "has 258 bytes"),
            ("a\0b", "NUL"),
            ("\ud800", "UTF-8"),
        ):
            self.expect(pattern, methods.recommend_request, bad)

    def test_counts_and_lists(self) -> None:
        for count in (None, 1, 500):
            methods.recommend_request("u", count=count)
            methods.similar_items_request("i", count=count)
        for count in (0, 501, -1):
            self.expect("1 to 500", methods.recommend_request, "u", count=count)
            self.expect("1 to 500", methods.similar_items_request, "i", count=count)
        methods.recommend_request("u", exclude_item_ids=["i"] * 500)
        self.expect("501 entries", methods.recommend_request, "u", exclude_item_ids=["i"] * 501)
        self.expect(
            r"exclude_item_ids\[1\]: has 0",
            methods.recommend_request,
            "u",
            exclude_item_ids=["i", ""],
        )

    def test_events(self) -> None:
        feedback_event(
            "e" * 256,
            "u",
            "i",
            "dropped",
            recommendation_id="r" * 40,
            session_id="s" * 256,
            channel="c" * 256,
            value=-1.5,
            impression_item_ids=["i"] * 100,
        )
        for pattern, named in (
            ("recommendation_id: has 41", {"recommendation_id": "r" * 41}),
            ("session_id: has 257", {"session_id": "s" * 257}),
            ("channel: has 257", {"channel": "c" * 257}),
            ("value: is inf", {"value": float("inf")}),
            ("value: is nan", {"value": float("nan")}),
            ("impression_item_ids: has 101", {"impression_item_ids": ["i"] * 101}),
            ("no time zone", {"time": datetime.datetime(2026, 1, 1)}),
        ):
            self.expect(pattern, feedback_event, "e", "u", "i", "shown", **named)
        self.expect(
            "'bought' is not one of shown, clicked", feedback_event, "e", "u", "i", "bought"
        )
        self.expect("type: must be given", feedback_event, "e", "u", "i", 0)
        self.expect("event.item_id", feedback_event, "e", "u", "", "shown")

    def test_batches(self) -> None:
        event = feedback_event("e", "u", "i", "shown")
        for count in (1, 1000):
            methods.feedback_request([event] * count)
        for count in (0, 1001):
            self.expect("1 to 1000", methods.feedback_request, [event] * count)
        bad = pb.FeedbackEvent(event_id="e", user_id="u", type=pb.EVENT_TYPE_SHOWN)
        self.expect(r"events\[1\]\.item_id", methods.feedback_request, [event, bad])

    def test_exploration_weights(self) -> None:
        for weight in (None, 0, 1):
            methods.recommend_request("u", exploration_weight=weight)
        for weight in (-0.01, 1.01, float("nan")):
            self.expect("0 to 1", methods.recommend_request, "u", exploration_weight=weight)

    def test_products(self) -> None:
        item = methods.catalogue_item(
            "i" * 256,
            name="n" * 256,
            category="c" * 256,
            price=0,
            attributes={f"{number:064}": "v" * 256 for number in range(32)},
        )
        methods.put_items_request([item] * 1000)
        self.assertTrue(item.HasField("price"))
        self.assertFalse(methods.catalogue_item("i").HasField("price"))
        self.expect("1 to 1000", methods.put_items_request, [item] * 1001)
        self.expect("1 to 1000", methods.put_items_request, [])
        self.expect(r"items\[0\].item_id", methods.put_items_request, [pb.Item()])
        for pattern, named in (
            ("name: has 257", {"name": "n" * 257}),
            ("category: has 257", {"category": "c" * 257}),
            ("price: is -1.0", {"price": -1.0}),
            ("price: is inf", {"price": float("inf")}),
            ("attributes: has 33", {"attributes": {str(number): "v" for number in range(33)}}),
            ("key: has 65", {"attributes": {"k" * 65: "v"}}),
            ("value: has 0", {"attributes": {"k": ""}}),
        ):
            self.expect(pattern, methods.catalogue_item, "i", **named)

    def test_value_and_count_keep_their_presence(self) -> None:
        self.assertFalse(feedback_event("e", "u", "i", "shown").HasField("value"))
        self.assertTrue(feedback_event("e", "u", "i", "shown", value=0).HasField("value"))
        self.assertFalse(methods.recommend_request("u").HasField("count"))

    def test_times(self) -> None:
        time = datetime.datetime(
            2016, 6, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
        )
        self.assertEqual(methods.milliseconds(time), 1_464_739_200_000)
        early = datetime.datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=datetime.timezone.utc)
        self.assertEqual(methods.milliseconds(early), -1)


class AnswerTests(unittest.TestCase):
    def test_errors_have_the_class_of_their_code(self) -> None:
        for code in StatusCode:
            if code != StatusCode.OK:
                error = error_of(code, "why")
                self.assertEqual((error.code, str(error)), (code, f"{code.name}: why"))
        self.assertEqual(error_of(17, "").code, StatusCode.UNKNOWN)
        self.assertEqual(len({type(error_of(code, "")) for code in range(1, 17)}), 16)

    def test_outcomes_must_be_as_many_as_events(self) -> None:
        request = methods.feedback_request([feedback_event("e", "u", "i", "shown")])
        methods.check_feedback_answer(request, pb.FeedbackResponse(outcomes=[1]))
        with self.assertRaises(Internal):
            methods.check_feedback_answer(request, pb.FeedbackResponse())

    def test_catalogue_pages(self) -> None:
        pages = methods.CataloguePages()
        pages.add(pb.DescribeResponse(item_count=3, item_ids=["a", "b"], item_names=["A", "B"]))
        self.assertEqual(pages.first_missing, 2)
        pages.add(pb.DescribeResponse(item_count=3, item_ids=["c"], item_names=["C"]))
        self.assertIsNone(pages.first_missing)
        self.assertEqual(pages.joined.item_ids, ["a", "b", "c"])
        self.assertEqual(pages.joined.item_names, ["A", "B", "C"])
        for second in (
            pb.DescribeResponse(item_count=4, item_ids=["c"]),
            pb.DescribeResponse(item_count=3),
        ):
            pages = methods.CataloguePages()
            pages.add(pb.DescribeResponse(item_count=3, item_ids=["a"]))
            with self.assertRaises(Aborted):
                pages.add(second)
        pages = methods.CataloguePages()
        pages.add(pb.DescribeResponse())
        self.assertIsNone(pages.first_missing)
        with self.assertRaises(Internal):
            methods.CataloguePages().add(pb.DescribeResponse(item_count=1))


class RetryTests(unittest.TestCase):
    def test_the_ceiling_doubles_up_to_its_maximum(self) -> None:
        policy = RetryPolicy(
            attempts_max=6, initial_seconds=0.1, maximum_seconds=0.5, draw=lambda: 1.0
        )
        waits = [policy.wait_seconds(attempt, None) for attempt in range(1, 7)]
        self.assertEqual(waits, [0.1, 0.2, 0.4, 0.5, 0.5, None])

    def test_jitter_is_drawn_from_zero_to_the_ceiling(self) -> None:
        generator = random.Random(3)
        policy = RetryPolicy(initial_seconds=1, draw=generator.random)
        waits = [policy.wait_seconds(1, None) or 0 for _ in range(1000)]
        self.assertLess(min(waits), 0.01)
        self.assertGreater(max(waits), 0.99)
        self.assertAlmostEqual(sum(waits) / 1000, 0.5, delta=0.03)

    def test_a_wait_that_would_use_up_the_time_is_not_begun(self) -> None:
        policy = RetryPolicy(initial_seconds=1, draw=lambda: 0.5)
        self.assertEqual(policy.wait_seconds(1, 0.6), 0.5)
        self.assertIsNone(policy.wait_seconds(1, 0.5))

    def test_senseless_policies_are_refused(self) -> None:
        for arguments in (
            {"attempts_max": 0},
            {"initial_seconds": -1.0},
            {"maximum_seconds": -1.0},
            {"multiplier": 0.5},
        ):
            with self.assertRaises(ValueError):
                RetryPolicy(**arguments)  # type: ignore[arg-type]


class DeadlineTests(unittest.TestCase):
    def test_milliseconds_are_rounded_up(self) -> None:
        now = [100.0]
        deadline = Deadline.after(0.0105, lambda: now[0])
        self.assertEqual(deadline.left_ms(), 11)
        now[0] += 0.0104
        self.assertEqual(deadline.left_ms(), 1)
        now[0] += 1
        self.assertEqual(deadline.left(), 0)
        with self.assertRaises(DeadlineExceeded):
            deadline.left_ms()

    def test_none_and_very_long(self) -> None:
        self.assertEqual(Deadline.after(None, lambda: 0.0).left_ms(), 0)
        self.assertEqual(Deadline.after(1e9, lambda: 0.0).left_ms(), 0xFFFF_FFFF)


class AddressTests(unittest.TestCase):
    def test_forms(self) -> None:
        self.assertEqual(Address.parse("localhost:7001"), Address("localhost", 7001))
        self.assertEqual(Address.parse("[::1]:7001"), Address("::1", 7001))
        self.assertEqual(str(Address.parse("[::1]:7001")), "[::1]:7001")
        for bad in ("", "host", "host:", ":1", "host:x", "host:65536", "::1:7001", "h:-1", "h:²"):
            with self.subTest(bad=bad), self.assertRaises(ValueError):
                Address.parse(bad)


class ErrorTests(unittest.TestCase):
    def test_every_error_is_a_teller_error(self) -> None:
        with self.assertRaises(TellerError):
            raise error_of(5, "gone")


if __name__ == "__main__":
    unittest.main()
