"""One lane per chat: updates in order, many chats at once; retries, and gathers what belongs together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent.telegram.updates import belongs_to, expects_more
from ettametta.conversation import Inbox, Update
from ettametta.db import is_connection_lost, is_disk_full
from ettametta.kit.ids import new_id

_log = structlog.get_logger(__name__)

T = TypeVar("T")

MAX_ATTEMPTS = 3
_MAX_PARTS = 60


class UpdateHandler(Protocol):
    """Carries out updates."""

    async def handle(self, batch: Sequence[Update]) -> None:
        """Carry out one update, or several that belong together. The same again must do nothing twice."""
        ...

    async def overtake(self, update: Update) -> None:
        """An update has come while its chat's lane is at work: it may mean what is done. It is handled later anyway."""
        ...

    async def apologise(self, batch: Sequence[Update], reference: str) -> None:
        """Tell the person that it could not be done."""
        ...


@dataclass(slots=True)
class _Lane:
    waiting: deque[Update] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    #: a batch is being handled
    is_busy: bool = False
    #: tells the handler of what has come meanwhile, one after the other
    passing: asyncio.Task[None] | None = None


class Lanes:
    """Runs a handler over updates that are rows already, and marks them as handled."""

    def __init__(self, inbox: Inbox, handler: UpdateHandler, *, settle_s: float = 1.5, retry_s: float = 1.0) -> None:
        self._inbox = inbox
        self._handler = handler
        self._settle_s = settle_s
        self._retry_s = retry_s
        self._lanes: dict[str, _Lane] = {}

    def put(self, update: Update) -> None:
        """Take an update into its lane."""
        lane = self._lanes.setdefault(update.lane, _Lane())
        lane.waiting.append(update)
        lane.arrived.set()
        if lane.is_busy:
            lane.passing = asyncio.create_task(self._overtake(update, lane.passing))
        if lane.task is None:
            lane.task = asyncio.create_task(self._run(update.lane, lane), name=f"lane {update.lane}")

    async def _overtake(self, update: Update, former: asyncio.Task[None] | None) -> None:
        if former is not None:
            await asyncio.wait({former})
        try:
            await self._handler.overtake(update)
        except Exception:  # noqa: BLE001 -- it is handled in its turn, whatever happens here
            _log.exception("update.not_overtaken", update=update.id)

    async def close(self, drain_s: float) -> None:
        """Let what runs go on for a moment, then stop; what was not finished is read again at the next start."""
        until = asyncio.get_running_loop().time() + drain_s
        while (tasks := self._tasks()) and (left_s := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(tasks, timeout=left_s)  # what they began meanwhile is waited for, too
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [lane.task for lane in self._lanes.values() if lane.task is not None and not lane.task.done()]

    async def _run(self, name: str, lane: _Lane) -> None:
        while lane.waiting:
            batch = await self._gather(lane)
            lane.is_busy = True
            try:
                await self._attempt(batch)
            except Exception:  # noqa: BLE001 -- a row that cannot be marked is read again at the next start
                _log.exception("lane.stumbled", update=batch[0].id)
            if lane.passing is not None:
                await asyncio.wait({lane.passing})
            lane.is_busy = False
        self._lanes.pop(name, None)

    async def _gather(self, lane: _Lane) -> list[Update]:
        """The next update, with the parts of an album or of a long text that follow it within a moment."""
        batch = [lane.waiting.popleft()]
        while expects_more(batch[-1]) and len(batch) < _MAX_PARTS:
            if not lane.waiting and not await self._arrives(lane):
                break
            if not belongs_to(lane.waiting[0], batch[-1]):
                break
            batch.append(lane.waiting.popleft())
        return batch

    async def _arrives(self, lane: _Lane) -> bool:
        lane.arrived.clear()
        try:
            async with asyncio.timeout(self._settle_s):
                await lane.arrived.wait()
        except TimeoutError:
            return False
        return True

    async def _attempt(self, batch: Sequence[Update]) -> None:
        # Counted before it is tried: an update that kills the process is not tried for ever.
        attempt = await self._persist(lambda: self._inbox.begin(batch[0].id))
        reference: str | None = new_id()[-12:]
        while attempt <= MAX_ATTEMPTS:
            error = await self._try(batch)
            if error is None:
                reference = None
                break
            _log.error("update.failed", reference=reference, attempt=attempt, exc_info=error)
            attempt += 0 if _is_database_away(error) else 1
            if attempt <= MAX_ATTEMPTS:
                await asyncio.sleep(self._retry_s * attempt)
        if reference is not None:
            await self._give_up(batch, reference)
        await self._finish(batch, reference)

    async def _try(self, batch: Sequence[Update]) -> Exception | None:
        try:
            await self._handler.handle(batch)
        except Exception as error:  # noqa: BLE001 -- whatever an update does, its lane goes on
            return error
        return None

    async def _give_up(self, batch: Sequence[Update], reference: str) -> None:
        _log.error("update.given_up", reference=reference, update=batch[0].id)
        try:
            await self._handler.apologise(batch, reference)
        except Exception:  # noqa: BLE001 -- the apology is a courtesy; the update is marked with the reference
            _log.exception("update.no_apology", reference=reference)

    async def _finish(self, batch: Sequence[Update], reference: str | None) -> None:
        # The first part names the turn: it is finished last, so that a crash here repeats a turn and begins none.
        error = None if reference is None else f"given up; reference {reference}"
        for update in reversed(batch):
            await self._persist(lambda update_id=update.id: self._inbox.finish(update_id, error=error))  # type: ignore[misc]  # bound early

    async def _persist(self, step: Callable[[], Awaitable[T]]) -> T:
        """The result of a step that only needs the database, which may be away for a while."""
        while True:
            try:
                return await step()
            except (SQLAlchemyError, OSError) as error:
                if not (is_connection_lost(error) or is_disk_full(error)):
                    raise
                _log.warning("update.database_away", error=str(error))
                await asyncio.sleep(self._retry_s)


def _is_database_away(error: Exception) -> bool:
    return isinstance(error, SQLAlchemyError) and is_connection_lost(error)
