"""One scan at work: sources asked at once until the deadline, what they find kept in batches as it comes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.scanning.plan import Ask
from ettametta.discovery.sources.base import SourceInfo
from ettametta.errors import Bug, EttamettaError

_log = structlog.get_logger(__name__)

#: Sources asked at once.
_AT_ONCE = 12
#: Items that wait to be kept; more than these, and sources wait.
_WAITING = 400
_BATCH = 100
#: Items are kept after so many seconds at the latest: people watch.
_EVERY_S = 0.5

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a batch: items that were new, and matches with the niche."""

    new: int = 0
    matched: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a source's part ended. `error` None and not `is_late`: it gave all it had."""

    ask: Ask
    duration_s: float
    items: int
    new: int
    error: EttamettaError | None = None
    is_late: bool = False
    #: False: the deadline came while it waited for its turn
    was_asked: bool = True


#: Keeps a batch of one source's items.
Keep = Callable[[Ask, Sequence[FoundItem]], Awaitable[Kept]]
#: Told that a source has ended and all its items are kept.
OnEnd = Callable[[Ended], Awaitable[None]]
#: The way out for a source, at its own rate; what cannot come within so many seconds is not waited for.
FetchFor = Callable[[SourceInfo, float], Fetch]
#: The scan's own deadline comes first, so that what it cuts off is told as late.
_AFTER_S = 1.0


class Scan:
    """Runs once.

    Args:
        fetch_for: gives each source its way out.
        keep: keeps items; its failure ends the scan.
        on_end: told of every source as it ends.
    """

    def __init__(self, fetch_for: FetchFor, keep: Keep, on_end: OnEnd) -> None:
        self._fetch_for = fetch_for
        self._keep = keep
        self._on_end = on_end
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._found: asyncio.Queue[tuple[Ask, FoundItem | Ended]] = asyncio.Queue(_WAITING)
        self._items: Counter[_Key] = Counter()
        self._new: Counter[_Key] = Counter()
        self.matched = 0

    async def run(self, asks: Sequence[Ask], *, deadline_s: float) -> bool:
        """Ask them all; True when the deadline came before the last had ended.

        Raises:
            Exception: what `keep` and `on_end` raise.
        """
        keeper = asyncio.create_task(self._keep_all(len(asks)))
        tasks = [asyncio.create_task(self._ask(ask, time.monotonic() + deadline_s), name=str(ask.key)) for ask in asks]
        try:
            await keeper
        finally:
            for task in (keeper, *tasks):
                task.cancel()
            await asyncio.gather(keeper, *tasks, return_exceptions=True)
        return any(task.result() for task in tasks)

    async def _ask(self, ask: Ask, until: float) -> bool:
        """Put what a source finds into the queue, and how it ended after it; True when it was late."""
        started, error, is_late, was_asked = time.monotonic(), None, False, False
        try:
            async with asyncio.timeout(until - started), self._slots:
                started, was_asked = time.monotonic(), True
                await self._find(ask, until - started + _AFTER_S)
        except TimeoutError:
            is_late = True
        except EttamettaError as failure:
            error = failure
        except Exception as bug:  # noqa: BLE001 -- one source that is wrong must not end the others
            _log.exception("scan.source_failed", source=ask.source.info.name)
            error = _broken(ask.source.info, bug)
        ended = Ended(ask, time.monotonic() - started, 0, 0, error, is_late, was_asked)
        await self._found.put((ask, ended))
        return is_late

    async def _find(self, ask: Ask, deadline_s: float) -> None:
        found = ask.source.find(ask.wanted, self._fetch_for(ask.source.info, deadline_s))
        async with aclosing(found) as items:  # type: ignore[type-var]  # every source is an async generator
            async for item in items:
                await self._found.put((ask, item))

    async def _keep_all(self, running: int) -> None:
        """Keep until every source has ended."""
        while running:
            batch = await self._batch()
            groups: defaultdict[_Key, list[FoundItem]] = defaultdict(list)
            ended: list[Ended] = []
            asks: dict[_Key, Ask] = {}
            for ask, one in batch:
                asks[ask.key] = ask
                if isinstance(one, Ended):
                    ended.append(one)
                else:
                    groups[ask.key].append(one)
            for key, items in groups.items():
                await self._keep_group(asks[key], items)
            for one in ended:
                await self._end(one)
            running -= len(ended)

    async def _batch(self) -> list[tuple[Ask, FoundItem | Ended]]:
        """At least one, and as many as come within half a second."""
        batch = [await self._found.get()]
        until = time.monotonic() + _EVERY_S
        while len(batch) < _BATCH and not isinstance(batch[-1][1], Ended):
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    batch.append(await self._found.get())
            except TimeoutError:
                break
        return batch

    async def _keep_group(self, ask: Ask, items: Sequence[FoundItem]) -> None:
        kept = await self._keep(ask, items)
        self._items[ask.key] += len(items)
        self._new[ask.key] += kept.new
        self.matched += kept.matched

    async def _end(self, one: Ended) -> None:
        key = one.ask.key
        await self._on_end(replace(one, items=self._items[key], new=self._new[key]))


def _broken(info: SourceInfo, bug: Exception) -> EttamettaError:
    error = Bug(
        f"{info.title} could not be read.", hint="Please report it with the log's lines around it.", code="bug.source"
    )
    error.__cause__ = bug
    return error
