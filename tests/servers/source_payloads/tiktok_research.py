"""TikTok's Research API (https://developers.tiktok.com/doc/research-api-specs-query-videos) and its client token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from tests.servers.source_payloads.base import KEY, Call, Replay, Served, Story

_TOKEN = "clt.example12345-zqzq"


def _video(one: Story) -> dict[str, Any]:
    return {
        "id": 7_000_000_000_000_000_000 + one.number,
        "create_time": int(one.at.timestamp()),
        "username": "ada.lumen",
        "region_code": "US",
        "video_description": f"{one.title} {one.text}",
        "hashtag_names": ["rockets", "dawn"],
        **one.numbers(view_count="views", like_count="likes", share_count="shares", comment_count="comments"),
    }


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path == "/v2/oauth/token/":
        if f"client_key=app-{KEY}&client_secret={KEY}&grant_type=client_credentials" != call.body:
            return Served({"error": "invalid_client", "error_description": "Client key is incorrect.", "log_id": "2"})
        return Served({"access_token": _TOKEN, "expires_in": 7200, "token_type": "Bearer"})
    if call.headers.get("authorization") != f"Bearer {_TOKEN}":
        return Served({"error": {"code": "access_token_invalid", "message": "...", "log_id": "2"}}, status=401)
    asked = json.loads(call.body)
    start, end = (datetime.strptime(asked[name], "%Y%m%d") for name in ("start_date", "end_date"))  # noqa: DTZ007
    if (end - start).days > 30 or "fields" not in call.query:
        return Served({"error": {"code": "invalid_params", "message": "...", "log_id": "2"}}, status=400)
    videos = [_video(one) for one in stories][: asked["max_count"]]
    data = {"videos": videos, "cursor": len(videos), "has_more": False, "search_id": "7201388525814961198"}
    return Served({"data": data, "error": {"code": "ok", "message": "", "log_id": "2022"}})


REPLAY = Replay(
    _answer,
    ("open.tiktokapis.com",),
    keys={"TIKTOK_CLIENT_KEY": SecretStr(f"app-{KEY}"), "TIKTOK_CLIENT_SECRET": SecretStr(KEY)},
)
