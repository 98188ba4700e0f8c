"""What the crawler is asked for, and what it gives back for each request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ettametta.discovery.fetch.base import Answer
from ettametta.errors import EttamettaError


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One page to fetch; the fields are those of `Fetch.get`."""

    url: str
    accept: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    max_bytes: int = 5_000_000
    is_api: bool = False
    is_private: bool = False
    #: keep the first `max_bytes` of a longer body, instead of refusing it
    is_cut: bool = False
    #: the caller's own: given back with the result
    tag: object = None


@dataclass(frozen=True, slots=True)
class Crawled:
    """The result for one request: an answer, or the error in its place."""

    request: FetchRequest
    answer: Answer | None = None
    error: EttamettaError | None = None
