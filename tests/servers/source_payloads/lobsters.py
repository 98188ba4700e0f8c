"""Lobsters (https://lobste.rs/hottest.json): a list of stories as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story


def _story(one: Story) -> dict[str, Any]:
    return {
        "short_id": f"ab{one.number}",
        "created_at": one.iso.replace("Z", ".000-00:00"),
        "title": one.title,
        "url": one.url,
        "flags": 0,
        "description": f"<p>{one.text}</p>\n",
        "description_plain": one.text,
        "submitter_user": one.author if one.number % 2 else {"username": one.author},
        "user_is_author": False,
        "tags": ["space", "science"],
        "comments_url": f"https://lobste.rs/s/ab{one.number}/rockets",
        "short_id_url": f"https://lobste.rs/s/ab{one.number}",
        **one.numbers(score="points", comment_count="comments"),
    }


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    return Served([_story(one) for one in stories]) if call.path in ("/hottest.json", "/t/space.json") else None


REPLAY = Replay(
    _answer,
    ("lobste.rs",),
    Wanted(),
    also=(Wanted(address="t/space"),),
    addresses={
        "t/space": "t/space",
        "https://lobste.rs/t/space.rss": "t/space",
        "https://lobste.rs/s/ab1001": None,
        "https://lobsters.example/t/space": None,
    },
)
