"""What a line of ``scenarios.txt`` asks, and how an agent in Python writes an answer.

Requests are made past the client's own checks of limits, so that the server's are seen.
"""

from __future__ import annotations

import asyncio
import shlex
import ssl
import struct
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any

from teller_client import NO_RETRY, TellerError, limits, methods
from teller_client import messages as pb

# The client makes several requests of more customers than one may have; here the server refuses them.
limits.MANY_USERS_MAX = 1 << 30

Arguments = dict[str, str]

#: The server's number of connections so far.
OPENED = "teller_connections_opened_total"


class Line:
    """One request."""

    def __init__(self, text: str) -> None:
        words = shlex.split(text)
        #: Whether the answer is asked for later.
        self.begins = words[0] == "begin"
        self.command = words[self.begins]
        self.arguments: Arguments = dict(word.split("=", 1) for word in words[1 + self.begins :])
        self.timeout = float(self.arguments.get("timeout_ms", 30_000)) / 1000
        trace = self.arguments.get("trace")
        self.trace_id = None if trace is None else bytes.fromhex(trace)
        #: How many answers of a stream are read before it is left; None reads all.
        leave = self.arguments.get("leave")
        self.leave = None if leave is None else int(leave)

    def request(self) -> tuple[methods.Method[Any, Any], Any]:
        return REQUESTS[self.command](self.arguments)

    def many(self) -> tuple[list[str], dict[str, Any]]:
        """The customers of a stream, and the rest of its arguments."""
        arguments = self.arguments
        count = arguments.get("count")
        users = parts(arguments["users"]) * int(arguments.get("times", 1))
        return users, {
            "count": int(count) if count is not None else None,
            "exclude_item_ids": parts(arguments.get("exclude", "")),
            "item_indexes_only": "indexes_only" in arguments,
            "softmax_scores": "softmax" in arguments,
            "timeout": self.timeout,
            "trace_id": self.trace_id,
        }


def connection(arguments: Arguments) -> dict[str, Any]:
    """What a client is made with."""
    given = {name: urllib.parse.unquote(value) for name, value in arguments.items()}
    tls = None
    if "ca" in given:
        tls = ssl.create_default_context(cafile=given["ca"])
        if "certificate" in given:
            tls.load_cert_chain(given["certificate"], given["key"])
    return {
        "address": given["server"],
        "timeout": 30,
        "retry": NO_RETRY,
        "tls": tls,
        "server_hostname": given.get("name"),
        "token": given.get("token"),
    }


def quoted(value: object) -> str:
    return urllib.parse.quote(str(value), safe="_.-")


def joined(values: Iterable[object]) -> str:
    return ",".join(quoted(value) for value in values)


def floats(values: Iterable[float]) -> str:
    return ",".join(struct.pack(">f", value).hex() for value in values)


def parts(text: str, separator: str = ",") -> list[str]:
    return [urllib.parse.unquote(part) for part in text.split(separator)] if text else []


def with_count(request: Any, arguments: Arguments) -> Any:
    if "count" in arguments:
        request.count = int(arguments["count"])
    return request


def recommend(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.RecommendRequest(
        user_id=urllib.parse.unquote(arguments["user"]),
        exclude_item_ids=parts(arguments.get("exclude", "")),
        item_indexes_only="indexes_only" in arguments,
        softmax_scores="softmax" in arguments,
    )
    return methods.RECOMMEND, with_count(request, arguments)


def similar(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.SimilarItemsRequest(item_id=urllib.parse.unquote(arguments["item"]))
    return methods.SIMILAR_ITEMS, with_count(request, arguments)


def feedback(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.FeedbackRequest()
    for text in arguments["events"].split(","):
        event_id, user_id, item_id, kind = parts(text, ":")
        request.events.add(
            event_id=event_id,
            user_id=user_id,
            item_id=item_id,
            type=int(kind),  # type: ignore[arg-type]
            impression_item_ids=parts(arguments.get("impressions", "")),
        )
    return methods.FEEDBACK, request


def put(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.PutItemsRequest()
    for text in arguments["items"].split(","):
        item_id, name, category, price = parts(text, ":")
        item = request.items.add(item_id=item_id, name=name, category=category)
        if price:
            item.price = float(price)
    return methods.PUT_ITEMS, request


def record(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    name = urllib.parse.unquote(arguments["id"])
    return methods.GET_RECOMMENDATION, pb.GetRecommendationRequest(recommendation_id=name)


def records(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.ListRecommendationsRequest(
        user_id=urllib.parse.unquote(arguments["user"]),
        before_time_ms=int(arguments.get("before", 0)),
    )
    return methods.LIST_RECOMMENDATIONS, with_count(request, arguments)


def update(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    kind = int(arguments["what"])
    return methods.UPDATE_MODELS, pb.UpdateModelsRequest(update=kind)  # type: ignore[arg-type]


def describe(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    """One page of the catalogue."""
    return methods.DESCRIBE, pb.DescribeRequest(first_item_index=int(arguments["first"]))


REQUESTS: dict[str, Callable[[Arguments], tuple[methods.Method[Any, Any], Any]]] = {
    "describe": describe,
    "recommend": recommend,
    "similar": similar,
    "feedback": feedback,
    "health": lambda _: (methods.HEALTH, pb.HealthRequest()),
    "put": put,
    "record": record,
    "records": records,
    "status": lambda _: (methods.STATUS, pb.StatusRequest()),
    "update": update,
}


def answers_fields(answers: list[pb.RecommendResponse]) -> dict[str, str]:
    """All answers of a stream, one behind the other."""
    return {
        "answers": str(len(answers)),
        "items": joined(item for answer in answers for item in answer.item_ids),
        "scores": floats(score for answer in answers for score in answer.scores),
        "sources": joined(int(answer.source) for answer in answers),
    }


def record_fields(found: list[pb.RecordedRecommendation]) -> dict[str, str]:
    """All records, one behind the other."""
    return {
        "records": str(len(found)),
        "recommendation": joined(one.recommendation_id for one in found),
        "times": joined(one.time_ms for one in found),
        "users": joined(one.user_id for one in found),
        "models": joined(one.model_version for one in found),
        "sources": joined(int(one.source) for one in found),
        "items": joined(item for one in found for item in one.item_ids),
        "scores": floats(score for one in found for score in one.scores),
        "indexes": joined(index for one in found for index in one.item_indexes),
        "candidates": joined(one.candidate_count for one in found),
        "excluded": joined(item for one in found for item in one.excluded_item_ids),
        "explored": joined(int(one.explored) for one in found),
    }


def fields(answer: object) -> dict[str, str]:
    """What an answer says."""
    match answer:
        case pb.RecommendResponse() | pb.SimilarItemsResponse():
            is_personal = isinstance(answer, pb.RecommendResponse)
            return {
                "items": joined(answer.item_ids),
                "scores": floats(answer.scores),
                "indexes": joined(answer.item_indexes),
                "softmax": floats(answer.softmax_scores) if is_personal else "",
                "model": quoted(answer.model_version),
                "source": str(int(answer.source)),
                "recommendation": answer.recommendation_id if is_personal else "",
            }
        case pb.FeedbackResponse():
            return {"outcomes": joined(answer.outcomes), "reasons": joined(answer.reasons)}
        case pb.PutItemsResponse():
            return {
                "outcomes": joined(answer.outcomes),
                "reasons": joined(answer.reasons),
                "indexes": joined(answer.item_indexes),
            }
        case pb.GetRecommendationResponse():
            return record_fields([answer.recommendation])
        case pb.ListRecommendationsResponse():
            return record_fields(list(answer.recommendations))
        case pb.HealthResponse():
            return {"serving": str(int(answer.status)), "model": quoted(answer.model_version)}
        case pb.StatusResponse():
            return {
                "serving": str(int(answer.status)),
                "version": quoted(answer.server_version),
                "model": quoted(answer.model_version),
                "samples": joined(dict.fromkeys(sample.name for sample in answer.samples)),
                "opened": joined(
                    int(sample.value) for sample in answer.samples if sample.name == OPENED
                ),
            }
        case pb.UpdateModelsResponse():
            return {
                "model": quoted(answer.model_version),
                "previous": quoted(answer.previous_model_version),
            }
        case pb.DescribeResponse():
            return {
                "version": str(answer.protocol_version),
                "items": joined(answer.item_ids),
                "names": joined(answer.item_names),
                "models": joined(model.kind for model in answer.models),
                "methods": joined(method.name for method in answer.methods),
                "customers": str(answer.customers),
                "limit": str(answer.limits.max_count),
            }
    return {}


def said(values: dict[str, str]) -> None:
    """Writes the answer to a request that succeeded."""
    print("status=OK", *(f"{name}={value}" for name, value in values.items()), flush=True)


def said_error(error: TellerError | asyncio.CancelledError) -> None:
    """Writes that a request failed."""
    if isinstance(error, TellerError):
        print(f"status={error.code.name} message={quoted(error.message)}", flush=True)
    else:
        print("status=CANCELLED message=", flush=True)
