"""What a source is: declared facts, and one way to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem, Metric


class Takes(StrEnum):
    """What a source must be given."""

    #: it is searched for the niche's words
    WORDS = "words"
    #: it shows what is popular; the niche's words pick from it afterwards
    NOTHING = "nothing"
    #: it reads one address (a feed, a channel, a page) that a person named
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """The declared facts of a source."""

    #: lower case, a word: part of refs and rows
    name: str
    #: as people write it
    title: str
    #: one sentence: what it gives
    gives: str
    takes: Takes
    #: where its interface or feed is documented
    documentation_url: str
    #: one sentence: whose the content is and under which licence
    licence: str
    #: one sentence: what its terms ask of us
    terms: str
    #: most requests per minute that its terms or good manners allow
    requests_per_minute: int
    #: the numbers it may send; the first leads: its growth is the item's velocity
    metrics: tuple[Metric, ...] = ()
    #: names of the settings without which it does not answer; empty: no key needed
    keys: tuple[str, ...] = ()
    #: ISO 639-1 codes it is limited to; empty: any
    languages: tuple[str, ...] = ()
    #: what an address may look like, for people ("a channel id, or the address of a channel")
    address_hint: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a scan asks a source for."""

    #: the niche's phrases, most telling first; any of them
    words: tuple[str, ...] = ()
    #: for a source that takes an address
    address: str = ""
    #: ISO 639-1 codes, most wanted first; empty: any
    languages: tuple[str, ...] = ()
    #: nothing older, where the source can be asked so
    since: datetime | None = None
    #: most items
    limit: int = 50


class Source(Protocol):
    """A place candidates come from. Objects hold no state between calls; keys are given when they are built."""

    @property
    def info(self) -> SourceInfo:
        """The declared facts."""
        ...

    def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """Items as they come, so that a deadline keeps what there is.

        Raises:
            InvalidInput: the address is none this source can read.
            Refused: a key is missing or not accepted, or the source does not let us in.
            TransientError: it does not answer now, or with what cannot be read.
        """
        ...

    def owns(self, address: str) -> str | None:
        """The address in the form this source keeps, when a person gave one that is this source's; else None."""
        ...
