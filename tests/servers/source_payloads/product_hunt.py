"""Product Hunt's feed (https://www.producthunt.com/feed): Atom, the tagline and two links as its markup."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import atom, xml_text


def _entry(one: Story) -> str:
    page = f"https://www.producthunt.com/products/rockets-{one.number}"
    markup = (
        f'<p>{xml_text(one.text)}</p><p><a href="{page}?utm_source=feed">Discussion</a> | '
        f'<a href="https://www.producthunt.com/r/p/{one.number}?app_id=339">Link</a></p>'
    )
    return (
        f"<id>tag:www.producthunt.com,2005:Post/{one.number}</id><published>{one.iso}</published><updated>{one.iso}</updated>"
        f'<link rel="alternate" type="text/html" href="{page}"/><title>{xml_text(one.title)}</title>'
        f'<content type="html">{xml_text(markup)}</content><author><name>{xml_text(one.author)}</name></author>'
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    return atom(_entry, stories) if call.path == "/feed" else None


REPLAY = Replay(_answer, ("www.producthunt.com",), Wanted())
