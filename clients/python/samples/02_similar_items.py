"""Products that go together with a product.

python3 samples/02_similar_items.py 127.0.0.1:7001
"""

import sys

from teller_client import Client, NotFound

with Client(sys.argv[1]) as client:
    answer = client.similar_items("ind_recibo_ult1", count=3)
    for item, score in zip(answer.item_ids, answer.scores, strict=True):
        print(f"{item:24} {score:.5f}")
    try:
        client.similar_items("ind_moon_rocket_ult1")
    except NotFound as error:
        print(f"{error.code.name}: {error.message}")
