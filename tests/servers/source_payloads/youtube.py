"""YouTube's feeds (https://www.youtube.com/feeds/videos.xml): Atom with Media RSS statistics; and a channel's page."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import atom, xml_text

_CHANNEL = "UC" + "a" * 22
_SPACES = 'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"'
_PAGE = (
    '<html><head><link rel="alternate" type="application/rss+xml" title="RSS" '
    f'href="https://www.youtube.com/feeds/videos.xml?channel_id={_CHANNEL}"></head><body>Ships</body></html>'
)


def _entry(one: Story) -> str:
    video = f"abcdefg{one.number}"
    numbers = (
        f'<media:community><media:starRating count="{one.count("likes")}" average="5.00" min="1" max="5"/>'
        f'<media:statistics views="{one.count("views")}"/></media:community>'
    )
    return (
        f"<id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{_CHANNEL}</yt:channelId>"
        f'<title>{xml_text(one.title)}</title><link rel="alternate" href="https://www.youtube.com/watch?v={video}"/>'
        f"<author><name>{xml_text(one.author)}</name></author><published>{one.iso}</published><updated>{one.iso}</updated>"
        f'<media:group><media:title>{xml_text(one.title)}</media:title><media:thumbnail url="https://i1.ytimg.com/vi/{video}/hq.jpg"/>'
        f"<media:description>{xml_text(one.text)}</media:description>{numbers if one.has_numbers else ''}</media:group>"
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path in ("/@ships", "/c/ships"):
        return Served(_PAGE, content_type="text/html; charset=utf-8")
    asked = (call.query.get("channel_id"), call.query.get("playlist_id"))
    is_known = call.path == "/feeds/videos.xml" and asked in ((_CHANNEL, None), (None, "PL0123456789ab"))
    return atom(_entry, list(stories)[:15], _SPACES) if is_known else None


REPLAY = Replay(
    _answer,
    ("www.youtube.com",),
    Wanted(address=_CHANNEL),
    also=(
        Wanted(address="@ships"),
        Wanted(address="https://www.youtube.com/playlist?list=PL0123456789ab"),
        Wanted(address="https://m.youtube.com/c/ships/videos"),
    ),
    addresses={
        _CHANNEL: _CHANNEL,
        f"https://www.youtube.com/channel/{_CHANNEL}/videos": _CHANNEL,
        f"https://www.youtube.com/feeds/videos.xml?channel_id={_CHANNEL}": _CHANNEL,
        "https://youtube.com/@ships": "@ships",
        "https://www.youtube.com/user/ships": "user/ships",
        "https://www.youtube.com/watch?v=abcdefg1001": None,
        "https://www.youtube.com/watch?v=abcdefg1001&list=PL0123456789ab": "PL0123456789ab",
        "https://youtube.example/@ships": None,
    },
)
