"""The facts the ranking needs, read in batches: a fixed number of queries however many candidates there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.discovery.candidates.velocity import leading_metric
from ettametta.discovery.ranking.baseline import Baseline, baseline, baseline_from_json, completed
from ettametta.discovery.ranking.facts import (
    MAX_TEXT_CHARS,
    CandidateFacts,
    NicheFacts,
    PastStory,
    SightingFacts,
    SourceFacts,
)
from ettametta.discovery.ranking.learning import Choice, values_of
from ettametta.discovery.ranking.novelty import History
from ettametta.discovery.ranking.weights import weights_from_json
from ettametta.models import Candidate, Feedback, Niche, Production, Sighting, SourceState, SourceSubscription

RowT = TypeVar("RowT")

#: Recent candidates that document frequencies are counted in.
MAX_DOCUMENTS = 600
#: Recent items of a source that tell what is usual for it.
MAX_OBSERVATIONS = 300
#: The newest candidates among which they are looked for.
MAX_OBSERVED = 2_000
MAX_PAST = 300
MAX_CHOICES = 400
#: SQLite takes at most 32,766 parameters; an IN of hundreds stays quick.
_CHUNK = 500
_DOCUMENT_CHARS = 400


def chunks(items: Sequence[RowT]) -> Iterator[Sequence[RowT]]:
    """The items in runs that one statement takes."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


async def load_candidates(session: AsyncSession, user_id: str, ids: Sequence[str]) -> list[CandidateFacts]:
    """The candidates of the user among the ids, with their sightings, in the order of the ids."""
    found: dict[str, CandidateFacts] = {}
    for some in chunks(list(dict.fromkeys(ids))):
        sightings = await _sightings(session, user_id, some)
        rows = await session.execute(
            select(
                Candidate.id,
                Candidate.title,
                func.substr(Candidate.text, 1, MAX_TEXT_CHARS),
                Candidate.language,
                Candidate.published_at,
                Candidate.first_seen_at,
            ).where(Candidate.user_id == user_id, Candidate.id.in_(some))
        )
        for key, title, text, language, published, seen in rows:
            found[key] = CandidateFacts(key, title, seen, text, language, published, sightings.get(key, ()))
    return [found[key] for key in dict.fromkeys(ids) if key in found]


async def _sightings(
    session: AsyncSession, user_id: str, ids: Sequence[str]
) -> Mapping[str, tuple[SightingFacts, ...]]:
    rows = await session.execute(
        select(Sighting.candidate_id, Sighting.source, Sighting.address, Sighting.metrics, Sighting.velocity)
        .where(Sighting.user_id == user_id, Sighting.candidate_id.in_(ids))
        .order_by(Sighting.id)
    )
    found: defaultdict[str, tuple[SightingFacts, ...]] = defaultdict(tuple)
    for key, source, address, metrics, velocity in rows:
        found[key] += (SightingFacts(source, address, _numbers(metrics), velocity),)
    return found


def _numbers(stored: Mapping[str, Any] | None) -> Mapping[Any, int]:
    """The numbers of a sighting; null, like absent, is not known."""
    numbers = {name: value for name, value in (stored or {}).items() if isinstance(value, int)}
    return MappingProxyType(numbers)


async def load_niches(session: AsyncSession, user_id: str, niche_ids: Sequence[str] | None) -> list[NicheFacts]:
    """The niches of the user, all or those named, with what was added for them."""
    wanted = select(Niche).where(Niche.user_id == user_id).order_by(Niche.id)
    if niche_ids is not None:
        wanted = wanted.where(Niche.id.in_(niche_ids))
    added = await session.execute(
        select(SourceSubscription.niche_id, SourceSubscription.source, SourceSubscription.address).where(
            SourceSubscription.user_id == user_id, SourceSubscription.niche_id.is_not(None)
        )
    )
    followed: defaultdict[str | None, set[tuple[str, str]]] = defaultdict(set)
    for niche_id, source, address in added:
        followed[niche_id].add((source, address))
    return [_niche(row, frozenset(followed[row.id])) for row in await session.scalars(wanted)]


def _niche(row: Niche, followed: frozenset[tuple[str, str]]) -> NicheFacts:
    return NicheFacts(
        row.id,
        row.name,
        tuple(row.keywords),
        tuple(row.excluded or ()),
        tuple(row.languages),
        tuple(row.sources),
        followed,
        weights_from_json(row.weights),
    )


async def load_texts(session: AsyncSession, user_id: str) -> list[tuple[str, str]]:
    """Titles and beginnings of the newest candidates: what phrases are counted in."""
    rows = await session.execute(
        select(Candidate.title, func.substr(Candidate.text, 1, _DOCUMENT_CHARS))
        .where(Candidate.user_id == user_id)
        .order_by(Candidate.last_seen_at.desc(), Candidate.id)
        .limit(MAX_DOCUMENTS)
    )
    return [(title, text) for title, text in rows]


async def load_history(session: AsyncSession, user_id: str) -> History:
    """What the person made or dismissed, the newest of each."""
    made = await session.execute(
        select(Production.candidate_id, Production.title, Production.brief)
        .where(Production.user_id == user_id)
        .order_by(Production.created_at.desc())
        .limit(MAX_PAST)
    )
    judged = await session.execute(
        select(Candidate.id, Candidate.title, Candidate.verdict)
        .where(Candidate.user_id == user_id, Candidate.verdict.in_(("made", "dismissed")))
        .order_by(Candidate.verdict_at.desc(), Candidate.id)
        .limit(MAX_PAST)
    )
    stories = [PastStory(key, title or str(brief.get("text", "")), is_made=True) for key, title, brief in made]
    stories += [PastStory(key, title, is_made=verdict == "made") for key, title, verdict in judged]
    return History(tuple(story for story in stories if story.text.strip()))


@dataclass
class _Observed:
    """The numbers of a source's recent items, by metric."""

    levels: defaultdict[str, list[float]]
    velocities: defaultdict[str, list[float]]


async def load_baselines(
    session: AsyncSession, user_id: str, places: Sequence[tuple[str, str]], sources: Mapping[str, SourceFacts]
) -> dict[tuple[str, str], Baseline]:
    """What is usual for sources (each a source and an address): of their newest items, else as it was last kept."""
    wanted = set(places)
    seen: dict[tuple[str, str], _Observed] = {}
    for source, address, metrics, velocity in await session.execute(_newest(user_id, {one for one, _ in wanted})):
        known = sources.get(source)
        numbers = _numbers(metrics)
        metric = leading_metric(numbers, known.metrics if known else ())
        kept = seen.setdefault((source, address), _Observed(defaultdict(list), defaultdict(list)))
        if metric is None or (source, address) not in wanted or len(kept.levels[metric]) >= MAX_OBSERVATIONS:
            continue
        kept.levels[metric].append(numbers[metric])
        if velocity is not None:
            kept.velocities[metric].append(velocity)
    measured = {place: _baseline(kept) for place, kept in seen.items() if any(kept.levels.values())}
    return await _with_kept(session, user_id, wanted, measured)


def _newest(user_id: str, sources: Collection[str]) -> Select[Any]:
    """The sightings of the newest candidates: as much work on a million candidates as on ten thousand."""
    newest = (
        select(Candidate.id)
        .where(Candidate.user_id == user_id)
        .order_by(Candidate.last_seen_at.desc())
        .limit(MAX_OBSERVED)
        .scalar_subquery()
    )
    return (
        select(Sighting.source, Sighting.address, Sighting.metrics, Sighting.velocity)
        .where(Sighting.candidate_id.in_(newest), Sighting.source.in_(sources))
        .order_by(Sighting.last_seen_at.desc(), Sighting.id)
    )


async def _with_kept(
    session: AsyncSession, user_id: str, wanted: Collection[tuple[str, str]], measured: dict[tuple[str, str], Baseline]
) -> dict[tuple[str, str], Baseline]:
    """What too few new items tell is taken from what was measured before."""
    rows = await session.execute(
        select(SourceState.source, SourceState.address, SourceState.baseline).where(
            SourceState.user_id == user_id, SourceState.source.in_({source for source, _ in wanted})
        )
    )
    for source, address, stored in rows:
        kept = baseline_from_json(stored)
        if kept is not None and (source, address) in wanted:
            measured[source, address] = completed(measured.get((source, address)), kept)
    return measured


def _baseline(seen: _Observed) -> Baseline:
    """By the number most of the items have."""
    metric = max(sorted(seen.levels), key=lambda name: len(seen.levels[name]))
    return baseline(metric, seen.velocities[metric], seen.levels[metric])


async def load_choices(session: AsyncSession, user_id: str, niche_id: str) -> list[Choice]:
    """What the person did with the matches of a niche, the newest; a verdict that was taken back is none."""
    rows = await session.execute(
        select(Feedback.candidate_id, Feedback.verdict, Feedback.parts, Feedback.at)
        .join(Candidate, and_(Candidate.id == Feedback.candidate_id, Candidate.verdict == Feedback.verdict))
        .where(Feedback.user_id == user_id, Feedback.niche_id == niche_id)
        .order_by(Feedback.at.desc(), Feedback.id.desc())
        .limit(MAX_CHOICES)
    )
    return [Choice(key, verdict != "dismissed", values_of(parts), at) for key, verdict, parts, at in rows]
