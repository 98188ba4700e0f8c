"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/) to a `Feed`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ettametta.discovery.feeds.addresses import web_address
from ettametta.discovery.feeds.common import each_once, entry_language, short_names, whole_number
from ettametta.discovery.feeds.dates import parse_date
from ettametta.discovery.feeds.entries import Enclosure, Entry, Feed
from ettametta.discovery.feeds.markup import recoded
from ettametta.discovery.feeds.plain import image_in, links_in, plain_line, plain_text
from ettametta.discovery.items import MAX_TEXT_CHARS, MAX_TITLE_CHARS
from ettametta.kit.text import clean, clean_paragraphs, truncate

_MAX_ENCLOSURES = 10


def read_json_feed(body: bytes, charset: str | None, *, url: str, now: datetime, max_entries: int) -> Feed | None:
    """The feed; None when the JSON is none or no feed."""
    try:
        data = json.loads(recoded(body, charset), strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return None
    base = web_address(_text(data, "feed_url"), url) or url
    language = entry_language(_text(data, "language"))
    items = [item for item in data["items"][:max_entries] if isinstance(item, dict)]
    return Feed(
        format="json",
        title=plain_line(_text(data, "title"), MAX_TITLE_CHARS),
        entries=each_once([_entry(item, base, language, now) for item in items]),
        language=language,
        site_url=web_address(_text(data, "home_page_url"), base),
        author=_author(data),
        image_url=web_address(_text(data, "icon"), base),
        is_cut=len(data["items"]) > max_entries,
    )


def _entry(item: dict[str, Any], base: str, language: str | None, now: datetime) -> Entry:
    url = web_address(_text(item, "url"), base) or web_address(_text(item, "external_url"), base)
    markup = _text(item, "content_html")
    attachments = _attachments(item, base)
    return Entry(
        id=clean((_text(item, "id") or url or "")[:500]),
        url=url,
        title=plain_line(_text(item, "title"), MAX_TITLE_CHARS),
        summary=_summary(item, markup),
        author=_author(item),
        published_at=parse_date(_text(item, "date_published"), now=now),
        updated_at=parse_date(_text(item, "date_modified"), now=now),
        image_url=_image(item, markup, attachments, base),
        enclosures=attachments,
        categories=short_names(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        language=entry_language(_text(item, "language")) or language,
        links=links_in(markup),
    )


def _summary(item: dict[str, Any], markup: str) -> str:
    if markup:
        return plain_text(markup, MAX_TEXT_CHARS)
    text = _text(item, "content_text") or _text(item, "summary")
    return truncate(clean_paragraphs(text[: 2 * MAX_TEXT_CHARS]), MAX_TEXT_CHARS)


def _image(item: dict[str, Any], markup: str, attachments: tuple[Enclosure, ...], base: str) -> str | None:
    for name in ("image", "banner_image"):
        found = web_address(_text(item, name), base)
        if found:
            return found
    pictures = (one.url for one in attachments if one.media_type.startswith("image/"))
    return next(pictures, None) or web_address(image_in(markup), base)


def _attachments(item: dict[str, Any], base: str) -> tuple[Enclosure, ...]:
    found = [one for one in _list(item, "attachments")[:_MAX_ENCLOSURES] if isinstance(one, dict)]
    addressed = ((web_address(_text(one, "url"), base), one) for one in found)
    return tuple(
        Enclosure(address, _text(one, "mime_type").lower()[:100], whole_number(one.get("size_in_bytes")))
        for address, one in addressed
        if address
    )


def _author(node: dict[str, Any]) -> str | None:
    people = [node.get("author"), *_list(node, "authors")[:5]]
    names = [plain_line(_text(one, "name"), 160) for one in people if isinstance(one, dict)]
    return ", ".join(dict.fromkeys(name for name in names if name))[:160] or None


def _list(node: dict[str, Any], name: str) -> list[Any]:
    value = node.get(name)
    return value if isinstance(value, list) else []


def _text(node: dict[str, Any], name: str) -> str:
    value = node.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)  # ids and dates that should be texts
    return value if isinstance(value, str) else ""
