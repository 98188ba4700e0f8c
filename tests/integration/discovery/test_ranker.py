"""The ranker on both databases: batches, the same twice, nobody else's rows, learning, and no number made up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.candidates.values import Verdict
from ettametta.discovery.items import FoundItem, Metric
from ettametta.discovery.ranking import loading
from ettametta.discovery.ranking.facts import SourceFacts
from ettametta.discovery.ranking.novelty import History
from ettametta.discovery.ranking.ranker import Ranker
from ettametta.discovery.ranking.weights import DEFAULT_WEIGHTS, DEFAULTS
from ettametta.errors import NotFound
from ettametta.kit.ids import new_id
from ettametta.models import Candidate, Niche, NicheMatch, Production, SourceState, User

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_METRICS: tuple[Metric, ...] = ("points", "comments")
_THINGS = ("lake", "storm", "dune", "canyon", "crater", "cloud", "valley", "stone", "ridge", "moon", "shadow", "dawn")


@pytest.fixture
def ranker(database: Database) -> Ranker:
    return Ranker(database, sources={"board": SourceFacts("The Board", _METRICS)}, now=lambda: _NOW)


@pytest.fixture
def store(database: Database) -> CandidateStore:
    return CandidateStore(database, leading={"board": _METRICS})


async def _user(database: Database, *, keywords: tuple[str, ...] = ("mars rover",)) -> tuple[str, str]:
    async with database.session_scope() as session:
        user = User(id=new_id(), name="Ada", role="owner")
        session.add(user)
        await session.flush()
        niche = Niche(user_id=user.id, name="Space", keywords=list(keywords), languages=["en"])
        session.add(niche)
        await session.flush()
        return user.id, niche.id


def _items(hours: float = 0, *, source: str = "board", with_metrics: bool = True) -> list[FoundItem]:
    """Twelve stories; each grows by a hundred times its number of points an hour."""
    return [
        FoundItem(
            source=source,
            ref=f"{source}:{number}",
            url=f"https://example.org/{thing}",
            title=f"Mars rover meets a {thing}",
            language="en",
            published_at=_NOW - 5 * _HOUR,
            metrics={"points": int(10 + 100 * number * hours)} if with_metrics else {},
        )
        for number, thing in enumerate(_THINGS)
    ]


async def _matches(database: Database, niche_id: str) -> dict[str, NicheMatch]:
    async with database.read_scope() as session:
        rows = await session.scalars(select(NicheMatch).where(NicheMatch.niche_id == niche_id))
        return {row.candidate_id: row for row in rows}


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_scores_are_kept_once_in_few_statements_and_for_their_user(
    database: Database, store: CandidateStore, ranker: Ranker
) -> None:
    user, niche = await _user(database)
    other, other_niche = await _user(database)
    async with database.session_scope() as session:
        session.add(SourceState(user_id=user, source="board", state="ok", last_checked_at=_NOW))
    first = await store.record(user, _items(), now=_NOW)
    again = await store.record(user, _items(1), now=_NOW + _HOUR)
    assert set(first.candidate_ids) == set(again.candidate_ids)
    with _statements(database) as seen:
        assert await ranker.rank(user, first.candidate_ids) == {niche: len(_THINGS)}
    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= 14
    kept = await _matches(database, niche)
    assert await ranker.rank(user, first.candidate_ids) == {niche: len(_THINGS)}
    assert {key: row.parts for key, row in (await _matches(database, niche)).items()} == {
        key: row.parts for key, row in kept.items()
    }
    assert await ranker.rank(other, first.candidate_ids) == {}
    assert await _matches(database, other_niche) == {}
    fastest = max(kept.values(), key=lambda row: row.rank_key)
    assert "as fast as usual for The Board (1,100 points an hour)" in fastest.parts["velocity"]["sentence"]
    async with database.read_scope() as session:
        state = await session.scalar(select(SourceState))
    assert state is not None
    assert state.baseline is not None
    assert state.baseline["velocity"]["count"] == len(_THINGS)


async def test_what_no_source_sent_stays_null_in_the_rows(
    database: Database, store: CandidateStore, ranker: Ranker
) -> None:
    user, niche = await _user(database)
    recorded = await store.record(user, _items(with_metrics=False), now=_NOW)
    await ranker.rank(user, recorded.candidate_ids)
    for row in (await _matches(database, niche)).values():
        for name in ("velocity", "attention", "novelty"):
            assert row.parts[name]["value"] is None
            assert "not measured" in row.parts[name]["sentence"]


async def test_a_match_goes_when_the_niche_changes(database: Database, store: CandidateStore, ranker: Ranker) -> None:
    user, niche = await _user(database)
    recorded = await store.record(user, _items(), now=_NOW)
    await ranker.rank(user, recorded.candidate_ids)
    async with database.session_scope() as session:
        row = await session.get_one(Niche, niche)
        row.keywords, row.name = ["crater"], "Holes"
    assert await ranker.rank_recent(user, niche) == {niche: 1}
    left = await _matches(database, niche)
    assert len(left) == 1
    missing = next(key for key in recorded.candidate_ids if key not in left)
    with pytest.raises(NotFound) as caught:
        await ranker.explain(user, missing, niche)
    assert caught.value.code == "ranking.no_match"


async def test_picks_move_the_weights_and_the_matches(
    database: Database, store: CandidateStore, ranker: Ranker
) -> None:
    user, niche = await _user(database)
    await store.record(user, _items(), now=_NOW)
    recorded = await store.record(user, _items(1), now=_NOW + _HOUR)
    await ranker.rank(user, recorded.candidate_ids)
    before = await _matches(database, niche)
    order = sorted(before.values(), key=lambda row: row.parts["velocity"]["value"])
    for slow, fast in zip(order[:3], order[-3:], strict=True):
        await store.judge(user, slow.candidate_id, Verdict.SAVED, niche, now=_NOW)
        await store.judge(user, fast.candidate_id, Verdict.DISMISSED, niche, now=_NOW)
    weights = await ranker.learn(user, niche)
    assert weights.pair_count == 9
    assert weights["velocity"] < DEFAULT_WEIGHTS["velocity"]
    after = await _matches(database, niche)
    assert after[order[-1].candidate_id].score < before[order[-1].candidate_id].score
    explained = await ranker.explain(user, order[-1].candidate_id, niche)
    assert next(part.weight for part in explained.parts if part.name == "velocity") == pytest.approx(
        weights["velocity"], abs=1e-3
    )
    with pytest.raises(NotFound):
        await ranker.learn(user, "0" * 32)
    for slow in order[:3]:
        await store.judge(user, slow.candidate_id, Verdict.OPEN, niche, now=_NOW)
    assert await ranker.learn(user, niche) == DEFAULTS
    again = await _matches(database, niche)
    assert again[order[-1].candidate_id].score == pytest.approx(before[order[-1].candidate_id].score, abs=1e-3)


async def test_a_finished_video_makes_its_like_less_novel(
    database: Database, store: CandidateStore, ranker: Ranker
) -> None:
    user, niche = await _user(database)
    async with database.session_scope() as session:
        brief = {"kind": "topic", "text": "Mars rover meets a canyon"}
        session.add(Production(user_id=user, title="", brief=brief, state="delivered"))
    recorded = await store.record(user, _items(), now=_NOW)
    await ranker.rank(user, recorded.candidate_ids)
    parts = [row.parts["novelty"] for row in (await _matches(database, niche)).values()]
    least = min(parts, key=lambda part: part["value"])
    assert least["sentence"] == "100% like something you made: “Mars rover meets a canyon”."
    assert least["value"] == 0.0


async def test_what_is_deleted_while_it_is_scored_is_passed_over(
    database: Database, store: CandidateStore, ranker: Ranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, niche = await _user(database)
    recorded = await store.record(user, _items(), now=_NOW)
    read = loading.load_history

    async def read_and_lose(session: AsyncSession, user_id: str) -> History:
        await asyncio.create_task(lose())
        return await read(session, user_id)

    async def lose() -> None:
        async with database.session_scope() as session:
            await session.execute(delete(Candidate).where(Candidate.id == recorded.candidate_ids[0]))

    monkeypatch.setattr(loading, "load_history", read_and_lose)
    assert await ranker.rank(user, recorded.candidate_ids) == {niche: len(_THINGS) - 1}
    assert set(await _matches(database, niche)) == set(recorded.candidate_ids[1:])
