"""Google News: articles of many publishers that match words, or the top stories, by its feeds.

Wire format: RSS 2.0 at https://news.google.com/rss (top) and /rss/search?q=, with `hl` (language), `gl` (country) and
`ceid`. Titles end with " - Publisher"; links lead through Google.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from ettametta.discovery.feeds import Entry
from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve
from ettametta.discovery.sources.editions import country_of
from ettametta.discovery.sources.feed_reading import entry_item, read_feed
from ettametta.discovery.sources.wire import phrases

_URL = "https://news.google.com/rss"
#: Languages that its parameters `hl` and `ceid` name with a region.
_NAMES = {"en": ("en-US", "en"), "pt": ("pt-BR", "pt-419")}

INFO = SourceInfo(
    name="google_news",
    title="Google News",
    gives="Headlines of many publishers that match the words, or the top stories.",
    takes=Takes.WORDS,
    documentation_url="https://news.google.com/rss",
    licence="Headlines and articles belong to their publishers.",
    terms="The feed says that it is for personal, non-commercial use in feed readers; nothing else is documented, no "
    "limit is stated.",
    requests_per_minute=20,
)


class GoogleNews:
    """Articles that Google News lists."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        sieve = Sieve(wanted)
        edition = _edition(wanted.languages[0] if wanted.languages else "en")
        questions = [(f"{_URL}/search", [("q", phrase), *edition]) for phrase in phrases(wanted)]
        for url, asked in questions or [(_URL, edition)]:
            if sieve.is_full:
                return
            feed = await read_feed(fetch, INFO, url, asked)
            for item in sieve.pick(_item(entry) for entry in feed.entries):
                yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it has no addresses of its own
        """See Source."""
        return None


def _edition(language: str) -> list[tuple[str, str | int]]:
    country = country_of(language)
    if country is None:
        return [("hl", language)]
    hl, ceid = _NAMES.get(language, (language, language))
    return [("hl", hl), ("gl", country), ("ceid", f"{country}:{ceid}")]


def _item(entry: Entry) -> FoundItem | None:
    title = entry.title.removesuffix(f" - {entry.publisher}") if entry.publisher else entry.title
    # The text is only the headline and the publisher once more.
    text = "" if entry.summary.startswith(title[:60]) else entry.summary
    return entry_item(INFO, entry, title=title, text=text)
