"""YouTube Data API v3: search.list and videos.list (https://developers.google.com/youtube/v3/docs)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import KEY, Call, Replay, Served, Story


def _snippet(one: Story) -> dict[str, Any]:
    return {
        "publishedAt": one.iso,
        "channelId": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
        "title": one.title,
        "description": one.text,
        "thumbnails": {"high": {"url": f"https://i.ytimg.com/vi/vid-{one.number}/hq.jpg", "width": 480, "height": 360}},
        "channelTitle": one.author,
        "tags": ["rockets"],
        "liveBroadcastContent": "none",
        "defaultAudioLanguage": f"{one.language}-US",
    }


def _video(one: Story) -> dict[str, Any]:
    numbers = one.numbers(viewCount="views", likeCount="likes", commentCount="comments")
    return {
        "kind": "youtube#video",
        "etag": "x",
        "id": f"vid-{one.number}",
        "snippet": _snippet(one),
        "statistics": {name: str(value) for name, value in numbers.items()},
    }


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.headers.get("x-goog-api-key") != KEY:
        return Served({"error": {"code": 400, "message": "API key not valid."}}, status=400)
    if call.path == "/youtube/v3/search":
        found = [
            {"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": f"vid-{one.number}"}}
            for one in stories
        ]
        return Served({"kind": "youtube#searchListResponse", "items": found[: int(call.query["maxResults"])]})
    ids = call.query["id"].split(",") if "id" in call.query else None
    if len(ids or ()) > 50 or (not ids and call.query.get("chart") != "mostPopular"):
        return Served({"error": {"code": 400}}, status=400)
    videos = [_video(one) for one in stories if ids is None or f"vid-{one.number}" in ids]
    return Served({"kind": "youtube#videoListResponse", "items": videos})


REPLAY = Replay(_answer, ("www.googleapis.com",), also=(Wanted(),), keys={"YOUTUBE_API_KEY": SecretStr(KEY)})
