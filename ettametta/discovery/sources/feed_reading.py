"""What sources that are feeds share: one feed fetched and read, its entries as items."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from ettametta.discovery.feeds import Entry, Feed, parse_feed
from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.items import FoundItem, Metric
from ettametta.discovery.sources.base import SourceInfo
from ettametta.discovery.sources.building import build_item
from ettametta.discovery.sources.wire import translated, unreadable
from ettametta.errors import InvalidInput
from ettametta.kit.text import truncate

MAX_FEED_BYTES = 10_000_000
FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
    "application/json",
    "text/html",  # what feeds are served as, but should not be
    "text/plain",
)
#: A larger feed is parsed in a thread: it would hold up everything else.
_LARGE_BYTES = 200_000
_MAX_FALLBACK_TITLE_CHARS = 120


async def read_feed(
    fetch: Fetch,
    info: SourceInfo,
    url: str,
    parameters: Sequence[tuple[str, str | int]] = (),
    *,
    is_api: bool = True,
) -> Feed:
    """One feed of a source.

    Args:
        fetch: who fetches.
        info: names the source in errors.
        url: without parameters.
        parameters: of the question.
        is_api: the feed is a documented interface.

    Raises:
        InvalidInput: there is no such thing at the source.
        Refused: it does not let us in.
        TransientError: it does not answer now, or with what is no feed.
    """
    whole = f"{url}?{urlencode(parameters)}" if parameters else url
    async with translated(info):
        answer = await fetch.get(whole, accept=FEED_TYPES, max_bytes=MAX_FEED_BYTES, is_api=is_api)
    try:
        return await parsed(answer)
    except InvalidInput:
        raise unreadable(info) from None


async def parsed(answer: Answer) -> Feed:
    """The feed of an answer; a large one is read in a thread.

    Raises:
        InvalidInput: it is no feed.
    """
    if len(answer.body) > _LARGE_BYTES:
        return await asyncio.to_thread(_parsed, answer)
    return _parsed(answer)


def _parsed(answer: Answer) -> Feed:
    return parse_feed(answer.body, content_type=answer.content_type, charset=answer.charset, url=answer.url)


def entry_item(  # noqa: PLR0913  # each is a field of its own, by name
    info: SourceInfo,
    entry: Entry,
    *,
    number: str = "",
    url: str | None = None,
    title: str = "",
    text: str | None = None,
    author: str | None = None,
    licence: str | None = None,
    metrics: Mapping[Metric, object] | None = None,
    discussion_url: str | None = None,
    aliases: Iterable[str] = (),
    tags: Iterable[str] | None = None,
) -> FoundItem | None:
    """An item from an entry; what is given stands above what the entry says. None: it has no address or title.

    A post without a title (short messages have none) is called by the beginning of its text.
    """
    body = entry.summary if text is None else text
    return build_item(
        info,
        number or entry.id or entry.url or "",
        url=url or entry.url,
        title=title or entry.title or truncate(" ".join(body[:1_000].split()), _MAX_FALLBACK_TITLE_CHARS),
        text=body,
        author=author or entry.author or entry.publisher,
        language=entry.language,
        published_at=entry.published_at or entry.updated_at,
        image_url=entry.image_url,
        licence=licence,
        metrics=metrics,
        discussion_url=discussion_url or entry.comments_url,
        aliases=aliases,
        tags=entry.categories if tags is None else tags,
    )
