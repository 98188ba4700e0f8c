"""Discovery in a chat without a model: looked for, listed, judged, made, followed and scheduled. On SQLite."""

from __future__ import annotations

import pytest

from agent.runtime.discovery_answers import MORE, NO_LIST, NO_MORE
from agent.runtime.turn import OpenClaw
from agent.runtime.values import Choice, Incoming
from agent.telegram.buttons import Buttons
from ettametta.bootstrap import Resources
from ettametta.discovery.candidates.values import Filters, Verdict
from ettametta.kit.ids import new_id
from ettametta.models import Production, User
from ettametta.users import Person
from tests.integration.agent.runtime.turns import answer, die_in_turn
from tests.integration.discovery.finds import keep, scans_find, stories
from tools import discovery as discovery_tools


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite only: the services below are tested on both."""
    return sqlite_url


@pytest.fixture
def openclaw(resources: Resources) -> OpenClaw:
    return OpenClaw(resources, None)


async def test_a_subject_is_looked_into_and_a_video_of_the_second_one_made(
    openclaw: OpenClaw, resources: Resources, person: Person
) -> None:
    async with scans_find(resources, stories(3)):
        listed = await answer(openclaw, person, "What's trending in coral reefs?")
    assert "What I found about “coral reefs”:" in listed.text
    assert "3 items from 1 source, 3 new; 1 source did not answer." in listed.text
    assert "• GDELT does not answer." in listed.text
    rows = [line for line in listed.text.splitlines() if line[:2] in {"1.", "2.", "3."}]
    assert len(rows) == 3
    assert all("Hacker News; score" in row for row in rows)
    assert [choice.label for choice in listed.choices] == ["1", "2", "3"]
    second = listed.choices[1].command.removeprefix("/candidate ")

    shown = await answer(openclaw, person, listed.choices[1].command)
    assert shown == await answer(openclaw, person, "show me the second one")
    assert "comments not measured; speed not measured." in shown.text
    assert "Speed is not measured" in shown.text
    assert [choice.label for choice in shown.choices] == ["Make", "Save", "Dismiss", "More"]
    assert shown.choices[0] == Choice("Make", f"/pick {second}")

    saved = await answer(openclaw, person, "save the second one")
    assert saved.text.startswith("I keep it in mind: “Coral reefs meet a ")
    assert saved.choices[1] == Choice("Take back", f"/open {second}")
    made = await answer(openclaw, person, "make a 30-second video of the second one in Spanish")
    assert "30 seconds, in es" in made.text
    (view,) = await resources.productions.recent(user_id=person.user_id)
    async with resources.database.read_scope() as session:
        row = await session.get_one(Production, view.id)
    one = await resources.discovery.candidate(person.user_id, second)
    assert (row.candidate_id, row.title, row.brief["kind"], row.brief["text"]) == (second, one.title, "url", one.url)
    assert one.verdict is Verdict.MADE
    again = await answer(openclaw, person, "/candidates coral reefs")
    assert one.title not in again.text


async def test_more_goes_on_with_the_last_list_of_the_chat(
    openclaw: OpenClaw, resources: Resources, person: Person
) -> None:
    assert (await answer(openclaw, person, "more")).text == NO_LIST
    assert "There is no such candidate in a list here" in (await answer(openclaw, person, "save 2")).text
    await keep(resources, person.user_id, "coral reefs", stories(7))
    first = await answer(openclaw, person, "/candidates Coral Reefs")
    assert [choice.label for choice in first.choices] == ["1", "2", "3", "4", "5", "More"]
    second = await answer(openclaw, person, first.choices[-1].command)
    assert [choice.label for choice in second.choices] == ["1", "2"]
    assert not {choice.command for choice in second.choices} & {choice.command for choice in first.choices}
    assert (await answer(openclaw, person, "more")).text == NO_MORE
    assert "goes up to 2" in (await answer(openclaw, person, "dismiss number 5")).text


async def test_what_is_dismissed_is_shown_no_more_until_it_is_taken_back(
    openclaw: OpenClaw, resources: Resources, person: Person
) -> None:
    await keep(resources, person.user_id, "coral reefs", stories(2))
    listed = await answer(openclaw, person, "/candidates coral reefs")
    gone = await answer(openclaw, person, "dismiss the first one")
    assert gone.text.startswith("I will not show it again")
    assert len((await answer(openclaw, person, "/candidates coral reefs")).choices) == 1
    back = next(choice for choice in gone.choices if choice.label == "Take back")
    assert back.command == listed.choices[0].command.replace("/candidate", "/open")
    await answer(openclaw, person, back.command)
    assert len((await answer(openclaw, person, "/candidates coral reefs")).choices) == 2


async def test_a_subject_is_followed_scheduled_and_let_go(
    openclaw: OpenClaw, resources: Resources, person: Person
) -> None:
    assert "You follow nothing yet" in (await answer(openclaw, person, "/niches")).text
    followed = await answer(openclaw, person, "follow coral reefs")
    assert (followed.text, followed.choices) == (
        "I follow “coral reefs”.", (Choice("Look now", "/discover coral reefs"),)
    )  # fmt: skip
    planned = await answer(openclaw, person, "scan coral reefs every morning at 8")
    assert "“coral reefs”: At 08:00 every day" in planned.text
    (one,) = await resources.agenda.all(person.user_id)
    assert (one.cron, one.niche, one.timezone) == ("0 8 * * *", "coral reefs", person.timezone)
    rests = await answer(openclaw, person, planned.choices[0].command)
    assert rests.text == "The scans of “coral reefs” rest."
    assert "it rests" in (await answer(openclaw, person, "/schedule")).text
    wrong = await answer(openclaw, person, "/schedule coral reefs whenever you like")
    assert "is no cron expression" in wrong.text
    left = await answer(openclaw, person, "stop following Coral Reefs")
    assert left.text == "I do not follow “coral reefs” any more. Its scheduled scans ended, too."
    assert await resources.agenda.all(person.user_id) == ()


async def test_sources_are_told_and_changed(openclaw: OpenClaw, person: Person) -> None:
    told = (await answer(openclaw, person, "list sources")).text
    assert "YouTube Data API: needs key. The operator has to set YOUTUBE_API_KEY." in told
    assert "Hacker News: not asked yet." in told
    added = (await answer(openclaw, person, "/addsource https://example.org/reefs")).text
    assert added.startswith("I read it in every scan from now on: https://example.org/reefs")
    assert "You added https://example.org/reefs" in (await answer(openclaw, person, "/sources")).text
    removed = (await answer(openclaw, person, "/removesource https://example.org/reefs")).text
    assert removed.startswith("I do not read it any more")


async def test_somebody_elses_candidates_are_not_there(
    openclaw: OpenClaw, resources: Resources, person: Person
) -> None:
    async with resources.database.session_scope() as session:
        other = User(id=new_id(), name="Eve", role="editor")
        session.add(other)
    await keep(resources, other.id, "coral reefs", stories(1))
    (theirs,) = (await resources.discovery.page(other.id, Filters())).items
    found = await answer(openclaw, person, f"/pick {theirs.id}")
    assert (await answer(openclaw, person, "/candidates")).text.startswith("Nothing fits so far.")
    assert "There is no such candidate" in found.text


async def test_every_button_fits_into_telegrams_callback_data(
    openclaw: OpenClaw, resources: Resources, person: Person
) -> None:
    await keep(
        resources, person.user_id, "a niche with a name that is rather long, for a test", stories(7, words="Niche")
    )
    answers = [await answer(openclaw, person, text) for text in ("/candidates", "/candidate 1", "/save 1", "/niches",
               "/schedule niche 0 8 * * *", "/schedule")]  # fmt: skip
    buttons = Buttons("1:token")
    for one in answers:
        keyboard = buttons.of_choices(one.choices, "123456789012")
        made = [button for row in keyboard.inline_keyboard for button in row] if keyboard else []
        assert len(made) == len(one.choices)


async def test_a_search_that_still_runs_says_so_and_more_shows_what_came_since(
    openclaw: OpenClaw, resources: Resources, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery_tools, "WAIT_S", 0.0)
    first = await answer(openclaw, person, "/discover coral reefs")
    assert "Nothing fits about “coral reefs” so far." in first.text
    assert "The search still runs: It waits for a worker." in first.text
    assert first.choices == (MORE,)
    await keep(resources, person.user_id, "coral reefs", stories(2))
    since = await answer(openclaw, person, MORE.command)
    assert [choice.label for choice in since.choices] == ["1", "2"]


@pytest.mark.parametrize(("at", "after"), [(2, True), (3, False), (4, False)])
async def test_a_video_of_a_number_is_begun_once_however_the_turn_is_cut_off(
    openclaw: OpenClaw, resources: Resources, person: Person, at: int, after: bool
) -> None:
    await keep(resources, person.user_id, "coral reefs", stories(2))
    await answer(openclaw, person, "/candidates coral reefs")
    incoming = Incoming(person, "terminal", "make the second one", new_id())
    assert await die_in_turn(resources, None, incoming, at=at, after=after)
    again = await answer(openclaw, person, incoming.text, turn_id=incoming.turn_id)
    assert again.text.startswith("I am on it: “Coral reefs meet a ")
    (made,) = await resources.productions.recent(user_id=person.user_id)
    assert made.candidate_id is not None
