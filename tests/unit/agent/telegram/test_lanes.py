"""Lanes: order, gathering, attempts, apologies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from agent.telegram.lanes import MAX_ATTEMPTS, Lanes
from ettametta.conversation import Inbox, Update
from ettametta.db import Database

CHANNEL = "telegram"


class Recorder:
    """Notes what it is asked to do; fails for texts that say so."""

    def __init__(self) -> None:
        self.handled: list[list[str]] = []
        self.sorry: list[str] = []
        self.overtaking: list[str] = []

    async def handle(self, batch: Sequence[Update]) -> None:
        texts = [one.payload["message"].get("text", "") for one in batch]
        self.handled.append(texts)
        if "boom" in texts:
            raise RuntimeError("boom")

    async def overtake(self, update: Update) -> None:
        self.overtaking.append(update.payload["message"]["text"])

    async def apologise(self, batch: Sequence[Update], reference: str) -> None:
        self.sorry.append(f"{batch[0].lane} {reference}")


async def keep(inbox: Inbox, number: int, text: str, *, chat: int = 1, **more: Any) -> Update:
    message = {"text": text, "chat": {"id": chat}, "from": {"id": chat}, **more}
    update = await inbox.keep(str(number), str(chat), {"update_id": number, "message": message})
    assert update is not None
    return update


async def run(inbox: Inbox, recorder: Recorder, updates: Sequence[Update], *, settle_s: float = 0.05) -> None:
    lanes = Lanes(inbox, recorder, settle_s=settle_s, retry_s=0.01)
    for update in updates:
        lanes.put(update)
    await lanes.close(10.0)


async def test_updates_of_a_chat_are_handled_in_order_and_marked(database: Database) -> None:
    inbox, recorder = Inbox(database, CHANNEL), Recorder()
    await run(inbox, recorder, [await keep(inbox, number, f"text {number}") for number in range(5)])
    assert recorder.handled == [[f"text {number}"] for number in range(5)]
    assert await inbox.unfinished() == []


async def test_albums_and_cut_texts_are_gathered(database: Database) -> None:
    inbox, recorder = Inbox(database, CHANNEL), Recorder()
    long = "x" * 4_096
    updates = [
        await keep(inbox, 1, "a", media_group_id="7"),
        await keep(inbox, 2, "b", media_group_id="7"),
        await keep(inbox, 3, "c", media_group_id="8"),
        await keep(inbox, 4, long),
        await keep(inbox, 5, long),
        await keep(inbox, 6, "end"),
        await keep(inbox, 7, long),
        await keep(inbox, 8, "/help"),
    ]
    await run(inbox, recorder, updates)
    assert recorder.handled == [["a", "b"], ["c"], [long, long, "end"], [long], ["/help"]]


async def test_a_part_that_comes_a_moment_later_still_belongs(database: Database) -> None:
    inbox, recorder = Inbox(database, CHANNEL), Recorder()
    first, second = await keep(inbox, 1, "a", media_group_id="7"), await keep(inbox, 2, "b", media_group_id="7")
    lanes = Lanes(inbox, recorder, settle_s=5.0, retry_s=0.01)
    lanes.put(first)
    asyncio.get_running_loop().call_later(0.05, lanes.put, second)
    asyncio.get_running_loop().call_later(0.1, lanes.put, await keep(inbox, 3, "c"))
    await lanes.close(0.5)
    assert recorder.handled == [["a", "b"], ["c"]]


async def test_what_fails_three_times_is_given_up_and_the_lane_goes_on(database: Database) -> None:
    inbox, recorder = Inbox(database, CHANNEL), Recorder()
    await run(inbox, recorder, [await keep(inbox, 1, "boom"), await keep(inbox, 2, "after")])
    assert recorder.handled == [["boom"]] * MAX_ATTEMPTS + [["after"]]
    assert len(recorder.sorry) == 1
    assert await inbox.unfinished() == []


async def test_what_killed_the_process_three_times_is_not_tried_again(database: Database) -> None:
    inbox, recorder = Inbox(database, CHANNEL), Recorder()
    update = await keep(inbox, 1, "deadly")
    for _ in range(MAX_ATTEMPTS):
        await inbox.begin(update.id)
    await run(inbox, recorder, await inbox.unfinished())
    assert recorder.handled == []
    assert len(recorder.sorry) == 1


async def test_chats_do_not_wait_for_each_other(database: Database) -> None:
    inbox, recorder = Inbox(database, CHANNEL), Recorder()
    updates = [await keep(inbox, 1, "boom", chat=1), await keep(inbox, 2, "other", chat=2)]
    await run(inbox, recorder, updates)
    assert recorder.handled.index(["other"]) < len(recorder.handled) - 1


async def test_what_comes_while_a_chat_is_busy_is_told_and_handled_later(database: Database) -> None:
    inbox, recorder = Inbox(database, CHANNEL), Recorder()
    first, second, other = await keep(inbox, 1, "a"), await keep(inbox, 2, "b"), await keep(inbox, 3, "c", chat=2)
    lanes = Lanes(inbox, recorder, settle_s=0.05, retry_s=0.01)

    async def handle(batch: Sequence[Update]) -> None:
        if not recorder.handled:
            lanes.put(second)
            lanes.put(other)
        recorder.handled.append([one.payload["message"]["text"] for one in batch])

    recorder.handle = handle  # type: ignore[method-assign]
    lanes.put(first)
    await lanes.close(10.0)
    assert recorder.overtaking == ["b"]
    assert sorted(recorder.handled) == [["a"], ["b"], ["c"]]
