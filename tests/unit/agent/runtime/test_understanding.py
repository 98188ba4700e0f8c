"""What messages ask for, without a model."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.phrases import Wishes
from agent.runtime.understanding import (
    AnswerProposal,
    Cancel,
    Greet,
    Help,
    Intent,
    ListJobs,
    MakeVideo,
    Retry,
    ShowStatus,
    UnknownCommand,
    read_answer,
    read_command,
    understand,
)

_URL = "https://example.org/tea?cup=2"
_ID = "0199f3a2b4c67def8a9b0c1d2e3f4a5b"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("/make tea", MakeVideo("topic", "tea")),
        ("/make the history of tea, 30 s", MakeVideo("topic", "the history of tea", Wishes(30))),
        ("/make a 30-second video about tea", MakeVideo("topic", "tea", Wishes(30))),
        (f"/make {_URL} 40 s", MakeVideo("url", _URL, Wishes(40))),
        ("/make", MakeVideo("file")),
        ("/MAKE@some_bot tea", MakeVideo("topic", "tea")),
        ("/status", ShowStatus()),
        (f"/status {_ID}", ShowStatus(_ID)),
        ("/cancel", Cancel()),
        (f"/cancel {_ID}", Cancel(_ID)),
        ("/retry", Retry()),
        ("/jobs", ListJobs()),
        ("/yes", AnswerProposal(accept=True)),
        (f"/no {_ID}", AnswerProposal(accept=False, proposal_id=_ID)),
        ("/help", Help()),
        ("/start", Greet()),
        ("/start CODE1234", Greet()),
        ("/frobnicate now", UnknownCommand("frobnicate")),
        ("/home/anna/notes.txt", None),
        ("make tea", None),
    ],
)
def test_commands(text: str, intent: Intent | None) -> None:
    assert read_command(text) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("make a 30-second video about the history of tea", MakeVideo("topic", "the history of tea", Wishes(30))),
        ("Make a video about tea.", MakeVideo("topic", "tea")),
        ("video on black holes please", MakeVideo("topic", "black holes")),
        ("video about tea", MakeVideo("topic", "tea")),
        ("video: the moon", MakeVideo("topic", "the moon")),
        ("Please make a video of 30 seconds about tea in Spanish", MakeVideo("topic", "tea", Wishes(30, "es"))),
        (
            "could you make me a short one and a half minute video explaining how bees dance?",
            MakeVideo("topic", "how bees dance?", Wishes(90)),
        ),
        ("I'd like a video on how to talk about love, 45 s", MakeVideo("topic", "how to talk about love", Wishes(45))),
        ("make a Spanish video about Spanish wine", MakeVideo("topic", "Spanish wine", Wishes(None, "es"))),
        (
            "make a one-minute video about the moon landing in German, please",
            MakeVideo("topic", "the moon landing", Wishes(60, "de")),
        ),
        ("make a video about tea for my students", MakeVideo("topic", "tea for my students")),
        (f"Make me a 30 s video from this article: {_URL}", MakeVideo("url", _URL, Wishes(30))),
        (_URL, MakeVideo("url", _URL)),
        (f"please {_URL}", MakeVideo("url", _URL)),
        ("make a 30-second video about the attached article", MakeVideo("file", wishes=Wishes(30))),
        ("Make a video from the attached file in French", MakeVideo("file", wishes=Wishes(None, "fr"))),
        ("turn this article into a 30 second video", MakeVideo("file", wishes=Wishes(30))),
        ("make a video", MakeVideo("file")),
        ("how is it going?", ShowStatus()),
        ("How’s the video doing?", ShowStatus()),
        ("is it ready yet?", ShowStatus()),
        ("what's the status", ShowStatus()),
        ("status", ShowStatus()),
        (f"status {_ID}", ShowStatus(_ID)),
        ("cancel", Cancel()),
        ("stop it", Cancel()),
        ("please cancel the video!", Cancel()),
        (f"stop {_ID}", Cancel(_ID)),
        ("try again", Retry()),
        ("jobs", ListJobs()),
        ("help", Help()),
        ("Hello!", Greet()),
    ],
)
def test_plain_words(text: str, intent: Intent) -> None:
    assert understand(text) == intent


@pytest.mark.parametrize(
    "text",
    [
        "I saw a funny video about cats",
        "what do you think about video games?",
        "tell me a joke",
        "do not cancel my subscription to the newspaper",
        "the weather is nice",
        "",
        "   ",
        "🍵",
        "yes",
        f"compare {_URL} with what you know and tell me whether it is right",
    ],
)
def test_what_is_not_clear_is_left_alone(text: str) -> None:
    assert understand(text) is None


def test_pasted_text_becomes_a_video_of_it() -> None:
    text = "Tea is a drink made from leaves. " * 20
    assert understand(text) == MakeVideo("text", text.strip())


def test_a_request_with_a_long_text_keeps_the_text_whole() -> None:
    article = "\n\n".join(f"Paragraph {number} tells of tea in 30 seconds." for number in range(40))
    intent = understand(f"Make a 30-second video in Spanish from this text: {article}")
    assert intent == MakeVideo("text", article, Wishes(30, "es"))


def test_a_file_without_words_is_a_request() -> None:
    assert understand("", has_file=True) == MakeVideo("file")
    assert understand(" \n ", has_file=True) == MakeVideo("file")


@pytest.mark.parametrize("text", ["yes", "Yes!", "y", "ok", "OK.", "go ahead", "yes, please", "👍"])
def test_yes(text: str) -> None:
    assert read_answer(text) == AnswerProposal(accept=True)


@pytest.mark.parametrize("text", ["no", "No.", "no thanks", "don't", "Don’t!", "never mind"])
def test_no(text: str) -> None:
    assert read_answer(text) == AnswerProposal(accept=False)


@pytest.mark.parametrize("text", ["yes and also make one about coffee", "no idea", "why?", "", "not sure", "yesterday"])
def test_more_than_a_yes_or_no_is_neither(text: str) -> None:
    assert read_answer(text) is None


_WEIRD = st.one_of(
    st.text(),
    st.text(st.sampled_from("<>/script\u202e\u0627\u05d0😀\x00 \n\"'&;:")),
    st.builds(
        lambda head, tail: f"{head} {tail}",
        st.sampled_from(["/make", "make a video about", "/yes", "/status"]),
        st.text(),
    ),
)


@given(_WEIRD)
def test_nothing_makes_it_fail(text: str) -> None:
    read_command(text)
    read_answer(text)
    understand(text)
    understand(text, has_file=True)


@given(st.text(min_size=1).filter(str.strip))
def test_a_subject_is_taken_from_the_text_and_never_made_up(subject: str) -> None:
    intent = understand(f"make a video about {subject}")
    if isinstance(intent, MakeVideo):
        assert intent.subject in subject


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "video " * 200_000,
        "a minute " * 100_000,
        "make a video about " + "- " * 400_000,
        " " * 1_000_000,
        "/make " + "x " * 400_000,
        "https://" + "a" * 1_000_000,
    ],
    ids=["letters", "videos", "minutes", "dashes", "spaces", "command", "address"],
)
@pytest.mark.parametrize("read", [understand, read_command, read_answer])
def test_a_megabyte_is_read_at_once(text: str, read: Callable[[str], Intent | None]) -> None:
    began = time.perf_counter()
    read(text)
    assert time.perf_counter() - began < 1.0
