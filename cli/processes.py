"""The parts of Ettametta as bodies that run until they are told to stop, and what runs several of them as one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from cli.failures import as_ours
from ettametta.errors import Bug, EttamettaError

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources

_log = structlog.get_logger(__name__)

#: Seconds a part may take to stop, besides the time its jobs are given.
_STOP_GRACE_S = 10.0
_HOUSEKEEPING_S = 60.0
_HISTORY_KEPT = timedelta(days=30)
#: Rounds of housekeeping between two in which candidates nobody wanted are let go.
_PRUNE_EVERY = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the product: its name in sentences, and a body that returns once its event is set."""

    name: str
    body: Callable[[asyncio.Event], Awaitable[None]]


async def run_parts(parts: Sequence[Part], stop: asyncio.Event, *, drain_s: float = 0.0) -> None:
    """Run all parts until `stop` is set or one of them ends; then all end.

    Raises:
        EttamettaError: a part ended by itself; the sentence names it. What nobody foresaw is raised as it came.
    """
    tasks = {asyncio.create_task(_body(part, stop), name=part.name): part for part in parts}
    waiter = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*tasks, waiter], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.wait(tasks, timeout=drain_s + _STOP_GRACE_S)
    finally:
        waiter.cancel()
        await _cancel(list(tasks))
    for task, part in tasks.items():
        if not task.cancelled() and (error := task.exception()) is not None:
            raise _named(part, error)


async def _body(part: Part, stop: asyncio.Event) -> None:
    await part.body(stop)
    if not stop.is_set():
        raise Bug(f"{part.name} ended by itself.", hint="Look at the log, and report it.", code="bug.part_ended")


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _named(part: Part, error: BaseException) -> BaseException:
    ours = as_ours(error)
    if ours is None:
        _log.error("process.part_failed", part=part.name, exc_info=error)
        error.add_note(f"in: {part.name}")
        return error
    if isinstance(ours, Bug):
        return ours
    named: EttamettaError = type(ours)(f"{part.name} stopped: {ours.message}", hint=ours.hint, code=ours.code)
    named.__cause__ = error
    return named


def worker_part(resources: Resources, *, concurrency: int) -> Part:
    """Runs jobs."""

    async def body(stop: asyncio.Event) -> None:
        from ettametta.jobs import Runner
        from tasks.registry import KINDS

        settings = resources.settings
        runner = Runner(
            resources.ledger,
            resources.queue,
            KINDS,
            resources,
            concurrency=concurrency,
            sweep_s=settings.job_sweep_s,
        )
        await resources.studio.sweep()
        await runner.start()
        drain_s = 0.0
        try:
            await stop.wait()
            drain_s = settings.drain_timeout_s
        finally:
            await _drain(runner.stop, drain_s)

    return Part("The worker", body)


async def _drain(stop: Callable[..., Awaitable[None]], drain_s: float) -> None:
    """Let jobs go on for a while; whoever cannot wait (a second signal) has them handed back at once."""
    try:
        await stop(drain_s=drain_s)
    except asyncio.CancelledError:
        await stop(drain_s=0.0)
        raise


def scheduler_part(resources: Resources, *, every_s: float = _HOUSEKEEPING_S) -> Part:
    """Keeps house: jobs of dead workers, what is due by schedule, unanswered proposals, old history and files."""

    async def body(stop: asyncio.Event) -> None:
        for count in itertools.count():
            if stop.is_set():
                return
            await keep_house(resources, prune=count % _PRUNE_EVERY == 0)
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue

    return Part("The scheduler", body)


async def keep_house(resources: Resources, *, prune: bool = False) -> None:
    """One round of housekeeping; a round that fails is logged, and the next one tries again."""
    try:
        reaped = await resources.ledger.reap()
        expired = await resources.productions.expire()
        scheduled = await resources.schedules.run_due()
        forgotten = await resources.ledger.forget(older_than=_HISTORY_KEPT)
        swept = await resources.storage.sweep() + await resources.studio.sweep()
        pruned = await resources.discovery.prune() if prune else 0
    except Exception:  # noqa: BLE001 -- housekeeping must outlive a database or a disk that fails for a while
        _log.exception("scheduler.round_failed")
        return
    done = {"reaped": reaped, "expired": expired, "scheduled": scheduled, "forgotten": forgotten}
    done |= {"swept": swept, "pruned": pruned}
    if any(done.values()):
        _log.info("scheduler.kept_house", **done)
