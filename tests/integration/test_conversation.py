"""The conversation as rows: an update once, what a crash left in order, and messages that keep their places."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ettametta.conversation import Conversation, Inbox, Line
from ettametta.db import Database
from ettametta.users import Person, Users


@pytest.fixture
def inbox(database: Database) -> Inbox:
    return Inbox(database, "telegram")


@pytest.fixture
async def person(database: Database) -> Person:
    return await Users(database).local()


async def test_an_update_is_kept_once(inbox: Inbox, database: Database) -> None:
    kept = await inbox.keep("100", "chat:7", {"text": "hello \x00 \ud83d"})
    assert kept is not None
    assert await inbox.keep("100", "chat:7", {"text": "again"}) is None
    assert await Inbox(database, "terminal").keep("100", "chat:7", {}) is not None
    assert await inbox.unfinished() == [kept]


async def test_duplicates_at_once_are_kept_once(inbox: Inbox) -> None:
    kept = await asyncio.gather(*(inbox.keep("100", "chat:7", {"n": number}) for number in range(10)))
    assert sum(update is not None for update in kept) == 1


async def test_what_a_crash_left_comes_back_in_order_with_its_attempts(inbox: Inbox) -> None:
    kept = [await inbox.keep(str(number), f"chat:{number % 2}", {"n": number}) for number in range(30)]
    ids = [update.id for update in kept if update is not None]
    assert await inbox.begin(ids[0]) == 1
    assert await inbox.begin(ids[0]) == 2
    await inbox.finish(ids[1])
    await inbox.finish(ids[2], error="It failed.")
    left = await inbox.unfinished()
    assert [update.payload["n"] for update in left] == [0, *range(3, 30)]
    assert left[0].attempts == 2


async def test_messages_come_back_as_they_were_said(database: Database, person: Person) -> None:
    conversation = Conversation(database)
    calls: tuple[dict[str, Any], ...] = ({"id": "c1", "name": "make_video", "args": {"topic": "x"}},)
    said = [
        Line("user", "Make a video", "t1"),
        Line("assistant", "", "t1", calls),
        Line("tool", "Started.", "t1", tool_call_id="c1"),
        Line("assistant", "It is on its way.", "t1"),
        Line("user", "Thanks", "t2"),
    ]
    for line in said:
        await conversation.append(person.chat_id, person.user_id, line)
    assert await conversation.recent(person.chat_id) == said
    assert await conversation.recent(person.chat_id, limit=2) == said[-2:]
    assert await conversation.of_turn("t1") == said[:4]
    assert await conversation.recent("another chat") == []


async def test_tools_that_end_at_once_each_get_a_place(database: Database, person: Person) -> None:
    conversation = Conversation(database)
    await asyncio.gather(
        *(
            conversation.append(
                person.chat_id, person.user_id, Line("tool", str(number), "t1", tool_call_id=str(number))
            )
            for number in range(12)
        )
    )
    lines = await conversation.of_turn("t1")
    assert sorted(int(line.text) for line in lines) == list(range(12))


async def test_text_no_database_takes_is_kept_harmless(database: Database, person: Person) -> None:
    conversation = Conversation(database)
    await conversation.append(person.chat_id, person.user_id, Line("assistant", "a\x00b \ud83d c", "t1"))
    assert (await conversation.of_turn("t1"))[0].text == "ab ? c"
