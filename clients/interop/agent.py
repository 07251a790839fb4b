"""The Python client's agent for ``run.py``. Calls go past the client's own checks of limits, so that the
server's are seen."""

from __future__ import annotations

import shlex
import struct
import sys
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any

from teller_client import NO_RETRY, Client, TellerError, methods
from teller_client import messages as pb
from teller_client.client import Pending

Arguments = dict[str, str]


def quoted(value: object) -> str:
    return urllib.parse.quote(str(value), safe="_.-")


def joined(values: Iterable[object]) -> str:
    return ",".join(quoted(value) for value in values)


def floats(values: Iterable[float]) -> str:
    return ",".join(struct.pack(">f", value).hex() for value in values)


def parts(text: str, separator: str = ",") -> list[str]:
    return [urllib.parse.unquote(part) for part in text.split(separator)] if text else []


def recommend(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.RecommendRequest(
        user_id=urllib.parse.unquote(arguments["user"]),
        exclude_item_ids=parts(arguments.get("exclude", "")),
        item_indexes_only="indexes_only" in arguments,
        softmax_scores="softmax" in arguments,
    )
    if "count" in arguments:
        request.count = int(arguments["count"])
    return methods.RECOMMEND, request


def similar(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.SimilarItemsRequest(item_id=urllib.parse.unquote(arguments["item"]))
    if "count" in arguments:
        request.count = int(arguments["count"])
    return methods.SIMILAR_ITEMS, request


def feedback(arguments: Arguments) -> tuple[methods.Method[Any, Any], Any]:
    request = pb.FeedbackRequest()
    for text in arguments["events"].split(","):
        event_id, user_id, item_id, kind = parts(text, ":")
        request.events.add(
            event_id=event_id, user_id=user_id, item_id=item_id, type=int(kind)  # type: ignore[arg-type]
        )
    return methods.FEEDBACK, request


REQUESTS: dict[str, Callable[[Arguments], tuple[methods.Method[Any, Any], Any]]] = {
    "recommend": recommend,
    "similar": similar,
    "feedback": feedback,
    "health": lambda _: (methods.HEALTH, pb.HealthRequest()),
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
        case pb.HealthResponse():
            return {"serving": str(int(answer.status)), "model": quoted(answer.model_version)}
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


def named(values: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


def many(client: Client, arguments: Arguments, timeout: float) -> dict[str, str]:
    """All answers of a stream, one behind the other."""
    count = arguments.get("count")
    users = parts(arguments["users"]) * int(arguments.get("times", 1))
    stream = client.recommend_many(
        users,
        count=int(count) if count is not None else None,
        exclude_item_ids=parts(arguments.get("exclude", "")),
        item_indexes_only="indexes_only" in arguments,
        softmax_scores="softmax" in arguments,
        timeout=timeout,
    )
    answers = [answer for _, answer in stream]
    return {
        "answers": str(len(answers)),
        "items": joined(item for answer in answers for item in answer.item_ids),
        "scores": floats(score for answer in answers for score in answer.scores),
        "sources": joined(int(answer.source) for answer in answers),
    }


def main() -> None:
    begun: Pending[Any] | None = None
    with Client(sys.argv[1], timeout=30, retry=NO_RETRY) as client:
        client.ping()
        for line in sys.stdin:
            words = shlex.split(line)
            begins = words[0] == "begin"
            command = words[1] if begins else words[0]
            arguments = dict(word.split("=", 1) for word in words[1 + begins :])
            timeout = float(arguments.get("timeout_ms", 30_000)) / 1000
            answer: object = None
            try:
                if command == "ping":
                    client.ping()
                elif command == "describe":
                    answer = client.describe()
                elif command in ("finish", "cancel"):
                    assert begun is not None
                    if command == "cancel":
                        begun.cancel()
                    answer = begun.result()
                elif command == "many":
                    print("status=OK", *named(many(client, arguments, timeout)), flush=True)
                    continue
                else:
                    method, request = REQUESTS[command](arguments)
                    begun = client.start(method, request, timeout=timeout)
                    answer = None if begins else begun.result()
                said = {"status": "OK", **fields(answer)}
            except TellerError as error:
                said = {"status": error.code.name, "message": quoted(error.message)}
            print(*named(said), flush=True)


main()
