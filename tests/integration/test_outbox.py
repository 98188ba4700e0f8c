"""The outbox: in order within a chat, side by side between chats, once, and nothing that was said is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.delivery.outbox import LEASE, Outbox, Parcel
from ettametta.events import LocalBus
from ettametta.models import Chat, OutboxMessage, User


@dataclass
class Post:
    """An outbox with a clock that is moved by hand."""

    database: Database
    moment: datetime
    bus: LocalBus
    outbox: Outbox
    user_id: str
    chats: list[str]

    async def put(self, key: str, *, chat: int = 0, kind: str = "text", **payload: Any) -> None:
        async with self.database.session_scope() as session:
            await self.outbox.put(
                session, user_id=self.user_id, chat_id=self.chats[chat], key=key, kind=kind, payload=payload
            )

    async def claim(self, owner: str = "ann", **options: Any) -> list[Parcel]:
        return await self.outbox.claim("telegram", owner, **options)

    async def one(self, owner: str = "ann") -> Parcel:
        (parcel,) = await self.claim(owner)
        return parcel

    async def row(self, key: str) -> OutboxMessage:
        async with self.database.read_scope() as session:
            return (await session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe_key == key))).one()

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
async def post(database: Database) -> Post:
    bus = LocalBus()
    post = Post(database, datetime(2026, 5, 1, tzinfo=UTC), bus, Outbox(database, bus), "", [])
    post.outbox = Outbox(database, bus, clock=lambda: post.moment)
    async with database.session_scope() as session:
        user = User(name="Ada")
        session.add(user)
        await session.flush()
        chats = [Chat(user_id=user.id, channel="telegram", external_id=str(number)) for number in range(4)]
        session.add_all(chats)
        await session.flush()
        post.user_id, post.chats = user.id, [chat.id for chat in chats]
    return post


def _keys(parcels: list[Parcel]) -> list[str]:
    return [parcel.dedupe_key for parcel in parcels]


async def test_a_chat_hears_things_in_the_order_they_were_said(post: Post) -> None:
    async with post.database.session_scope() as session:  # many in one millisecond, in one transaction
        for number in range(20):
            await post.outbox.put(
                session, user_id=post.user_id, chat_id=post.chats[0], key=f"{number:02}", kind="text", payload={}
            )
    heard = []
    while parcels := await post.claim():
        (parcel,) = parcels
        assert await post.claim("bob") == []
        heard.append(parcel.dedupe_key)
        await post.outbox.sent(parcel, parcel.dedupe_key)
    assert heard == [f"{number:02}" for number in range(20)]


async def test_chats_do_not_wait_for_each_other(post: Post) -> None:
    for chat in range(3):
        await post.put(f"a{chat}", chat=chat)
        await post.put(f"b{chat}", chat=chat)
    parcels = await post.claim()
    assert _keys(parcels) == ["a0", "a1", "a2"]
    assert [parcel.address for parcel in parcels] == ["0", "1", "2"]
    await post.outbox.sent(parcels[1], "7")
    assert _keys(await post.claim("bob")) == ["b1"]


async def test_a_chat_that_must_wait_does_not_hide_the_others(post: Post) -> None:
    for number in range(300):
        await post.put(f"stuck{number}", chat=0)
    first = await post.one()
    await post.outbox.again(first, delay_s=600, error="429")
    await post.put("free", chat=1)
    assert _keys(await post.claim(limit=5)) == ["free"]


async def test_a_row_that_is_being_written_keeps_its_place(post: Post) -> None:
    """A row that another transaction holds is passed over; the one behind it is not sent in its stead."""
    if post.database.is_sqlite:
        return  # there is one writer at a time
    await post.put("first")
    await post.put("second")
    async with post.database.session_scope() as session:
        held = select(OutboxMessage).where(OutboxMessage.dedupe_key == "first").with_for_update()
        await session.scalar(held)
        assert await post.claim() == []
    assert _keys(await post.claim()) == ["first"]


async def test_progress_is_one_row_whose_newest_state_is_sent(post: Post) -> None:
    for step in range(5):
        await post.put("progress:1", kind="progress", step=step)
    parcel = await post.one()
    assert (parcel.payload, parcel.version, parcel.external_id) == ({"step": 4}, 5, None)
    await post.put("progress:1", kind="progress", step=9)  # while it is being sent
    assert await post.claim("bob") == []
    await post.outbox.sent(parcel, "77")
    edit = await post.one()
    assert (edit.payload, edit.version, edit.external_id, edit.attempts) == ({"step": 9}, 6, "77", 1)
    await post.outbox.sent(edit, None)
    assert ((await post.row("progress:1")).state, (await post.row("progress:1")).external_id) == ("sent", "77")
    await post.put("progress:1", kind="progress", step=9)  # nothing new
    assert await post.claim() == []


async def test_progress_neither_waits_for_texts_nor_holds_them_up(post: Post) -> None:
    await post.put("text1")
    await post.put("progress:1", kind="progress", step=1)
    await post.put("text2")
    parcels = await post.claim()
    assert _keys(parcels) == ["text1", "progress:1"]
    await post.outbox.sent(parcels[0], "1")
    assert _keys(await post.claim()) == ["text2"]


async def test_a_sender_that_fell_silent_loses_its_parcel_and_the_next_one_is_told(post: Post) -> None:
    await post.put("video", kind="video")
    parcel = await post.one("ann")
    await post.outbox.record_address(parcel, "placeholder")
    post.advance(LEASE.total_seconds())
    assert await post.claim("bob") == []
    post.advance(0.001)
    resumed = await post.one("bob")
    assert (parcel.interrupted, resumed.interrupted) == (False, True)
    assert (resumed.external_id, resumed.attempts) == ("placeholder", 2)


async def test_a_parcel_that_takes_long_is_kept_by_renewing_it(post: Post) -> None:
    await post.put("video", kind="video")
    parcel = await post.one("ann")
    for _ in range(5):
        post.advance(LEASE.total_seconds() * 0.9)
        assert await post.outbox.renew(parcel)
        assert await post.claim("bob") == []
    post.advance(LEASE.total_seconds() + 1)
    (taken,) = await post.claim("bob")
    assert not await post.outbox.renew(parcel)
    await post.outbox.sent(taken, "1")
    assert not await post.outbox.renew(taken)


async def test_who_lost_a_parcel_cannot_have_it_sent_again(post: Post) -> None:
    await post.put("video", kind="video")
    stale = await post.one("ann")
    post.advance(LEASE.total_seconds() + 1)
    current = await post.one("bob")
    await post.outbox.again(stale, delay_s=0, error="slow")
    await post.outbox.give_up(stale, error="slow")
    assert await post.claim("cid") == []
    await post.outbox.sent(current, "5")
    await post.outbox.again(stale, delay_s=0, error="slow")
    assert await post.claim("cid") == []
    assert (await post.row("video")).state == "sent"


async def test_what_was_sent_after_all_is_recorded_and_ends_the_waiting(post: Post) -> None:
    await post.put("text")
    slow = await post.one("ann")
    post.advance(LEASE.total_seconds() + 1)
    second = await post.one("bob")
    await post.outbox.again(second, delay_s=5, error="429")
    await post.outbox.sent(slow, "9")
    post.advance(10)
    assert await post.claim() == []
    assert (await post.row("text")).external_id == "9"


async def test_what_was_sent_after_all_while_another_sends_leaves_it_to_the_other(post: Post) -> None:
    await post.put("progress", kind="progress", step=1)
    slow = await post.one("ann")
    await post.put("progress", kind="progress", step=2)
    post.advance(LEASE.total_seconds() + 1)
    current = await post.one("bob")
    await post.outbox.sent(slow, "9")
    assert await post.claim("cid") == []  # bob still has it
    await post.outbox.sent(current, None)
    row = await post.row("progress")
    assert (row.state, row.sent_version, row.external_id) == ("sent", 2, "9")


async def test_tried_again_later_and_planned_waits_are_no_failures(post: Post) -> None:
    await post.put("text")
    await post.outbox.again(await post.one(), delay_s=30, error="x" * 1_000 + "\x00")
    row = await post.row("text")
    assert (row.state, row.attempts, row.error) == ("pending", 1, "x" * 500)
    assert await post.claim() == []
    post.advance(30)
    parcel = await post.one()
    assert (parcel.attempts, parcel.interrupted) == (2, False)
    await post.outbox.again(parcel, delay_s=1, error="", min_gap=True)
    row = await post.row("text")
    assert (row.attempts, row.error) == (1, None)


async def test_given_up_it_lets_the_next_one_through(post: Post) -> None:
    await post.put("first")
    await post.put("second")
    await post.outbox.give_up(await post.one(), error="blocked")
    row = await post.row("first")
    assert (row.state, row.error) == ("failed", "blocked")
    assert _keys(await post.claim()) == ["second"]


async def test_senders_at_once_get_each_parcel_once(post: Post) -> None:
    for number in range(40):
        await post.put(f"progress:{number}", chat=number % 4, kind="progress")
    lists = await asyncio.gather(*(post.claim(f"sender{number}", limit=7) for number in range(8)))
    counted = Counter(key for parcels in lists for key in _keys(parcels))
    assert set(counted.values()) == {1}
    assert all(len(parcels) <= 7 for parcels in lists)


async def test_the_same_thing_said_twice_at_once_is_one_row(post: Post) -> None:
    await asyncio.gather(*(post.put("failure:1", text="It failed.") for _ in range(10)))
    parcel = await post.one()
    assert parcel.version == 1
    await asyncio.gather(*(post.put("failure:2", number=number) for number in range(6)))
    assert (await post.row("failure:2")).version >= 2 or post.database.is_sqlite


async def test_only_its_channel_and_only_whoever_has_a_chat(post: Post) -> None:
    async with post.database.session_scope() as session:
        await post.outbox.put(session, user_id=post.user_id, chat_id=None, key="none", kind="text", payload={})
    await post.put("text")
    assert await post.outbox.claim("terminal", "ann") == []
    assert _keys(await post.claim()) == ["text"]


async def test_a_chat_that_was_deleted_takes_its_parcels_out(post: Post) -> None:
    await post.put("text")
    parcel = await post.one()
    async with post.database.session_scope() as session:
        await session.delete(await session.get_one(Chat, post.chats[0]))
    await post.outbox.sent(parcel, "1")
    async with post.database.session_scope() as session:
        await session.execute(update(OutboxMessage).values(state="pending"))
    assert await post.claim() == []


async def test_who_listens_is_told_in_the_same_transaction(post: Post) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    refuse = True

    async def listener(_session: AsyncSession, kind: str, payload: dict[str, Any]) -> None:
        if refuse:
            raise ValueError("no")
        told.append((kind, payload))

    post.outbox.when_sent(listener)
    await post.put("video", kind="video", path="x")
    parcel = await post.one()
    async with post.bus.subscribe() as events:
        with pytest.raises(ValueError, match="no"):
            await post.outbox.sent(parcel, "1")
        assert (await post.row("video")).state == "sending"
        assert await events.wait(0) is None
        refuse = False
        await post.outbox.sent(parcel, "1")
        event = await events.wait(1)
    assert told == [("video", {"path": "x"})]
    assert event is not None
    assert (event.name, event.user_id) == ("outbox.sent", post.user_id)
