"""Full-text search in two dialects: GIN over a tsvector on PostgreSQL, FTS5 on SQLite. A query is data, never syntax.

Both find rows whose words hold all words asked for, newest first. The user, the first source and the language are words
too, so that the index itself keeps users apart and narrows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    column,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ettametta.models import Candidate, CandidateWords

#: How far back PostgreSQL looks before it asks the index: a word that is common in them is found at once.
_NEWEST = 2_000


_CandidateId = ColumnElement[str] | InstrumentedAttribute[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found; `number` orders them and is where the next page goes on."""

    candidate_id: str
    number: int


async def find(
    session: AsyncSession,
    user_id: str,
    words: Sequence[str],
    *,
    narrowed: Sequence[ColumnElement[bool]] = (),
    before: int | None = None,
    limit: int,
) -> list[Hit]:
    """The newest rows that hold all `words` (folded words and facets, one of them the user's).

    Args:
        session: for reading.
        user_id: whose candidates.
        words: at least one.
        narrowed: more conditions on `Candidate`.
        before: only rows of a smaller number.
        limit: most rows.
    """
    if session.get_bind().dialect.name == "sqlite":
        return await _run(session, sqlite_statement(words, narrowed, before, limit))
    hits = await _run(session, newest_statement(user_id, words, narrowed, before, limit))
    return hits if len(hits) == limit else await _run(session, index_statement(words, narrowed, before, limit))


async def _run(session: AsyncSession, statement: Select[str, int]) -> list[Hit]:
    return [Hit(candidate_id, number) for candidate_id, number in await session.execute(statement)]


def sqlite_statement(
    words: Sequence[str], narrowed: Sequence[ColumnElement[bool]], before: int | None, limit: int
) -> Select[str, int]:
    """FTS5 walks the rows that hold all words from the greatest number down and stops at the limit."""
    search = table("candidate_search", column("rowid"), column("candidate_search"))
    query = " AND ".join(f'"{word}"' for word in words)
    wanted = (
        select(CandidateWords.candidate_id, CandidateWords.number)
        .select_from(search)
        .join(CandidateWords, CandidateWords.number == search.c.rowid)
        .where(search.c.candidate_search.op("MATCH")(query))
        .order_by(search.c.rowid.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(search.c.rowid < before)
    return _narrowed(wanted, CandidateWords.candidate_id, narrowed)


def newest_statement(
    user_id: str, words: Sequence[str], narrowed: Sequence[ColumnElement[bool]], before: int | None, limit: int
) -> Select[str, int]:
    """PostgreSQL, first try: the user's newest rows, one by one."""
    rows = select(CandidateWords).where(CandidateWords.user_id == user_id)
    if before is not None:
        rows = rows.where(CandidateWords.number < before)
    newest = rows.order_by(CandidateWords.number.desc()).limit(_NEWEST).subquery("newest")
    wanted = (
        select(newest.c.candidate_id, newest.c.number)
        .where(newest.c.words.op("@@")(_tsquery(words)))
        .order_by(newest.c.number.desc())
        .limit(limit)
    )
    return _narrowed(wanted, newest.c.candidate_id, narrowed)


def index_statement(
    words: Sequence[str], narrowed: Sequence[ColumnElement[bool]], before: int | None, limit: int
) -> Select[str, int]:
    """PostgreSQL, second try: all rows of the index; what is not among the newest is not common."""
    # The sum keeps the planner from walking the primary key backwards in the hope of meeting the word.
    number = CandidateWords.number + literal(0)
    wanted = (
        select(CandidateWords.candidate_id, CandidateWords.number)
        .where(CandidateWords.words.op("@@")(_tsquery(words)))
        .order_by(number.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(CandidateWords.number < before)
    return _narrowed(wanted, CandidateWords.candidate_id, narrowed)


def _narrowed(
    statement: Select[str, int], candidate_id: _CandidateId, narrowed: Sequence[ColumnElement[bool]]
) -> Select[str, int]:
    if not narrowed:
        return statement
    return statement.join(Candidate, Candidate.id == candidate_id).where(*narrowed)


def _tsquery(words: Sequence[str]) -> ColumnElement[str]:
    # Words hold letters, marks and figures only: the quotes are for scripts the parser of queries does not know.
    return cast(bindparam("query", " & ".join(f"'{word}'" for word in words), type_=Text), TSQUERY)
