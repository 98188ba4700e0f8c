"""X API v2, recent search (https://docs.x.com/x-api/posts/search-recent-posts)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from tests.servers.source_payloads.base import KEY, Call, Replay, Served, Story


def _post(one: Story) -> dict[str, Any]:
    numbers = one.numbers(impression_count="views", like_count="likes", retweet_count="shares", reply_count="comments")
    return {
        "id": f"12604{one.number}",
        "text": f"{one.title}\n{one.text}",
        "author_id": "2244994945",
        "created_at": one.iso.replace("Z", ".000Z"),
        "lang": one.language,
        "edit_history_tweet_ids": [f"12604{one.number}"],
        **({"public_metrics": {"quote_count": 1, "bookmark_count": 2, **numbers}} if numbers else {}),
    }


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.headers.get("authorization") != f"Bearer {KEY}":
        return Served({"title": "Unauthorized", "type": "about:blank", "status": 401}, status=401)
    if call.path != "/2/tweets/search/recent" or not 10 <= int(call.query["max_results"]) <= 100:
        return Served({"errors": [{"message": "Invalid Request"}]}, status=400)
    posts = [_post(one) for one in stories][: int(call.query["max_results"])]
    if not posts:
        return Served({"meta": {"result_count": 0}})
    user = {"id": "2244994945", "name": stories[0].author, "username": "ada"}
    return Served({"data": posts, "includes": {"users": [user]}, "meta": {"result_count": len(posts)}})


REPLAY = Replay(_answer, ("api.x.com",), keys={"X_BEARER_TOKEN": SecretStr(KEY)})
