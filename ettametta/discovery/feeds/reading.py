"""The one way in: bytes of any feed format to a `Feed`, or one sentence."""

from __future__ import annotations

from datetime import datetime

from ettametta.discovery.feeds.entries import Feed
from ettametta.discovery.feeds.json_reading import read_json_feed
from ettametta.discovery.feeds.markup import read_xml
from ettametta.discovery.feeds.xml_reading import read_xml_feed
from ettametta.errors import InvalidInput
from ettametta.kit.clock import utc_now

#: The first so many entries of a feed are read.
MAX_ENTRIES = 1_000


def parse_feed(
    body: bytes,
    *,
    content_type: str = "",
    charset: str | None = None,
    url: str = "",
    now: datetime | None = None,
    max_entries: int = MAX_ENTRIES,
) -> Feed:
    """Read RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1.

    The bytes decide on the format; the type only where they do not. Broken markup is read as far as it can be.
    Nothing is fetched, and no entity of the document is expanded.

    Args:
        body: as received, unpacked.
        content_type: media type as the server named it; empty: it named none.
        charset: as the server named it; the bytes stand above it.
        url: where it came from: relative addresses are resolved against it.
        now: for dates that lie in the future; default: the present.
        max_entries: most entries that are read.

    Raises:
        InvalidInput: it is no feed.
    """
    moment = now or utc_now()
    if _is_json(body, content_type):
        feed = read_json_feed(body, charset, url=url, now=moment, max_entries=max_entries)
    else:
        root = read_xml(body, charset)
        feed = read_xml_feed(root, url=url, now=moment, max_entries=max_entries) if root is not None else None
    if feed is None:
        raise InvalidInput(
            "That is no feed: neither RSS nor Atom nor JSON Feed.",
            hint="Give the address of a feed, or of a page that names its feed.",
            code="feed.not_a_feed",
        )
    return feed


def _is_json(body: bytes, content_type: str) -> bool:
    start = body[:200].removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n")[:1]
    return start in (b"{", b"[") if start else "json" in content_type
