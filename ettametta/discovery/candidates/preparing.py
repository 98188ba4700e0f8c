"""A found item made ready to be stored: bounded, named, fingerprinted. Pure, and the costly part of recording."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ettametta.db import storable
from ettametta.discovery.candidates.addresses import split_web_address
from ettametta.discovery.candidates.grouping import Story
from ettametta.discovery.candidates.identity import bounded, names_of, title_digest
from ettametta.discovery.candidates.keywords import keywords
from ettametta.discovery.candidates.simhash import LEAD_WORDS, of_words, title_key
from ettametta.discovery.candidates.velocity import known_metrics
from ettametta.discovery.candidates.words import folded, search_words
from ettametta.discovery.items import MAX_TEXT_CHARS, MAX_TITLE_CHARS, FoundItem
from ettametta.kit.languages import detect_language

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_MAX_AHEAD = timedelta(days=1)
_MAX_AUTHOR_CHARS = 200
_MAX_URL_CHARS = 4_000
_CODE = re.compile(r"^([a-z]{2,3})(?:[-_].*)?$")
#: A title alone is little to go by: below this the classifier's word is not taken.
_MIN_CONFIDENCE = 0.8
#: As many stories of one batch under one name: the name is the feed's and not theirs.
_SHARED = 3
#: Before a facet: no folded word begins so.
FACET = "§"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the rows of an item are made of."""

    ref: str
    source: str
    url: str
    #: where it is talked about on the source itself, else `url`
    seen_at_url: str
    title: str
    text: str
    author: str | None
    image_url: str | None
    language: str | None
    published_at: datetime | None
    metrics: dict[str, int]
    #: the identity first
    names: tuple[str, ...]
    keywords: tuple[str, ...]
    simhash: int | None
    title_key: int | None
    #: what it is searched by
    words: tuple[str, ...]

    @property
    def story(self) -> Story:
        """What it is compared by."""
        return story_of(self.title, self.text, self.url, self.author, self.published_at)


def story_of(title: str, text: str, url: str | None, author: str | None, published_at: datetime | None) -> Story:
    """What a row or an item is compared by."""
    parts = split_web_address(url or "")
    return Story(title, text, (parts.hostname or "") if parts else "", author or "", published_at)


def bare(item: FoundItem, now: datetime) -> Prepared:
    """An item with what a known sighting needs: bounded and checked, without fingerprints."""
    url = storable(item.url, max_chars=_MAX_URL_CHARS)
    return Prepared(
        ref=bounded(storable(item.ref)),
        source=item.source[:64],
        url=url,
        seen_at_url=storable(item.discussion_url or "", max_chars=_MAX_URL_CHARS) or url,
        title=storable(item.title, max_chars=MAX_TITLE_CHARS),
        text=storable(item.text, max_chars=MAX_TEXT_CHARS),
        author=storable(item.author or "", max_chars=_MAX_AUTHOR_CHARS).strip() or None,
        image_url=_image(item.image_url),
        language=_declared(item.language),
        published_at=_moment(item.published_at, now),
        metrics=known_metrics(item.metrics),
        names=(),
        keywords=(),
        simhash=None,
        title_key=None,
        words=(),
    )


def prepare(items: Iterable[FoundItem], now: datetime) -> list[Prepared]:
    """Everything about new items; names that stand for three stories or more of the batch are taken from them."""
    ready = [_whole(item, bare(item, now)) for item in items]
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for one in ready:
        for name in one.names:
            titles[name].add(title_digest(one.title))
    shared = {name for name, found in titles.items() if len(found) >= _SHARED}
    return [replace(one, names=_own_names(one, shared)) if shared else one for one in ready]


def _whole(item: FoundItem, one: Prepared) -> Prepared:
    lead = folded(f"{one.title} {one.text[:1_500]}")[:LEAD_WORDS]
    labels = tuple(keywords(one.title, one.text, [storable(tag) for tag in item.tags]))
    return replace(
        one,
        language=one.language or _detected(f"{one.title}. {one.text[:1_500]}"),
        names=names_of(item),
        keywords=labels,
        simhash=of_words(lead),
        words=words_of(one.title, one.text, one.author, labels),
        title_key=title_key(one.title),
    )


def _own_names(one: Prepared, shared: set[str]) -> tuple[str, ...]:
    first = one.names[0]
    own = with_title(first, one.title) if first in shared else first
    return (own, *(name for name in one.names[1:] if name not in shared))


def with_title(name: str, title: str) -> str:
    """A name that several stories share, made one story's own."""
    return bounded(f"{name}#{title_digest(title)}")


def words_of(title: str, text: str, author: str | None, labels: Sequence[str]) -> tuple[str, ...]:
    """The words a candidate is found by."""
    return tuple(search_words([title, author or "", *labels, text]))


def facet_words(
    user_id: str, *, source: str | None = None, language: str | None = None, verdict: str | None = None
) -> list[str]:
    """Whose it is, where it comes from, its language and verdict, as words no text can hold."""
    given = (("s", source), ("l", language), ("v", verdict))
    facets = [f"{FACET}{kind}{hashlib.sha256(value.encode()).hexdigest()[:12]}" for kind, value in given if value]
    return [f"{FACET}u{user_id}", *facets]


def _declared(language: str | None) -> str | None:
    found = _CODE.match((language or "").strip().lower())
    return found.group(1) if found else None


def _detected(text: str) -> str | None:
    found = detect_language(text)
    return found.code if found is not None and found.confidence >= _MIN_CONFIDENCE else None


def _image(url: str | None) -> str | None:
    return storable(url) if url and len(url) <= _MAX_URL_CHARS and split_web_address(url) else None


def _moment(moment: datetime | None, now: datetime) -> datetime | None:
    """A date that can be believed; others are as good as unknown."""
    if moment is None or moment.tzinfo is None or not _EARLIEST <= moment <= now + _MAX_AHEAD:
        return None
    return moment
