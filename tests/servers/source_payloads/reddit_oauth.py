"""Reddit's data API (https://www.reddit.com/dev/api): the token of an app, and listings of links (t3)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import KEY, Call, Replay, Served, Story

_BASIC = f"Basic {base64.b64encode(f'app-{KEY}:{KEY}'.encode()).decode()}"
_BEARER = "eyJhbGciOi-zqzq"


def _link(one: Story) -> dict[str, Any]:
    return {
        "kind": "t3",
        "data": {
            "id": f"k{one.number}",
            "name": f"t3_k{one.number}",
            "title": one.title,
            "selftext": one.text,
            "author": one.author,
            "subreddit": "space",
            "created_utc": one.at.timestamp(),
            "permalink": f"/r/space/comments/k{one.number}/rockets/",
            "url": one.url,
            "is_self": one.number % 2 == 0,
            "over_18": False,
            "stickied": False,
            "thumbnail": "self",
            **one.numbers(score="points", num_comments="comments"),
        },
    }


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path == "/api/v1/access_token":
        if call.method != "POST" or call.headers.get("authorization") != _BASIC:
            return Served({"message": "Unauthorized", "error": 401}, status=401)
        if call.body != "grant_type=client_credentials":
            return Served({"error": "unsupported_grant_type"})
        return Served({"access_token": _BEARER, "token_type": "bearer", "expires_in": 86400, "scope": "*"})
    if call.host != "oauth.reddit.com" or call.headers.get("authorization") != f"Bearer {_BEARER}":
        return Served({"message": "Unauthorized", "error": 401}, status=401)
    links = [_link(one) for one in stories][: int(call.query["limit"])]
    return Served({"kind": "Listing", "data": {"after": None, "dist": len(links), "children": links, "before": None}})


REPLAY = Replay(
    _answer,
    ("www.reddit.com", "oauth.reddit.com"),
    also=(Wanted(address="r/space"), Wanted()),
    keys={"REDDIT_CLIENT_ID": SecretStr(f"app-{KEY}"), "REDDIT_CLIENT_SECRET": SecretStr(KEY)},
    addresses={
        "r/space": "r/space",
        "https://www.reddit.com/r/space/": "r/space",
        "https://old.reddit.com/r/space/top": "r/space",
        "https://www.reddit.com/r/space/comments/k1/x/": None,
        "https://reddit.example/r/space": None,
    },
)
