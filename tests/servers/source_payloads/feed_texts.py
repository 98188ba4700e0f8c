"""How stories are written as feeds: RSS and Atom with the extensions that sources use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.servers.source_payloads.base import Served, Story

#: What XML 1.0 has no room for.
_CONTROLS = dict.fromkeys(range(9))


def xml_text(text: str) -> str:
    """Text within an element."""
    return escape(text.translate(_CONTROLS), {'"': "&quot;"})


def rfc_date(one: Story) -> str:
    """The date of RSS."""
    return format_datetime(one.at, usegmt=True)


def rss(item: Callable[[Story], str], stories: Iterable[Story], spaces: str = "", head: str = "") -> Served:
    """An RSS 2.0 feed."""
    items = "".join(f"<item>{item(one)}</item>" for one in stories)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {spaces}><channel><title>Stories</title>'
        f"<link>https://stories.example/</link><description>All</description>{head}{items}</channel></rss>"
    )
    return Served(text, content_type="application/rss+xml; charset=utf-8")


def atom(entry: Callable[[Story], str], stories: Iterable[Story], spaces: str = "") -> Served:
    """An Atom 1.0 feed."""
    entries = "".join(f"<entry>{entry(one)}</entry>" for one in stories)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" {spaces}>'
        f"<title>Stories</title><id>tag:stories.example</id>{entries}</feed>"
    )
    return Served(text, content_type="application/atom+xml; charset=utf-8")
