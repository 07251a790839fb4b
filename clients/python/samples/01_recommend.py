"""Products for one customer, best first.

python3 samples/01_recommend.py 127.0.0.1:7001
"""

import sys

from teller_client import Client

with Client(sys.argv[1]) as client:
    catalogue = client.describe()
    names = dict(zip(catalogue.item_ids, catalogue.item_names, strict=True))
    answer = client.recommend("15889", count=3)
    for item, score in zip(answer.item_ids, answer.scores, strict=True):
        print(f"{item:24} {score:.5f}  {names[item]}")
    print(f"from {answer.model_version}, recommendation {answer.recommendation_id}")

    # A customer nobody knows is answered from popularity, not refused.
    stranger = client.recommend("nobody", count=1, exclude_item_ids=["ind_cco_fin_ult1"])
    print(f"for a stranger {stranger.item_ids[0]}, source {stranger.source}")
