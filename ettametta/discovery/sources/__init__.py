"""Where candidates come from: one file a source, in an explicit registry. docs/sources.md lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import SecretStr

from ettametta.discovery.sources import (
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
from ettametta.discovery.sources.base import Source, SourceInfo
from ettametta.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """What sources may need to be built: the settings' values by their names in the environment."""

    keys: Mapping[str, SecretStr] = field(default_factory=lambda: MappingProxyType({}))
    #: base addresses and the like, by the same names; absent: the source's own
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def key(self, name: str) -> SecretStr | None:
        """The key of this name, if it is set."""
        return self.keys.get(name)


Builder = Callable[[SourceConfig], Source]

#: All sources by name. The order matters to `Sources.claim` only: those that read any address come last.
REGISTRY: Mapping[str, Builder] = MappingProxyType(
    {
        "hacker_news": lambda _: hacker_news.HackerNews(),
        "wikipedia": lambda _: wikipedia.Wikipedia(),
        "gdelt": lambda _: gdelt.Gdelt(),
        "mastodon": lambda c: mastodon.Mastodon(c.places.get("ETTAMETTA_MASTODON_INSTANCE", "")),
        "bluesky": lambda c: bluesky.Bluesky(c.places.get("ETTAMETTA_BLUESKY_URL", "")),
        "internet_archive": lambda _: internet_archive.InternetArchive(),
        "youtube_data": lambda c: youtube_data.YouTubeData(c.key("YOUTUBE_API_KEY")),
        "reddit_oauth": lambda c: reddit_oauth.RedditOAuth(c.key("REDDIT_CLIENT_ID"), c.key("REDDIT_CLIENT_SECRET")),
        "newsapi": lambda c: newsapi.NewsApi(c.key("NEWSAPI_KEY"), c.places.get("ETTAMETTA_NEWSAPI_URL", "")),
        "x": lambda c: x.X(c.key("X_BEARER_TOKEN")),
        "tiktok_research": lambda c: tiktok_research.TikTokResearch(
            c.key("TIKTOK_CLIENT_KEY"), c.key("TIKTOK_CLIENT_SECRET")
        ),
        "reddit": lambda _: reddit.Reddit(),
        "google_news": lambda _: google_news.GoogleNews(),
        "google_trends": lambda _: google_trends.GoogleTrends(),
        "youtube": lambda _: youtube.YouTube(),
        "arxiv": lambda _: arxiv.Arxiv(),
        "product_hunt": lambda _: product_hunt.ProductHunt(),
        "lobsters": lambda _: lobsters.Lobsters(),
        "github_trending": lambda _: github_trending.GitHubTrending(),
        "podcast": lambda _: podcast.Podcast(),
        "sitemap": lambda _: sitemap.Sitemap(),
        "feed": lambda _: feed.AnyFeed(),
        "page": lambda _: page.Page(),
    }
)

#: The declared facts of every source.
INFOS: Mapping[str, SourceInfo] = MappingProxyType(
    {name: build(SourceConfig()).info for name, build in REGISTRY.items()}
)


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of an installation. Those that lack a key are there too: asked, they say so."""

    by_name: Mapping[str, Source]
    #: the settings that are not there, of each source that needs them
    missing: Mapping[str, tuple[str, ...]]

    def __iter__(self) -> Iterator[Source]:
        """All of them; those that lack a key come last, so that they claim only addresses that no other reads."""
        return iter(sorted(self.by_name.values(), key=lambda one: one.info.name in self.missing))

    @property
    def ready(self) -> tuple[str, ...]:
        """Names of those that lack nothing."""
        return tuple(name for name in self.by_name if name not in self.missing)

    def get(self, name: str) -> Source:
        """A source by its name.

        Raises:
            InvalidInput: there is none of this name.
        """
        source = self.by_name.get(name)
        if source is None:
            raise InvalidInput(
                f"There is no source '{name[:40]}'.",
                hint=f"The sources are: {', '.join(self.by_name)}.",
                code="source.unknown",
            )
        return source

    def claim(self, address: str) -> tuple[Source, str] | None:
        """The source an address belongs to, with the form that source keeps; None when nobody reads it."""
        for source in self:
            owned = source.owns(address)
            if owned is not None:
                return source, owned
        return None


def set_up(
    *, keys: Mapping[str, SecretStr | None] = MappingProxyType({}), places: Mapping[str, str] = MappingProxyType({})
) -> Sources:
    """All sources, built with what the settings hold.

    Args:
        keys: by the settings' names in the environment; None counts as not set.
        places: base addresses and the like, by the same names; empty counts as not set.
    """
    given = {name: key for name, key in keys.items() if key is not None and key.get_secret_value()}
    config = SourceConfig(given, {name: place for name, place in places.items() if place})
    by_name = {name: build(config) for name, build in REGISTRY.items()}
    lacking = {name: tuple(key for key in one.info.keys if key not in given) for name, one in by_name.items()}
    return Sources(MappingProxyType(by_name), MappingProxyType({name: some for name, some in lacking.items() if some}))
