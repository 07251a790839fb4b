"""Products put into the catalogue, and what is most like them.

python3 samples/09_new_products.py 127.0.0.1:7001
"""

import sys

from teller_client import Client, catalogue_item

with Client(sys.argv[1]) as client:
    answer = client.put_items(
        [
            catalogue_item("green_bond", name="Green bond", category="funds", price=100.0),
            catalogue_item("junior_account", attributes={"channel": "branch"}),
        ]
    )
    print("outcomes", list(answer.outcomes), "at", list(answer.item_indexes))
    # The same again describes it anew; its place stays.
    again = client.put_items([catalogue_item("green_bond", name="Green bond 2027")])
    print("again", list(again.outcomes), "at", list(again.item_indexes))
    # Nobody had it yet: from what is known of it, or from what is popular.
    like = client.similar_items("green_bond", count=3)
    print(f"beside it {list(like.item_ids)}, source {like.source}")
