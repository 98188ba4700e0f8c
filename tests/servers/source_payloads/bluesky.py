"""Bluesky's public interface (https://docs.bsky.app/docs/api/app-bsky-feed-search-posts and -get-feed)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story

_DID = "did:plc:z72i7hdynmk6r22z27h6tvur"


def _post(one: Story) -> dict[str, Any]:
    post: dict[str, Any] = {
        "uri": f"at://{_DID}/app.bsky.feed.post/3k{one.number}",
        "cid": "bafyreic",
        "author": {"did": _DID, "handle": "ada.stories.example", "displayName": one.author, "labels": []},
        "record": {
            "$type": "app.bsky.feed.post",
            "createdAt": one.iso.replace("Z", ".123Z").replace(".123", ".000"),
            "langs": [one.language],
            "text": f"{one.title}\n{one.text}",
        },
        "indexedAt": one.iso,
        "labels": [],
        **one.numbers(likeCount="likes", repostCount="shares", replyCount="comments"),
    }
    if one.number % 2:
        card = {"uri": one.url, "title": one.title, "description": one.text, "thumb": "https://pictures.example/t.jpg"}
        post["embed"] = {"$type": "app.bsky.embed.external#view", "external": card}
    return post


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    posts = [_post(one) for one in stories][: int(call.query.get("limit", 50))]
    match call.path.removeprefix("/xrpc/"):
        case "app.bsky.feed.searchPosts":
            return Served({"posts": posts, "cursor": "25"})
        case "app.bsky.feed.getFeed" if call.query["feed"].startswith("at://did:"):
            return Served({"feed": [{"post": post} for post in posts], "cursor": "x"})
        case "app.bsky.feed.getAuthorFeed":
            return Served({"feed": [{"post": post, "reason": None} for post in posts]})
        case "com.atproto.identity.resolveHandle":
            return Served({"did": _DID})
    return Served({"error": "InvalidRequest", "message": "..."}, status=400)


REPLAY = Replay(
    _answer,
    ("public.api.bsky.app",),
    also=(
        Wanted(),
        Wanted(address="ada.stories.example"),
        Wanted(address="at://ada.stories.example/app.bsky.feed.generator/science"),
    ),
    addresses={
        "https://bsky.app/profile/ada.stories.example": "ada.stories.example",
        f"https://bsky.app/profile/{_DID}/feed/hot": f"at://{_DID}/app.bsky.feed.generator/hot",
        "https://bsky.app/settings": None,
        "https://other.example/profile/ada.stories.example": None,
    },
)
