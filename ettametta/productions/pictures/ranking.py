"""Which found picture suits a scene best: pure. Words count first, then shape, size, length, and that it is new.

The weight of a word is its inverse document frequency over the candidates, as in BM25 (Robertson and Zaragoza, The
Probabilistic Relevance Framework, 2009), without the length norm: titles are short.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ettametta.kit.sentences import spoken_words
from ettametta.providers.footage.base import FoundAsset
from ettametta.storyboard import Scene, Storyboard

#: A picture must hold at least this share of the query's words.
LEAST_MATCH = 0.5
#: What a picture without any words of its own is taken to match: its source found it, but does not say why.
_UNTOLD_MATCH = 0.4
#: More enlargement than this looks soft.
_MOST_ENLARGED = 3.0
_WORDS_A_SECOND = 2.6
_SPOKEN_WEIGHT = 0.4
_ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "s", "en", "er", "n")
_MIN_STEM = 4
_LONGEST_CLIP_S = 600.0
_LITTLE_WORDS = """the and for with from that this are was were has have had its his her their our your you not but all
    any can into onto over under out off one two who what when where which while than then them they there here photo
    image picture video file jpg los las una del por para con les des dans pour avec der die das und mit von ein eine"""
_SMALL = frozenset(_LITTLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a scene needs: its query, what is said, the frame in pixels, and how long it is shown in seconds."""

    query: str
    narration: str
    width: int
    height: int
    duration_s: float

    @classmethod
    def by(cls, scene: Scene, board: Storyboard, query: str) -> Wanted:
        """What a scene of a storyboard needs, its length guessed from its words."""
        spoken_s = spoken_words(scene.narration) / _WORDS_A_SECOND / board.pace
        return cls(query, scene.narration, board.width, board.height, max(spoken_s, scene.min_duration_s or 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Taste:
    """What else counts.

    Attributes:
        order: provider names, best first.
        seen: identities of pictures in the person's last videos: taken only when nothing else will do.
        authors: whose pictures the video has already, with how many.
    """

    order: Sequence[str] = ()
    seen: Collection[str] = ()
    authors: Mapping[str, int] | None = None


def rank(found: Sequence[FoundAsset], wanted: Wanted, taste: Taste) -> list[FoundAsset]:
    """Those that fit, best first."""
    places: Counter[str] = Counter()
    scored: list[tuple[float, int, FoundAsset]] = []
    for number, (one, match) in enumerate(zip(found, _matches(found, wanted), strict=True)):
        score = None if match is None else _score(one, match, places[one.provider], wanted, taste)
        places[one.provider] += 1
        if score is not None:
            scored.append((score, -number, one))
    return [one for _, _, one in sorted(scored, key=lambda entry: entry[:2], reverse=True)]


def fits(one: FoundAsset, wanted: Wanted) -> bool:
    """Whether it is large and short enough; what is not known is given the benefit of the doubt."""
    return _size(one, wanted) is not None and (one.duration_s or 0.0) <= _LONGEST_CLIP_S


def is_large_enough(one: FoundAsset, width: int, height: int) -> bool:
    """Whether it fills a frame without being enlarged more than is borne, now that its true size is known."""
    return _size(one, Wanted("", "", width, height, 1.0)) is not None


def _score(one: FoundAsset, match: float, place: int, wanted: Wanted, taste: Taste) -> float | None:
    size = _size(one, wanted)
    if size is None or not fits(one, wanted):
        return None
    position = taste.order.index(one.provider) / len(taste.order) if one.provider in taste.order else 1.0
    by_same = (taste.authors or {}).get(one.author or "", 0)
    return (
        match
        + 0.3 * _kept(one, wanted)
        + 0.2 * size
        + 0.15 * _length(one, wanted)
        + 0.1 * (1 - position)
        + 0.1 / (1 + place)
        - 0.05 * by_same
        - (0.8 if one.identity in taste.seen or one.page_url in taste.seen else 0.0)
    )


def _kept(one: FoundAsset, wanted: Wanted) -> float:
    """The share of the picture that is left when it is cropped to the frame."""
    if not one.width or not one.height:
        return 0.5
    ratio = one.width * wanted.height / (one.height * wanted.width)
    return min(ratio, 1 / ratio)


def _size(one: FoundAsset, wanted: Wanted) -> float | None:
    """1 when it need not be enlarged, down to 0 at the most that is borne; None beyond it."""
    if not one.width or not one.height:
        return 0.4
    enlarged = max(wanted.width / one.width, wanted.height / one.height)
    if enlarged > _MOST_ENLARGED:
        return None
    return min(1.0, (_MOST_ENLARGED - enlarged) / (_MOST_ENLARGED - 1))


def _length(one: FoundAsset, wanted: Wanted) -> float:
    """A clip that lasts as long as the scene is best; a still is worth half of that."""
    if one.kind == "photo":
        return 0.5
    return min(1.0, (one.duration_s or wanted.duration_s) / wanted.duration_s)


def _matches(found: Sequence[FoundAsset], wanted: Wanted) -> list[float | None]:
    """For each candidate the share of the wanted words' weight that it holds; None when it holds too few of them."""
    own = [stems(f"{one.title} {' '.join(one.tags)}") for one in found]
    frequency = Counter(stem for words in own for stem in words)
    asked, spoken = stems(wanted.query), stems(wanted.narration)
    weights = {stem: _idf(frequency[stem], len(found)) for stem in asked | spoken}
    return [_match(words, asked, spoken, weights) for words in own]


def _match(
    words: frozenset[str], asked: frozenset[str], spoken: frozenset[str], weights: Mapping[str, float]
) -> float | None:
    if not words:
        return _UNTOLD_MATCH
    if len(words & asked) < LEAST_MATCH * max(len(asked), 1):
        return None
    return _share(words, asked, weights) + _SPOKEN_WEIGHT * _share(words, spoken, weights)


def _share(words: frozenset[str], wanted: frozenset[str], weights: Mapping[str, float]) -> float:
    whole = sum(weights[stem] for stem in wanted)
    return sum(weights[stem] for stem in wanted & words) / whole if whole else 0.0


def _idf(count: int, total: int) -> float:
    """A word all candidates have says little, but not nothing."""
    return math.log(1 + (total - count + 0.5) / (count + 0.5)) + 0.1


def stems(text: str) -> frozenset[str]:
    """The words of a text that carry meaning, without their commonest endings; good enough to compare, not to read."""
    return frozenset(_stem(word) for word in re.findall(r"\w+", text.lower()) if _weighs(word))


def _weighs(word: str) -> bool:
    """Two letters are a word in scripts whose letters are words or syllables."""
    return (len(word) > 2 or not word.isascii()) and word not in _SMALL


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            word = word[: -len(ending)]
            break
    return word.removesuffix("e")
