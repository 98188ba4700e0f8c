"""Wikipedia's front page as data and its portal of current events (https://en.wikipedia.org/api/rest_v1/)."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story


def _page(number: int, title: str, text: str, language: str, **more: Any) -> dict[str, Any]:
    name = title.replace(" ", "_")
    return {
        "type": "standard",
        "title": name,
        "displaytitle": f"<span>{html.escape(title)}</span>",
        "namespace": {"id": 0, "text": ""},
        "wikibase_item": f"Q{number}",
        "titles": {"canonical": name, "normalized": title, "display": f"<i>{html.escape(title)}</i>"},
        "pageid": number,
        "thumbnail": {"source": f"https://upload.example/{number}.jpg", "width": 320, "height": 213},
        "lang": language,
        "dir": "ltr",
        "timestamp": "2026-11-24T10:00:00Z",
        "description": "Event in spaceflight",
        "content_urls": {
            "desktop": {"page": f"https://{language}.wikipedia.org/wiki/Page_{number}"},
            "mobile": {"page": f"https://{language}.m.wikipedia.org/wiki/Page_{number}"},
        },
        "extract": text,
        "extract_html": f"<p>{html.escape(text)}</p>",
        **more,
    }


def _feed(stories: Sequence[Story], language: str) -> dict[str, Any]:
    pages = [_page(one.number, one.title, one.text, language, **one.numbers(views="views")) for one in stories]
    for rank, page in enumerate(pages, start=1):
        page["rank"] = rank
    quiet = _page(7, "Moon", "The Moon is far.", language)
    news = f'<!--Nov 22--> A rocket lands on the <b id="x"><a rel="mw:WikiLink" href="./Moon">Moon</a></b>.'  # noqa: F541
    return {
        "tfa": _page(8, "Sun", "The Sun is hot.", language),
        "mostread": {"date": "2026-11-24Z", "articles": pages},
        "image": {"title": "File:Sun.jpg"},
        "news": [{"story": news, "links": [_page(9, "Rocket", "A vehicle.", language), quiet]}],
        "onthisday": [{"text": "The first rocket is built.", "year": 2004, "pages": [quiet]}],
    }


_PORTAL = """<!DOCTYPE html><html><body><section><p><b>Science and technology</b></p><ul>
<li><a rel="mw:WikiLink" href="./Moon">Exploration of the Moon</a><ul>
<li>A probe finds ice near the pole. <a rel="mw:ExtLink nofollow" href="https://reports.example/ice"
class="external text">(Reuters)</a></li></ul></li><li>No report is named here.</li></ul></section></body></html>"""


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    language = call.host.partition(".")[0]
    if call.path.startswith("/api/rest_v1/feed/featured/"):
        return Served(_feed(stories, language))
    if call.path.startswith("/api/rest_v1/page/html/Portal%3ACurrent_events%2F"):
        return Served(_PORTAL, content_type='text/html; charset=utf-8; profile="https://www.mediawiki.org/wiki/Specs"')
    return None


REPLAY = Replay(
    _answer,
    ("en.wikipedia.org", "de.wikipedia.org"),
    Wanted(),
    also=(Wanted(languages=("de",)), Wanted(languages=("de", "en"))),
    has_dates=False,
    is_one_to_one=False,
)
