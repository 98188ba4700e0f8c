"""Google News (https://news.google.com/rss): RSS with the publisher in each title and links through Google."""

# ruff: noqa: E501  # markup is written as it comes

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import rfc_date, rss, xml_text


def _item(one: Story) -> str:
    link = f"https://news.google.com/rss/articles/CBM{one.number}?oc=5"
    about = f'<a href="{link}" target="_blank">{xml_text(one.title)}</a>&nbsp;&nbsp;<font color="#6f6f6f">The Courier</font>'
    return (
        f"<title>{xml_text(one.title)} - The Courier</title><link>{link}</link>"
        f'<guid isPermaLink="false">CBM{one.number}</guid><pubDate>{rfc_date(one)}</pubDate>'
        f'<description>{xml_text(about)}</description><source url="https://courier.example">The Courier</source>'
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path not in ("/rss", "/rss/search"):
        return None
    return rss(_item, stories, 'xmlns:media="http://search.yahoo.com/mrss/"', "<language>en-US</language>")


REPLAY = Replay(_answer, ("news.google.com",), also=(Wanted(), Wanted(words=("rockets",), languages=("en", "de"))))
