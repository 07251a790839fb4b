"""When a call that failed with UNAVAILABLE is made again.

Every method but UpdateModels may be repeated: reading changes nothing, an event that was stored is
answered DUPLICATE, and a product that was put is put once more.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RetryPolicy:
    """Backoff that doubles, with full jitter: the wait before try ``n`` is drawn evenly from 0 to
    ``initial * multiplier ** (n - 1)`` seconds, at most ``maximum``, so that the clients of a
    server that comes back do not come all at once.

    ``draw`` gives numbers from 0 to 1 and may be a seeded generator's.
    """

    attempts_max: int = 4
    initial_seconds: float = 0.05
    multiplier: float = 2.0
    maximum_seconds: float = 2.0
    draw: Callable[[], float] = field(default=random.random)

    def __post_init__(self) -> None:
        if self.attempts_max < 1:
            raise ValueError(f"attempts_max must be at least 1, not {self.attempts_max}")
        if self.initial_seconds < 0 or self.maximum_seconds < 0 or self.multiplier < 1:
            raise ValueError("backoff must not be negative, and must not shrink")

    def wait_seconds(self, attempt: int, left_seconds: float | None) -> float | None:
        """How long to wait after try ``attempt`` (from 1) failed; None: give up.

        ``left_seconds`` is what is left of the call's time, None without a limit. A wait that would
        use it up is not begun.
        """
        if attempt >= self.attempts_max:
            return None
        ceiling = min(self.maximum_seconds, self.initial_seconds * self.multiplier ** (attempt - 1))
        wait = self.draw() * ceiling
        return None if left_seconds is not None and wait >= left_seconds else wait


#: One try only.
NO_RETRY = RetryPolicy(attempts_max=1)
