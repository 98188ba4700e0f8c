"""Google Trends: what is searched for much more than usual today, with the least number of searches it names.

Wire format: RSS 2.0 at https://trends.google.com/trending/rss?geo=US with the `ht` extension: `approx_traffic` ("20K+",
a lower bound) and up to three `news_item`s that say why.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from ettametta.discovery.feeds import Entry
from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve
from ettametta.discovery.sources.editions import country_of
from ettametta.discovery.sources.feed_reading import entry_item, read_feed
from ettametta.discovery.sources.wire import bad_address

_URL = "https://trends.google.com/trending/rss"
_EXPLORE_URL = "https://trends.google.com/trends/explore"
_COUNTRY = re.compile(r"[A-Z]{2}")
_MAX_COUNTRIES = 3

INFO = SourceInfo(
    name="google_trends",
    title="Google Trends",
    gives="Searches that rise today in a country, with a lower bound of their number and the articles behind them.",
    takes=Takes.NOTHING,
    documentation_url="https://trends.google.com/trending",
    licence="Google's data; Google asks to be named as the source. The articles belong to their publishers.",
    terms="The feed is offered on the page as an export; no limit is stated.",
    requests_per_minute=6,
    metrics=("searches",),
    address_hint="a country's code, as US",
)


class GoogleTrends:
    """Trending searches."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. Countries come from the address, else from the languages."""
        sieve = Sieve(wanted)
        for country in _countries(wanted):
            if sieve.is_full:
                return
            feed = await read_feed(fetch, INFO, _URL, [("geo", country)])
            for item in sieve.pick(_item(entry, country) for entry in feed.entries):
                yield item

    def owns(self, address: str) -> str | None:
        """See Source."""
        return address if _COUNTRY.fullmatch(address) else None


def _countries(wanted: Wanted) -> list[str]:
    if wanted.address:
        if not _COUNTRY.fullmatch(wanted.address):
            raise bad_address(INFO)
        return [wanted.address]
    known = [country for language in wanted.languages if (country := country_of(language))]
    return known[:_MAX_COUNTRIES] or ["US"]


def _item(entry: Entry, country: str) -> FoundItem | None:
    """What it is about is the first article behind it; its talk is Google's own page of the trend."""
    page = f"{_EXPLORE_URL}?{urlencode([('q', entry.title), ('geo', country)])}"
    said = [f"{one.title} ({one.publisher})" if one.publisher else one.title for one in entry.related]
    return entry_item(
        INFO,
        entry,
        number=f"{country}:{entry.title.casefold()}" if entry.title else "",
        url=entry.related[0].url if entry.related else page,
        text="\n\n".join(said) or entry.summary,
        metrics={"searches": entry.search_count},
        discussion_url=page,
    )
