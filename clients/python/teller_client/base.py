"""What the blocking and the asyncio client have in common: settings, time, and retries."""

from __future__ import annotations

from dataclasses import replace

from .address import Address
from .channel import ChannelSettings
from .deadline import Clock, Deadline, Timeout, Unset
from .errors import Unavailable
from .retry import RetryPolicy


class BaseClient:
    """Holds what a client was made with; see ``Client``."""

    def __init__(
        self,
        address: str,
        timeout: float | None,
        connect_timeout: float,
        retry: RetryPolicy | None,
        settings: ChannelSettings,
        clock: Clock,
    ) -> None:
        self._address = Address.parse(address)
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._retry = retry or RetryPolicy()
        self._settings = settings
        self._clock = clock
        self._is_closed = False

    def _deadline(self, timeout: Timeout) -> Deadline:
        return Deadline.after(self._timeout if isinstance(timeout, Unset) else timeout, self._clock)

    def _connect_deadline(self, left: float | None) -> Deadline:
        """How long connecting may take of what is left of a call's time."""
        if self._is_closed:
            raise Unavailable("the client was closed")
        wait = self._connect_timeout if left is None else min(left, self._connect_timeout)
        return Deadline.after(wait, self._clock)

    def _replace_token(self, token: str) -> None:
        self._settings = replace(self._settings, token=token)

    def _wait_or_raise(self, attempt: int, deadline: Deadline) -> float:
        """How long to wait before the next try; raises what is being handled when there is none."""
        left = deadline.left()
        if left == 0:
            # Connecting took all of the call's time.
            raise deadline.exceeded()
        wait = None if self._is_closed else self._retry.wait_seconds(attempt, left)
        if wait is None:
            raise
        return wait
