"""Products for many customers in one call, streamed: the server waits while an answer is worked on.

python3 samples/08_recommend_many.py 127.0.0.1:7001
"""

import collections
import sys

from teller_client import Client

with Client(sys.argv[1]) as client:
    customers = [str(15_889 + number % 200) for number in range(2000)]
    best: collections.Counter[str] = collections.Counter()
    for customer, answer in client.recommend_many(customers, count=1, timeout=60):
        best.update(answer.item_ids)
        if customer == customers[0] and best.total() == 1:
            print(f"{customer}: {answer.item_ids[0]}")
    for item, count in best.most_common(3):
        print(f"{item:24} is best for {count} of {len(customers)} customers")

    # Leaving the loop early gives the rest up.
    for customer, answer in client.recommend_many(customers, count=1):
        print(f"only {customer}: {answer.item_ids[0]}")
        break
