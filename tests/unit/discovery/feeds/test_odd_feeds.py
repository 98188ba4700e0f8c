"""More than three hundred feeds of odd shapes: each is read as far as it can be, or refused in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ettametta.discovery.feeds import Feed, parse_feed
from ettametta.errors import EttamettaError
from tests.unit.discovery.feeds.odd_feeds import LINKS, TITLES, OddFeed, odd_feeds

NOW = datetime(2026, 11, 25, tzinfo=UTC)
FEEDS = list(odd_feeds())


def test_there_are_enough() -> None:
    assert len(FEEDS) > 400
    assert len({feed.body for feed in FEEDS}) > 360


@pytest.mark.parametrize("odd", FEEDS, ids=[feed.name for feed in FEEDS])
def test_it_is_read_or_refused(odd: OddFeed) -> None:
    feed, error = attempt(odd)
    if feed is None:
        assert odd.way.reads == "any" or odd.is_cut_json, error
        assert error.endswith(".")
        return
    check(feed)
    titles = tuple(entry.title for entry in feed.entries)
    if odd.way.reads == "all":
        assert titles == TITLES
        assert odd.way.moves_links or tuple(entry.url for entry in feed.entries) == LINKS
        assert {entry.summary.splitlines()[0] for entry in feed.entries} == {"A study counted the visits."}
    elif odd.way.reads == "first":
        assert titles[:1] == TITLES[:1]


def attempt(odd: OddFeed) -> tuple[Feed | None, str]:
    try:
        return parse_feed(odd.body, charset=odd.way.charset, url="https://news.example/feed.xml", now=NOW), ""
    except EttamettaError as error:
        return None, error.message


def check(feed: Feed) -> None:
    """What holds for whatever is read."""
    assert len(feed.title) <= 300
    for entry in feed.entries:
        for text in (entry.title, entry.summary, feed.title, entry.author or "", *entry.categories):
            assert not any(ord(char) < 32 and char != "\n" for char in text)
            assert "root:" not in text
            assert "lollol" not in text
            text.encode()
        for address in (entry.url, entry.image_url, entry.comments_url, feed.site_url):
            assert address is None or address.startswith(("https://", "http://"))
        for moment in (entry.published_at, entry.updated_at):
            assert moment is None or (moment.utcoffset() == timedelta(0) and moment <= NOW + timedelta(days=1))
        assert (entry.view_count, entry.comment_count, entry.search_count, entry.rating_count) == (None,) * 4
