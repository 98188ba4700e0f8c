"""A podcast's feed (https://podcasters.apple.com/support/823-podcast-requirements), and Apple's look-up of a show."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import rfc_date, rss, xml_text

_FEED = "https://shows.example/feed.xml"
_SPACES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
_HEAD = "<language>en</language><itunes:author>Ships FM</itunes:author><copyright>Ships FM</copyright>"


def _item(one: Story) -> str:
    return (
        f'<title>{xml_text(one.title)}</title><guid isPermaLink="false">episode-{one.number}</guid>'
        f'<enclosure url="https://shows.example/{one.number}.mp3" type="audio/mpeg" length="1234567"/>'
        f"<pubDate>{rfc_date(one)}</pubDate><itunes:duration>12:30</itunes:duration><itunes:explicit>false</itunes:explicit>"
        f'<itunes:image href="https://pictures.example/a.jpg"/><description>{xml_text(one.text)}</description>'
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.host == "itunes.apple.com" and call.query.get("id") == "12345678":
        return Served({"resultCount": 1, "results": [{"kind": "podcast", "feedUrl": _FEED, "collectionName": "Ships"}]})
    return rss(_item, stories, _SPACES, _HEAD) if call.host == "shows.example" else None


REPLAY = Replay(
    _answer,
    ("shows.example", "itunes.apple.com"),
    Wanted(address=_FEED),
    also=(Wanted(address="https://podcasts.apple.com/us/podcast/ships/id12345678?i=1"),),
    addresses={
        "https://podcasts.apple.com/us/podcast/ships/id12345678?i=1": "https://podcasts.apple.com/podcast/id12345678",
        "https://feeds.megaphone.fm/ships": "https://feeds.megaphone.fm/ships",
        _FEED: None,
    },
)
