"""The asyncio client: tasks share the connection, a cancelled task cancels its call.

python3 samples/05_asyncio.py 127.0.0.1:7001
"""

import asyncio
import sys

from teller_client import AsyncClient


async def main(server: str) -> None:
    async with AsyncClient(server) as client:
        customers = [str(15_889 + number) for number in range(5)]
        answers = await asyncio.gather(
            *(client.recommend(customer, count=1) for customer in customers)
        )
        for customer, answer in zip(customers, answers, strict=True):
            print(f"{customer}: {answer.item_ids[0]}")
        health = await client.health()
        print(f"{health.requests} requests answered by {health.model_version}")


asyncio.run(main(sys.argv[1]))
