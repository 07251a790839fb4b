"""The blocking Python client's agent for ``run.py``."""

from __future__ import annotations

import sys
from typing import Any

from teller_client import Client, TellerError
from teller_client.client import Pending
from words import Line, answers_fields, connection, fields, said, said_error


class Agent:
    """Makes the requests of one line after the other."""

    def __init__(self, address: str) -> None:
        self.client = Client(**connection({"server": address}))
        self._begun: Pending[Any] | None = None

    def answer(self, line: Line) -> dict[str, str]:
        match line.command:
            case "connect":
                self.client.close()
                self.client = Client(**connection(line.arguments))
                self.client.health()
            case "ping":
                self.client.ping()
            case "describe":
                return fields(self.client.describe())
            case "finish" | "cancel":
                assert self._begun is not None
                if line.command == "cancel":
                    self._begun.cancel()
                return fields(self._begun.result())
            case "many":
                users, arguments = line.many()
                stream = self.client.recommend_many(users, **arguments)
                return answers_fields([answer for _, answer in stream])
            case _:
                method, request = line.request()
                self._begun = self.client.start(method, request, timeout=line.timeout)
                return {} if line.begins else fields(self._begun.result())
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
