"""The blocking Python client's agent for ``run.py``."""

from __future__ import annotations

import collections
import contextlib
import itertools
import sys
from typing import Any

from teller_client import Client, TellerError
from teller_client.client import Pending
from words import Line, answers_fields, connection, fields, said, said_error


class Agent:
    """Makes the requests of one line after the other."""

    def __init__(self, address: str) -> None:
        self.client = Client(**connection({"server": address}))
        self._begun: collections.deque[Pending[Any]] = collections.deque()

    def answer(self, line: Line) -> dict[str, str]:
        match line.command:
            case "connect":
                self.client.close()
                self.client = Client(**connection(line.arguments))
                self.client.health()
            case "ping":
                self.client.ping()
            case "describe" if "first" not in line.arguments:
                return fields(self.client.describe())
            case "finish" | "cancel":
                begun = self._begun.popleft()
                if line.command == "cancel":
                    begun.cancel()
                return fields(begun.result())
            case "many":
                users, arguments = line.many()
                stream = self.client.recommend_many(users, **arguments)
                with contextlib.closing(stream):
                    read = itertools.islice(stream, line.leave)
                    return answers_fields([answer for _, answer in read])
            case _:
                method, request = line.request()
                pending = self.client.start(
                    method, request, timeout=line.timeout, trace_id=line.trace_id
                )
                if not line.begins:
                    return fields(pending.result())
                self._begun.append(pending)
        return {}


def main() -> None:
    agent = Agent(sys.argv[1])
    agent.client.ping()
    for text in sys.stdin:
        try:
            said(agent.answer(Line(text)))
        except TellerError as error:
            said_error(error)
    agent.client.close()


main()
