"""Facts about creators: each user's own, seen, corrected, erased; and only the person's own words are taken."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ettametta.db import Database
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.memory import MAX_FACT_CHARS, MAX_FACTS, FactKind, Facts
from ettametta.models import AuditEntry, User

_ANNA, _BEN = "a" * 32, "b" * 32


@pytest.fixture
async def facts(database: Database) -> Facts:
    async with database.session_scope() as session:
        session.add_all([User(id=_ANNA, name="Anna"), User(id=_BEN, name="Ben")])
    return Facts(database)


async def test_they_are_seen_corrected_and_erased(facts: Facts, database: Database) -> None:
    first = await facts.remember(_ANNA, FactKind.AVOID, " never  use\x00 emojis\n", turn_id="t1")
    second = await facts.remember(_ANNA, FactKind.BRAND, "My channel is Deep Blue")
    again = await facts.remember(_ANNA, FactKind.TASTE, "Never use emojis")
    assert (first.number, first.text, second.number) == (1, "never use emojis", 2)
    assert (again.id, again.kind) == (first.id, FactKind.TASTE)
    mended = await facts.correct(_ANNA, "2", "My channel is Deep Sea")
    assert (mended.id, mended.kind) == (second.id, FactKind.BRAND)
    assert [fact.text for fact in await facts.all(_ANNA)] == ["Never use emojis", "My channel is Deep Sea"]
    await facts.forget(_ANNA, first.id, channel="test")
    assert [(fact.number, fact.text) for fact in await facts.all(_ANNA)] == [(1, "My channel is Deep Sea")]
    async with database.read_scope() as session:
        (entry,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "fact.forgotten"))
    assert (entry.user_id, entry.subject, entry.channel, entry.detail) == (_ANNA, first.id, "test", {})


async def test_one_user_never_reaches_anothers(facts: Facts) -> None:
    hers = await facts.remember(_ANNA, FactKind.OTHER, "hers")
    his = await facts.remember(_BEN, FactKind.OTHER, "his")
    for which in (hers.id, hers.id[:20], "2"):
        with pytest.raises(NotFound):
            await facts.find(_BEN, which)
        with pytest.raises(NotFound):
            await facts.correct(_BEN, which, "stolen")
        with pytest.raises(NotFound):
            await facts.forget(_BEN, which, channel="test")
    assert await facts.all(_ANNA) == (hers,)
    assert await facts.all(_BEN) == (his,)


async def test_they_are_bounded(facts: Facts) -> None:
    for words in ("", "  \n", "x" * (MAX_FACT_CHARS + 1)):
        with pytest.raises(InvalidInput):
            await facts.remember(_ANNA, FactKind.OTHER, words)
    with pytest.raises(NotFound):
        await facts.find(_ANNA, "")
    for number in range(MAX_FACTS):
        await facts.remember(_ANNA, FactKind.OTHER, f"fact {number}")
    with pytest.raises(Conflict):
        await facts.remember(_ANNA, FactKind.OTHER, "one more")
