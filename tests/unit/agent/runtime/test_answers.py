"""The words OpenClaw says without a model."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from agent.runtime import answers
from agent.runtime.calls import Call, Outcome
from agent.runtime.values import Choice
from ettametta.kit.clock import utc_now
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ErrorView, ProposalView
from ettametta.users import Person
from tools.productions import MakeVideoOutput, ProductionFacts, ShowStatusOutput, VideoFacts

_PERSON = Person("u", "c", "Anna", "owner", "en", "Asia/Tokyo")
_ID = "0199f3a2b4c67def8a9b0c1d2e3f4a5b"


def _facts(state: ProductionState, **more: object) -> ProductionFacts:
    known: dict[str, object] = {
        "id": _ID, "title": "Tea", "state": state, "percent": 42, "stage": "voice", "message": "Speaking scene 2.",
        "error": None, "proposal": None, "video": None, "asked_at": "2020-01-02T22:30:00+00:00",
    }  # fmt: skip
    return ProductionFacts.model_validate({**known, **more})


def _status(*productions: ProductionFacts) -> Outcome:
    return Outcome(Call("t-1", "show_status", {}), ShowStatusOutput(productions=productions))


def test_status_words() -> None:
    video = VideoFacts(duration_s=30.12, width=1080, height=1920, size_bytes=4_210_000, checks_passed=True)
    error = ErrorView(code="x", message="No voice.", hint="Add one.")
    said = answers.say(
        [
            _status(
                _facts(ProductionState.RENDERING),
                _facts(ProductionState.FAILED, error=error),
                _facts(ProductionState.DELIVERED, video=video),
                _facts(ProductionState.CANCELLED),
            )
        ],
        _PERSON,
    )
    asked = "(asked 03 Jan 2020, 07:30, id 0199f3a2b4c6)"  # in Tokyo
    assert said.text.splitlines() == [
        f"“Tea”: 42 % — Speaking scene 2. {asked}",
        f"“Tea” failed: No voice. Add one. {asked}",
        f"“Tea” is ready: 30.1 s, 1080x1920, 4.2 MB, all checks passed. {asked}",
        f"“Tea” was cancelled. {asked}",
    ]


@pytest.mark.parametrize(("usd", "words"), [(0.12, "about $0.12"), (0.0031, "about $0.0031"), (None, "not known")])
def test_an_open_question_says_its_cost_and_offers_yes_and_no(usd: float | None, words: str) -> None:
    proposal = ProposalView(
        id="p" * 32,
        production_id=_ID,
        title="Tea",
        summary="Voice",
        estimate_usd=usd,
        state="pending",
        expires_at=utc_now(),
    )
    said = answers.say([_status(_facts(ProductionState.PROPOSED, proposal=proposal))], _PERSON)
    assert words in said.text
    assert said.choices == (Choice("Yes", f"/yes {'p' * 32}"), Choice("No", f"/no {'p' * 32}"))


def test_a_production_that_ended_at_once_is_not_called_begun() -> None:
    error = ErrorView(code="x", message="No voice.", hint="Add one.")
    made = MakeVideoOutput(production=_facts(ProductionState.FAILED, error=error), duration_s=30, language=None)
    said = answers.say([Outcome(Call("t-1", "make_video", {}), made)], _PERSON)
    assert said.text == "“Tea” failed: No voice. Add one."
    assert said.choices == (Choice("Try again", f"/retry {_ID}"),)


def test_commands_fit_a_button() -> None:
    for state in ProductionState:
        for choice in answers.say([_status(_facts(state))], _PERSON).choices:
            assert len(choice.command.encode()) <= 64  # Telegram's callback data


def test_times_are_the_persons_own() -> None:
    moment = datetime(2020, 1, 1, 12, 0, tzinfo=UTC)
    assert answers.local_time(moment, "Asia/Tokyo") == "01 Jan 2020, 21:00"
    assert answers.local_time(moment, "No/Where") == "01 Jan 2020, 12:00 UTC"
    assert answers.local_time(moment, "../../etc/passwd") == "01 Jan 2020, 12:00 UTC"
    assert re.fullmatch(r"\d\d:\d\d", answers.local_time(utc_now() - timedelta(0), "UTC"))
