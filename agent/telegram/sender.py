"""The sender: takes rows of the outbox as they become due, shows them in the chat, and records that it did."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Awaitable, Callable

import structlog
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from agent.telegram.buttons import Buttons
from agent.telegram.client import Client
from agent.telegram.pace import Held
from agent.telegram.parcels import (
    FailurePayload,
    ProgressPayload,
    ProposalPayload,
    Shown,
    TextPayload,
    failure_message,
    is_final,
    progress_message,
    proposal_message,
    text_message,
)
from agent.telegram.video import OvertakenError, VideoCourier
from ettametta.db import is_connection_lost
from ettametta.delivery.outbox import LEASE, Outbox, Parcel
from ettametta.errors import EttamettaError, UserError
from ettametta.events import EventBus, Subscription
from ettametta.kit.ids import new_id

_log = structlog.get_logger(__name__)

CHANNEL = "telegram"

_POLL_S = 1.0
_RENEW_S = LEASE.total_seconds() / 3
_LONGEST_WAIT_S = 60.0
_MAX_BUG_ATTEMPTS = 5
_RECORD_TRIES = 30


class _NotYet(Exception):
    """A planned wait before the parcel is shown."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"in {wait_s:.1f} s")
        self.wait_s = wait_s


class OutboxSender:
    """Sends what is due until it is cancelled."""

    def __init__(
        self, outbox: Outbox, events: EventBus, client: Client, buttons: Buttons, courier: VideoCourier
    ) -> None:
        self._outbox = outbox
        self._events = events
        self._client = client
        self._buttons = buttons
        self._courier = courier
        self._owner = f"{CHANNEL}:{socket.gethostname()[:24]}:{os.getpid()}:{new_id()[-8:]}"
        self._wake = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Claim and send, woken by events, by parcels that were sent, and once a second in any case."""
        async with self._events.subscribe() as events:
            listener = asyncio.create_task(self._listen(events), name="outbox events")
            try:
                while True:
                    self._wake.clear()
                    await self._round()
                    await self._rest()
            finally:
                listener.cancel()
                await asyncio.gather(listener, return_exceptions=True)

    async def close(self, drain_s: float) -> None:
        """Let what is being sent arrive, for so long; the rest is sent after the next start."""
        tasks = list(self._busy.values())
        if tasks:
            await asyncio.wait(tasks, timeout=drain_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, events: Subscription) -> None:
        async for event in events:
            if event.name == "outbox.ready":
                self._wake.set()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_POLL_S):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _round(self) -> None:
        try:
            parcels = await self._outbox.claim(CHANNEL, self._owner)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("outbox.not_read", error=str(error))
            await asyncio.sleep(_POLL_S)
            return
        for parcel in parcels:
            # The database was away for longer than a lease: then claiming again only renewed it.
            if parcel.id not in self._busy:
                task = asyncio.create_task(self._handle(parcel), name=f"parcel {parcel.dedupe_key}")
                self._busy[parcel.id] = task
                task.add_done_callback(lambda _, parcel_id=parcel.id: self._free(parcel_id))  # type: ignore[misc]  # bound early

    def _free(self, parcel_id: str) -> None:
        self._busy.pop(parcel_id, None)
        self._wake.set()

    # -- one parcel --------------------------------------------------------------------------------------------------

    async def _handle(self, parcel: Parcel) -> None:
        keeper = asyncio.create_task(self._keep(parcel), name=f"lease of {parcel.dedupe_key}")
        try:
            outcome = await self._try(parcel)
        finally:
            keeper.cancel()
        if isinstance(outcome, Exception):
            await self._record(lambda: self._settle(parcel, outcome))
        else:
            await self._record(lambda: self._outbox.sent(parcel, str(outcome)))

    async def _try(self, parcel: Parcel) -> int | Exception:
        """The message the parcel is shown in, or why it is not."""
        try:
            return await self._show(parcel)
        except Exception as error:  # noqa: BLE001 -- whatever goes wrong is recorded with the row
            return error

    async def _keep(self, parcel: Parcel) -> None:
        """Keep a parcel that takes long, such as the upload of a video."""
        while True:
            await asyncio.sleep(_RENEW_S)
            await self._record(lambda: self._renew(parcel))

    async def _renew(self, parcel: Parcel) -> None:
        if not await self._outbox.renew(parcel):
            _log.warning("outbox.lease_lost", key=parcel.dedupe_key)

    async def _show(self, parcel: Parcel) -> int:
        chat_id = int(parcel.address)
        if parcel.kind == "progress":
            return await self._show_progress(parcel, chat_id)
        if parcel.kind == "video":
            return await self._courier.deliver(parcel, chat_id)
        if parcel.kind == "photo":
            return await self._courier.show_sheet(parcel, chat_id)
        return await self._send_or_edit(parcel, chat_id, self._words(parcel))

    def _words(self, parcel: Parcel) -> Shown:
        if parcel.kind == "failure":
            return failure_message(FailurePayload.model_validate(parcel.payload), self._buttons, parcel.address)
        if parcel.kind == "proposal":
            return proposal_message(ProposalPayload.model_validate(parcel.payload), self._buttons, parcel.address)
        return text_message(TextPayload.model_validate(parcel.payload), self._buttons, parcel.address)

    async def _show_progress(self, parcel: Parcel, chat_id: int) -> int:
        payload = ProgressPayload.model_validate(parcel.payload)
        wait_s = self._client.pace.edit_wait_s(chat_id)
        if wait_s > 0 and not is_final(payload):
            raise _NotYet(wait_s)
        self._client.pace.note_edit(chat_id)
        return await self._send_or_edit(parcel, chat_id, progress_message(payload, self._buttons, parcel.address))

    async def _send_or_edit(self, parcel: Parcel, chat_id: int, shown: Shown) -> int:
        """Show it in the message it has; where there is none (any more), in a new one."""
        if parcel.external_id and await self._client.edit(chat_id, int(parcel.external_id), shown):
            return int(parcel.external_id)
        return await self._client.send(chat_id, shown)

    # -- when it did not work ----------------------------------------------------------------------------------------

    async def _settle(self, parcel: Parcel, error: Exception) -> None:
        if isinstance(error, _NotYet | Held):
            await self._again(parcel, error.wait_s, "", planned=True)
        elif isinstance(error, OvertakenError):
            _log.info("outbox.overtaken", key=parcel.dedupe_key)
            await self._outbox.give_up(parcel, error="An edit came between.")
        elif isinstance(error, TelegramRetryAfter):
            await self._flooded(parcel, error)
        elif isinstance(error, TelegramForbiddenError):
            _log.warning("outbox.chat_closed", key=parcel.dedupe_key, error=error.message)
            await self._outbox.give_up(parcel, error=f"The chat is closed to the bot: {error.message}")
        elif self._is_hopeless(parcel, error):
            await self._give_up(parcel, error)
        else:
            _log.warning("outbox.not_sent", key=parcel.dedupe_key, attempts=parcel.attempts, error=_brief(error))
            await self._again(parcel, _backoff_s(parcel.attempts), _brief(error))

    @staticmethod
    def _is_hopeless(parcel: Parcel, error: Exception) -> bool:
        """Whether it fails however often it is tried: refused by Telegram, gone, or a bug that does not pass."""
        refused = TelegramBadRequest | TelegramMigrateToChat | TelegramEntityTooLarge | UserError | ValidationError
        if isinstance(error, refused):
            return True
        passing = isinstance(error, AiogramError | EttamettaError | OSError) or is_connection_lost(error)
        return not passing and parcel.attempts >= _MAX_BUG_ATTEMPTS

    async def _flooded(self, parcel: Parcel, error: TelegramRetryAfter) -> None:
        wait_s = error.retry_after + random.uniform(0.1, 0.5)  # noqa: S311 -- jitter, no secret
        self._client.pace.hold(int(parcel.address), wait_s)
        _log.warning("outbox.flooded", chat=parcel.address, wait_s=error.retry_after)
        await self._again(parcel, wait_s, _brief(error))

    async def _again(self, parcel: Parcel, wait_s: float, error: str, *, planned: bool = False) -> None:
        await self._outbox.again(parcel, delay_s=wait_s, error=error, min_gap=planned)
        asyncio.get_running_loop().call_later(wait_s + 0.01, self._wake.set)

    async def _give_up(self, parcel: Parcel, error: Exception) -> None:
        reference = new_id()[-12:]
        _log.error("outbox.given_up", reference=reference, key=parcel.dedupe_key, kind=parcel.kind, exc_info=error)
        await self._outbox.give_up(parcel, error=f"reference {reference}: {_brief(error)}")
        if parcel.kind != "progress":
            lost = "Your video is ready, but I could not" if parcel.kind == "video" else "I could not"
            words = TextPayload(text=f"{lost} show it here. Look for reference {reference} in the log.")
            await self._client.say(int(parcel.address), text_message(words, self._buttons, parcel.address))

    async def _record(self, step: Callable[[], Awaitable[None]]) -> None:
        """Write down what happened, though the database may be away for a moment: else it would be sent again."""
        for _ in range(_RECORD_TRIES):
            try:
                await step()
            except (SQLAlchemyError, OSError) as error:
                if not is_connection_lost(error):
                    raise
                _log.warning("outbox.not_recorded", error=str(error))
                await asyncio.sleep(_POLL_S)
            else:
                return


def _backoff_s(attempts: int) -> float:
    full = min(_LONGEST_WAIT_S, 0.5 * 2.0 ** min(max(0, attempts - 1), 10))
    return full * random.uniform(0.75, 1.25)  # noqa: S311 -- jitter, no secret


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
