"""What a replay is made of: stories that the outside world holds, and how one source tells of them.

A module beside this one turns `Story` objects into the documented format of its source, and says in `REPLAY` how the
source is asked. The number of a story is in its title, so that a test knows which story an item came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from ettametta.discovery.items import Metric
from ettametta.discovery.sources.base import Wanted

#: Every key of every source; it must not be seen in any error.
KEY = "key-0123456789zqzq"
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Story:
    """One thing that happened. A source tells of it what its format has room for."""

    number: int
    text: str = "Rockets rise at dawn, and a crowd looks on from the beach."
    author: str = "Ada Lumen"
    age: timedelta = timedelta(hours=2)
    language: str = "en"
    #: False: the source sends no numbers with it
    has_numbers: bool = True
    #: instead of the usual one; must hold the number
    own_title: str = ""

    @property
    def title(self) -> str:
        return self.own_title or f"Rockets at dawn {self.number}"

    @property
    def url(self) -> str:
        return f"https://stories.example/{self.number}"

    @property
    def at(self) -> datetime:
        return NOW - self.age

    @property
    def iso(self) -> str:
        return self.at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def count(self, metric: Metric) -> int:
        """Its number of this kind: another for each story and metric."""
        return self.number * 100 + len(metric) * 7 + ord(metric[0])

    def numbers(self, **fields: Metric) -> dict[str, int]:
        """The numbers under the names they have on the wire; empty when the source sends none."""
        return {name: self.count(metric) for name, metric in fields.items()} if self.has_numbers else {}


def story_number(title: str) -> int | None:
    """The number of the story that a title is of."""
    found = re.search(r"\b(1\d{3})\b", title)
    return int(found.group(1)) if found else None


@dataclass(frozen=True)
class Call:
    """A request as the source sent it."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str = ""

    @property
    def text(self) -> str:
        """All that was asked, as text."""
        return f"{self.path} {json.dumps(dict(self.query), ensure_ascii=False)} {self.body}"


@dataclass(frozen=True)
class Served:
    """An answer: `data` becomes JSON unless it is text or bytes."""

    data: Any
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        if isinstance(self.data, bytes):
            return self.data
        return (self.data if isinstance(self.data, str) else json.dumps(self.data, ensure_ascii=False)).encode()


@dataclass(frozen=True)
class Replay:
    """How one source is asked and answers."""

    #: None: no such page (404)
    answer: Callable[[Call, Sequence[Story]], Served | None]
    #: the only hosts it may ask
    hosts: tuple[str, ...]
    wanted: Wanted = field(default_factory=lambda: Wanted(words=("rockets",)))
    #: other questions that must be answered too (popular instead of words, another kind of address)
    also: tuple[Wanted, ...] = ()
    #: the settings it is built with
    keys: Mapping[str, SecretStr] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    #: addresses people may give, with the form the source keeps; None: not its own
    addresses: Mapping[str, str | None] = field(default_factory=dict)
    #: whether the format says when a story was published
    has_dates: bool = True
    #: whether one story may come as several items, or items come that are of no story
    is_one_to_one: bool = True
