"""Updates on their way to the bot: ids, allowed kinds, acknowledgement by offset, long polling and its conflict."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiogram.types import Update

from tests.servers.bot_api.limits import Refusal

_ASKED_FOR = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass
class Pending:
    """One delivery of an update; a forced one survives an offset already past it until it has been handed out."""

    update: Update
    forced: bool = False
    handed_out: int = 0


@dataclass
class UpdateQueue:
    """What waits for the bot, and all there ever was."""

    next_id: int = 700_000_001
    pending: list[Pending] = field(default_factory=list)
    sent: dict[int, Update] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=list)
    conflicts: int = 0
    acknowledged: int = 0
    listener: Callable[[], None] | None = None
    _poll: "asyncio.Future[None] | None" = None

    @property
    def waiting(self) -> bool:
        """Whether a long poll stands open."""
        return self._poll is not None

    def add(self, kind: str, event: object) -> int | None:
        """Queue an update; None when the bot did not ask for this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in _ASKED_FOR
        if not wanted:
            return None
        update = Update.model_validate({"update_id": self.next_id, kind: event})
        self.next_id += 1
        self.sent[update.update_id] = update
        self._queue(Pending(update, forced=update.update_id <= self.acknowledged))
        return update.update_id

    def redeliver(self, update_id: int) -> None:
        """Queue an old update once more under its own id; KeyError when there was none."""
        self._queue(Pending(self.sent[update_id], forced=True))

    def _queue(self, item: Pending) -> None:
        self.pending.append(item)
        self.wake()

    def wake(self) -> None:
        """Let a waiting poll, or the webhook, look again."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        if self.listener is not None:
            self.listener()

    def terminate(self, reason: str) -> None:
        """End a waiting poll with 409, as another request for updates does."""
        if self._poll is not None and not self._poll.done():
            self.conflicts += 1
            self._poll.set_exception(Refusal(f"Conflict: terminated by {reason}", 409))

    def acknowledge(self, offset: int) -> None:
        """Forget what stands before the offset; a negative one keeps only that many from the end."""
        if offset < 0:
            self.pending = self.pending[offset:]
            return
        self.acknowledged = max(self.acknowledged, offset - 1)
        self.pending = [
            one for one in self.pending if one.update.update_id >= offset or (one.forced and not one.handed_out)
        ]

    async def poll(self, limit: int, timeout_s: float) -> list[Update]:
        """What waits, or what comes within the time; ends another poll that is still waiting.

        Raises:
            Refusal: 409, this poll was ended by a later one or by setWebhook.
        """
        self.terminate("other getUpdates request; make sure that only one bot instance is running")
        if not self.pending and timeout_s > 0:
            await self._wait(timeout_s)
        chosen = self.pending[: min(max(limit, 1), 100)]
        return list(hand_out(chosen))

    async def _wait(self, timeout_s: float) -> None:
        mine = asyncio.get_running_loop().create_future()
        self._poll = mine
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(mine, timeout_s)
        finally:
            if self._poll is mine:
                self._poll = None


def hand_out(chosen: Iterable[Pending]) -> Iterable[Update]:
    """Mark deliveries as handed out."""
    for one in chosen:
        one.handed_out += 1
        yield one.update
