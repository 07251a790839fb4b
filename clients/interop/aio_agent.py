"""The asyncio Python client's agent for ``run.py``."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import sys
from typing import Any

from teller_client import AsyncClient, TellerError
from words import Line, answers_fields, connection, fields, said, said_error

#: More turns of the loop than a call on an open connection needs until its request is sent.
TURNS_UNTIL_SENT = 100


class Agent:
    """Makes the requests of one line after the other."""

    def __init__(self, address: str) -> None:
        self.client = AsyncClient(**connection({"server": address}))
        self._begun: collections.deque[asyncio.Task[Any]] = collections.deque()

    async def answer(self, line: Line) -> dict[str, str]:
        match line.command:
            case "connect":
                await self.client.close()
                self.client = AsyncClient(**connection(line.arguments))
                await self.client.health()
            case "ping":
                await self.client.ping()
            case "describe" if "first" not in line.arguments:
                return fields(await self.client.describe())
            case "finish" | "cancel":
                begun = self._begun.popleft()
                if line.command == "cancel":
                    begun.cancel()
                return fields(await begun)
            case "many":
                users, arguments = line.many()
                stream = self.client.recommend_many(users, **arguments)
                answers = []
                async with contextlib.aclosing(stream):
                    async for _, answer in stream:
                        answers.append(answer)
                        if len(answers) == line.leave:
                            break
                return answers_fields(answers)
            case _:
                method, request = line.request()
                call = self.client.call(
                    method, request, timeout=line.timeout, trace_id=line.trace_id
                )
                if not line.begins:
                    return fields(await call)
                self._begun.append(asyncio.create_task(call))
                for _ in range(TURNS_UNTIL_SENT):
                    await asyncio.sleep(0)
        return {}


async def main() -> None:
    agent = Agent(sys.argv[1])
    await agent.client.ping()
    loop = asyncio.get_running_loop()
    # Reading must not hold the loop up: pings of the server are answered meanwhile.
    while text := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            said(await agent.answer(Line(text)))
        except (TellerError, asyncio.CancelledError) as error:
            said_error(error)
    await agent.client.close()


asyncio.run(main())
