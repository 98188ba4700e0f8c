"""Discovery in plain words and commands: what is meant, what is not, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.discovery_words import More, OfList, read_discovery, read_number
from agent.runtime.edit_words import UseTool
from agent.runtime.times import read_when, split_when
from agent.runtime.understanding import Intent, MakeVideo, read_command, understand
from ettametta.schedules import next_tick


def _find(about: str) -> UseTool:
    return UseTool("find_candidates", {"about": about})


def _plan(niche: str, cron: str) -> UseTool:
    return UseTool("schedule_scan", {"niche": niche, "cron": cron})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("What’s trending in coral reefs?", _find("coral reefs")),
        ("what is new about the Mars rover today", _find("the Mars rover")),
        ("find me some stories about “green tea”", _find("green tea")),
        ("discover coral reefs", _find("coral reefs")),
        ("follow coral reefs", UseTool("follow_niche", {"name": "coral reefs"})),
        ("stop following coral reefs", UseTool("unfollow_niche", {"niche": "coral reefs"})),
        ("what do I follow?", UseTool("list_niches")),
        ("show me the sources", UseTool("list_sources")),
        ("show me what I saved", UseTool("list_candidates", {"verdict": "saved"})),
        ("more", More()),
        ("save number three", OfList("judge_candidate", 3, {"verdict": "save"})),
        ("I'm not interested in the 2nd one", OfList("judge_candidate", 2, {"verdict": "dismiss"})),
        ("tell me more about the last story", OfList("show_candidate", -1)),
        ("scan coral reefs every morning at 8", _plan("coral reefs", "0 8 * * *")),
        ("every Monday at 7:30 pm, scan deep sea mining", _plan("deep sea mining", "30 19 * * 1")),
        ("follow up", None),
        ("save money on tea", None),
        ("skip the intro", None),
        ("scan the attached file", None),
        ("", None),
    ],
)
def test_a_sentence_means(text: str, meant: Intent | None) -> None:
    assert read_discovery(text) == meant
    if meant is not None:
        assert understand(text) == meant


@pytest.mark.parametrize(
    ("text", "source", "subject"),
    [
        ("make a video of the second one", "listed", "2"),
        ("make number 3 in Spanish", "listed", "3"),
        ("a 30-second video about the last story please", "listed", "-1"),
        ("make a video about the second world war", "topic", "the second world war"),
        ("make a video about 42", "topic", "42"),
        ("make a video about number theory", "topic", "number theory"),
    ],
)
def test_a_number_of_the_list_is_told_from_a_topic(text: str, source: str, subject: str) -> None:
    meant = understand(text)
    assert isinstance(meant, MakeVideo)
    assert (meant.source, meant.subject) == (source, subject)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/discover coral reefs", _find("coral reefs")),
        (
            "/discover https://example.org/feed reefs",
            UseTool("find_candidates", {"address": "https://example.org/feed", "about": "reefs"}),
        ),
        ("/trends", UseTool("list_candidates")),
        ("/candidates tea", UseTool("list_candidates", {"niche": "tea"})),
        ("/candidate 2", OfList("show_candidate", 2)),
        ("/save #4", OfList("judge_candidate", 4, {"verdict": "save"})),
        ("/dismiss 0199aa", UseTool("judge_candidate", {"verdict": "dismiss", "candidate_id": "0199aa"})),
        ("/pick 1", OfList("make_video", 1)),
        ("/follow", UseTool("list_niches")),
        ("/schedule", UseTool("list_schedules")),
        ("/schedule tea 0 8 * * 1-5", _plan("tea", "0 8 * * 1-5")),
        ("/schedule every evening at 9 tea", _plan("tea", "0 21 * * *")),
        ("/schedule tea", _plan("tea", "")),
        ("/schedule resume 0199aa", UseTool("pause_schedule", {"schedule_id": "0199aa", "paused": False})),
        ("/schedule remove 0199aa", UseTool("remove_schedule", {"schedule_id": "0199aa"})),
        ("/addsource https://a.example/f for tea",
         UseTool("add_source", {"address": "https://a.example/f", "niche": "tea"})),
        ("/more", More()),
    ],
)  # fmt: skip
def test_a_command_means(text: str, meant: Intent) -> None:
    assert read_command(text) == meant


@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("every day at 8", "0 8 * * *"),
        ("daily at 12 am", "0 0 * * *"),
        ("every night", "0 21 * * *"),
        ("every evening at 20:15", "15 20 * * *"),
        ("on weekdays at 6:05 pm", "5 18 * * 1-5"),
        ("every Sunday", "0 8 * * 0"),
        ("hourly", "0 * * * *"),
        ("every 6 hours", "0 */6 * * *"),
        ("*/30 9-17 * * MON-FRI", "*/30 9-17 * * MON-FRI"),
        ("every day at 25", None),
        ("every day at 13 pm", None),
        ("every 99 hours", None),
        ("soon", None),
    ],
)
def test_a_time_is_a_cron_expression(text: str, cron: str | None) -> None:
    assert read_when(text) == cron
    if cron is not None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        assert next_tick(cron, "Europe/Berlin", start) > start


@given(st.text(max_size=60))
def test_whatever_is_written_it_is_read(text: str) -> None:
    read_discovery(text)
    read_number(text, clear=False)
    split_when(text)
