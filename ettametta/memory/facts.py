"""Durable facts about a creator, in the creator's own words: kept, listed, corrected and forgotten. Each user's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, storable
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.kit.clock import utc_now
from ettametta.memory.kinds import FactKind
from ettametta.models import Fact
from ettametta.users import audit

MAX_FACTS = 50
MAX_FACT_CHARS = 240


class FactView(BaseModel):
    """A fact as its person sees it, numbered from 1 in the order in which they were first said. Moments are UTC."""

    model_config = ConfigDict(frozen=True)

    number: int
    id: str
    kind: FactKind
    text: str
    created_at: datetime
    updated_at: datetime


class Facts:
    """What creators said of themselves."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = clock

    async def remember(self, user_id: str, kind: FactKind, text: str, *, turn_id: str = "") -> FactView:
        """Keep a fact; the same words again only change its kind.

        Raises:
            InvalidInput: there are no words, or too many.
            Conflict: there are MAX_FACTS already.
        """
        words = _checked(text)
        async with self._database.session_scope() as session:
            mine = await _of_user(session, user_id)
            row = next((one for one in mine if one.text.casefold() == words.casefold()), None)
            if row is None:
                _check_room(mine)
                row = Fact(user_id=user_id, source_turn_id=turn_id, created_at=self._now())
                session.add(row)
                mine.append(row)
            row.kind, row.text, row.updated_at = kind, words, self._now()
            await session.flush()
            return _view(mine.index(row) + 1, row)

    async def correct(
        self, user_id: str, which: str, text: str, *, kind: FactKind | None = None, turn_id: str = ""
    ) -> FactView:
        """Put other words in the place of a fact's. `which`: its number, or its id or the beginning of that.

        Raises:
            NotFound: there is no such fact of this user.
            InvalidInput: there are no words, or too many.
        """
        words = _checked(text)
        async with self._database.session_scope() as session:
            number, row = _pick(await _of_user(session, user_id), which)
            row.text, row.kind, row.updated_at = words, kind or row.kind, self._now()
            row.source_turn_id = turn_id or row.source_turn_id
            return _view(number, row)

    async def all(self, user_id: str) -> tuple[FactView, ...]:
        """A user's facts, the oldest first."""
        async with self._database.read_scope() as session:
            return tuple(_view(number, row) for number, row in enumerate(await _of_user(session, user_id), 1))

    async def find(self, user_id: str, which: str) -> FactView:
        """One fact, by its number, its id or the beginning of that.

        Raises:
            NotFound: there is no such fact of this user.
        """
        async with self._database.read_scope() as session:
            return _view(*_pick(await _of_user(session, user_id), which))

    async def forget(self, user_id: str, which: str, *, channel: str) -> FactView:
        """Erase a fact for good; the audit keeps that it was done, not what it said.

        Raises:
            NotFound: there is no such fact of this user.
        """
        async with self._database.session_scope() as session:
            number, row = _pick(await _of_user(session, user_id), which)
            audit(session, user_id, "fact.forgotten", channel=channel, subject=row.id)
            await session.delete(row)
            return _view(number, row)


async def _of_user(session: AsyncSession, user_id: str) -> list[Fact]:
    return list(await session.scalars(select(Fact).where(Fact.user_id == user_id).order_by(Fact.created_at, Fact.id)))


def _pick(mine: list[Fact], which: str) -> tuple[int, Fact]:
    wanted = which.strip().lower()
    if wanted.isdecimal() and len(wanted) <= 3:
        found = [(number, row) for number, row in enumerate(mine, 1) if number == int(wanted)]
    else:
        found = [(number, row) for number, row in enumerate(mine, 1) if wanted and row.id.startswith(wanted)]
    if len(found) != 1:
        raise NotFound("I know no such fact about you.", hint="See what I know with /memory.", code="fact.not_found")
    return found[0]


def _check_room(mine: list[Fact]) -> None:
    if len(mine) >= MAX_FACTS:
        raise Conflict(
            f"I keep {MAX_FACTS} facts about you already.", hint="Forget one first: /memory.", code="fact.too_many"
        )


def _checked(text: str) -> str:
    """The words on one line."""
    words = " ".join(storable(text).split())
    if not words:
        raise InvalidInput("There is nothing to remember.", hint="Say it in a few words.", code="fact.empty")
    if len(words) > MAX_FACT_CHARS:
        raise InvalidInput(
            f"That is too long to remember: {len(words)} characters.",
            hint=f"Say it in at most {MAX_FACT_CHARS}.",
            code="fact.too_long",
        )
    return words


def _view(number: int, row: Fact) -> FactView:
    return FactView(
        number=number,
        id=row.id,
        kind=FactKind(row.kind),
        text=row.text,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
