"""Answers that the server keeps on record: one by its name, and those of a customer.

python3 samples/10_answers_on_record.py 127.0.0.1:7001
"""

import sys

from teller_client import Client, NotFound

with Client(sys.argv[1]) as client:
    answer = client.recommend("15889", count=3)
    record = client.get_recommendation(answer.recommendation_id)
    print(f"{record.user_id} was answered {list(record.item_ids)}")
    print(f"by {record.model_version}, of {record.candidate_count} products")
    client.recommend("15889", count=1)
    for record in client.list_recommendations("15889", count=2):
        print(f"{record.time_ms} {len(record.item_ids)} products")
    try:
        client.get_recommendation("no-such-answer")
    except NotFound as error:
        print(f"{error.code.name}: {error.message}")
