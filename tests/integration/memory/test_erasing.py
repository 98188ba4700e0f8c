"""Deletion on request: one user's, or one chat's; what is not asked for stays, and the audit says that it was done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ettametta.conversation import Conversation, Inbox, Line
from ettametta.db import Database
from ettametta.errors import NotFound
from ettametta.kit.clock import utc_now
from ettametta.memory import Erased, Erasure, FactKind, Facts
from ettametta.models import AuditEntry, Chat, ChatSummary, InboxUpdate, Production, User

_ANNA, _BEN = "a" * 32, "b" * 32


@pytest.fixture
async def chats(database: Database) -> dict[str, str]:
    """Two chats of Anna's and one of Ben's, each with two turns, a summary and an update; a fact of each."""
    made = {}
    async with database.session_scope() as session:
        session.add_all([User(id=_ANNA, name="Anna"), User(id=_BEN, name="Ben")])
        await session.flush()
        for name, user_id in (("one", _ANNA), ("two", _ANNA), ("his", _BEN)):
            chat = Chat(user_id=user_id, channel="telegram", external_id=name)
            session.add(chat)
            await session.flush()
            made[name] = chat.id
            session.add(
                ChatSummary(chat_id=chat.id, user_id=user_id, text=name, covers_to=utc_now(), messages=1, by_model=True)
            )
        session.add(Production(user_id=_ANNA, title="Tea", brief={}, state="rendered"))
    for name, user_id in (("one", _ANNA), ("two", _ANNA), ("his", _BEN)):
        for turn in "12":
            await Conversation(database).append(made[name], user_id, Line("user", "Hello", f"{name}{turn}"))
        inbox = Inbox(database, "telegram")
        update = await inbox.keep(f"update of {name}", name, {"text": "Hello"})
        assert update is not None
        await inbox.finish(update.id)
    for user_id in (_ANNA, _BEN):
        await Facts(database).remember(user_id, FactKind.OTHER, "a fact")
    return made


async def _said(database: Database, chats: dict[str, str]) -> dict[str, int]:
    return {name: len(await Conversation(database).recent(chat_id)) for name, chat_id in chats.items()}


async def test_everything_of_one_user(database: Database, chats: dict[str, str]) -> None:
    gone = await Erasure(database).everything(_ANNA, channel="test", but_turn="one2")
    assert gone == Erased(messages=3, facts=1, summaries=2)
    assert await _said(database, chats) == {"one": 1, "two": 0, "his": 2}
    assert await Facts(database).all(_ANNA) == ()
    assert len(await Facts(database).all(_BEN)) == 1
    async with database.read_scope() as session:
        assert [row.text for row in await session.scalars(select(ChatSummary))] == ["his"]
        payloads = {row.lane: row.payload for row in await session.scalars(select(InboxUpdate))}
        assert payloads == {"one": {}, "two": {}, "his": {"text": "Hello"}}
        assert len(list(await session.scalars(select(Production)))) == 1
        (entry,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "memory.erased"))
        assert (entry.user_id, entry.subject, entry.channel) == (_ANNA, "everything", "test")
    assert await Inbox(database, "telegram").keep("update of one", "one", {"text": "Hello"}) is None


async def test_one_chat(database: Database, chats: dict[str, str]) -> None:
    erasure = Erasure(database)
    assert await erasure.chat(_ANNA, chats["two"], channel="test") == Erased(messages=2, facts=0, summaries=1)
    assert await _said(database, chats) == {"one": 2, "two": 0, "his": 2}
    assert len(await Facts(database).all(_ANNA)) == 1
    with pytest.raises(NotFound):
        await erasure.chat(_ANNA, chats["his"], channel="test")
    assert await _said(database, chats) == {"one": 2, "two": 0, "his": 2}
