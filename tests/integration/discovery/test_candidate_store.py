"""The store of candidates on both databases: nothing twice, nothing of others, no number that no source sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from ettametta.db import Base, Database
from ettametta.discovery.candidates import search
from ettametta.discovery.candidates.recording import known_refs
from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.candidates.values import Filters, Recorded, Retention, Verdict
from ettametta.discovery.items import FoundItem
from ettametta.errors import InvalidInput, NotFound
from ettametta.kit.ids import new_id
from ettametta.models import (
    Candidate,
    CandidateAlias,
    CandidateWords,
    Feedback,
    MetricSnapshot,
    Niche,
    NicheMatch,
    Sighting,
    User,
)

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_LEAD = (
    "A telescope in the mountains of Chile has taken the most detailed picture of a young planet so far, astronomers "
    "said on Tuesday. The planet is about the size of Jupiter and circles a star at a distance of many light years, "
    "and the dust around it is still falling onto its surface, as the new pictures show."
)


@pytest.fixture
async def user(database: Database) -> str:
    return await _user(database)


async def _user(database: Database) -> str:
    async with database.session_scope() as session:
        row = User(id=new_id(), name="Ada", role="owner")
        session.add(row)
        return row.id


@pytest.fixture
def store(database: Database) -> CandidateStore:
    return CandidateStore(database, leading={"board": ("points", "comments")})


def _item(number: int = 1, source: str = "board", **changes: object) -> FoundItem:
    words = ("tea", "rain", "moss", "iron", "salt", "wool", "clay", "fern", "reed", "bark")
    title = f"{words[number % 10]} and {words[number // 10 % 10]} number {number}"
    item = FoundItem(source=source, ref=f"{source}:{number}", url=f"https://example.org/{number}", title=title)
    return replace(item, **changes)  # type: ignore[arg-type]


async def _count(database: Database, *tables: type[Base]) -> list[int]:
    async with database.read_scope() as session:
        return [(await session.scalar(select(func.count()).select_from(table))) or 0 for table in tables]


async def test_the_same_scan_again_stores_nothing_twice(database: Database, store: CandidateStore, user: str) -> None:
    items = [_item(number, metrics={"points": number}) for number in range(30)] + [_item(3)]
    first = await store.record(user, items, now=_NOW)
    assert (first.new, first.grouped, first.unchanged) == (30, 0, 1)
    rows = await _count(database, Candidate, CandidateAlias, CandidateWords, Sighting, MetricSnapshot)
    assert rows == [30, 30, 30, 30, 30]
    again = await store.record(user, items, now=_NOW + timedelta(minutes=5))
    assert (again.new, again.grouped, again.updated, again.unchanged) == (0, 0, 0, 31)
    assert again.candidate_ids == first.candidate_ids
    assert await _count(database, Candidate, CandidateAlias, CandidateWords, Sighting, MetricSnapshot) == rows


async def test_two_workers_at_once_neither_raise_nor_double(
    database: Database, store: CandidateStore, user: str
) -> None:
    items = [_item(number, metrics={"points": number}) for number in range(40)]
    others = [replace(item, source="feed", ref=f"feed:{item.ref}", metrics={}) for item in items]
    results = await asyncio.gather(
        *(store.record(user, batch, now=_NOW) for batch in (items, items[::-1], others, others[20:] + items[:20]))
    )
    assert sum((result.new for result in results), 0) == 40
    assert await _count(database, Candidate, Sighting, MetricSnapshot, CandidateWords) == [40, 80, 40, 40]
    page = await store.page(user, limit=100)
    assert {item.source_count for item in page.items} == {2}


async def test_one_story_with_many_sightings(store: CandidateStore, user: str) -> None:
    """By canonical address, by alias, by discussion page, by the story itself."""
    items = [
        _item(1, "board", url="http://www.Example.org/a/?utm_source=x", discussion_url="https://board.example/item/9"),
        _item(2, "feed", url="https://example.org/a#comments", title="Something else entirely"),
        _item(3, "links", url="https://board.example/item/9", title="A talk about it"),
        _item(4, "paper", url="https://a.example/p", aliases=("doi:10.1000/XYZ",), title="A paper on moss"),
        _item(
            5, "other", url="https://doi.org/10.1000/xyz", title="Moss: a paper", image_url="https://a.example/i.png"
        ),
        _item(6, "wire", url="https://wire.example/1", title="Telescope sees young planet", text=_LEAD),
        _item(7, "daily", url="https://daily.example/x", title="Telescope sees a young planet", text=_LEAD + " More."),
        _item(8, "news", url="https://news.example/r/1", title="Rain has stopped the great race in Spa - Daily"),
        _item(9, "daily2", url="https://www.daily.example/race", title="Rain has stopped the great race in Spa"),
    ]
    result = await store.record(user, items, now=_NOW)
    assert (result.new, result.grouped) == (4, 5)
    by_title = {item.title: item for item in (await store.page(user)).items}
    assert [len(item.sightings) for item in by_title.values()] == [2, 2, 2, 3]
    paper = by_title["A paper on moss"]
    assert paper.image_url == "https://a.example/i.png"
    assert [seen.source for seen in paper.sightings] == ["paper", "other"]


async def test_what_a_source_shows_twice_it_means_twice(store: CandidateStore, user: str) -> None:
    same = "What everybody is reading in the library this week"
    twice = [_item(1, "feed", title=same), _item(2, "feed", title=same)]
    assert (await store.record(user, twice, address="https://a.example/feed", now=_NOW)).new == 2
    # Another place telling the same joins one of them.
    other = await store.record(user, [_item(3, "feed", title=same)], address="https://b.example/feed", now=_NOW)
    assert (other.new, other.grouped) == (0, 1)


async def test_items_that_all_link_to_one_page_stay_apart(store: CandidateStore, user: str) -> None:
    shared = [_item(number, "feed", url="https://example.org/news") for number in range(4)]
    assert (await store.record(user, shared, address="https://example.org/feed", now=_NOW)).new == 4
    late = [_item(number, "feed", url="https://example.org/news") for number in (5, 6)]
    for item in late:  # one at a time, as later scans find them
        assert (await store.record(user, [item], address="https://example.org/feed", now=_NOW + _HOUR)).new == 1
    front = [_item(number, "links", url="https://example.com/") for number in (7, 8)]
    assert (await store.record(user, front, now=_NOW)).new == 2


async def test_snapshots_are_written_when_they_say_something(
    database: Database, store: CandidateStore, user: str
) -> None:
    async def see(minutes: int, **metrics: int) -> Recorded:
        return await store.record(user, [_item(metrics=metrics)], now=_NOW + timedelta(minutes=minutes))

    await see(0, points=10, comments=0)
    (row,) = (await store.page(user)).items
    assert (row.sightings[0].velocity, row.sightings[0].acceleration) == (None, None)
    assert (await see(5, points=10, comments=0)).updated == 0
    assert (await see(30, points=40, comments=0)).updated == 1
    (row,) = (await store.page(user)).items
    assert (row.sightings[0].velocity, row.sightings[0].acceleration) == (60.0, None)
    assert (await see(60, points=100, comments=0)).updated == 1
    (row,) = (await store.page(user)).items
    assert row.sightings[0].velocity == 120.0
    assert row.sightings[0].acceleration == 120.0  # 60 an hour more within half an hour
    assert (await see(65)).updated == 0  # no numbers: nothing is known anew, nothing is forgotten
    assert (await see(20, points=1)).updated == 0  # late: time is not turned back
    assert (await see(121, points=100, comments=0)).updated == 1  # standing still for an hour is a measurement
    (row,) = (await store.page(user)).items
    assert (row.sightings[0].velocity, row.sightings[0].metrics) == (0.0, {"points": 100, "comments": 0})
    assert await _count(database, MetricSnapshot) == [4]


async def test_unknown_numbers_stay_unknown(database: Database, store: CandidateStore, user: str) -> None:
    odd: dict[object, object] = {"views": -1, "likes": True, "points": 3.5, "rating": 7, "comments": 2**70, "stars": 0}
    strange = [_item(1, metrics=odd), _item(2, published_at=_NOW + timedelta(days=9)), _item(3, language="???", url="")]
    await store.record(user, strange, now=_NOW)
    async with database.read_scope() as session:
        rows = (await session.scalars(select(Sighting).order_by(Sighting.ref))).all()
        assert [row.metrics for row in rows] == [{"stars": 0}, {}, {}]
        assert [row.metrics_at for row in rows[1:]] == [None, None]
        assert rows[1].published_at is None
        assert (await session.scalars(select(MetricSnapshot.metrics))).all() == [{"stars": 0}]


async def test_search_takes_any_text_as_data(store: CandidateStore, user: str) -> None:
    items = [
        _item(1, title="Café Zürich opens", text="Coffee & cake, 50% off!", language="de"),
        _item(2, title="人工知能が将棋で勝利した", language="ja"),
        _item(3, title="हिन्दी समाचार: चाय महंगी", language="hi"),
        _item(4, title="C++ in 30 days", author="O'Brien"),
        _item(5, title="الذَّكاء الاصطناعي", language="ar"),
    ]
    await store.record(user, items, now=_NOW)

    async def found(text: str, filters: Filters | None = None) -> list[str]:
        return [item.title for item in (await store.search(user, text, filters=filters)).items]

    assert await found("zurich CAFE") == ["Café Zürich opens"]
    assert await found("将棋") == await found("勝") == ["人工知能が将棋で勝利した"]
    assert await found("चाय") == [items[2].title]
    assert await found("c++ o'brien") == ["C++ in 30 days"]
    assert await found("الذكاء") == [items[4].title]
    assert await found("coffee tea") == []
    assert await found("cafe", Filters(language="de")) == ["Café Zürich opens"]
    assert await found("cafe", Filters(language="fr")) == await found("cafe", Filters(source="other")) == []
    assert await found("cafe", Filters(verdict=Verdict.SAVED, since=_NOW, niche_id="none")) == []
    for text in ('"', "'", "a\"b' OR 1=1 --", "NEAR(a b)", "* AND NOT", "🚀", "\x00", "(", "a:*", "-", "\ud800", "§u"):
        assert await found(text) == [] or text == "§u"


async def test_pages_go_on_where_the_last_one_ended(
    database: Database, store: CandidateStore, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        await store.record(user, [_item(number, text="rain falls")], now=_NOW + number // 3 * _HOUR)
    niche = await _niche(database, user)
    newest = await _all(store, user, Filters())
    assert len(newest) == len(set(newest)) == 12
    assert await _all(store, user, Filters(text="rain falls")) == newest
    for text in (None, "rain falls"):
        assert await _all(store, user, Filters(since=_NOW + 3 * _HOUR, text=text)) == newest[:3]
        assert await _all(store, user, Filters(since=_NOW + 9 * _HOUR, text=text)) == []
    for few in (3_000, 3):  # a small niche is looked through, a big one is not
        monkeypatch.setattr(search, "_FEW", few)
        assert await _all(store, user, Filters(text="rain falls", niche_id=niche)) == newest
        assert await _all(store, user, Filters(text="rain 7", niche_id=niche)) == newest[4:5]
        assert await _all(store, user, Filters(text="rain", niche_id="none")) == []
    ranked = await _all(store, user, Filters(niche_id=niche))
    assert [one.rank_key for one in await _matches(database)] == sorted((n % 5 for n in range(12)), reverse=True)
    assert ranked == [one.candidate_id for one in await _matches(database)]
    for cursor in ("", "x", "🚀", "bnwx", "dHwx", (await store.page(user, limit=1)).cursor):
        with pytest.raises(InvalidInput) as caught:
            await store.ranked(user, niche, cursor=cursor)
        assert caught.value.code == "candidate.bad_cursor"


async def _all(store: CandidateStore, user: str, filters: Filters) -> list[str]:
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = await store.page(user, filters, limit=5, cursor=cursor)
        ids += [item.id for item in page.items]
        cursor = page.cursor
        if cursor is None:
            return ids


async def _niche(database: Database, user: str) -> str:
    async with database.session_scope() as session:
        niche = Niche(id=new_id(), user_id=user, name="rain")
        session.add(niche)
        await session.flush()
        rows = await session.scalars(select(Candidate.id).where(Candidate.user_id == user).order_by(Candidate.id))
        session.add_all(
            NicheMatch(
                niche_id=niche.id, candidate_id=one, user_id=user, score=0.5, rank_key=index % 5, parts={"n": one}
            )
            for index, one in enumerate(rows)
        )
        return niche.id


async def _matches(database: Database) -> Sequence[NicheMatch]:
    async with database.read_scope() as session:
        ordered = select(NicheMatch).order_by(NicheMatch.rank_key.desc(), NicheMatch.candidate_id.desc())
        return (await session.scalars(ordered)).all()


async def test_a_verdict_is_written_once_with_the_parts_of_its_score(
    database: Database, store: CandidateStore, user: str
) -> None:
    ids = (await store.record(user, [_item(number) for number in range(3)], now=_NOW)).candidate_ids
    niche = await _niche(database, user)
    for _ in range(2):
        judged = await store.judge(user, ids[2], Verdict.DISMISSED, niche, now=_NOW)
        assert judged.verdict == Verdict.DISMISSED
    await store.judge(user, ids[1], Verdict.SAVED, now=_NOW)
    ranked = {item.id: item for item in (await store.ranked(user, niche)).items}
    assert set(ranked) == {ids[1], ids[0]}
    match = ranked[ids[1]].match
    assert match is not None
    assert match.parts == {"n": ids[1]}
    assert [item.id for item in (await store.page(user, Filters(verdict=Verdict.OPEN))).items] == [ids[0]]
    async with database.read_scope() as session:
        kept = (await session.scalars(select(Feedback).order_by(Feedback.id))).all()
        assert [(one.candidate_id, one.niche_id, one.parts) for one in kept] == [
            (ids[2], niche, {"n": ids[2]}),
            (ids[1], niche, {"n": ids[1]}),
        ]
    saved = Filters(verdict=Verdict.SAVED, text="number")
    assert [item.id for item in (await store.page(user, saved)).items] == [ids[1]]
    assert (await store.judge(user, ids[1], Verdict.OPEN)).verdict == Verdict.OPEN
    assert (await store.page(user, saved)).items == ()
    still_open = Filters(verdict=Verdict.OPEN, text="number")
    assert {item.id for item in (await store.page(user, still_open)).items} == {ids[0], ids[1]}
    assert await _count(database, Feedback) == [2]


async def test_one_user_never_sees_another_s(database: Database, store: CandidateStore, user: str) -> None:
    other = await _user(database)
    (mine,) = (await store.record(user, [_item(1, title="a secret plan")], now=_NOW)).candidate_ids
    niche = await _niche(database, user)
    (theirs,) = (await store.record(other, [_item(1, title="a secret plan")], now=_NOW)).candidate_ids
    assert mine != theirs
    assert [item.id for item in (await store.search(other, "secret")).items] == [theirs]
    assert [item.id for item in (await store.page(other)).items] == [theirs]
    for filters in (Filters(niche_id=niche), Filters(niche_id=niche, text="secret")):
        assert (await store.page(other, filters)).items == ()
    assert (await store.ranked(other, niche)).items == ()
    with pytest.raises(NotFound):
        await store.get(other, mine)
    with pytest.raises(NotFound):
        await store.judge(other, mine, Verdict.SAVED)
    with pytest.raises(NotFound):
        await store.record("nobody", [_item(1)], now=_NOW)
    assert (
        (await store.search(other, f"§u{user} secret")).items
        == (await store.search(other, f"u{user} secret")).items
        == ()
    )


async def test_old_and_many_unjudged_candidates_go(database: Database, user: str) -> None:
    store = CandidateStore(
        database, retention=Retention(unjudged_days=10, max_unjudged=4, batch_rows=2, dense_snapshot_days=2)
    )
    kept = (await store.record(user, [_item(1, metrics={"points": 1})], now=_NOW)).candidate_ids[0]
    await store.judge(user, kept, Verdict.SAVED)
    await store.record(user, [_item(number) for number in range(2, 7)], now=_NOW)
    for number in range(10, 16):
        await store.record(user, [_item(number)], now=_NOW + timedelta(days=11, hours=number))
    for minutes in (60, 120, 180, 420, 3 * 24 * 60):
        await store.record(user, [_item(1, metrics={"points": minutes})], now=_NOW + timedelta(minutes=minutes))
    async with database.session_scope() as session:
        session.add_all(
            Niche(user_id=user, name=name, is_followed=followed, created_at=_NOW)
            for name, followed in (("passing", False), ("kept", True))
        )
    pruned = await store.prune(user, now=_NOW + timedelta(days=16))
    assert (pruned.candidates, pruned.snapshots, pruned.niches, pruned.is_done) == (5 + 2, 3, 1, True)
    left = (await store.page(user)).items
    assert [item.title for item in left] == [_item(number).title for number in (15, 14, 13, 12, 1)]
    assert await _count(database, Candidate, Sighting, CandidateWords, CandidateAlias) == [5, 5, 5, 5]
    assert (await store.search(user, "number 10")).items == ()
    again = await store.prune(user, now=_NOW + timedelta(days=16))
    assert (again.candidates, again.snapshots, again.niches) == (0, 0, 0)


async def test_a_run_of_pruning_ends_at_its_limit(database: Database, user: str) -> None:
    store = CandidateStore(database, retention=Retention(unjudged_days=1, batch_rows=2, max_batches=2))
    await store.record(user, [_item(number) for number in range(9)], now=_NOW)
    pruned = await store.prune(user, now=_NOW + timedelta(days=2))
    assert (pruned.candidates, pruned.is_done) == (4, False)


async def test_what_is_pruned_as_it_is_seen_again_is_stored_anew(
    database: Database, store: CandidateStore, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is known and the write, another process may let it go."""
    await store.record(user, [_item(1), _item(2)], now=_NOW)
    later = _NOW + timedelta(days=90)

    async def known_and_then_pruned(*given: Any) -> set[str]:
        found = await known_refs(*given)
        await CandidateStore(database).prune(user, now=later)
        return found

    monkeypatch.setattr("ettametta.discovery.candidates.store.known_refs", known_and_then_pruned)
    seen = await store.record(user, [_item(1), _item(2)], now=later)
    assert (seen.new, len(seen.candidate_ids)) == (2, 2)
    assert await _count(database, Candidate, Sighting) == [2, 2]


async def test_scans_and_pruning_at_once_neither_raise_nor_double(
    database: Database, store: CandidateStore, user: str
) -> None:
    items = [_item(number) for number in range(60)]
    later = _NOW + timedelta(days=90)
    for _ in range(3):
        await store.record(user, items, now=_NOW)
        runs = [store.record(user, items[start : start + 20], now=later) for start in (0, 20, 40)]
        await asyncio.gather(*runs, *(store.prune(user, now=later) for _ in range(3)))
        assert await _count(database, Candidate, Sighting) == [60, 60]
        await store.prune(user, now=later + timedelta(days=90))


async def test_text_that_comes_later_is_searched(store: CandidateStore, user: str) -> None:
    await store.record(user, [_item(1)], now=_NOW)
    late = _item(2, "feed", url="https://example.org/1", text="Marmalade is made of oranges.", language="en")
    await store.record(user, [late], now=_NOW)
    (found,) = (await store.search(user, "marmalade")).items
    assert (found.text, found.language, found.source_count) == (late.text, "en", 2)
