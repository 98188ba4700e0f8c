"""A model's last words are held to what its tools did."""

from __future__ import annotations

import pytest

from agent.runtime.calls import Call, Outcome
from agent.runtime.honesty import NOTHING_DONE, hold_to_facts
from ettametta.errors import Conflict


def _done(name: str) -> Outcome:
    return Outcome(Call("t-1", name, {}))


def _failed(name: str) -> Outcome:
    return Outcome(Call("t-1", name, {}), error=Conflict("It cannot.", hint="Wait."))


@pytest.mark.parametrize(
    "text",
    [
        "I've started making your video.",
        "I have begun it now.",
        "I'm making a video about tea!",
        "I’ll create that right away.",
        "Your video is ready!",
        "The video is now being rendered.",
        "The production has been cancelled.",
        "I just stopped it.",
        "I approved the cost.",
    ],
)
def test_claims_without_deeds(text: str) -> None:
    assert hold_to_facts(text, []) == f"{text}\n\n{NOTHING_DONE}"


@pytest.mark.parametrize(
    "text",
    ["What should it be about?", "I can make videos of 10 to 180 seconds.", "Tea is lovely.", "Tell me when to start."],
)
def test_other_words_stay(text: str) -> None:
    assert hold_to_facts(text, []) == text


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("I've started it.", "make_video"),
        ("I've started it again.", "retry_production"),
        ("I've cancelled it.", "cancel_production"),
        ("Your video is ready.", "show_status"),
    ],
)
def test_deeds_may_be_told(text: str, tool: str) -> None:
    assert hold_to_facts(text, [_done(tool)]) == text


def test_one_deed_does_not_cover_another() -> None:
    assert hold_to_facts("I've cancelled it.", [_done("make_video")]).endswith(NOTHING_DONE)
    assert hold_to_facts("I have approved the cost.", [_done("make_video")]).endswith(NOTHING_DONE)


@pytest.mark.parametrize("text", ["Gestartet!", "Done.", "I've started it."])
def test_a_failure_is_told_in_any_language(text: str) -> None:
    assert hold_to_facts(text, [_failed("make_video")]) == f"{text}\n\nTo be exact: It cannot. Wait."


def test_a_failure_that_was_told_or_mended_is_not_told_again() -> None:
    assert hold_to_facts("Sorry: It cannot.", [_failed("make_video")]) == "Sorry: It cannot."
    assert hold_to_facts("I've started it.", [_failed("make_video"), _done("make_video")]) == "I've started it."
