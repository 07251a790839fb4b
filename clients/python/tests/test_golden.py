"""The frames of ``proto/golden``: each decoded, compared with its text, and encoded again."""

from __future__ import annotations

import pathlib
import unittest
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError, Message

from teller_client import feedback_event, methods
from teller_client import recommender_pb2 as pb
from teller_client.frames import (
    FRAME_BYTES_MAX,
    HEADER_BYTES,
    TRACE_ID_BYTES,
    Flags,
    FrameType,
    Header,
    encode_frame,
)

FOLDER = pathlib.Path(__file__).parents[3] / "proto" / "golden"
METHODS: dict[int, methods.Method[Any, Any]] = {
    method.number: method for method in vars(methods).values() if isinstance(method, methods.Method)
}


def frame(name: str) -> tuple[Header, bytes]:
    """A stored frame: header, and what follows."""
    data = bytes.fromhex((FOLDER / f"{name}.hex").read_text())
    return Header.decode(data), data[HEADER_BYTES:]


def names(pattern: str) -> list[str]:
    return sorted(path.stem for path in FOLDER.glob(f"{pattern}.hex"))


def thousandths(value: float) -> int:
    # Towards zero, and of a float32 as it came.
    return int(value * 1000)


def lines(message: Message) -> Iterator[str]:
    """What a message says, as the texts beside the frames spell it."""
    match message:
        case pb.RecommendManyRequest():
            yield from (f"user_id={user}" for user in message.user_ids)
            yield f"count={message.count if message.HasField('count') else 10}"
            yield from (f"exclude_item_id={item}" for item in message.exclude_item_ids)
            yield f"item_indexes_only={int(message.item_indexes_only)}"
        case pb.RecommendManyResponse():
            yield f"answered={message.answered}"
        case pb.RecommendRequest() | pb.SimilarItemsRequest():
            key = "user_id" if isinstance(message, pb.RecommendRequest) else "item_id"
            yield f"{key}={getattr(message, key)}"
            yield f"count={message.count if message.HasField('count') else 10}"
            if isinstance(message, pb.RecommendRequest):
                yield from (f"exclude_item_id={item}" for item in message.exclude_item_ids)
                yield f"item_indexes_only={int(message.item_indexes_only)}"
                if message.softmax_scores:
                    yield "softmax_scores=1"
                if message.HasField("exploration_weight"):
                    yield f"exploration_thousandths={thousandths(message.exploration_weight)}"
        case pb.RecommendResponse() | pb.SimilarItemsResponse():
            yield from (f"item_id={item}" for item in message.item_ids)
            yield from (f"score_thousandths={thousandths(score)}" for score in message.scores)
            yield from (f"item_index={index}" for index in message.item_indexes)
            is_personal = isinstance(message, pb.RecommendResponse)
            if is_personal:
                for share in message.softmax_scores:
                    yield f"softmax_thousandths={thousandths(share)}"
                for propensity in message.propensities:
                    yield f"propensity_thousandths={thousandths(propensity)}"
                if message.explored:
                    yield "explored=1"
            yield f"model_version={message.model_version}"
            yield f"source={message.source}"
            yield f"recommendation_id={message.recommendation_id if is_personal else ''}"
        case pb.FeedbackRequest():
            for event in message.events:
                for key in ("event_id", "user_id", "item_id", "type", "time_ms"):
                    yield f"{key}={getattr(event, key)}"
                for key in ("recommendation_id", "session_id", "channel"):
                    yield f"{key}={getattr(event, key)}"
                if event.HasField("value"):
                    yield f"value_thousandths={thousandths(event.value)}"
                yield from (f"impression_item_id={item}" for item in event.impression_item_ids)
        case pb.FeedbackResponse():
            for index, outcome in enumerate(message.outcomes):
                reason = message.reasons[index] if index < len(message.reasons) else ""
                yield f"outcome={outcome} {reason}"
        case pb.HealthResponse():
            for field in message.DESCRIPTOR.fields:
                yield f"{field.name}={getattr(message, field.name)}"
        case pb.StatusResponse():
            for key in ("status", "uptime_ms", "server_version", "model_version"):
                yield f"{key}={getattr(message, key)}"
            for sample in message.samples:
                labels = "".join(f" {label.name}:{label.value}" for label in sample.labels)
                yield f"sample={sample.name}{labels} {thousandths(sample.value)}"
        case pb.UpdateModelsRequest() | pb.UpdateModelsResponse():
            for field in message.DESCRIPTOR.fields:
                yield f"{field.name}={getattr(message, field.name)}"
        case pb.GetRecommendationRequest():
            yield f"recommendation_id={message.recommendation_id}"
        case pb.GetRecommendationResponse():
            yield from record(message.recommendation)
        case pb.ListRecommendationsRequest():
            yield f"user_id={message.user_id}"
            yield f"count={message.count if message.HasField('count') else 10}"
            yield f"before_time_ms={message.before_time_ms}"
        case pb.ListRecommendationsResponse():
            for recommendation in message.recommendations:
                yield from record(recommendation)
        case pb.PutItemsRequest():
            for item in message.items:
                yield from item_lines(item)
        case pb.PutItemsResponse():
            for index, outcome in enumerate(message.outcomes):
                place = message.item_indexes[index] if message.item_indexes else 0
                reason = message.reasons[index] if message.reasons else ""
                yield f"outcome={outcome} {place} {reason}"
        case pb.DescribeRequest():
            yield f"first_item_index={message.first_item_index}"
        case pb.DescribeResponse():
            yield from description(message)


def record(message: pb.RecordedRecommendation) -> Iterator[str]:
    for key in ("recommendation_id", "user_id", "time_ms", "model_version", "source"):
        yield f"{key}={getattr(message, key)}"
    yield from (f"item_id={item}" for item in message.item_ids)
    yield from (f"score_thousandths={thousandths(score)}" for score in message.scores)
    yield from (f"item_index={index}" for index in message.item_indexes)
    yield from (f"propensity_thousandths={thousandths(share)}" for share in message.propensities)
    yield f"explored={int(message.explored)}"
    yield f"exploration_thousandths={thousandths(message.exploration_weight)}"
    yield f"candidate_count={message.candidate_count}"
    yield from (f"excluded_item_id={item}" for item in message.excluded_item_ids)
    yield from (f"rule={rule}" for rule in message.rules)


def description(message: pb.DescribeResponse) -> Iterator[str]:
    for key in ("protocol_version", "server_version", "item_count"):
        yield f"{key}={getattr(message, key)}"
    yield from (f"item_id={item}" for item in message.item_ids)
    yield from (f"item_name={item}" for item in message.item_names)
    for model in message.models:
        yield f"model={model.kind} {model.version} {model.trained_through} {model.parameters}"
    yield from (f"method={method.number} {method.name}" for method in message.methods)
    yield f"customers={message.customers}"
    yield f"max_frame_bytes={message.limits.max_frame_bytes}"
    yield f"max_count={message.limits.max_count}"
    for item in message.cold_items:
        yield (
            f"cold_item={item.item_index} {item.state} {item.showings} {item.acceptances} "
            f"{thousandths(item.acceptance)}"
        )
    yield f"exploration_thousandths={thousandths(message.exploration_weight)}"


def item_lines(item: pb.Item) -> Iterator[str]:
    for key in ("item_id", "name", "category"):
        yield f"{key}={getattr(item, key)}"
    if item.HasField("price"):
        yield f"price_thousandths={thousandths(item.price)}"
    yield from (f"attribute={attribute.key} {attribute.value}" for attribute in item.attributes)
    yield f"created_time_ms={item.created_time_ms}"


def is_text(header: Header) -> bool:
    return header.type == FrameType.GO_AWAY or (
        header.type == FrameType.RESPONSE and header.word != 0
    )


class GoldenTests(unittest.TestCase):
    def test_every_good_frame_says_what_its_text_says(self) -> None:
        good = [name for name in names("*") if not name.startswith("bad_")]
        self.assertGreaterEqual(len(good), 20)
        for name in good:
            with self.subTest(name=name):
                header, payload = frame(name)
                text = [
                    f"{key}={getattr(header, key)}"
                    for key in ("type", "flags", "method", "request_id", "word")
                ]
                text.append(f"payload_length={header.payload_length}")
                self.assertEqual(len(payload), header.payload_length)
                text += list(self.payload_lines(header, payload))
                expected = (FOLDER / f"{name}.txt").read_text()
                self.assertEqual("\n".join(text) + "\n", expected)
                again = Header.decode(header.encode())
                self.assertEqual(again, header)

    def payload_lines(self, header: Header, payload: bytes) -> Iterator[str]:
        if is_text(header):
            yield f"text={payload.decode()}"
            return
        if header.type == FrameType.CREDENTIALS:
            yield f"token={payload.decode()}"
            return
        if header.type == FrameType.REQUEST and header.flags & Flags.TRACED:
            yield f"trace={payload[:TRACE_ID_BYTES].hex()}"
            payload = payload[TRACE_ID_BYTES:]
        if header.type == FrameType.STREAM_DATA:
            # The one method whose answer is a stream sends the messages of Recommend.
            message: Message = pb.RecommendResponse()
        elif header.type in (FrameType.REQUEST, FrameType.RESPONSE):
            method = METHODS[header.method]
            message = (method.request if header.type == FrameType.REQUEST else method.answer)()
        else:
            return
        message.ParseFromString(payload)
        yield from lines(message)
        self.assertEqual(message.SerializeToString(), payload)

    def test_requests_from_values(self) -> None:
        event = feedback_event(
            "event-1",
            "customer-1",
            "ind_tjcr_fin_ult1",
            "accepted",
            time=1_464_739_200_000,
            recommendation_id="0123456789abcdef0123456789abcdef",
            session_id="session-9",
            channel="branch",
            value=12.5,
            impression_item_ids=["ind_tjcr_fin_ult1", "ind_recibo_ult1"],
        )
        values: list[tuple[str, Message]] = [
            (
                "recommend_request",
                methods.recommend_request(
                    "customer-1",
                    count=7,
                    exclude_item_ids=["ind_recibo_ult1", "tarjeta-ñ"],
                    item_indexes_only=True,
                ),
            ),
            ("recommend_request_defaults", methods.recommend_request("customer-1")),
            (
                "recommend_request_softmax",
                methods.recommend_request("customer-1", softmax_scores=True),
            ),
            ("similar_items_request", methods.similar_items_request("tarjeta-ñ", count=500)),
            ("feedback_request", methods.feedback_request([event])),
            (
                "recommend_request_exploration",
                methods.recommend_request("customer-1", exploration_weight=0.25),
            ),
            (
                "put_items_request",
                methods.put_items_request(
                    [
                        methods.catalogue_item(
                            "tarjeta-ñ",
                            name="Tarjeta Ñ",
                            category="card|credit",
                            price=12.5,
                            attributes={"channel": "mobile"},
                            created=1_464_739_200_000,
                        ),
                        methods.catalogue_item("plan-2"),
                    ]
                ),
            ),
            (
                "recommend_many_request",
                methods.recommend_many_request(
                    ["customer-1", "cliente-ñ", "customer-1"],
                    count=3,
                    exclude_item_ids=["ind_recibo_ult1"],
                ),
            ),
            (
                "get_recommendation_request",
                methods.get_recommendation_request("0123456789abcdef0123456789abcdef"),
            ),
            (
                "list_recommendations_request",
                methods.list_recommendations_request(
                    "customer-1", count=500, before=1_464_739_200_001
                ),
            ),
            ("status_request", pb.StatusRequest()),
            ("update_models_request", methods.ROLLBACK),
            ("health_request", pb.HealthRequest()),
            ("describe_request", pb.DescribeRequest(first_item_index=1)),
        ]
        for name, message in values:
            with self.subTest(name=name):
                header, payload = frame(name)
                again = encode_frame(
                    FrameType.REQUEST,
                    message.SerializeToString(),
                    flags=Flags.STREAMED if header.method == methods.RECOMMEND_MANY.number else 0,
                    method=header.method,
                    request_id=header.request_id,
                    word=header.word,
                )
                self.assertEqual(again, header.encode() + payload)

    def test_bad_frames_are_bad(self) -> None:
        header, payload = frame("bad_truncated")
        self.assertLess(len(payload), header.payload_length)
        self.assertGreater(frame("bad_too_long")[0].payload_length, FRAME_BYTES_MAX)
        self.assertNotIn(frame("bad_unknown_method")[0].method, METHODS)
        self.assertNotIn(frame("bad_unknown_type")[0].type, set(FrameType))
        with self.assertRaises(DecodeError):
            pb.RecommendRequest.FromString(frame("bad_payload")[1])
        with self.assertRaises((DecodeError, UnicodeDecodeError)):
            pb.RecommendRequest.FromString(frame("bad_utf8")[1])


if __name__ == "__main__":
    unittest.main()
