"""How much time a call has left."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .errors import DeadlineExceeded
from .frames import DEADLINE_MS_MAX

#: A clock that only goes forward, in seconds.
Clock = Callable[[], float]


class Unset:
    """Stands for an argument that was not given, where None means something."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()

#: Seconds, None without a limit, UNSET for what the client was made with.
Timeout = float | Unset | None


@dataclass(frozen=True)
class Deadline:
    """A moment on a clock, or none."""

    at: float | None
    timeout: float | None
    clock: Clock

    @classmethod
    def after(cls, timeout: float | None, clock: Clock) -> Deadline:
        """``timeout`` seconds from now; None: never."""
        return cls(None if timeout is None else clock() + timeout, timeout, clock)

    def left(self) -> float | None:
        """Seconds left, 0 when it has passed; None without a limit."""
        return None if self.at is None else max(0.0, self.at - self.clock())

    def left_ms(self) -> int:
        """What a REQUEST carries: milliseconds rounded up, 0 without a limit.

        Raises DeadlineExceeded when nothing is left.
        """
        left = self.left()
        if left is None:
            return 0
        if left == 0:
            raise self.exceeded()
        return min(math.ceil(left * 1000), DEADLINE_MS_MAX)

    def exceeded(self) -> DeadlineExceeded:
        """The error of a call that ran out of time."""
        return DeadlineExceeded(f"no answer within {self.timeout:g} s")
