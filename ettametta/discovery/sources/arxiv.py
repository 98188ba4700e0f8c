"""arXiv: the newest papers that match words.

Wire format: Atom at https://export.arxiv.org/api/query, https://info.arxiv.org/help/api/user-manual.html
(`search_query`, `sortBy`, `max_results`; ids as http://arxiv.org/abs/2101.12345v2; errors come as an entry).
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
from ettametta.discovery.sources.wire import phrases

_URL = "https://export.arxiv.org/api/query"
_MOST = 100
_ID = re.compile(r"https?://arxiv\.org/abs/((?:\d{4}\.\d{4,5})|(?:[a-z.-]{2,20}/\d{7}))(?:v\d{1,3})?", re.IGNORECASE)

INFO = SourceInfo(
    name="arxiv",
    title="arXiv",
    gives="The newest scientific papers that match the words, with their abstracts.",
    takes=Takes.WORDS,
    documentation_url="https://info.arxiv.org/help/api/user-manual.html",
    licence="Titles and abstracts are CC0 1.0; each paper has its own licence.",
    terms="One request every three seconds over one connection; arXiv asks to be thanked for its open access.",
    requests_per_minute=20,
)


class Arxiv:
    """Papers of arXiv."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. All phrases go in one question; without words nothing is asked."""
        words = phrases(wanted)
        sieve = Sieve(wanted)
        if not words or sieve.is_full:
            return
        query = " OR ".join(f'all:"{phrase}"' for phrase in words)
        asked: list[tuple[str, str | int]] = [
            ("search_query", query),
            ("sortBy", "submittedDate"),
            ("sortOrder", "descending"),
            ("max_results", min(_MOST, wanted.limit)),
        ]
        feed = await read_feed(fetch, INFO, _URL, asked)
        for item in sieve.pick(_item(entry) for entry in feed.entries):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it has no addresses of its own
        """See Source."""
        return None


def _item(entry: Entry) -> FoundItem | None:
    found = _ID.fullmatch(entry.id)
    if found is None:  # an error of theirs comes as an entry
        return None
    number, doi = found[1], entry.extra.get("arxiv:doi", "")
    return entry_item(
        INFO,
        entry,
        number=number,
        url=f"https://arxiv.org/abs/{number}",
        licence="CC0 1.0",
        aliases=(f"arxiv:{number}", *([f"doi:{doi}"] if doi else [])),
    )
