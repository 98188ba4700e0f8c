"""Hacker News: the search API (https://hn.algolia.com/api) and the official one (https://github.com/HackerNews/API)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story


def _hit(one: Story) -> dict[str, Any]:
    return {
        "_highlightResult": {"title": {"matchLevel": "full", "matchedWords": ["rockets"], "value": one.title}},
        "_tags": ["story", f"author_{one.author}", f"story_{one.number}"],
        "author": one.author,
        "children": [one.number + 1],
        "created_at": one.iso,
        "created_at_i": int(one.at.timestamp()),
        "objectID": str(one.number),
        "story_id": one.number,
        "story_text": f"<p>{one.text}</p>",
        "title": one.title,
        "updated_at": one.iso,
        "url": one.url,
        **one.numbers(points="points", num_comments="comments"),
    }


def _item(one: Story) -> dict[str, Any]:
    return {
        "by": one.author,
        "id": one.number,
        "kids": [one.number + 1],
        "time": int(one.at.timestamp()),
        "title": one.title,
        "type": "story",
        "url": one.url,
        **one.numbers(score="points", descendants="comments"),
    }


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.host == "hn.algolia.com" and call.path == "/api/v1/search":
        hits = [_hit(one) for one in stories][: int(call.query["hitsPerPage"])]
        return Served({"hits": hits, "nbHits": len(hits), "nbPages": 1, "page": 0, "query": call.query["query"]})
    if call.path == "/v0/topstories.json":
        return Served([one.number for one in stories])
    found = [one for one in stories if call.path == f"/v0/item/{one.number}.json"]
    return Served(_item(found[0]) if found else None)


REPLAY = Replay(_answer, ("hn.algolia.com", "hacker-news.firebaseio.com"), also=(Wanted(),))
