"""How fast we send: Telegram's flood limits, kept before it has to say so, and the waits it asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: A wait longer than this is not slept through: the caller is told, and comes again.
_MAX_SLEEP_S = 5.0
_MANY_CHATS = 1_000


@dataclass(slots=True)
class _Stamp:
    at_s: float


@dataclass(slots=True)
class _Chat:
    stamps: list[_Stamp] = field(default_factory=list)
    held_until_s: float = 0.0
    edited_at_s: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Limits:
    """So many sends and edits in so many seconds, and the least time between two edits of progress in a chat.

    Source: Telegram's Bots FAQ ("My bot is hitting limits"): about one message a second in a chat, thirty overall;
    edits count, and bots that edited twice a second were told to wait for minutes.
    """

    per_chat: int = 3
    chat_window_s: float = 3.0
    overall: int = 25
    overall_window_s: float = 1.0
    edit_gap_s: float = 1.5


class Held(Exception):
    """Telegram asked for a wait that is too long to sleep through."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"held for {wait_s:.1f} s")
        self.wait_s = wait_s


class Pace:
    """Gives out slots for calls that count as messages."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._chats: dict[int, _Chat] = {}
        self._overall: list[_Stamp] = []
        self._all_held_until_s = 0.0

    @asynccontextmanager
    async def slot(self, chat_id: int) -> AsyncIterator[None]:
        """Wait for room, and keep it while the block runs. The call counts from its end: Telegram saw it by then.

        Raises:
            Held: Telegram asked for a long wait.
        """
        while (wait_s := self._wait_s(chat_id)) > 0:
            if wait_s > _MAX_SLEEP_S:
                raise Held(wait_s)
            await self._sleep(wait_s)
        stamp = _Stamp(self._clock())
        self._chat(chat_id).stamps.append(stamp)
        self._overall.append(stamp)
        try:
            yield
        finally:
            stamp.at_s = self._clock()

    def _chat(self, chat_id: int) -> _Chat:
        if len(self._chats) > _MANY_CHATS:
            self._forget()
        return self._chats.setdefault(chat_id, _Chat())

    def _forget(self) -> None:
        before = self._clock() - 60.0
        self._chats = {
            key: chat
            for key, chat in self._chats.items()
            if chat.held_until_s > before or any(stamp.at_s > before for stamp in chat.stamps)
        }

    def _wait_s(self, chat_id: int) -> float:
        now, limits, chat = self._clock(), self._limits, self._chat(chat_id)
        chat.stamps = [stamp for stamp in chat.stamps if stamp.at_s > now - limits.chat_window_s]
        self._overall = [stamp for stamp in self._overall if stamp.at_s > now - limits.overall_window_s]
        free_at_s = (
            chat.held_until_s,
            self._all_held_until_s,
            _free_at(chat.stamps, limits.per_chat, limits.chat_window_s),
            _free_at(self._overall, limits.overall, limits.overall_window_s),
        )
        wait_s = max(free_at_s) - now
        return wait_s + 0.005 if wait_s > 0 else 0.0

    def hold(self, chat_id: int, wait_s: float) -> None:
        """Telegram said "too many requests": send nothing to this chat for so long; to none, if another is held, too.

        It does not say whether it means the chat or the bot; two chats at once are taken for the bot.
        """
        now = self._clock()
        if any(other.held_until_s > now for key, other in self._chats.items() if key != chat_id):
            self._all_held_until_s = max(self._all_held_until_s, now + wait_s)
        chat = self._chat(chat_id)
        chat.held_until_s = max(chat.held_until_s, now + wait_s)

    def edit_wait_s(self, chat_id: int) -> float:
        """How long until progress may be edited again in this chat; 0 when it may be now."""
        return max(0.0, self._chat(chat_id).edited_at_s + self._limits.edit_gap_s - self._clock())

    def note_edit(self, chat_id: int) -> None:
        """Progress was edited in this chat now."""
        self._chat(chat_id).edited_at_s = self._clock()


def _free_at(stamps: list[_Stamp], most: int, window_s: float) -> float:
    if len(stamps) < most:
        return 0.0
    return sorted(stamp.at_s for stamp in stamps)[-most] + window_s
