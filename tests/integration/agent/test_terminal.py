"""The terminal as a channel: what is typed, what is shown, what the outbox brings."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agent.runtime.turn import OpenClaw
from agent.runtime.values import Answer, Choice, TextDelta, ToolFinished, ToolStarted
from agent.screen import RichScreen
from agent.terminal import TerminalChat, TerminalSender, ask_once, run_chat
from agent.terminal_events import Delivered, Failed, Progress, Said, TerminalEvent
from ettametta.bootstrap import Resources
from ettametta.conversation import Inbox
from ettametta.errors import NotFound, TransientError
from ettametta.kit.ids import new_id
from ettametta.models import Production, Revision, Video
from ettametta.productions.state import ProductionState
from ettametta.users import Person
from tests.integration.agent.conftest import Studio


@pytest.fixture
def shown() -> list[TerminalEvent]:
    return []


@pytest.fixture
def chat(resources: Resources, person: Person, shown: list[TerminalEvent]) -> TerminalChat:
    return TerminalChat(resources, OpenClaw(resources, None), person, shown.append)


@pytest.fixture
def sender(resources: Resources, person: Person, shown: list[TerminalEvent], tmp_path: Path) -> TerminalSender:
    return TerminalSender(resources, person, shown.append, folder=tmp_path / "videos")


async def _put(resources: Resources, person: Person, kind: str, payload: dict[str, Any], key: str = "") -> None:
    async with resources.database.session_scope() as session:
        await resources.outbox.put(
            session, user_id=person.user_id, chat_id=person.chat_id, key=key or new_id(), kind=kind, payload=payload
        )


async def _rendered(resources: Resources, person: Person, production_id: str) -> None:
    """What the render job does in the end: the file, its row, the production's state, the parcel."""
    key = f"videos/{production_id}.mp4"
    await resources.storage.put_bytes(key, b"not really a video", "video/mp4")
    async with resources.database.session_scope() as session:
        row = await session.get_one(Production, production_id)
        revision = Revision(production_id=production_id, user_id=person.user_id, number=1, storyboard={})
        session.add(revision)
        await session.flush()
        row.state, row.current_revision_id = ProductionState.RENDERED, revision.id
        session.add(
            Video(production_id=production_id, user_id=person.user_id, revision_id=revision.id, storage_key=key,
                  cover_key="v", thumbnail_key="t", captions_key="c", credits_key="k", width=1080, height=1920,
                  duration_s=30.1, size_bytes=18, sha256="0" * 64, checks={"ok": True})
        )  # fmt: skip
    await _put(resources, person, "video", {"production_id": production_id, "title": "Tea"})


# -- out ---------------------------------------------------------------------------------------------------------------


async def test_parcels_are_shown_in_order_and_once(
    resources: Resources, person: Person, sender: TerminalSender, shown: list[TerminalEvent]
) -> None:
    await _put(resources, person, "text", {"text": "one"})
    await _put(resources, person, "text", {"text": "two"})
    failure = {"production_id": "p", "title": "Tea", "code": "x", "message": "No voice.", "hint": "Add one."}
    await _put(resources, person, "failure", failure)
    while await sender.deliver():
        pass
    assert shown == [
        Said("one"),
        Said("two"),
        Failed("Tea", "No voice.", "Add one.", (Choice("Try again", "/retry p"),)),
    ]
    assert await sender.deliver() == 0


async def test_progress_shows_the_newest_state(
    resources: Resources, person: Person, sender: TerminalSender, shown: list[TerminalEvent]
) -> None:
    for fraction in (0.1, 0.2, 0.3):
        payload = {
            "production_id": "p",
            "title": "Tea",
            "state": "rendering",
            "fraction": fraction,
            "stage": "voice",
            "message": "m",
        }
        await _put(resources, person, "progress", payload, key="progress:p")
    await sender.deliver()
    assert shown == [Progress("p", "Tea", "rendering", 0.3, "voice", "m")]


async def test_a_question_offers_yes_and_no(
    resources: Resources, person: Person, sender: TerminalSender, shown: list[TerminalEvent], studio: Studio
) -> None:
    proposal_id = await studio.proposal("Tea")
    (view,) = await resources.productions.recent(user_id=person.user_id)
    await _put(resources, person, "proposal", {"production_id": view.id, "proposal_id": proposal_id})
    await sender.deliver()
    assert isinstance(shown[0], Said)
    assert "$0.12" in shown[0].text
    assert [choice.command for choice in shown[0].choices] == [f"/yes {proposal_id}", f"/no {proposal_id}"]


async def test_a_video_is_delivered_where_it_lies(
    resources: Resources, person: Person, sender: TerminalSender, shown: list[TerminalEvent], studio: Studio
) -> None:
    production_id = await studio.production("Tea", "rendering")
    await _rendered(resources, person, production_id)
    await sender.deliver()
    assert isinstance(shown[0], Delivered)
    assert shown[0].path.read_bytes() == b"not really a video"
    view = await resources.productions.get(production_id, user_id=person.user_id)
    assert view.state is ProductionState.DELIVERED


async def test_a_video_in_a_bucket_is_saved_here(
    resources: Resources,
    person: Person,
    sender: TerminalSender,
    shown: list[TerminalEvent],
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    production_id = await studio.production("../Tea & <b>more</b>", "rendering")
    await _rendered(resources, person, production_id)
    local_path = resources.storage.local_path

    def fetch(key: str, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes((local_path(key) or path).read_bytes())

    monkeypatch.setattr(resources.storage, "local_path", lambda _: None)
    monkeypatch.setattr(resources.storage, "fetch_to", lambda key, path: asyncio.to_thread(fetch, key, path))
    await sender.deliver()
    assert isinstance(shown[0], Delivered)
    assert shown[0].path == tmp_path / "videos" / f"tea-b-more-b-{production_id[-8:]}.mp4"
    assert shown[0].path.read_bytes() == b"not really a video"


async def test_a_contact_sheet_is_told_by_its_place(
    resources: Resources, person: Person, sender: TerminalSender, shown: list[TerminalEvent]
) -> None:
    await resources.storage.put_bytes("videos/sheet.jpg", b"a sheet", "image/jpeg")
    payload = {"production_id": "p" * 32, "title": "Tea", "revision": 2, "storage_key": "videos/sheet.jpg"}
    await _put(resources, person, "photo", payload)
    await sender.deliver()
    (said,) = shown
    assert isinstance(said, Said)
    assert str(resources.storage.local_path("videos/sheet.jpg")) in said.text


async def test_a_store_that_does_not_answer_is_asked_again(
    resources: Resources,
    person: Person,
    sender: TerminalSender,
    shown: list[TerminalEvent],
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    production_id = await studio.production("Tea", "rendering")
    await _rendered(resources, person, production_id)

    async def silent(*_: object) -> None:
        raise TransientError("The bucket does not answer.")

    monkeypatch.setattr(resources.storage, "local_path", lambda _: None)
    monkeypatch.setattr(resources.storage, "fetch_to", silent)
    monkeypatch.setattr("agent.terminal._RESEND_S", 0.0)
    for _ in range(4):
        await sender.deliver()
    assert shown == []
    await sender.deliver()
    assert shown == [Failed("Tea", "The bucket does not answer.", "")]


# -- in ----------------------------------------------------------------------------------------------------------------


async def test_a_number_is_the_choice(chat: TerminalChat, resources: Resources, person: Person) -> None:
    assert chat.chosen("1") == "1"
    await chat.send("/make tea")
    (view,) = await resources.productions.recent(user_id=person.user_id)
    assert [chat.chosen(text) for text in ("1", " 1 ", "2", "0", "one", "²")] == [
        f"/cancel {view.id}", f"/cancel {view.id}", "2", "0", "one", "²",
    ]  # fmt: skip
    await chat.send("1")
    assert (await resources.productions.get(view.id, user_id=None)).state is ProductionState.CANCELLED


async def test_a_message_is_kept_before_it_is_answered_and_finished_after(
    chat: TerminalChat, resources: Resources
) -> None:
    await chat.send("/help")
    assert await Inbox(resources.database, "terminal").unfinished() == []


async def test_what_a_crash_left_is_answered_once(
    chat: TerminalChat, resources: Resources, person: Person, shown: list[TerminalEvent]
) -> None:
    inbox = Inbox(resources.database, "terminal")
    await inbox.keep(new_id(), person.chat_id, {"text": "/make tea", "uploads": []})
    await chat.resume()
    await chat.resume()
    assert len(await resources.productions.recent(user_id=person.user_id)) == 1
    assert len([event for event in shown if isinstance(event, Answer)]) == 1


async def test_a_file_that_is_not_there(chat: TerminalChat, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file tea\.md"):
        await chat.send("make a video about it", [tmp_path / "tea.md"])


def _typed(lines: Iterable[str]) -> object:
    rest = iter(lines)
    return lambda: next(rest, None)


async def test_a_conversation(resources: Resources, person: Person, shown: list[TerminalEvent], tmp_path: Path) -> None:
    article = tmp_path / "tea.md"
    article.write_text("Tea is a drink made from leaves.")
    lines = [
        "/help",
        "",
        f"/attach {article}",
        "make a 30-second video about the attached article",
        "/attach nowhere.md",
        "hm",
    ]
    await run_chat(resources, read=_typed(lines), show=shown.append)  # type: ignore[arg-type]  # a reader of lines
    (view,) = await resources.productions.recent(user_id=person.user_id)
    assert view.title == "tea.md"
    said = [event.text for event in shown if isinstance(event, Said | Answer)]
    assert said[1] == "tea.md goes with your next message."
    assert "tea.md" in said[2]
    assert said[-1].startswith("There is no file nowhere.md.")


async def test_quit_leaves_at_once(resources: Resources, shown: list[TerminalEvent]) -> None:
    await run_chat(resources, read=_typed(["/quit", "/make tea"]), show=shown.append)  # type: ignore[arg-type]  # a reader
    assert shown == []


async def test_ask_once_follows_the_production_to_its_end(
    resources: Resources, person: Person, shown: list[TerminalEvent], tmp_path: Path
) -> None:
    async def work() -> None:
        async with resources.events.subscribe() as events:
            while not (views := await resources.productions.recent(user_id=person.user_id)):
                await events.wait(0.05)
        await _rendered(resources, person, views[0].id)

    openclaw = OpenClaw(resources, None)
    asked = ask_once(resources, openclaw, "make a video about tea", [], shown.append, folder=tmp_path)
    view, _ = await asyncio.wait_for(asyncio.gather(asked, work()), 30)
    assert view is not None
    assert view.state is ProductionState.DELIVERED
    assert [type(event) for event in shown][:3] == [ToolStarted, ToolFinished, Answer]
    assert isinstance(shown[-1], Delivered)


async def test_ask_once_without_a_production(resources: Resources, shown: list[TerminalEvent]) -> None:
    assert await ask_once(resources, OpenClaw(resources, None), "help", [], shown.append) is None
    assert isinstance(shown[-1], Answer)


# -- the screen --------------------------------------------------------------------------------------------------------


def test_the_screen_shows_text_as_text() -> None:
    out = io.StringIO()
    screen = RichScreen(Console(file=out, width=100, highlight=False))
    for event in (
        TextDelta("I [b]am[/b] "),
        TextDelta("here"),
        Answer("I [b]am[/b] here", (Choice("[red]Yes", "/yes"),)),
        Progress("p", "T[/]ea", "rendering", 0.50, "voice", "Speaking"),
        Progress("p", "T[/]ea", "rendering", 0.52, "voice", "Speaking more"),
        Progress("p", "T[/]ea", "rendering", 0.61, "voice", "Speaking on"),
        Failed("T[/]ea", "No [voice].", "Add one."),
    ):
        screen.show(event)
    text = out.getvalue()
    assert "OpenClaw I [b]am[/b] here" in text
    assert "1 [red]Yes" in text
    assert "50% T[/]ea: Speaking\n" in text
    assert "Speaking more" not in text
    assert "61% T[/]ea: Speaking on" in text
    assert "T[/]ea No [voice]. Add one." in text
