"""Many calls under way on one connection, from one thread.

python3 samples/04_many_at_once.py 127.0.0.1:7001
"""

import sys

from teller_client import Client, methods

with Client(sys.argv[1]) as client:
    customers = [str(15_889 + number) for number in range(1000)]
    # ``start`` sends and returns; answers come in any order.
    calls = [
        client.start(methods.RECOMMEND, methods.recommend_request(customer, count=1))
        for customer in customers
    ]
    best = [call.result().item_ids[0] for call in calls]
    for item in sorted(set(best), key=best.count, reverse=True)[:3]:
        print(f"{item:24} is best for {best.count(item)} of {len(customers)} customers")
