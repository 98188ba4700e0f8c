"""Listings of candidates: filtered, in pages that go on where the last one ended, by rank or newest first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import UtcDateTime
from ettametta.discovery.candidates import search
from ettametta.discovery.candidates.preparing import facet_words
from ettametta.discovery.candidates.values import CandidateView, Filters, MatchView, Page, SightingView, Verdict
from ettametta.discovery.candidates.words import query_words
from ettametta.errors import InvalidInput, NotFound
from ettametta.models import Candidate, NicheMatch, Sighting

MAX_LIMIT = 200
_EXCERPT_CHARS = 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_SIGHTINGS = 40

_SHOWN = (
    Candidate.id, Candidate.source, Candidate.url, Candidate.title, Candidate.author, Candidate.language,
    Candidate.keywords, Candidate.image_url, Candidate.source_count, Candidate.verdict, Candidate.published_at,
    Candidate.first_seen_at, Candidate.last_seen_at, func.substr(Candidate.text, 1, _EXCERPT_CHARS).label("text"),
)  # fmt: skip
_MATCHED = (NicheMatch.niche_id, NicheMatch.score, NicheMatch.rank_key, NicheMatch.parts)
_SEEN = (
    Sighting.candidate_id, Sighting.source, Sighting.address, Sighting.url, Sighting.title, Sighting.author,
    Sighting.published_at, Sighting.metrics, Sighting.metrics_at, Sighting.velocity, Sighting.acceleration,
    Sighting.first_seen_at,
)  # fmt: skip


async def read_page(session: AsyncSession, user_id: str, filters: Filters, *, limit: int, cursor: str | None) -> Page:
    """One page of a user's candidates.

    Raises:
        InvalidInput: the cursor is none of this listing's.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    await search.plan_for_values(session)
    if filters.text is not None and filters.text.strip():
        return await _searched(session, user_id, filters, limit, cursor)
    if filters.niche_id is not None:
        return await _ranked(session, user_id, filters, limit, cursor)
    return await _newest(session, user_id, filters, limit, cursor)


async def read_ranked(session: AsyncSession, user_id: str, niche_id: str, *, limit: int, cursor: str | None) -> Page:
    """The best of a niche that nobody dismissed or made yet, by decayed score.

    Raises:
        InvalidInput: the cursor is none of this listing's.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    await search.plan_for_values(session)
    is_waiting = Candidate.verdict.is_(None) | (Candidate.verdict == Verdict.SAVED)
    statement = ranked_statement(user_id, niche_id, [is_waiting], cursor).limit(limit + 1)
    return await _page_of_matches(session, statement, limit)


async def read_one(session: AsyncSession, user_id: str, candidate_id: str, niche_id: str | None) -> CandidateView:
    """A candidate with all of its text.

    Raises:
        NotFound: there is no such candidate for this user.
    """
    shown = select(*_SHOWN[:-1], Candidate.text).where(Candidate.user_id == user_id, Candidate.id == candidate_id)
    row = (await session.execute(shown)).one_or_none()
    if row is None:
        raise not_found(candidate_id)
    match = await session.get(NicheMatch, (niche_id, candidate_id)) if niche_id else None
    views = await _views(session, [row], {candidate_id: _match(match)} if match and match.user_id == user_id else {})
    return views[0]


def not_found(candidate_id: str) -> NotFound:
    """The error for a candidate that is not there, or is somebody else's."""
    return NotFound(
        f"There is no candidate {candidate_id[:40]}.",
        hint="List the candidates to see which there are.",
        code="candidate.not_found",
    )


# -- newest first


def newest_statement(user_id: str, filters: Filters, cursor: str | None) -> Select[Any]:
    """Rows by the moment they were first seen, from the index that fits the filter."""
    wanted = select(*_SHOWN).where(Candidate.user_id == user_id, *_conditions(filters))
    wanted = wanted.order_by(Candidate.first_seen_at.desc(), Candidate.id.desc())
    if cursor is not None:
        micros, last_id = _decoded(cursor, "n")
        moment = literal(_EPOCH + _number(micros) * _MICROSECOND, UtcDateTime())
        wanted = wanted.where(tuple_(Candidate.first_seen_at, Candidate.id) < tuple_(moment, literal(last_id)))
    return wanted


async def _newest(session: AsyncSession, user_id: str, filters: Filters, limit: int, cursor: str | None) -> Page:
    rows = (await session.execute(newest_statement(user_id, filters, cursor).limit(limit + 1))).all()
    after = None
    if len(rows) > limit:
        last = rows[limit - 1]
        after = _encoded("n", str((last.first_seen_at - _EPOCH) // _MICROSECOND), last.id)
    return Page(tuple(await _views(session, rows[:limit], {})), after)


def _conditions(filters: Filters, *, in_words: bool = False) -> list[ColumnElement[bool]]:
    """The filters as conditions; source, language and verdict are words of a search already."""
    found: list[ColumnElement[bool]] = []
    if filters.source is not None and not in_words:
        found.append(Candidate.source == filters.source)
    if filters.language is not None and not in_words:
        found.append(Candidate.language == filters.language)
    if filters.verdict == Verdict.OPEN:
        found.append(Candidate.verdict.is_(None))
    elif filters.verdict is not None and not in_words:
        found.append(Candidate.verdict == filters.verdict.value)
    if filters.since is not None:
        found.append(Candidate.first_seen_at >= filters.since)
    return found


# -- by rank


def ranked_statement(
    user_id: str, niche_id: str, narrowed: Sequence[ColumnElement[bool]], cursor: str | None
) -> Select[Any]:
    """Matches of a niche from the greatest rank key down."""
    wanted = (
        select(*_SHOWN, *_MATCHED)
        .join(Candidate, Candidate.id == NicheMatch.candidate_id)
        .where(NicheMatch.niche_id == niche_id, NicheMatch.user_id == user_id, Candidate.user_id == user_id, *narrowed)
        .order_by(NicheMatch.rank_key.desc(), NicheMatch.candidate_id.desc())
    )
    if cursor is not None:
        key, last_id = _decoded(cursor, "r")
        after = tuple_(literal(_real(key)), literal(last_id))
        wanted = wanted.where(tuple_(NicheMatch.rank_key, NicheMatch.candidate_id) < after)
    return wanted


async def _ranked(session: AsyncSession, user_id: str, filters: Filters, limit: int, cursor: str | None) -> Page:
    statement = ranked_statement(user_id, filters.niche_id or "", _conditions(filters), cursor).limit(limit + 1)
    return await _page_of_matches(session, statement, limit)


async def _page_of_matches(session: AsyncSession, statement: Select[Any], limit: int) -> Page:
    rows = (await session.execute(statement)).all()
    after = None
    if len(rows) > limit:
        last = rows[limit - 1]
        after = _encoded("r", float(last.rank_key).hex(), last.id)
    matches = {row.id: _match(row) for row in rows[:limit]}
    return Page(tuple(await _views(session, rows[:limit], matches)), after)


def _match(row: Row[Any] | NicheMatch) -> MatchView:
    return MatchView(row.niche_id, row.score, row.rank_key, row.parts)


# -- by words


async def _searched(session: AsyncSession, user_id: str, filters: Filters, limit: int, cursor: str | None) -> Page:
    words = query_words(filters.text or "")
    if not words:  # signs only: nothing is called so
        return Page()
    before = _number(_decoded(cursor, "t")[0]) if cursor is not None else None
    after = await search.number_at(session, user_id, filters.since) if filters.since is not None else None
    if filters.since is not None and after is None:
        return Page()
    judged = filters.verdict.value if filters.verdict not in {None, Verdict.OPEN} else None
    facets = facet_words(user_id, source=filters.source, language=filters.language, verdict=judged)
    hits = await search.find(
        session,
        user_id,
        [*facets, *words],
        narrowed=_conditions(filters, in_words=True),
        niche_id=filters.niche_id,
        span=search.Span(after, before),
        limit=limit + 1,
    )
    following = _encoded("t", str(hits[limit - 1].number), "") if len(hits) > limit else None
    ids = [hit.candidate_id for hit in hits[:limit]]
    found = select(*_SHOWN).where(Candidate.user_id == user_id, Candidate.id.in_(ids))
    rows = {row.id: row for row in await session.execute(found)}
    return Page(tuple(await _views(session, [rows[one] for one in ids if one in rows], {})), following)


# -- what is shown


async def _views(session: AsyncSession, rows: Sequence[Row[Any]], matches: dict[str, MatchView]) -> list[CandidateView]:
    seen = await _sightings(session, [row.id for row in rows])
    return [_view(row, tuple(seen.get(row.id, ())), matches.get(row.id)) for row in rows]


async def _sightings(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[SightingView]]:
    found: dict[str, list[SightingView]] = {}
    wanted = select(*_SEEN).where(Sighting.candidate_id.in_(ids)).order_by(Sighting.first_seen_at, Sighting.id)
    for candidate_id, *values in await session.execute(wanted):
        views = found.setdefault(candidate_id, [])
        if len(views) < _MAX_SIGHTINGS:
            views.append(SightingView(*values))
    return found


def _view(row: Row[Any], sightings: tuple[SightingView, ...], match: MatchView | None) -> CandidateView:
    return CandidateView(
        id=row.id, source=row.source, url=row.url, title=row.title, text=row.text, author=row.author,
        language=row.language, keywords=tuple(row.keywords or ()), image_url=row.image_url,
        source_count=row.source_count, verdict=Verdict(row.verdict or Verdict.OPEN), published_at=row.published_at,
        first_seen_at=row.first_seen_at, last_seen_at=row.last_seen_at, sightings=sightings, match=match,
    )  # fmt: skip


# -- cursors


def _encoded(kind: str, *parts: str) -> str:
    return base64.urlsafe_b64encode("|".join((kind, *parts)).encode()).decode().rstrip("=")


def _decoded(cursor: str, kind: str) -> tuple[str, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise _bad_cursor() from None
    found, _, rest = text.partition("|")
    first, _, second = rest.partition("|")
    if found != kind or not first or "\0" in second:
        raise _bad_cursor()
    return first, second


def _number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise _bad_cursor() from None
    if not 0 <= number < 2**53:
        raise _bad_cursor()
    return number


def _real(text: str) -> float:
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError):
        raise _bad_cursor() from None


def _bad_cursor() -> InvalidInput:
    return InvalidInput(
        "That is no place in this listing.", hint="Start the listing from its beginning.", code="candidate.bad_cursor"
    )
