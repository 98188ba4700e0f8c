"""YouTube Data API: videos by words, or the most popular, with their numbers in one batch.

Wire format: https://developers.google.com/youtube/v3/docs/search/list (100 quota units) and videos/list (1 unit for up
to 50 ids). A project has 10,000 units a day: one scan takes 101 of them. The key goes in a header, so that no address
holds it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from pydantic import SecretStr

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment
from ettametta.discovery.sources.wire import Shape, ask, phrases, readable, secrets

_URL = "https://www.googleapis.com/youtube/v3"
#: Both for results of a search and for ids in one question.
_MOST = 50
_ID = re.compile(r"[A-Za-z0-9_-]{5,20}")

INFO = SourceInfo(
    name="youtube_data",
    title="YouTube Data API",
    gives="Videos with views, likes and comments: the most viewed that match the words, or the most popular.",
    takes=Takes.WORDS,
    documentation_url="https://developers.google.com/youtube/v3/docs",
    licence="Videos belong to their authors, under the YouTube licence or Creative Commons.",
    terms="10,000 quota units a day: a scan by words takes 101, one of the popular takes 1; numbers are kept 30 days.",
    requests_per_minute=60,
    metrics=("views", "likes", "comments"),
    keys=("YOUTUBE_API_KEY",),
)


class _Items(Shape):
    items: list[Any]


class _FoundId(Shape):
    videoId: str  # noqa: N815  # the name on the wire


class _Found(Shape):
    id: _FoundId


class _Picture(Shape):
    url: str


class _Snippet(Shape):
    title: str
    description: str = ""
    channelTitle: str | None = None  # noqa: N815  # the names on the wire
    publishedAt: str | None = None  # noqa: N815
    defaultAudioLanguage: str | None = None  # noqa: N815
    defaultLanguage: str | None = None  # noqa: N815
    tags: list[str] | None = None
    thumbnails: Any = None


class _Statistics(Shape):
    """Numbers come as text; what an author hides is absent."""

    viewCount: Any = None  # noqa: N815  # the names on the wire
    likeCount: Any = None  # noqa: N815
    commentCount: Any = None  # noqa: N815


class _Video(Shape):
    id: str
    snippet: _Snippet
    statistics: _Statistics = _Statistics()


class YouTubeData:
    """Videos with their numbers.

    Args:
        api_key: of a Google Cloud project with the YouTube Data API; None: asked, it says what is missing.
    """

    info = INFO

    def __init__(self, api_key: SecretStr | None) -> None:
        self._key = api_key

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        (key,) = secrets(INFO, self._key)
        headers = {"X-Goog-Api-Key": key}
        asked: list[tuple[str, str | int]] = [("part", "snippet,statistics"), ("maxResults", _results(wanted))]
        if wanted.limit < 1:
            return
        if wanted.words:
            ids = await _search(wanted, fetch, headers)
            if not ids:
                return
            asked = [("part", "snippet,statistics"), ("id", ",".join(ids))]
        else:
            asked.append(("chart", "mostPopular"))
        found = await ask(fetch, INFO, f"{_URL}/videos", _Items, asked, headers=headers, is_private=True)
        for item in Sieve(wanted).pick(_item(video) for video in readable(found.items, _Video)):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # channels and playlists are read as feeds
        """See Source."""
        return None


async def _search(wanted: Wanted, fetch: Fetch, headers: dict[str, str]) -> Sequence[str]:
    """Ids of videos that match any of the phrases, most viewed first, each once."""
    asked: list[tuple[str, str | int]] = [
        ("part", "snippet"),
        ("type", "video"),
        ("order", "viewCount"),
        ("q", "|".join(phrases(wanted))),
        ("maxResults", _results(wanted)),
    ]
    if wanted.since is not None:
        asked.append(("publishedAfter", f"{wanted.since:%Y-%m-%dT%H:%M:%SZ}"))
    if wanted.languages:
        asked.append(("relevanceLanguage", wanted.languages[0]))
    found = await ask(fetch, INFO, f"{_URL}/search", _Items, asked, headers=headers, is_private=True)
    ids = (one.id.videoId for one in readable(found.items, _Found))
    return list(dict.fromkeys(one for one in ids if _ID.fullmatch(one)))[:_MOST]


def _results(wanted: Wanted) -> int:
    return max(1, min(_MOST, wanted.limit))


def _item(video: _Video) -> FoundItem | None:
    if not _ID.fullmatch(video.id):
        return None
    said, numbers = video.snippet, video.statistics
    return build_item(
        INFO,
        video.id,
        url=f"https://www.youtube.com/watch?v={video.id}",
        title=said.title,
        text=said.description,
        author=said.channelTitle,
        language=said.defaultAudioLanguage or said.defaultLanguage,
        published_at=moment(said.publishedAt),
        image_url=_picture(said.thumbnails),
        metrics={"views": numbers.viewCount, "likes": numbers.likeCount, "comments": numbers.commentCount},
        tags=said.tags or (),
    )


def _picture(thumbnails: Any) -> str | None:
    sizes = thumbnails if isinstance(thumbnails, dict) else {}
    return next(
        (one.url for name in ("high", "medium", "default") for one in readable([sizes.get(name)], _Picture)), None
    )
