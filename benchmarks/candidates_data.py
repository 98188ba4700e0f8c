"""A million candidates as text files a database takes in bulk: several users, skewed sources, languages and words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ettametta.discovery.candidates.preparing import facet_words

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CHUNK = 20_000
#: Most candidates belong to the first user; the last niche of each is small.
USERS = tuple(f"{number:032x}" for number in range(1, 5))
_USER_SHARES = (0.7, 0.2, 0.07, 0.03)
SOURCES = ("feed", "hacker_news", "reddit", "google_news", "youtube", "arxiv", "mastodon", "lobsters", "product_hunt")
_SOURCE_SHARES = (0.4, 0.2, 0.15, 0.1, 0.08, 0.04, 0.02, 0.009, 0.001)
LANGUAGES = ("en", "de", "es", "ja", "fr", "hi", "is")
_LANGUAGE_SHARES = (0.7, 0.1, 0.08, 0.06, 0.04, 0.015, 0.005)
NICHES_A_USER = 5
_NICHE_SHARES = (0.3, 0.15, 0.05, 0.01, 0.001)
_DAYS = 60
_TITLE_WORDS = 8
_TEXT_WORDS = 30
_VOCABULARY = 40_000


@dataclass(frozen=True, slots=True)
class Rows:
    """A chunk of every table, as rows of plain values in the order of `COLUMNS`."""

    candidates: list[tuple[object, ...]]
    words: list[tuple[object, ...]]
    sightings: list[tuple[object, ...]]
    matches: list[tuple[object, ...]]


COLUMNS = {
    "candidates": (
        "id", "user_id", "identity", "source", "url", "title", "text", "language", "keywords", "simhash",
        "source_count", "verdict", "published_at", "first_seen_at", "last_seen_at",
    ),
    "candidate_words": ("number", "candidate_id", "user_id", "words"),
    "sightings": (
        "id", "user_id", "candidate_id", "source", "address", "ref", "url", "title", "metrics", "metrics_at",
        "velocity", "first_seen_at", "last_seen_at",
    ),
    "niche_matches": ("niche_id", "candidate_id", "user_id", "score", "rank_key", "parts", "scored_at"),
}  # fmt: skip


def niche_id(user: int, niche: int) -> str:
    """The id of a user's niche."""
    return f"{user + 1:016x}{niche + 1:016x}"


def word(rank: int) -> str:
    """A made-up word; the first ranks are the commonest."""
    syllables = ("ka", "ri", "to", "me", "no", "sa", "vu", "le", "pi", "do", "ze", "ha", "qu", "by", "wo", "xi")
    text, left = "", rank + 16
    while left:
        text += syllables[left % 16]
        left //= 16
    return text


def chunks(count: int, *, seed: int = 7) -> Iterator[Rows]:
    """All rows, the oldest first, in chunks."""
    random = np.random.default_rng(seed)
    vocabulary = [word(rank) for rank in range(_VOCABULARY)]
    cumulated = np.cumsum(1 / np.arange(2, _VOCABULARY + 2))
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        draws = random.random((size, _TITLE_WORDS + _TEXT_WORDS)) * cumulated[-1]
        picks = np.searchsorted(cumulated, draws).tolist()
        yield _chunk(start, size, count, [[vocabulary[rank] for rank in row] for row in picks], random)


def _chunk(start: int, size: int, count: int, texts: list[list[str]], random: np.random.Generator) -> Rows:
    users = random.choice(len(USERS), size, p=_USER_SHARES).tolist()
    sources = random.choice(len(SOURCES), size, p=_SOURCE_SHARES).tolist()
    languages = random.choice(len(LANGUAGES), size, p=_LANGUAGE_SHARES).tolist()
    hashes = random.integers(-(2**63), 2**63 - 1, size).tolist()
    lots = random.random((size, 3 + NICHES_A_USER)).tolist()
    rows = Rows([], [], [], [])
    for index, words in enumerate(texts):
        number = start + index
        one = _Row(number, users[index], SOURCES[sources[index]], LANGUAGES[languages[index]], words, lots[index])
        one.add_to(rows, NOW - timedelta(days=_DAYS) * (1 - number / count), hashes[index])
    return rows


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    user: int
    source: str
    language: str
    words: list[str]
    lots: list[float]

    def add_to(self, rows: Rows, seen: datetime, simhash: int) -> None:
        user_id, one, moment = USERS[self.user], f"{self.number:032x}", f"{seen:%Y-%m-%d %H:%M:%S.%f}"
        url = f"https://example.org/{self.source}/{self.number}"
        title, text = " ".join(self.words[:_TITLE_WORDS]), " ".join(self.words[_TITLE_WORDS:])
        verdict = "saved" if self.lots[0] < 0.005 else "dismissed" if self.lots[0] < 0.02 else None
        count = 2 if self.lots[1] < 0.2 else 1
        rows.candidates.append(
            (one, user_id, url, self.source, url, title, text, self.language, json.dumps(self.words[:5]), simhash,
             count, verdict, moment, moment, moment)
        )  # fmt: skip
        facets = facet_words(user_id, source=self.source, language=self.language, verdict=verdict)
        rows.words.append((self.number + 1, one, user_id, " ".join(dict.fromkeys([*facets, *self.words]))))
        for sighting in range(count):
            source = self.source if sighting == 0 else "mastodon"
            metrics = json.dumps({"points": int(1 / (self.lots[2] + 0.001))}) if self.lots[1] < 0.7 else "{}"
            rows.sightings.append(
                (f"{sighting + 1:x}{self.number:031x}", user_id, one, source, "", f"{source}:{self.number}.{sighting}",
                 url, title, metrics, moment, None, moment, moment)
            )  # fmt: skip
        for niche, share in enumerate(_NICHE_SHARES):
            if self.lots[3 + niche] < share:
                score = 0.05 + 0.9 * self.lots[2]
                key = math.log2(score) + seen.timestamp() / 86_400
                parts = json.dumps({"relevance": {"value": score, "weight": 1, "sentence": "It names all the words."}})
                rows.matches.append((niche_id(self.user, niche), one, user_id, score, key, parts, moment))
