"""How sources make items: text made plain and bounded, dates and numbers checked, each item once and within the wish.

Sources send odd things. What cannot be used is left out (a number that is none is absent); an item without address or
title is no item.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import MappingProxyType

from ettametta.discovery.items import MAX_TEXT_CHARS, MAX_TITLE_CHARS, FoundItem, Metric
from ettametta.discovery.sources.base import SourceInfo, Wanted
from ettametta.kit.clock import utc_now
from ettametta.kit.text import clean, clean_paragraphs, html_to_text, looks_like_html, truncate

MAX_REF_CHARS = 300
MAX_URL_CHARS = 2_000
_MAX_NAME_CHARS = 160
_MAX_TAGS = 30
_MAX_TAG_CHARS = 60
#: What is longer is not looked at: a hostile text costs no more than this.
_MAX_MARKUP_CHARS = 100_000
_MAX_NUMBER = 2**63 - 1
_WEB = re.compile(r"https?://[^\s/?#\x00-\x20\"<>\\][^\s\x00-\x20\"<>\\]*", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)


def build_item(  # noqa: PLR0913  # the fields of an item, all by name
    info: SourceInfo,
    number: str | int,
    *,
    url: str | None,
    title: str | None,
    text: str | None = "",
    author: str | None = None,
    language: str | None = None,
    published_at: datetime | None = None,
    image_url: str | None = None,
    licence: str | None = None,
    metrics: Mapping[Metric, object] | None = None,
    discussion_url: str | None = None,
    aliases: Iterable[str] = (),
    tags: Iterable[str] = (),
) -> FoundItem | None:
    """An item of this source from what it sent; None when it has no id, web address or title.

    Args:
        info: the source.
        number: the source's own id of the item.
        url: what the item is about.
        title: may be markup; it is made one plain line.
        text: may be markup; it is made plain paragraphs.
        author: a name.
        language: any BCP 47 tag; only its ISO 639-1 part is kept.
        published_at: see `moment`.
        image_url: a picture of it.
        licence: as the source names it.
        metrics: numbers as they were sent: those that are none, or that the source does not declare, are left out.
        discussion_url: where the source itself shows it.
        aliases: what names it elsewhere.
        tags: labels.
    """
    whole_url, whole_title, own_id = web_address(url), one_line(title), clean(str(number))
    if whole_url is None or not whole_title or not own_id:
        return None
    return FoundItem(
        source=info.name,
        ref=_ref(info.name, own_id),
        url=whole_url,
        title=whole_title,
        text=paragraphs(text),
        author=one_line(author, _MAX_NAME_CHARS) or None,
        language=language_code(language),
        published_at=published_at,
        image_url=web_address(image_url),
        licence=one_line(licence, _MAX_NAME_CHARS) or None,
        metrics=_metrics(info, metrics or {}),
        discussion_url=web_address(discussion_url),
        aliases=_first(clean(alias)[:MAX_REF_CHARS] for alias in aliases),
        tags=_first(one_line(tag, _MAX_TAG_CHARS) for tag in tags),
    )


def _ref(source: str, own_id: str) -> str:
    """Long ids (some are addresses) are kept by their hash."""
    if len(own_id) > MAX_REF_CHARS:
        own_id = hashlib.sha256(own_id.encode()).hexdigest()
    return f"{source}:{own_id}"


def _metrics(info: SourceInfo, sent: Mapping[Metric, object]) -> Mapping[Metric, int]:
    numbers = {name: whole_number(value) for name, value in sent.items() if name in info.metrics}
    return MappingProxyType({name: value for name, value in numbers.items() if value is not None})


def _first(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, at most thirty."""
    return tuple(dict.fromkeys(word for word in islice(words, 2 * _MAX_TAGS) if word))[:_MAX_TAGS]


def one_line(text: str | None, limit: int = MAX_TITLE_CHARS) -> str:
    """One line of plain text, at most `limit` characters; markup and entities are taken off."""
    return truncate(clean(_plain(text)[: 8 * limit]), limit) if text else ""


def paragraphs(text: str | None, limit: int = MAX_TEXT_CHARS) -> str:
    """Plain paragraphs, at most `limit` characters; markup and entities are taken off."""
    return truncate(clean_paragraphs(_plain(text)[: 4 * limit]), limit) if text else ""


def _plain(text: str) -> str:
    part = text[:_MAX_MARKUP_CHARS]
    return html_to_text(part) if looks_like_html(part) or _ENTITY.search(part) else part


def web_address(text: str | None) -> str | None:
    """An http(s) address, or None. One without a scheme (`//host/...`) becomes https."""
    whole = (text or "").strip()
    if whole.startswith("//"):
        whole = f"https:{whole}"
    if len(whole) > MAX_URL_CHARS or not _WEB.fullmatch(whole):
        return None
    return whole if whole == whole.encode("utf-8", "ignore").decode() else None


def language_code(tag: str | None) -> str | None:
    """ISO 639-1 in lower case from a BCP 47 tag ("en-GB"); None for what is none."""
    found = _LANGUAGE.fullmatch(tag.strip()) if tag else None
    return found.group(1).lower() if found else None


def moment(value: object) -> datetime | None:
    """An aware time in UTC from ISO 8601 (basic or extended) or seconds since 1970; without a zone it is UTC.

    None for what is none, lies before 1995, or more than a day ahead: a clock that is wrong tells nothing.
    """
    try:
        found = _read_moment(value)
    except (ValueError, OverflowError, OSError):
        return None
    if found is None:
        return None
    return found if _EARLIEST <= found <= utc_now() + timedelta(days=1) else None


def _read_moment(value: object) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, tz=UTC)
    read = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
    if not isinstance(read, datetime):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def whole_number(value: object) -> int | None:
    """A count as it was sent, also as digits in text; None for anything else. Never a guess."""
    if isinstance(value, str) and len(value) <= 19 and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MAX_NUMBER else None


class Sieve:
    """Lets each item of a search through once, until the limit; none that is older or in another language than wanted.

    An item that does not say its age or language is let through.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._seen: set[str] = set()

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        return self.room <= 0

    @property
    def room(self) -> int:
        """How many more items are wanted."""
        return self._wanted.limit - len(self._seen)

    def pick(self, items: Iterable[FoundItem | None]) -> Iterator[FoundItem]:
        """Those of the items that are wanted and new."""
        for item in items:
            if self.is_full:
                return
            if item is not None and self._suits(item):
                self._seen.add(item.ref)
                yield item

    async def pick_aside(self, items: Iterable[FoundItem | None]) -> list[FoundItem]:
        """Like `pick`, off the event loop: tens of thousands may be looked at, or long markup, before one is wanted."""
        return await asyncio.to_thread(lambda: list(self.pick(items)))

    def _suits(self, item: FoundItem) -> bool:
        if item.ref in self._seen:
            return False
        since, languages = self._wanted.since, self._wanted.languages
        if since is not None and item.published_at is not None and item.published_at < since:
            return False
        return not (languages and item.language is not None and item.language not in languages)
