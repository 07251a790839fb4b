"""Sends rows in batches and keeps what was reached."""

from __future__ import annotations

import collections
import pathlib
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from .. import limits
from .. import recommender_pb2 as pb
from ..client import Client
from ..errors import DeadlineExceeded, InvalidArgument, ResourceExhausted, Unavailable
from ..retry import RetryPolicy
from . import state as states
from .rejects import RejectsFile
from .rows import Row
from .state import State

#: Below the frame's limit, with room for what stands around the events.
_BATCH_BYTES_MAX = 1_000_000
#: Rows that may wait for a batch, the invalid ones among them.
_WAITING_ROWS_MAX = 10_000


class Submission:
    """One run over a file. Without a client nothing is sent and nothing written.

    Batches go one after the other, for the events of one customer must arrive in order.
    ``patience`` is how many seconds a batch is tried for while the server cannot be reached.
    """

    def __init__(
        self,
        client: Client | None,
        state: State,
        state_path: pathlib.Path | None,
        rejects: RejectsFile,
        *,
        batch_size: int = 500,
        patience: float = 60.0,
        retry: RetryPolicy | None = None,
        on_batch: Callable[[State], None] = lambda state: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self.state = state
        self._state_path = state_path
        self._rejects = rejects
        self._batch_size = batch_size
        self._patience = patience
        # Tries end by patience, not by their number.
        self._retry = retry or RetryPolicy(attempts_max=sys.maxsize, maximum_seconds=5.0)
        self._on_batch = on_batch
        self._clock = clock
        self._sleep = sleep
        self._waiting: list[Row] = []
        self._event_count = 0
        self._event_bytes = 0
        #: How often each reason was given.
        self.reasons: collections.Counter[str] = collections.Counter()

    def run(self, rows: Iterable[Row]) -> None:
        """Submits all rows; raises what the server's last word was when patience ends."""
        for row in rows:
            size = 0 if row.event is None else row.event.ByteSize() + 8
            if (
                self._event_count >= self._batch_size
                or self._event_bytes + size > _BATCH_BYTES_MAX
                or len(self._waiting) >= _WAITING_ROWS_MAX
            ):
                self._flush()
            self._waiting.append(row)
            self._event_count += row.event is not None
            self._event_bytes += size
        self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        rows, self._waiting = self._waiting, []
        self._event_count = self._event_bytes = 0
        answers = self._answers([row for row in rows if row.event is not None])
        rejects: list[tuple[Row, str]] = []
        counts: collections.Counter[str] = collections.Counter()
        for row in rows:
            kind, reason = ("invalid", _joined(row)) if row.event is None else next(answers)
            counts[kind] += 1
            if reason:
                self.reasons[reason] += 1
                rejects.append((row, reason))
        state = replace(
            self.state, place=rows[-1].end, counts=self.state.counts.plus(**dict(counts))
        )
        if self._client is not None:
            # Rejects first: a crash between the two cuts them off again.
            self._rejects.append(rejects)
            state = replace(
                state,
                rejects_bytes=self._rejects.length,
                rejects_sha256=self._rejects.sha256,
            )
            if self._state_path is not None:
                states.save(self._state_path, state)
        self.state = state
        self._on_batch(state)

    def _answers(self, rows: list[Row]) -> collections.abc.Iterator[tuple[str, str]]:
        """For each row what became of it, and why it was not accepted."""
        events = [row.event for row in rows if row.event is not None]
        if self._client is None or not events:
            return iter([("accepted", "")] * len(events))
        return iter(self._send(events))

    def _send(self, events: list[pb.FeedbackEvent]) -> list[tuple[str, str]]:
        try:
            answer = self._patiently(events)
        except InvalidArgument as error:
            # A server with tighter limits refuses the whole: halve it until the culprit is alone.
            if len(events) == 1:
                return [("rejected", error.message)]
            middle = len(events) // 2
            return self._send(events[:middle]) + self._send(events[middle:])
        return [
            _outcome(outcome, answer.reasons[index] if answer.reasons else "")
            for index, outcome in enumerate(answer.outcomes)
        ]

    def _patiently(self, events: list[pb.FeedbackEvent]) -> pb.FeedbackResponse:
        assert self._client is not None
        start = self._clock()
        attempt = 1
        while True:
            try:
                return self._client.feedback(events)
            except (Unavailable, ResourceExhausted, DeadlineExceeded):
                # What was stored all the same is answered DUPLICATE.
                left = self._patience - (self._clock() - start)
                wait = self._retry.wait_seconds(min(attempt, 30), left)
                if wait is None:
                    raise
            self._sleep(wait)
            attempt += 1


def batch_size_is_good(size: int) -> bool:
    """Whether a server takes as many events at once."""
    return 1 <= size <= limits.FEEDBACK_EVENTS_MAX


def _joined(row: Row) -> str:
    return "; ".join(problem.message for problem in row.problems)


def _outcome(outcome: int, reason: str) -> tuple[str, str]:
    if outcome == pb.FEEDBACK_OUTCOME_ACCEPTED:
        return "accepted", ""
    if outcome == pb.FEEDBACK_OUTCOME_DUPLICATE:
        return "duplicate", ""
    return "rejected", reason or "the server gave no reason"
