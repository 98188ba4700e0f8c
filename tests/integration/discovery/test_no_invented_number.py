"""A number that no source sent is nowhere: not in sightings, snapshots, velocities nor in what people are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ettametta.db import Database
from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.candidates.values import CandidateView, Filters, SightingView
from ettametta.discovery.items import FoundItem
from ettametta.kit.ids import new_id
from ettametta.models import Candidate, MetricSnapshot, Niche, NicheMatch, Sighting, User

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
#: Zero is a number; the rest of the odd ones are none.
_VALUES = st.one_of(st.integers(0, 1_000), st.sampled_from((0, -1, None, True, 2.5, "7", float("nan"), 2**70)))
_SENT = st.dictionaries(st.sampled_from(("points", "comments", "views", "score", "")), _VALUES, max_size=4)
_SCANS = st.lists(
    st.tuples(st.integers(1, 90), st.dictionaries(st.integers(0, 3), _SENT, min_size=1, max_size=4)),
    min_size=1,
    max_size=5,
)

Sent = dict[str, list[tuple[datetime, Mapping[str, Any]]]]


# No shrinking: each try is a database's work, and the scans drawn are short.
@settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(scans=_SCANS)
def test_no_number_that_no_source_sent(database_url: str, scans: list[tuple[int, dict[int, Any]]]) -> None:
    asyncio.run(_play(database_url, scans))


async def _play(url: str, scans: list[tuple[int, dict[int, Any]]]) -> None:
    database = Database(url)
    try:
        user_id = new_id()
        async with database.session_scope() as session:
            session.add(User(id=user_id, name="Ada", role="owner"))
        store = CandidateStore(database, leading={"board": ("points",)})
        sent = await _record(store, user_id, scans)
        await _check_rows(database, user_id, sent)
        await _check_views(database, store, user_id, sent)
    finally:
        await database.close()


async def _record(store: CandidateStore, user_id: str, scans: list[tuple[int, dict[int, Any]]]) -> Sent:
    """Two sources show the same pages, one of them never with numbers."""
    sent: Sent = {}
    moment = _NOW
    for minutes, pages in scans:
        moment += timedelta(minutes=minutes)
        for number, metrics in pages.items():
            url = f"https://example.org/{number}"
            board = FoundItem("board", f"board:{number}", url, f"Page {number}", metrics=metrics)
            silent = FoundItem("feed", f"feed:{number}", url, f"Page {number}")
            await store.record(user_id, [board, silent], now=moment)
            sent.setdefault(board.ref, []).append((moment, metrics))
            sent.setdefault(silent.ref, []).append((moment, {}))
    return sent


def _was_sent(metrics: Mapping[str, int], at: datetime | None, sent: list[tuple[datetime, Mapping[str, Any]]]) -> bool:
    """Whether these very numbers came at that moment, and no others that can be believed were left out."""
    if at is None:
        return metrics == {}
    theirs = next(numbers for moment, numbers in sent if moment == at)
    known = {name: theirs[name] for name in ("points", "comments", "views") if name in theirs}
    return metrics == {name: value for name, value in known.items() if type(value) is int and 0 <= value < 2**63} != {}


async def _check_rows(database: Database, user_id: str, sent: Sent) -> None:
    async with database.read_scope() as session:
        sightings = (await session.scalars(select(Sighting).where(Sighting.user_id == user_id))).all()
        assert {row.ref for row in sightings} == set(sent)
        for row in sightings:
            assert _was_sent(row.metrics, row.metrics_at, sent[row.ref])
            shots = select(MetricSnapshot).where(MetricSnapshot.sighting_id == row.id).order_by(MetricSnapshot.at)
            taken = [(shot.at, shot.metrics) for shot in await session.scalars(shots)]
            assert all(_was_sent(metrics, at, sent[row.ref]) for at, metrics in taken)
            _check_measured(row, taken)
            if row.source == "feed":
                assert (row.metrics, row.metrics_at, row.velocity, row.acceleration, taken) == (
                    {},
                    None,
                    None,
                    None,
                    [],
                )


def _check_measured(row: Sighting, taken: list[tuple[datetime, dict[str, int]]]) -> None:
    """A velocity is the slope between two snapshots of one number, and nothing else."""
    if row.velocity is None:
        assert row.acceleration is None
        return
    name = next(name for name in ("points", "views", "comments") if name in row.metrics)
    points = [(at, metrics[name]) for at, metrics in taken if name in metrics]
    slopes = [
        (second - first) / ((end - start) / timedelta(hours=1))
        for (start, first), (end, second) in combinations(points, 2)
    ]
    assert any(abs(slope - row.velocity) < 1e-6 for slope in slopes)
    assert row.acceleration is None or len(points) >= 3


async def _check_views(database: Database, store: CandidateStore, user_id: str, sent: Sent) -> None:
    niche_id = await _match_all(database, user_id)
    pages = [
        await store.page(user_id),
        await store.search(user_id, "page"),
        await store.ranked(user_id, niche_id),
        await store.page(user_id, Filters(niche_id=niche_id)),
    ]
    for page in pages:
        assert len(page.items) == len(sent) / 2
        for item in page.items:
            _check_view(item, sent)


async def _match_all(database: Database, user_id: str) -> str:
    niche_id = new_id()
    async with database.session_scope() as session:
        session.add(Niche(id=niche_id, user_id=user_id, name="pages"))
        await session.flush()
        for one in await session.scalars(select(Candidate.id).where(Candidate.user_id == user_id)):
            session.add(
                NicheMatch(niche_id=niche_id, candidate_id=one, user_id=user_id, score=0.5, rank_key=1.0, parts={})
            )
    return niche_id


def _check_view(item: CandidateView, sent: Sent) -> None:
    number = (item.url or "").rpartition("/")[2]
    seen: dict[str, SightingView] = {one.source: one for one in item.sightings}
    assert set(seen) == {"board", "feed"}
    assert _was_sent(seen["board"].metrics, seen["board"].metrics_at, sent[f"board:{number}"])
    silent = seen["feed"]
    assert (silent.metrics, silent.metrics_at, silent.velocity, silent.acceleration) == ({}, None, None, None)
    assert item.published_at is None
