"""How picture sources are asked: each answer kept for a day, a failing source left alone, nobody hurried."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from ettametta.errors import ConfigError, InvalidInput, TransientError
from ettametta.kit.http import HttpClient
from ettametta.models import StepResult
from ettametta.productions.pictures.search import KEPT_S, Footage
from ettametta.productions.steps import StepCache
from ettametta.providers.footage.base import FootageFacts, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import CC0

QUERY = FootageQuery("lamp")
FOUND = FoundAsset(provider="shelf", provider_id="1", kind="photo", page_url="https://example.org/1", licence=CC0)


class Shelf:
    """A source that gives one picture, or fails with what is put into `faults`."""

    def __init__(self, interval_s: float = 0.0) -> None:
        self.facts = FootageFacts(
            "shelf", "The Shelf", ("photo",), None, "CC0", "https://example.org", "none", interval_s
        )
        self.faults: list[Exception] = []
        self.asked = 0

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:  # noqa: ARG002 - the port's
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        return (FOUND,)

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:  # noqa: ARG002 - the port's
        return found


class Kept:
    """A step cache in memory."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}

    async def find(self, key: str) -> Any:
        return self.results.get(key)

    async def keep(self, result: StepResult) -> None:
        self.results[result.key] = result.output


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def footage(shelf: Shelf, clock: Clock, **more: Any) -> Footage:
    return Footage({"shelf": shelf}, cast("HttpClient", None), cast("StepCache", Kept()), now_s=clock, **more)


async def test_an_answer_counts_for_a_day_and_for_one_person() -> None:
    shelf, clock = Shelf(), Clock()
    asked = footage(shelf, clock)
    for _ in range(2):
        assert (await asked.search("ann", QUERY, policy="open")).found == (FOUND,)
    assert shelf.asked == 1
    await asked.search("bob", QUERY, policy="open")
    assert shelf.asked == 2, "nobody learns what another asked"
    clock.now_s += KEPT_S
    await asked.search("ann", QUERY, policy="open")
    assert shelf.asked == 3


@pytest.mark.parametrize(
    ("fault", "rest_s"),
    [
        (TransientError("Too many.", retry_after_s=90.0), 90.0),
        (TransientError("Too many.", retry_after_s=1.0), 30.0),
        (TransientError("Too many.", retry_after_s=86_400.0), 600.0),
        (TransientError("Down."), 30.0),
        (ConfigError("No key."), 600.0),
        (ValueError("odd"), 30.0),
    ],
)
async def test_a_failing_source_is_left_alone(fault: Exception, rest_s: float) -> None:
    shelf, clock = Shelf(), Clock()
    asked = footage(shelf, clock)
    shelf.faults.append(fault)
    first = await asked.search("ann", QUERY, policy="open")
    assert (first.found, first.answered, len(first.missed)) == ((), 0, 1)
    clock.now_s += rest_s - 0.1
    assert (await asked.search("ann", QUERY, policy="open")).missed == first.missed
    assert shelf.asked == 1
    clock.now_s += 0.2
    assert (await asked.search("ann", QUERY, policy="open")).found == (FOUND,)


async def test_a_source_is_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))

    monkeypatch.setattr("ettametta.productions.pictures.search.asyncio.sleep", sleep)
    clock = Clock()
    asked = footage(Shelf(interval_s=1.0), clock)
    for text, later_s in (("one", 0.0), ("two", 0.25), ("three", 5.0)):
        clock.now_s += later_s
        await asked.search("ann", FootageQuery(text), policy="open")
    assert slept == [0.0, 0.75, 0.0]


async def test_one_question_at_a_time() -> None:
    class Slow(Shelf):
        at_once = 0

        async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
            self.at_once += 1
            assert self.at_once == 1
            await asyncio.sleep(0)
            self.at_once -= 1
            return await super().search(query)

    shelf = Slow()
    asked = footage(shelf, Clock())
    await asyncio.gather(*(asked.search("ann", FootageQuery(text), policy="open") for text in "abc"))
    assert shelf.asked == 3


async def test_the_policy_drops_what_it_does_not_take() -> None:
    asked = footage(Shelf(), Clock())
    assert (await asked.search("ann", QUERY, policy="public_domain")).found == (FOUND,)
    assert asked.names(("nobody",)) == ()
    assert (await asked.search("ann", QUERY, policy="open", sources=("nobody",))).answered == 0


async def test_a_source_that_is_not_set_up_any_more(tmp_path: Any) -> None:
    gone = FOUND.model_copy(update={"provider": "gone"})
    with pytest.raises(InvalidInput) as caught:
        await footage(Shelf(), Clock()).load(gone, QUERY, tmp_path / "x")
    assert caught.value.code == "footage.not_set_up"
