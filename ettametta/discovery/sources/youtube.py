"""YouTube without a key: the fifteen newest videos of a channel or playlist, with views and likes.

Wire format: Atom at https://www.youtube.com/feeds/videos.xml (`channel_id` or `playlist_id`) with Media RSS:
`media:statistics views` and `media:starRating count`, which is the number of likes.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

from ettametta.discovery.feeds import Entry, find_feed_links
from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve
from ettametta.discovery.sources.feed_reading import entry_item, read_feed
from ettametta.discovery.sources.wire import bad_address, translated
from ettametta.errors import InvalidInput
from ettametta.kit.text import decode

_SITE = "https://www.youtube.com"
_FEED_URL = f"{_SITE}/feeds/videos.xml"
_CHANNEL_ID = re.compile(r"UC[\w-]{22}")
_PLAYLIST_ID = re.compile(r"(?:PL|UU|OL|FL|RD)[\w-]{10,60}")
_HANDLE = re.compile(r"@[\w.·-]{2,40}")
_OLD_NAME = re.compile(r"(?:c|user)/[\w.-]{1,60}")
_ID_IN_PAGE = re.compile(r'"(?:externalId|channelId)":"(UC[\w-]{22})"|/channel/(UC[\w-]{22})"')
_VIDEO_ID = re.compile(r"[\w-]{11}")
_MAX_PAGE_BYTES = 5_000_000

INFO = SourceInfo(
    name="youtube",
    title="YouTube channels",
    gives="The fifteen newest videos of a channel or playlist with their views and likes.",
    takes=Takes.ADDRESS,
    documentation_url="https://developers.google.com/youtube/v3/guides/push_notifications",
    licence="Videos belong to their authors, under YouTube's licence or Creative Commons; the feed does not say which.",
    terms="The feed's address is documented, its limits are not.",
    requests_per_minute=30,
    metrics=("views", "likes"),
    address_hint="a channel by its id, its @handle or its address, or a playlist by its address",
)


class YouTube:
    """Videos of a channel or playlist."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        kept = self.owns(wanted.address)
        if kept is None:
            raise bad_address(INFO)
        feed = await read_feed(fetch, INFO, _FEED_URL, [await _question(kept, fetch)])
        for item in Sieve(wanted).pick(_item(entry) for entry in feed.entries):
            yield item

    def owns(self, address: str) -> str | None:
        """See Source. Kept is the id of a channel or playlist, a handle, or an old name (`c/name`, `user/name`)."""
        if _CHANNEL_ID.fullmatch(address) or _PLAYLIST_ID.fullmatch(address) or _HANDLE.fullmatch(address):
            return address
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
            query = parse_qs(parts.query, max_num_fields=50)
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or host != "youtube.com":
            return None
        return _in_query(query) or _in_path(parts.path.strip("/"))


def _in_query(query: dict[str, list[str]]) -> str | None:
    for name, kind in (("list", _PLAYLIST_ID), ("playlist_id", _PLAYLIST_ID), ("channel_id", _CHANNEL_ID)):
        value = query.get(name, [""])[0]
        if kind.fullmatch(value):
            return value
    return None


def _in_path(path: str) -> str | None:
    first, _, rest = path.partition("/")
    second = rest.split("/")[0]
    if first == "channel":
        return second if _CHANNEL_ID.fullmatch(second) else None
    if _HANDLE.fullmatch(first):
        return first
    name = f"{first}/{second}"
    return name if _OLD_NAME.fullmatch(name) else None


async def _question(kept: str, fetch: Fetch) -> tuple[str, str]:
    if _CHANNEL_ID.fullmatch(kept):
        return ("channel_id", kept)
    if _PLAYLIST_ID.fullmatch(kept):
        return ("playlist_id", kept)
    async with translated(INFO):
        answer = await fetch.get(f"{_SITE}/{kept}", accept=("text/html",), max_bytes=_MAX_PAGE_BYTES)
    return ("channel_id", _id_in_page(answer.body))


def _id_in_page(body: bytes) -> str:
    """The id of a channel from its page: by the feed the page names, else by its data."""
    try:
        markup = decode(body)
    except InvalidInput:
        raise bad_address(INFO) from None
    for link in find_feed_links(markup, _SITE):
        found = parse_qs(urlsplit(link.url).query).get("channel_id", [""])[0]
        if _CHANNEL_ID.fullmatch(found):
            return found
    data = _ID_IN_PAGE.search(markup)
    if data is None:
        raise bad_address(INFO)
    return data[1] or data[2]


def _item(entry: Entry) -> FoundItem | None:
    video = entry.extra.get("yt:videoid", "")
    if not _VIDEO_ID.fullmatch(video):
        return None
    return entry_item(
        INFO,
        entry,
        number=video,
        url=f"{_SITE}/watch?v={video}",
        metrics={"views": entry.view_count, "likes": entry.rating_count},
        aliases=(f"youtube:{video}",),
    )
