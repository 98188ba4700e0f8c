"""A source's own rate: so many requests a minute, spread evenly, whoever asks in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

#: Waits for so many seconds.
Sleep = Callable[[float], Awaitable[None]]


class RateLimit:
    """Gives each caller its moment: a few at once after a pause, then evenly.

    Args:
        per_minute: most requests in a minute.
        monotonic: a clock in seconds that never goes back.
        sleep: waits.
    """

    def __init__(self, per_minute: int, *, monotonic: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self.per_minute = per_minute
        self._interval_s = 60.0 / max(per_minute, 1)
        #: so many may go at once after a minute's rest
        self._burst_s = self._interval_s * min(max(per_minute // 10, 1) - 1, 5)
        self._monotonic = monotonic
        self._sleep = sleep
        self._next = 0.0

    def wait_s(self) -> float:
        """How long the next caller would wait, in seconds."""
        return max(0.0, self._next - self._burst_s - self._monotonic())

    async def take(self) -> None:
        """Wait for the next moment and use it up."""
        wait_s = self.wait_s()
        self._next = max(self._next, self._monotonic()) + self._interval_s
        if wait_s > 0:
            await self._sleep(wait_s)
