"""SimHash (Charikar, "Similarity estimation techniques from rounding algorithms", 2002): near texts, near numbers."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ettametta.discovery.candidates.words import folded

#: A text is known by its beginning: reprints end where their page ends.
LEAD_WORDS = 80
_MIN_WORDS = 5
_MIN_TITLE_WORDS = 5


def simhash(text: str) -> int | None:
    """64 bits, signed as databases keep them, over words and pairs of words; None: fewer than five words."""
    return of_words(folded(text)[:LEAD_WORDS])


def of_words(words: Sequence[str]) -> int | None:
    """`simhash` of words that are folded already."""
    if len(words) < _MIN_WORDS:
        return None
    features = {*words, *(f"{one} {two}" for one, two in pairwise(words))}
    hashes = b"".join(blake2b(feature.encode(), digest_size=8).digest() for feature in features)
    bits = np.unpackbits(np.frombuffer(hashes, dtype=np.uint8).reshape(-1, 8), axis=1)
    majority = np.packbits(bits.sum(axis=0, dtype=np.int64) * 2 > len(features))
    return int.from_bytes(majority.tobytes(), "big", signed=True)


def title_key(title: str) -> int | None:
    """A fingerprint of the first words of a title, signed; None: fewer than five words."""
    words = folded(title)[:_MIN_TITLE_WORDS]
    if len(words) < _MIN_TITLE_WORDS:
        return None
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=8).digest(), "big", signed=True)


def distance(one: int, other: int) -> int:
    """How many of the 64 bits differ."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def nearest(hashes: NDArray[np.int64], wanted: int, *, within: int, limit: int) -> list[int]:
    """Indexes of the hashes that differ from `wanted` in at most `within` bits, nearest first."""
    distances = np.bitwise_count((hashes ^ np.int64(wanted)).view(np.uint64))
    found = np.flatnonzero(distances <= within)
    order = np.argsort(distances[found], kind="stable")[:limit]
    return [int(index) for index in found[order]]
