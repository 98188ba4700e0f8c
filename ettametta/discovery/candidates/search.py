"""Full-text search in two dialects: GIN over a tsvector on PostgreSQL, FTS5 on SQLite. A query is data, never syntax.

Both find rows that hold all words asked for, newest first. The user, the first source, the language and the verdict
are words too, so that the index itself keeps users apart and narrows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ettametta.models import Candidate, CandidateWords, NicheMatch

#: How far back PostgreSQL looks before it asks the index: a word that is common in them is found at once.
_NEWEST = 2_000
#: With as many hits among them the rest of a page is near; with fewer the word is rare enough for the index.
_NEAR = 10
#: In a niche of at most as many matches, their words are looked at one by one.
_FEW = 3_000
#: Workers write at once: numbers follow the moments of first sight but for so many.
_OUT_OF_ORDER = 10_000

_CandidateId = ColumnElement[str] | InstrumentedAttribute[str]
_Conditions = Sequence[ColumnElement[bool]]

#: As SET LOCAL, both in one round trip.
_PLANNING = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), "
    "set_config('max_parallel_workers_per_gather', '0', true)"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found; `number` orders them and is where the next page goes on."""

    candidate_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Span:
    """Part of the numbers, both ends left out; None: open."""

    after: int | None = None
    before: int | None = None

    def of(self, number: ColumnElement[int] | InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        """As conditions."""
        low = [] if self.after is None else [number > self.after]
        return low if self.before is None else [*low, number < self.before]


async def find(
    session: AsyncSession,
    user_id: str,
    words: Sequence[str],
    *,
    narrowed: _Conditions = (),
    niche_id: str | None = None,
    span: Span = Span(),
    limit: int,
) -> list[Hit]:
    """The newest rows that hold all `words` (folded words and facets, one of them the user's).

    Args:
        session: for reading.
        user_id: whose candidates.
        words: at least one.
        narrowed: more conditions on `Candidate`.
        niche_id: only what matches this niche.
        span: only rows of these numbers.
        limit: most rows.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if niche_id is not None:
        if await _has_few(session, niche_id):
            return await _run(
                session, few_statement(user_id, niche_id, words, narrowed, span, limit, is_sqlite=is_sqlite)
            )
        theirs = (NicheMatch.candidate_id == Candidate.id, NicheMatch.niche_id == niche_id)
        narrowed = [*narrowed, exists().where(*theirs, NicheMatch.user_id == user_id)]
    if is_sqlite:
        return await _run(session, sqlite_statement(words, narrowed, span, limit))
    hits = await _run(session, newest_statement(user_id, words, narrowed, span, limit, _NEWEST))
    if _NEAR <= len(hits) < limit:
        depth = _NEWEST * limit * 3 // (len(hits) * 2)
        hits = await _run(session, newest_statement(user_id, words, narrowed, span, limit, depth))
    return hits if len(hits) == limit else await _run(session, index_statement(words, narrowed, span, limit))


async def plan_for_values(session: AsyncSession) -> None:
    """Have PostgreSQL plan for the values it is given: rare and common ones want different indexes.

    And alone: a question of a few milliseconds is over before helpers have started.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_PLANNING)


async def number_at(session: AsyncSession, user_id: str, since: datetime) -> int | None:
    """A number below those of all rows first seen at `since` or later; None: there are none."""
    first = (
        select(CandidateWords.number)
        .join(Candidate, Candidate.id == CandidateWords.candidate_id)
        .where(Candidate.user_id == user_id, Candidate.first_seen_at >= since)
        .order_by(Candidate.first_seen_at, Candidate.id)
        .limit(1)
    )
    number = await session.scalar(first)
    return None if number is None else number - _OUT_OF_ORDER


async def _has_few(session: AsyncSession, niche_id: str) -> bool:
    some = select(NicheMatch.niche_id).where(NicheMatch.niche_id == niche_id).limit(_FEW + 1).subquery()
    return (await session.scalar(select(func.count()).select_from(some)) or 0) <= _FEW


async def _run(session: AsyncSession, statement: Select[str, int]) -> list[Hit]:
    return [Hit(candidate_id, number) for candidate_id, number in await session.execute(statement)]


def few_statement(
    user_id: str, niche_id: str, words: Sequence[str], narrowed: _Conditions, span: Span, limit: int, *, is_sqlite: bool
) -> Select[str, int]:
    """The matches of a small niche, one by one."""
    wanted = (
        select(CandidateWords.candidate_id, CandidateWords.number)
        .join(NicheMatch, NicheMatch.candidate_id == CandidateWords.candidate_id)
        .where(NicheMatch.niche_id == niche_id, NicheMatch.user_id == user_id, *span.of(CandidateWords.number))
        .order_by(CandidateWords.number.desc())
        .limit(limit)
    )
    if is_sqlite:
        held = literal(" ") + CandidateWords.words + literal(" ")
        wanted = wanted.where(*(func.instr(held, f" {word} ") > 0 for word in words))
    else:
        wanted = wanted.where(CandidateWords.words.op("@@")(_tsquery(words)))
    return _narrowed(wanted, CandidateWords.candidate_id, narrowed)


def sqlite_statement(words: Sequence[str], narrowed: _Conditions, span: Span, limit: int) -> Select[str, int]:
    """FTS5 walks the rows that hold all words from the greatest number down and stops at the limit."""
    search = table("candidate_search", column("rowid", Integer), column("candidate_search"))
    query = " AND ".join(f'"{word}"' for word in words)
    wanted = (
        select(CandidateWords.candidate_id, CandidateWords.number)
        .select_from(search)
        .join(CandidateWords, CandidateWords.number == search.c.rowid)
        .where(search.c.candidate_search.op("MATCH")(query))
        .order_by(search.c.rowid.desc())
        .limit(limit)
    )
    wanted = wanted.where(*span.of(search.c.rowid))
    return _narrowed(wanted, CandidateWords.candidate_id, narrowed)


def newest_statement(
    user_id: str, words: Sequence[str], narrowed: _Conditions, span: Span, limit: int, depth: int
) -> Select[str, int]:
    """PostgreSQL, first tries: the user's `depth` newest rows, one by one."""
    rows = select(CandidateWords).where(CandidateWords.user_id == user_id, *span.of(CandidateWords.number))
    newest = rows.order_by(CandidateWords.number.desc()).limit(depth).subquery("newest")
    wanted = (
        select(newest.c.candidate_id, newest.c.number)
        .where(newest.c.words.op("@@")(_tsquery(words)))
        .order_by(newest.c.number.desc())
        .limit(limit)
    )
    return _narrowed(wanted, newest.c.candidate_id, narrowed)


def index_statement(words: Sequence[str], narrowed: _Conditions, span: Span, limit: int) -> Select[str, int]:
    """PostgreSQL, last try: all rows of the index; what is not among the newest is not common."""
    # The sum keeps the planner from walking the primary key backwards in the hope of meeting the word.
    number = CandidateWords.number + literal(0)
    wanted = (
        select(CandidateWords.candidate_id, CandidateWords.number)
        .where(CandidateWords.words.op("@@")(_tsquery(words)))
        .order_by(number.desc())
        .limit(limit)
    )
    wanted = wanted.where(*span.of(CandidateWords.number))
    return _narrowed(wanted, CandidateWords.candidate_id, narrowed)


def _narrowed(statement: Select[str, int], candidate_id: _CandidateId, narrowed: _Conditions) -> Select[str, int]:
    if not narrowed:
        return statement
    return statement.join(Candidate, Candidate.id == candidate_id).where(*narrowed)


def _tsquery(words: Sequence[str]) -> ColumnElement[str]:
    # Words hold letters, marks and figures only: the quotes are for scripts the parser of queries does not know.
    return cast(bindparam("query", " & ".join(f"'{word}'" for word in words), type_=Text), TSQUERY)
