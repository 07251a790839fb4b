"""What a customer did; the next answer knows it.

python3 samples/03_feedback.py 127.0.0.1:7001
"""

import datetime
import sys

from teller_client import Client, feedback_event, messages

with Client(sys.argv[1]) as client:
    shown = client.recommend("15890", count=2)
    taken = shown.item_ids[0]
    events = [
        # The id is the caller's: the same event sent again is a duplicate and changes nothing.
        feedback_event(
            f"sample-3-{taken}",
            "15890",
            taken,
            "accepted",
            time=datetime.datetime.now(datetime.timezone.utc),
            recommendation_id=shown.recommendation_id,
            impression_item_ids=shown.item_ids,
            channel="branch",
        ),
        feedback_event("sample-3-rejected", "15890", "ind_moon_rocket_ult1", "clicked"),
    ]
    for _ in range(2):
        answer = client.feedback(events)
        for event, outcome, reason in zip(events, answer.outcomes, answer.reasons, strict=True):
            print(f"{event.event_id}: {messages.FeedbackOutcome.Name(outcome)} {reason}")
    assert taken not in client.recommend("15890", count=24).item_ids
    print(f"{taken} is not recommended any more")
