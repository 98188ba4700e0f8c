"""The bot: fetches updates, keeps them as rows before it acknowledges them, and runs lanes and sender."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramNotFound, TelegramUnauthorizedError
from sqlalchemy.exc import SQLAlchemyError

from agent.telegram.access import Doorman
from agent.telegram.buttons import Buttons
from agent.telegram.client import (
    DOWNLOAD_BYTES,
    OFFICIAL_URL,
    OWN_BYTES,
    UPLOAD_BYTES,
    Client,
    RawUpdates,
    bad_token,
    open_bot,
)
from agent.telegram.handlers import CHANNEL, Handlers
from agent.telegram.incoming import Receiver
from agent.telegram.lanes import Lanes
from agent.telegram.pace import Pace
from agent.telegram.replies import Replies, Talker
from agent.telegram.sender import OutboxSender
from agent.telegram.startup import complain, start_up
from agent.telegram.updates import WANTED, lane_of
from agent.telegram.video import VideoCourier
from ettametta.bootstrap import Resources
from ettametta.conversation import Inbox
from ettametta.errors import ConfigError, OperatorError

_log = structlog.get_logger(__name__)

_POLL_S = 25
#: Two bots with one token end each other's polls; a change of guards is over sooner than this.
_MAX_CONFLICT_S = 90.0
_CONFLICT_WAIT_S = 3.0
_DRAIN_S = 8.0


@dataclass(frozen=True, slots=True)
class _Parts:
    poller: Poller
    lanes: Lanes
    sender: OutboxSender


class Poller:
    """Fetches updates and puts them into rows, then into lanes; only then are they acknowledged."""

    def __init__(self, client: Client, inbox: Inbox, lanes: Lanes) -> None:
        self._client = client
        self._inbox = inbox
        self._lanes = lanes
        self._failures = 0
        self._conflict_since_s: float | None = None

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            ConfigError: the token is not (or no longer) good.
            OperatorError: another program keeps fetching this bot's updates.
        """
        for update in await self._inbox.unfinished():
            self._lanes.put(update)
        offset: int | None = None
        while True:
            batch = await self._fetch(offset)
            if batch and await self._keep(batch):
                offset = max(int(raw["update_id"]) for raw in batch) + 1

    async def _fetch(self, offset: int | None) -> list[dict[str, Any]]:
        """The next updates; none when that failed, after a wait."""
        method = RawUpdates(offset=offset, limit=100, timeout=_POLL_S, allowed_updates=WANTED)
        try:
            batch = await self._client.bot(method, request_timeout=_POLL_S + 10)
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise bad_token() from None
        except TelegramConflictError:
            await self._conflict()
            return []
        except (AiogramError, OSError) as error:
            self._failures += 1
            await asyncio.sleep(complain(error, self._failures))
            return []
        self._failures, self._conflict_since_s = 0, None
        return [raw for raw in batch if isinstance(raw.get("update_id"), int)]

    async def _conflict(self) -> None:
        now = time.monotonic()
        error = OperatorError(
            "Another program fetches the messages of this bot with the same token.",
            hint="Stop the other one, or give this one a token of its own from @BotFather.",
            code="operator.telegram_conflict",
        )
        if self._conflict_since_s is None:
            self._conflict_since_s = now
            _log.warning("telegram.conflict", error=str(error))
        if now - self._conflict_since_s > _MAX_CONFLICT_S:
            raise error
        await asyncio.sleep(_CONFLICT_WAIT_S)

    async def _keep(self, batch: list[dict[str, Any]]) -> bool:
        """Write updates down, in order; False when the database is away: then they are fetched again."""
        try:
            for raw in batch:
                update = await self._inbox.keep(str(raw["update_id"]), lane_of(raw), raw)
                if update is not None:
                    self._lanes.put(update)
        except (SQLAlchemyError, OSError) as error:
            self._failures += 1
            _log.warning("inbox.not_kept", error=str(error))
            await asyncio.sleep(min(10.0, float(self._failures)))
            return False
        return True


async def run_bot(resources: Resources, openclaw: Talker, stop: asyncio.Event) -> None:
    """Talk in Telegram until `stop` is set.

    Raises:
        ConfigError: there is no token, or Telegram does not accept it.
        OperatorError: another program fetches this bot's updates.
    """
    settings = resources.settings
    if settings.telegram_bot_token is None:
        raise ConfigError(
            "There is no Telegram bot token.",
            hint="Set TELEGRAM_BOT_TOKEN to the token @BotFather gives.",
            code="operator.config.bot_token",
        )
    bot = open_bot(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
    client = Client(bot, Pace())
    try:
        if await _until(stop, start_up(client)):
            return
        parts = await _build(resources, client, openclaw, token=settings.telegram_bot_token.get_secret_value())
        try:
            await _until(stop, parts.poller.run(), parts.sender.run())
        finally:
            await asyncio.gather(parts.lanes.close(_DRAIN_S), parts.sender.close(_DRAIN_S))
    finally:
        await bot.session.close()


async def _build(resources: Resources, client: Client, openclaw: Talker, *, token: str) -> _Parts:
    settings = resources.settings
    official = settings.telegram_api_url.rstrip("/") == OFFICIAL_URL
    buttons = Buttons(token)
    receiver = Receiver(
        client,
        resources.uploads,
        folder=settings.data_dir / "work" / "telegram",
        max_bytes=DOWNLOAD_BYTES if official else OWN_BYTES,
    )
    await asyncio.to_thread(receiver.clear)
    handlers = Handlers(
        client,
        Doorman(resources.users, client),
        receiver,
        Replies(resources.database, resources.outbox, client, openclaw, buttons),
        buttons,
        resources.productions,
    )
    courier = VideoCourier(
        client,
        resources.outbox,
        resources.productions,
        resources.storage,
        buttons,
        max_bytes=UPLOAD_BYTES if official else OWN_BYTES,
    )
    inbox = Inbox(resources.database, CHANNEL)
    lanes = Lanes(inbox, handlers)
    sender = OutboxSender(resources.outbox, resources.events, client, buttons, courier)
    return _Parts(Poller(client, inbox, lanes), lanes, sender)


async def _until(stop: asyncio.Event, *bodies: Coroutine[Any, Any, Any]) -> bool:
    """Run bodies until `stop` is set (True) or one of them ends (False); then the others are cancelled.

    Raises:
        BaseException: what a body raised.
    """
    tasks = [asyncio.create_task(body) for body in bodies]
    waiter = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*tasks, waiter], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
        return waiter.done()
    finally:
        for task in (*tasks, waiter):
            task.cancel()
        await asyncio.gather(*tasks, waiter, return_exceptions=True)
