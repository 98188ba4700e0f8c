"""Who may talk to the bot: strangers get one polite sentence, the right code makes its sender the owner."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from aiogram.types import Message, User

from agent.telegram.client import Client
from agent.telegram.parcels import plain
from ettametta.errors import Refused
from ettametta.users import Person, Users

_log = structlog.get_logger(__name__)

STRANGER = (
    "This is a private studio, and I do not know you. If it is yours, send me the pairing code that the server "
    "printed when it started."
)
NOT_YOURS = "This is a private studio."
GROUP = "I work in private chats only. Write to me there."
WELCOME = "You are paired, {name}. Tell me what the first video should be about: a topic, a text, a link or a file."
ALREADY = "You are paired already. Tell me what the video should be about: a topic, a text, a link or a file."

_HOUR_S = 3600.0
_MAX_WRONG_CODES = 5
_MAX_REMEMBERED = 10_000

#: A code stands alone, or follows /start (from a link t.me/bot?start=CODE) or /pair.
_CODE = re.compile(r"(?:/(?:start|pair)(?:@\w{1,64})?\s+)?([A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4})")
_PAIRING = re.compile(r"/(?:start|pair)(?:@\w{1,64})?\s+\S.*", re.DOTALL)


class Quota:
    """So many in so much time, for each key."""

    def __init__(self, most: int, window_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._used: dict[int, list[float]] = {}

    def left(self, key: int) -> bool:
        """Whether there is any left."""
        since = self._clock() - self._window_s
        return sum(at_s > since for at_s in self._used.get(key, [])) < self._most

    def use(self, key: int) -> None:
        """Use one up."""
        if len(self._used) >= _MAX_REMEMBERED:
            since = self._clock() - self._window_s
            self._used = {one: times for one, times in self._used.items() if times[-1] > since}
        self._used[key] = [*self._used.get(key, []), self._clock()][-self._most :]

    def take(self, key: int) -> bool:
        """Use one up if there is any left."""
        if not self.left(key):
            return False
        self.use(key)
        return True


class Doorman:
    """Speaks with those who are not (yet) known. What strangers send is never kept beyond the inbox."""

    def __init__(self, users: Users, client: Client, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._users = users
        self._client = client
        self._refusals = Quota(1, _HOUR_S, clock=clock)
        self._wrong_codes = Quota(_MAX_WRONG_CODES, _HOUR_S, clock=clock)
        self._groups = Quota(1, 24 * _HOUR_S, clock=clock)

    async def find(self, sender: User, chat_id: int) -> Person | None:
        """The person behind an account in its private chat; None for a stranger."""
        return await self._users.in_telegram(sender.id, chat_id, title=sender.full_name)

    async def meet(self, sender: User, message: Message) -> Person | None:
        """Hear a stranger out; gives the person when that was the right code."""
        found = _CODE.fullmatch((message.text or "").strip())
        if found is None:
            if self._refusals.take(message.chat.id):
                await self._client.say(message.chat.id, plain(STRANGER))
            return None
        if not self._wrong_codes.left(sender.id):
            return None
        try:
            return await self._users.pair(
                found.group(1), telegram_user_id=sender.id, telegram_chat_id=message.chat.id, name=sender.full_name
            )
        except Refused as error:
            self._wrong_codes.use(sender.id)
            _log.warning("pairing.wrong_code", telegram_user_id=sender.id)
            await self._client.say(message.chat.id, plain(str(error)))
            return None

    async def in_group(self, chat_id: int) -> None:
        """Say once in a group that this is not the place."""
        if self._groups.take(chat_id):
            await self._client.say(chat_id, plain(GROUP))


def is_pairing(text: str) -> bool:
    """Whether somebody who is known already sends a code in a command (again)."""
    return bool(_PAIRING.fullmatch(text.strip()))
