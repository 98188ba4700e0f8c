"""Product Hunt: what was launched lately, by its feed. The feed holds no votes.

Wire format: Atom at https://www.producthunt.com/feed (with `category` for one); ids end in `Post/<number>`, the markup
is the tagline, then links "Discussion | Link".
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from ettametta.discovery.feeds import Entry
from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve
from ettametta.discovery.sources.feed_reading import entry_item, read_feed

_URL = "https://www.producthunt.com/feed"
_NUMBER = re.compile(r"Post/(\d{1,12})$")
_FOOTER = re.compile(r"\s*Discussion\s*\|\s*Link\s*\Z")

INFO = SourceInfo(
    name="product_hunt",
    title="Product Hunt",
    gives="Products launched lately with their taglines; without votes, which the feed does not hold.",
    takes=Takes.NOTHING,
    documentation_url="https://www.producthunt.com/feed",
    licence="Texts belong to their makers; the feed states no licence.",
    terms="The feed is public and not further documented; commercial use of the API needs leave, of the feed "
    "nothing is said.",
    requests_per_minute=6,
)


class ProductHunt:
    """Launches on Product Hunt."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        feed = await read_feed(fetch, INFO, _URL)
        for item in Sieve(wanted).pick(_item(entry) for entry in feed.entries):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it has no addresses of its own
        """See Source."""
        return None


def _item(entry: Entry) -> FoundItem | None:
    found = _NUMBER.search(entry.id)
    if found is None:
        return None
    return entry_item(INFO, entry, number=found[1], text=_FOOTER.sub("", entry.summary))
