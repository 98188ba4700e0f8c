"""What sources answer, one module a source, in the shapes their documentation shows. The list is explicit."""

from __future__ import annotations

from collections.abc import Mapping

from tests.servers.source_payloads import (
    arxiv,
    bluesky,
    feed,
    gdelt,
    github_trending,
    google_news,
    google_trends,
    hacker_news,
    internet_archive,
    lobsters,
    mastodon,
    newsapi,
    page,
    podcast,
    product_hunt,
    reddit,
    reddit_oauth,
    sitemap,
    tiktok_research,
    wikipedia,
    x,
    youtube,
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
    "arxiv": arxiv.REPLAY,
    "feed": feed.REPLAY,
    "github_trending": github_trending.REPLAY,
    "google_news": google_news.REPLAY,
    "google_trends": google_trends.REPLAY,
    "lobsters": lobsters.REPLAY,
    "podcast": podcast.REPLAY,
    "product_hunt": product_hunt.REPLAY,
    "reddit": reddit.REPLAY,
    "sitemap": sitemap.REPLAY,
    "youtube": youtube.REPLAY,
}
