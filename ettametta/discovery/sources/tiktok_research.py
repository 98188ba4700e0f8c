"""TikTok's Research API: public videos by words, with views, likes, shares and comments.

Wire format: https://developers.tiktok.com/doc/research-api-specs-query-videos and
https://developers.tiktok.com/doc/client-access-token-management. It is for approved researchers only. A question
spans at most 30 days; a token is asked for at each scan: sources keep nothing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment, one_line
from ettametta.discovery.sources.wire import Shape, access_token, phrases, readable, secrets, send
from ettametta.kit.clock import utc_now

_TOKEN_URL = "https://open.tiktokapis.com/v2/oauth/token/"  # noqa: S105  # an address
_FIELDS = "id,video_description,create_time,username,view_count,like_count,share_count,comment_count,hashtag_names"
_URL = f"https://open.tiktokapis.com/v2/research/video/query/?fields={_FIELDS}"
_MOST = 100
_LONGEST = timedelta(days=30)
_USUAL = timedelta(days=7)
_MAX_TITLE_CHARS = 160
_USERNAME = re.compile(r"[A-Za-z0-9_.]{1,40}")

INFO = SourceInfo(
    name="tiktok_research",
    title="TikTok Research API",
    gives="Public videos that hold the words, with views, likes, shares and comments.",
    takes=Takes.WORDS,
    documentation_url="https://developers.tiktok.com/doc/research-api-specs-query-videos",
    licence="Videos belong to their authors; TikTok's research terms say what the data may be used for.",
    terms="For researchers whom TikTok has approved, for research that is not commercial; 1,000 requests a day.",
    requests_per_minute=10,
    metrics=("views", "likes", "shares", "comments"),
    keys=("TIKTOK_CLIENT_KEY", "TIKTOK_CLIENT_SECRET"),
)


class _Videos(Shape):
    videos: list[Any]


class _Answer(Shape):
    data: _Videos


class _Video(Shape):
    id: int
    username: str
    video_description: str = ""
    create_time: int | None = None
    view_count: Any = None
    like_count: Any = None
    share_count: Any = None
    comment_count: Any = None
    hashtag_names: list[str] | None = None


class TikTokResearch:
    """Videos by TikTok's own interface.

    Args:
        client_key: of an approved research client; None: asked, it says what is missing.
        client_secret: of the same.
    """

    info = INFO

    def __init__(self, client_key: SecretStr | None, client_secret: SecretStr | None) -> None:
        self._keys = (client_key, client_secret)

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. Without words there is nothing to ask."""
        key, secret = secrets(INFO, *self._keys)
        if not phrases(wanted) or wanted.limit < 1:
            return
        form = {"client_key": key, "client_secret": secret, "grant_type": "client_credentials"}
        token = await access_token(fetch, INFO, _TOKEN_URL, form)
        headers = {"Authorization": f"Bearer {token}"}
        found = await send(fetch, INFO, _URL, _Answer, json=_question(wanted), headers=headers)
        for item in Sieve(wanted).pick(_item(video) for video in readable(found.data.videos, _Video)):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it is asked by words only
        """See Source."""
        return None


def _question(wanted: Wanted) -> dict[str, Any]:
    now = utc_now()
    start = max(wanted.since or now - _USUAL, now - _LONGEST + timedelta(days=1))
    conditions = [{"operation": "EQ", "field_name": "keyword", "field_values": [phrase]} for phrase in phrases(wanted)]
    return {
        "query": {"or": conditions},
        "start_date": f"{start:%Y%m%d}",
        "end_date": f"{now:%Y%m%d}",
        "max_count": min(_MOST, wanted.limit),
    }


def _item(video: _Video) -> FoundItem | None:
    if video.id <= 0 or not _USERNAME.fullmatch(video.username):
        return None
    return build_item(
        INFO,
        video.id,
        url=f"https://www.tiktok.com/@{video.username}/video/{video.id}",
        title=one_line(video.video_description, _MAX_TITLE_CHARS),
        text=video.video_description,
        author=f"@{video.username}",
        published_at=moment(video.create_time),
        metrics={
            "views": video.view_count,
            "likes": video.like_count,
            "shares": video.share_count,
            "comments": video.comment_count,
        },
        tags=video.hashtag_names or (),
    )
