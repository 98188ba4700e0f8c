"""What sources answer, one module a source, in the shapes their documentation shows. The list is explicit."""

from __future__ import annotations

from collections.abc import Mapping

from tests.servers.source_payloads import (
    bluesky,
    gdelt,
    hacker_news,
    internet_archive,
    mastodon,
    newsapi,
    page,
    reddit_oauth,
    tiktok_research,
    wikipedia,
    x,
    youtube_data,
)
from tests.servers.source_payloads.base import Replay

#: How each source of the registry is replayed.
REPLAYS: Mapping[str, Replay] = {
    "hacker_news": hacker_news.REPLAY,
    "wikipedia": wikipedia.REPLAY,
    "gdelt": gdelt.REPLAY,
    "mastodon": mastodon.REPLAY,
    "bluesky": bluesky.REPLAY,
    "internet_archive": internet_archive.REPLAY,
    "youtube_data": youtube_data.REPLAY,
    "reddit_oauth": reddit_oauth.REPLAY,
    "newsapi": newsapi.REPLAY,
    "x": x.REPLAY,
    "tiktok_research": tiktok_research.REPLAY,
    "page": page.REPLAY,
}
