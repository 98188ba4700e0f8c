"""A scan: partial results at the deadline, one bad source beside good ones, sources that wait for the keeper."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import cast

import pytest

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.scanning.plan import Ask
from ettametta.discovery.scanning.scan import Ended, Kept, Scan
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.errors import Bug, TransientError

Body = Callable[[], AsyncIterator[FoundItem]]


def item(source: str, number: int) -> FoundItem:
    return FoundItem(source, f"{source}:{number}", f"https://example.org/{number}", f"Title {number}")


class FakeSource:
    """A source whose search is a function."""

    def __init__(self, name: str, body: Body) -> None:
        self.info = SourceInfo(
            name, name.title(), "Things.", Takes.WORDS, "https://example.org", "Free.", "None.", 60
        )  # fmt: skip
        self._body = body

    def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        del wanted, fetch
        return self._body()

    def owns(self, address: str) -> str | None:
        del address
        return None


class Keeper:
    """Remembers what was kept and how sources ended."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.ended: dict[str, Ended] = {}
        self.asks: set[tuple[str, str]] = set()
        self.kept = asyncio.Event()

    @property
    def refs(self) -> list[str]:
        return [ref for batch in self.batches for ref in batch]

    async def keep(self, ask: Ask, items: Sequence[FoundItem]) -> Kept:
        self.kept.set()
        self.asks.add(ask.key)
        self.batches.append([one.ref for one in items])
        return Kept(new=len(items), matched=1)

    async def end(self, ended: Ended) -> None:
        self.ended[ended.ask.source.info.name] = ended


def some(name: str, count: int, then: Callable[[], Awaitable[None]] | None = None) -> FakeSource:
    async def body() -> AsyncIterator[FoundItem]:
        for number in range(count):
            yield item(name, number)
        if then is not None:
            await then()

    return FakeSource(name, body)


async def _forever() -> None:
    await asyncio.Event().wait()


async def _fail() -> None:
    raise TransientError("It is away.", code="http.status")


async def _break() -> None:
    raise KeyError("surprise")


async def run(keeper: Keeper, *sources: FakeSource, deadline_s: float = 5.0) -> bool:
    scan = Scan(lambda _info, _deadline_s: cast("Fetch", None), keeper.keep, keeper.end)
    return await scan.run([Ask(source, Wanted()) for source in sources], deadline_s=deadline_s)


async def test_all_that_all_sources_give_is_kept_and_each_end_is_told() -> None:
    keeper = Keeper()
    assert await run(keeper, some("one", 250), some("two", 3), some("none", 0)) is False
    assert sorted(keeper.refs) == sorted([f"one:{n}" for n in range(250)] + [f"two:{n}" for n in range(3)])
    assert {name: (end.items, end.new, end.error) for name, end in keeper.ended.items()} == {
        "one": (250, 250, None), "two": (3, 3, None), "none": (0, 0, None)
    }  # fmt: skip
    assert max(len(batch) for batch in keeper.batches) <= 100


async def test_the_deadline_keeps_what_there_is() -> None:
    keeper = Keeper()
    assert await run(keeper, some("slow", 7, _forever), some("quick", 2), deadline_s=0.05) is True
    assert sorted(keeper.refs) == sorted([f"slow:{n}" for n in range(7)] + ["quick:0", "quick:1"])
    assert (keeper.ended["slow"].is_late, keeper.ended["slow"].items) == (True, 7)
    assert keeper.ended["quick"].is_late is False


async def test_a_source_whose_turn_did_not_come_is_told_apart() -> None:
    keeper = Keeper()
    slow = [some(f"slow-{number}", 0, _forever) for number in range(12)]
    assert await run(keeper, *slow, some("thirteenth", 1), deadline_s=0.05) is True
    assert not keeper.ended["thirteenth"].was_asked
    assert all(keeper.ended[one.info.name].was_asked for one in slow)


async def test_a_source_that_fails_or_breaks_ends_alone_with_what_it_gave() -> None:
    keeper = Keeper()
    await run(keeper, some("away", 2, _fail), some("broken", 1, _break), some("well", 4))
    away, broken = keeper.ended["away"], keeper.ended["broken"]
    assert isinstance(away.error, TransientError)
    assert away.items == 2
    assert isinstance(broken.error, Bug)
    assert broken.error.message == "Broken could not be read."
    assert keeper.ended["well"].items == 4


async def test_a_keeper_that_cannot_write_ends_the_scan_and_leaves_no_task() -> None:
    class Full(Keeper):
        async def keep(self, ask: Ask, items: Sequence[FoundItem]) -> Kept:
            raise OSError(f"disk full: {len(items)} of {ask.key}")

    before = asyncio.all_tasks()
    with pytest.raises(OSError, match="disk full"):
        await run(Full(), some("one", 2_000), some("two", 1, _forever))
    assert asyncio.all_tasks() == before


async def test_sources_wait_for_a_slow_keeper() -> None:
    """What is found and not yet kept is bounded."""
    given, most_ahead, keeper = 0, 0, Keeper()

    async def body() -> AsyncIterator[FoundItem]:
        nonlocal given, most_ahead
        for number in range(3_000):
            given += 1
            most_ahead = max(most_ahead, given - len(keeper.refs))
            yield item("many", number)

    await run(keeper, FakeSource("many", body))
    assert len(keeper.refs) == 3_000
    assert most_ahead < 700


async def test_a_cancelled_scan_ends_its_sources() -> None:
    closed = asyncio.Event()

    async def body() -> AsyncIterator[FoundItem]:
        try:
            yield item("held", 1)
            await _forever()
        finally:
            closed.set()

    keeper = Keeper()
    task = asyncio.create_task(run(keeper, FakeSource("held", body)))
    async with asyncio.timeout(5):
        await keeper.kept.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert closed.is_set()


async def test_many_sources_are_not_all_asked_at_once() -> None:
    at_once, most = 0, 0

    def source(number: int) -> FakeSource:
        async def body() -> AsyncIterator[FoundItem]:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            yield item(f"s{number}", 1)
            at_once -= 1

        return FakeSource(f"s{number}", body)

    keeper = Keeper()
    await run(keeper, *(source(number) for number in range(40)))
    assert len(keeper.ended) == 40
    assert most == 12
