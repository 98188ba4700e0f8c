"""Mastodon's trends (https://docs.joinmastodon.org/methods/trends/): links, statuses, tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story


def _history(one: Story) -> list[dict[str, str]]:
    """Seven days, uses as text; together they are the story's number."""
    if not one.has_numbers:
        return []
    whole = one.count("uses")
    days = [whole // 7] * 6
    return [
        {"day": str(1_700_000_000 + day * 86_400), "accounts": "3", "uses": str(uses)}
        for day, uses in enumerate([whole - sum(days), *days])
    ]


def _link(one: Story) -> dict[str, Any]:
    return {
        "url": one.url,
        "title": one.title,
        "description": one.text,
        "type": "link",
        "authors": [{"name": one.author, "url": "", "account": None}],
        "author_name": one.author,
        "author_url": "",
        "provider_name": "Stories",
        "provider_url": "",
        "html": "",
        "width": 400,
        "height": 225,
        "image": f"https://pictures.example/{one.number}.jpg",
        "image_description": "",
        "embed_url": "",
        "blurhash": "UaKUcySiS4",
        "published_at": one.iso,
        "language": one.language,
        "history": _history(one),
    }


def _status(one: Story) -> dict[str, Any]:
    return {
        "id": f"11{one.number}",
        "created_at": one.iso.replace("Z", ".000Z"),
        "in_reply_to_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": one.language,
        "uri": f"https://social.example/users/ada/statuses/{one.number}",
        "url": f"https://social.example/@ada/{one.number}",
        "content": f"<p>{one.title}</p><p>{one.text}</p>",
        "account": {"id": "1", "acct": "ada@social.example", "display_name": one.author, "url": "https://x.example"},
        "media_attachments": [],
        "card": None,
        **one.numbers(replies_count="comments", reblogs_count="shares", favourites_count="likes"),
    }


def _tag(one: Story) -> dict[str, Any]:
    return {"id": str(one.number), "name": f"rockets {one.number}", "url": "x", "history": _history(one)}


_SHAPES = {"/api/v1/trends/links": _link, "/api/v1/trends/statuses": _status, "/api/v1/trends/tags": _tag}


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    shape = _SHAPES.get(call.path)
    return Served([shape(one) for one in stories][: int(call.query["limit"])]) if shape else None


REPLAY = Replay(
    _answer,
    ("mastodon.social", "art.example"),
    Wanted(),
    also=(Wanted(address="art.example"),),
    addresses={
        "https://art.example/explore": "art.example",
        "https://Art.example/explore/links": "art.example",
        "https://art.example/@ada": None,
    },
    is_one_to_one=False,
)
