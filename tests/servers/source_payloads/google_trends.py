"""Google Trends (https://trends.google.com/trending/rss): RSS with approximate traffic and the articles behind it."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import rfc_date, rss, xml_text

_SPACES = 'xmlns:ht="https://trends.google.com/trending/rss"'


def _item(one: Story) -> str:
    traffic = f"<ht:approx_traffic>{one.count('searches')}+</ht:approx_traffic>" if one.has_numbers else ""
    return (
        f"<title>{xml_text(one.title)}</title>{traffic}<description></description>"
        f"<link>https://trends.google.com/trending/rss?geo=US</link><pubDate>{rfc_date(one)}</pubDate>"
        "<ht:picture>https://pictures.example/a.jpg</ht:picture><ht:picture_source>Courier</ht:picture_source>"
        f"<ht:news_item><ht:news_item_title>{xml_text(one.text)}</ht:news_item_title><ht:news_item_snippet></ht:news_item_snippet>"
        f"<ht:news_item_url>{one.url}</ht:news_item_url><ht:news_item_picture>https://pictures.example/b.jpg</ht:news_item_picture>"
        "<ht:news_item_source>Courier</ht:news_item_source></ht:news_item>"
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    is_known = call.path == "/trending/rss" and call.query.get("geo") in ("US", "DE")
    return rss(_item, stories, _SPACES) if is_known else None


REPLAY = Replay(
    _answer,
    ("trends.google.com",),
    Wanted(),
    also=(Wanted(address="DE"), Wanted(languages=("de", "en"))),
    addresses={"US": "US", "us": None, "https://trends.google.com/": None},
)
