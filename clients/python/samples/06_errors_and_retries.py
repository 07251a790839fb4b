"""Deadlines, errors by class, and when a call is made again.

python3 samples/06_errors_and_retries.py 127.0.0.1:7001
"""

import sys

from teller_client import Client, InvalidArgument, RetryPolicy, TellerError, Unavailable

# UNAVAILABLE is tried again with a growing, random wait, inside the call's time.
policy = RetryPolicy(attempts_max=3, initial_seconds=0.01)
with Client(sys.argv[1], timeout=2.0, retry=policy) as client:
    try:
        client.recommend("15889", count=501)
    except InvalidArgument as error:
        print(f"refused before it was sent: {error.message}")
    # An answer within a quarter of a second, or DeadlineExceeded.
    print(client.recommend("15889", count=1, timeout=0.25).item_ids)

with Client("127.0.0.1:1", retry=policy) as client:
    try:
        client.health()
    except Unavailable as error:
        print(f"after three tries: {error.message.split(': ')[-1]}")
    except TellerError as error:
        print(f"anything else the protocol knows: {error.code.name}")
