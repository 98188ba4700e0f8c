"""A turn where no model is configured: understood by plain rules, acted on by tools, written down."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agent.runtime import answers
from agent.runtime.turn import OpenClaw
from agent.runtime.values import Answer, Choice, Incoming, ToolFinished, ToolStarted
from ettametta.bootstrap import Resources
from ettametta.conversation import Line
from ettametta.jobs import repository as jobs
from ettametta.kit.ids import new_id
from ettametta.models import Production
from ettametta.productions.state import ProductionState
from ettametta.users import Person
from tests.integration.agent.conftest import Studio
from tests.integration.agent.runtime.turns import answer, die_in_turn, turn


@pytest.fixture
def openclaw(resources: Resources) -> OpenClaw:
    return OpenClaw(resources, None)


async def _briefs(resources: Resources, person: Person) -> list[dict[str, object]]:
    views = await resources.productions.recent(user_id=person.user_id, limit=50)
    async with resources.database.read_scope() as session:
        return [dict((await session.get_one(Production, view.id)).brief) for view in views]


async def test_a_sentence_begins_a_video(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    events = await turn(openclaw, person, "Make a 30-second video about the history of tea", turn_id="t" * 32)
    (view,) = await resources.productions.recent(user_id=person.user_id)
    assert events[0] == ToolStarted("make_video", "Starting the video")
    assert events[1] == ToolFinished("make_video", ok=True, summary="done", production_id=view.id)
    assert isinstance(events[2], Answer)
    assert "the history of tea" in events[2].text
    assert "30 seconds" in events[2].text
    assert events[2].choices == (Choice("Cancel", f"/cancel {view.id}"),)
    (brief,) = await _briefs(resources, person)
    assert (brief["kind"], brief["text"], brief["duration_s"]) == ("topic", "the history of tea", 30.0)
    lines = await resources.conversation.of_turn("t" * 32)
    assert [line.role for line in lines] == ["user", "assistant", "tool", "assistant"]
    assert lines[1].tool_calls[0]["id"] == lines[2].tool_call_id == f"{'t' * 32}-1"
    assert json.loads(lines[2].text)["ok"] is True


async def test_a_job_is_queued_for_it(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    await answer(openclaw, person, "/make tea in Spanish")
    async with resources.database.read_scope() as session:
        (job,) = await jobs.list_jobs(session, user_id=person.user_id)
    assert (job.kind, job.state) == ("production.draft", "queued")
    assert "production.draft" in (await answer(openclaw, person, "jobs")).text


async def test_the_same_turn_again_does_nothing_again(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    first = await answer(openclaw, person, "/make tea", turn_id="a" * 32)
    again = await turn(openclaw, person, "/make tea", turn_id="a" * 32)
    assert again == [first]
    assert len(await _briefs(resources, person)) == 1
    assert len(await resources.conversation.of_turn("a" * 32)) == 4


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize("text", ["/make tea", "cancel", "retry", "yes"])
async def test_a_turn_cut_off_anywhere_acts_once(
    resources: Resources, person: Person, studio: Studio, text: str, at: int, after: bool
) -> None:
    if text == "cancel":
        await studio.production("Tea", "drafting")
    if text == "retry":
        await studio.production("Tea", "failed")
    proposal_id = await studio.proposal("Coffee") if text == "yes" else ""
    incoming = Incoming(person, "terminal", text, new_id())
    assert await die_in_turn(resources, None, incoming, at=at, after=after)
    events = [event async for event in OpenClaw(resources, None).turn(incoming)]
    assert isinstance(events[-1], Answer)
    lines = await resources.conversation.of_turn(incoming.turn_id)
    assert [line.role for line in lines] == ["user", "assistant", "tool", "assistant"]
    if text == "/make tea":
        assert len(await _briefs(resources, person)) == 1
        assert "tea" in events[-1].text
    if text == "yes":
        assert await studio.proposal_state(proposal_id) == "accepted"
        assert "Coffee" in events[-1].text
    async with resources.database.read_scope() as session:
        assert len(await jobs.list_jobs(session)) <= 1


async def test_a_bare_cancel_that_was_cut_off_does_not_stop_another_video(
    resources: Resources, person: Person, studio: Studio
) -> None:
    first = await studio.production("First", "drafting")
    incoming = Incoming(person, "terminal", "cancel", new_id())
    assert await die_in_turn(resources, None, incoming, at=3, after=False)
    second = await studio.production("Second", "drafting")
    events = [event async for event in OpenClaw(resources, None).turn(incoming)]
    states = {view.id: view.state for view in await resources.productions.recent(user_id=person.user_id)}
    assert states == {first: ProductionState.CANCELLED, second: ProductionState.DRAFTING}
    assert "interrupted" in events[-1].text  # type: ignore[union-attr]  # the last event is the answer


async def test_status_of_nothing_and_of_something(openclaw: OpenClaw, person: Person, studio: Studio) -> None:
    assert "no videos yet" in (await answer(openclaw, person, "how is it going?")).text
    failed = await studio.production("Old", "failed", error_code="x", error_message="No voice.", error_hint="Add one.")
    seen = await answer(openclaw, person, "status")
    assert "“Old” failed: No voice. Add one." in seen.text
    assert seen.choices == (Choice("Try again", f"/retry {failed}"),)
    await studio.production("New", "rendering")
    seen = await answer(openclaw, person, "status")
    assert "New" in seen.text
    assert "Old" not in seen.text


async def test_cancel_asks_which_when_there_are_several(
    openclaw: OpenClaw, resources: Resources, person: Person
) -> None:
    assert "No video is being made." in (await answer(openclaw, person, "cancel")).text
    await answer(openclaw, person, "/make tea")
    await answer(openclaw, person, "/make coffee")
    asked = await answer(openclaw, person, "stop it")
    assert {choice.label for choice in asked.choices} == {"tea", "coffee"}
    done = await answer(openclaw, person, asked.choices[0].command)
    assert done.text.startswith("Cancelled")
    states = [view.state for view in await resources.productions.recent(user_id=person.user_id)]
    assert sorted(states) == ["cancelled", "drafting"]
    again = await answer(openclaw, person, f"/retry {done.choices[0].command.split()[1]}")
    assert "up again" in again.text


async def test_nobody_reaches_the_videos_of_others(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    from ettametta.models import Chat, User

    other = User(name="Other", role="editor")
    async with resources.database.session_scope() as session:
        session.add(other)
        await session.flush()
        chat = Chat(user_id=other.id, channel="terminal", external_id="other")
        session.add(chat)
    stranger = Person(other.id, chat.id, "Other", "editor", "en", "UTC")
    await answer(openclaw, person, "/make tea")
    (view,) = await resources.productions.recent(user_id=person.user_id)
    for text in (f"/cancel {view.id}", f"/status {view.id}", f"/retry {view.id}", "status"):
        assert "tea" not in (await answer(openclaw, stranger, text)).text
    assert (await resources.productions.get(view.id, user_id=None)).state is ProductionState.DRAFTING


async def test_a_viewer_may_only_look(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    viewer = Person(person.user_id, person.chat_id, "V", "viewer", "en", "UTC")
    assert "may not do that" in (await answer(openclaw, viewer, "/make tea")).text
    assert "no videos yet" in (await answer(openclaw, viewer, "/status")).text


# -- proposals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "state"), [("yes", "accepted"), ("/yes", "accepted"), ("no", "declined")])
async def test_words_answer_the_one_open_proposal(
    openclaw: OpenClaw, person: Person, studio: Studio, text: str, state: str
) -> None:
    proposal_id = await studio.proposal("Tea")
    said = await answer(openclaw, person, text)
    assert await studio.proposal_state(proposal_id) == state
    assert "Tea" in said.text


async def test_with_two_open_a_bare_yes_buys_nothing(openclaw: OpenClaw, person: Person, studio: Studio) -> None:
    ids = [await studio.proposal("Tea"), await studio.proposal("Coffee")]
    asked = await answer(openclaw, person, "yes")
    assert [await studio.proposal_state(one) for one in ids] == ["pending", "pending"]
    wanted = next(choice for choice in asked.choices if "Coffee" in choice.label)
    await answer(openclaw, person, wanted.command)
    assert [await studio.proposal_state(one) for one in ids] == ["pending", "accepted"]


async def test_a_yes_to_another_question_buys_nothing(
    openclaw: OpenClaw, resources: Resources, person: Person, studio: Studio
) -> None:
    proposal_id = await studio.proposal("Tea")
    await resources.conversation.append(
        person.chat_id, person.user_id, Line("assistant", "Shall I tell you a joke?", new_id())
    )
    asked = await answer(openclaw, person, "yes")
    assert await studio.proposal_state(proposal_id) == "pending"
    assert asked.choices == (Choice("Yes: Tea", f"/yes {proposal_id}"),)
    await answer(openclaw, person, asked.choices[0].command)
    assert await studio.proposal_state(proposal_id) == "accepted"


async def test_a_forwarded_yes_is_nobodys_word(openclaw: OpenClaw, person: Person, studio: Studio) -> None:
    proposal_id = await studio.proposal("Tea")
    for text in ("yes", f"/yes {proposal_id}"):
        assert (await answer(openclaw, person, text, is_forwarded=True)).text == answers.FORWARDED
    assert await studio.proposal_state(proposal_id) == "pending"


async def test_an_expired_proposal_is_not_open(openclaw: OpenClaw, person: Person, studio: Studio) -> None:
    proposal_id = await studio.proposal("Tea", expires_in=timedelta(seconds=-1))
    assert (await answer(openclaw, person, "yes")).text == answers.NOTHING_OPEN
    assert "too old" in (await answer(openclaw, person, f"/yes {proposal_id}")).text


async def test_a_proposal_answered_otherwise_stays_so(openclaw: OpenClaw, person: Person, studio: Studio) -> None:
    proposal_id = await studio.proposal("Tea")
    await answer(openclaw, person, f"/no {proposal_id}")
    assert "already answered" in (await answer(openclaw, person, f"/yes {proposal_id}")).text
    assert await studio.proposal_state(proposal_id) == "declined"


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Make a 30-second video about the attached article", "", "make a video about tea"])
async def test_the_attached_article_is_the_source(
    openclaw: OpenClaw, resources: Resources, person: Person, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "tea.md"
    path.write_text("Tea is a drink.")
    upload = await resources.uploads.add(person, path, name=path.name)
    said = await answer(openclaw, person, text, attachments=(upload,), turn_id="f" * 32)
    (brief,) = await _briefs(resources, person)
    assert (brief["kind"], brief["file_asset_id"]) == ("file", upload.id)
    assert "tea.md" in said.text
    row = (await resources.conversation.of_turn("f" * 32))[0]
    assert '<data kind="attached files">\ntext: tea.md\n</data>' in row.text


async def test_an_article_that_was_not_attached(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    said = await answer(openclaw, person, "make a video about the attached article")
    assert "nothing to make a video about" in said.text
    assert await _briefs(resources, person) == []


async def test_a_pasted_text_is_used_whole(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    text = "\n\n".join(f"Fact {number}: tea is a drink made from leaves." for number in range(3_000))
    await answer(openclaw, person, f"Make a one-minute video from this text: {text}")
    (brief,) = await _briefs(resources, person)
    assert (brief["kind"], brief["text"], brief["duration_s"]) == ("text", text, 60.0)


# -- hostile and odd input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        "🍵" * 50,
        "\x00\x07",
        "<script>alert(1)</script>",
        "\u202eaet",
        "مرحبا بالعالم",
        "\ud83d broken",
        "/",
        "//",
    ],
)
async def test_odd_texts_get_an_answer(openclaw: OpenClaw, person: Person, text: str) -> None:
    said = await answer(openclaw, person, text)
    assert said.text
    assert "reference" not in said.text


@pytest.mark.parametrize(
    "topic", ["<b>tea</b> & {x}", "\u202e\u0627\u0644\u0634\u0627\u064a", "te\x00a", "'; DROP TABLE users"]
)
async def test_odd_topics_are_only_topics(openclaw: OpenClaw, resources: Resources, person: Person, topic: str) -> None:
    await answer(openclaw, person, f"/make {topic}")
    (brief,) = await _briefs(resources, person)
    assert brief["kind"] == "topic"
    assert "\x00" not in str(brief["text"])


@pytest.mark.parametrize("production_id", ["\x00", "'%", "_" * 32, "z" * 5_000, "\ud800"])
async def test_odd_ids_are_not_found(openclaw: OpenClaw, person: Person, production_id: str) -> None:
    said = await answer(openclaw, person, f"/status x{production_id}")
    assert "reference" not in said.text


async def test_a_megabyte_is_refused_in_a_sentence(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    said = await answer(openclaw, person, "tea " * 250_000)
    assert "1,000,000 characters" in said.text
    assert await _briefs(resources, person) == []
    assert "at most" in said.text


async def test_too_short_a_video(openclaw: OpenClaw, person: Person) -> None:
    assert "10 to 180 seconds" in (await answer(openclaw, person, "make a 2-second video about tea")).text


async def test_a_bug_ends_as_a_reference(
    openclaw: OpenClaw, resources: Resources, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(resources.productions, "start", broken)
    with capture_logs() as logs:
        said = await answer(openclaw, person, "/make tea")
    assert "secret detail" not in said.text
    (bug,) = [entry for entry in logs if entry["event"] == "turn.bug"]
    assert bug["reference"] in said.text
    assert "secret detail" in repr(bug["exc_info"])


async def test_a_bug_outside_tools_ends_as_a_reference_too(
    openclaw: OpenClaw, resources: Resources, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(resources.conversation, "of_turn", broken)
    said = await answer(openclaw, person, "/make tea")
    assert "reference" in said.text
    assert "secret detail" not in said.text


async def test_one_turn_at_a_time_in_a_chat(openclaw: OpenClaw, resources: Resources, person: Person) -> None:
    await asyncio.gather(*(answer(openclaw, person, f"/make topic {number}") for number in range(5)))
    lines = await resources.conversation.recent(person.chat_id)
    turns = [line.turn_id for line in lines]
    assert len(lines) == 20
    assert [turns[index] == turns[index + 1] for index in range(0, 20, 2)] == [True] * 10


async def test_help_says_once_what_a_model_would_add(openclaw: OpenClaw, person: Person) -> None:
    assert "OPENAI_API_KEY" in (await answer(openclaw, person, "/help")).text
    assert "OPENAI_API_KEY" not in (await answer(openclaw, person, "/start")).text
