"""Niches and the sources a user adds: checked, kept apart by user, said in clear sentences."""

from __future__ import annotations

import asyncio

import pytest

from ettametta.db import Database
from ettametta.discovery import niches as niches_module
from ettametta.discovery.niches import NicheChange, Niches
from ettametta.discovery.sources import set_up
from ettametta.errors import Conflict, EttamettaError, InvalidInput, NotFound
from ettametta.kit.ids import new_id
from ettametta.models import User


@pytest.fixture
def niches(database: Database) -> Niches:
    return Niches(database, set_up())


@pytest.fixture
async def user(database: Database) -> str:
    return await _user(database)


async def _user(database: Database) -> str:
    async with database.session_scope() as session:
        row = User(id=new_id(), name="Ada", role="owner")
        session.add(row)
        return row.id


async def test_a_niche_is_followed_changed_renamed_and_left(niches: Niches, user: str) -> None:
    tea = await niches.follow(user, "  Green\tTea ")
    assert (tea.name, tea.keywords, tea.is_followed) == ("Green Tea", ("Green Tea",), True)
    again = await niches.follow(user, "green tea", NicheChange(excluded=["bubble tea", "Bubble  TEA"]))
    assert (again.id, again.keywords, again.excluded) == (tea.id, ("Green Tea",), ("bubble tea",))
    changed = await niches.change(
        user, tea.id, NicheChange(keywords=["matcha", "sencha"], languages=["DE", "en-GB"], sources=["hacker_news"])
    )
    assert (changed.keywords, changed.languages, changed.sources) == (
        ("matcha", "sencha"),
        ("de", "en"),
        ("hacker_news",),
    )
    assert changed.excluded == ("bubble tea",)
    assert (await niches.rename(user, "GREEN TEA", "Tea")).id == tea.id
    await niches.follow(user, "one look", is_followed=False)
    assert [one.name for one in await niches.all(user)] == ["Tea"]
    assert [one.name for one in await niches.all(user, with_passing=True)] == ["Tea", "one look"]
    assert not (await niches.unfollow(user, "tea")).is_followed
    assert await niches.all(user) == []
    assert (await niches.follow(user, "tea")).keywords == ("matcha", "sencha")
    looked = await niches.follow(user, "TEA", is_followed=False)
    assert looked.is_followed  # a single search does not end what is followed


async def test_single_searches_take_no_room_and_the_oldest_are_forgotten(
    niches: Niches, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(niches_module, "MAX_NICHES", 1)
    monkeypatch.setattr(niches_module, "MAX_PASSING", 2)
    for name in ("one", "two", "three"):
        await niches.follow(user, name, is_followed=False)
    assert {niche.name for niche in await niches.all(user, with_passing=True)} == {"two", "three"}
    await niches.follow(user, "three")
    with pytest.raises(InvalidInput):
        await niches.follow(user, "two")


async def test_what_does_not_do_is_said(niches: Niches, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await niches.follow(user, "tea")
    await niches.follow(user, "rain")
    monkeypatch.setattr(niches_module, "MAX_NICHES", 2)
    wrong = [
        (niches.follow(user, " 🚀 "), InvalidInput, "niche.bad_name"),
        (niches.follow(user, "x" * 101), InvalidInput, "niche.bad_name"),
        (niches.follow(user, "third"), InvalidInput, "niche.too_many"),
        (niches.rename(user, "rain", "TEA"), Conflict, "niche.exists"),
        (niches.rename(user, "snow", "hail"), NotFound, "niche.not_found"),
        (niches.get(user, ""), NotFound, "niche.not_found"),
        (
            niches.change(user, "tea", NicheChange(keywords=[f"w{n}" for n in range(41)])),
            InvalidInput,
            "niche.bad_words",
        ),
        (niches.change(user, "tea", NicheChange(excluded=["w" * 81])), InvalidInput, "niche.bad_words"),
        (niches.change(user, "tea", NicheChange(languages=["klingon"])), InvalidInput, "niche.bad_language"),
        (niches.change(user, "tea", NicheChange(sources=["nowhere"])), InvalidInput, "source.unknown"),
        (niches.add_source(user, "not an address"), InvalidInput, "niche.bad_address"),
        (niches.add_source(user, "https://a.example/" + "x" * 600, source="page"), InvalidInput, "niche.bad_address"),
        (niches.add_source(user, "https://a.example/", source="hacker_news"), InvalidInput, "niche.bad_address"),
        (niches.add_source(user, "https://a.example/", source="nowhere"), InvalidInput, "source.unknown"),
        (niches.add_source(user, "https://a.example/", niche="snow"), NotFound, "niche.not_found"),
        (niches.remove_source(user, "https://a.example/"), NotFound, "niche.source_not_found"),
    ]
    for call, kind, code in wrong:
        with pytest.raises(EttamettaError) as caught:
            await call
        assert (type(caught.value), caught.value.code) == (kind, code)
        assert caught.value.hint


async def test_sources_are_added_once_and_taken_away(
    niches: Niches, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = await niches.follow(user, "tea")
    rain = await niches.follow(user, "rain")
    page = "https://a.example/teas"
    added = await niches.add_source(user, page, source="page", niche="tea", title="Teas")
    again = await niches.add_source(user, f" {page} ", source="page", niche="rain")
    assert (again.id, again.niche_id, again.title) == (added.id, rain.id, "Teas")
    everywhere = await niches.add_source(user, "https://b.example/all", source="page")
    assert await niches.sources(user, niche=tea.id) == [everywhere]
    assert await niches.sources(user, niche="rain") == await niches.sources(user) == [again, everywhere]
    monkeypatch.setattr(niches_module, "MAX_SUBSCRIPTIONS", 2)
    with pytest.raises(InvalidInput) as caught:
        await niches.add_source(user, "https://c.example/", source="page")
    assert caught.value.code == "niche.too_many_sources"
    assert (await niches.remove_source(user, everywhere.id)).id == everywhere.id
    assert (await niches.remove_source(user, page)).id == added.id
    assert await niches.sources(user) == []


async def test_one_user_never_touches_another_s(database: Database, niches: Niches, user: str) -> None:
    other = await _user(database)
    tea = await niches.follow(user, "tea")
    source = await niches.add_source(user, "https://a.example/teas", source="page")
    assert await niches.all(other) == []
    assert await niches.sources(other) == []
    for call in (niches.get(other, tea.id), niches.unfollow(other, "tea"), niches.remove_source(other, source.id)):
        with pytest.raises(NotFound):
            await call
    assert (await niches.follow(other, "tea")).id != tea.id


async def test_followed_twice_at_once_is_one(niches: Niches, user: str) -> None:
    both = await asyncio.gather(*(niches.follow(user, "tea") for _ in range(4)))
    assert len({one.id for one in both}) == 1
