"""Whether a story is new to the person: how unlike it is to what they made a video of or waved away."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ettametta.discovery.ranking.facts import CandidateFacts, PastStory
from ettametta.discovery.ranking.parts import Measured
from ettametta.discovery.ranking.words import features
from ettametta.kit.text import truncate

#: Likeness below it is chance: two stories of one niche share words.
_CHANCE = 0.25
#: A story like one that was waved away loses less than one like a finished video.
_DISMISSED = 0.7
#: Longest part of a past story that is compared.
MAX_STORY_CHARS = 300


@dataclass(frozen=True)
class History:
    """What the person made or dismissed, made to be compared with."""

    stories: tuple[PastStory, ...] = ()

    @cached_property
    def by_feature(self) -> dict[str, tuple[int, ...]]:
        """Which stories have a word."""
        found: dict[str, list[int]] = {}
        for index, words in enumerate(self._features):
            for word in words:
                found.setdefault(word, []).append(index)
        return {word: tuple(places) for word, places in found.items()}

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """By story, the sum of what its words tell."""
        return tuple(sum(self.telling(word) for word in words) for words in self._features)

    @cached_property
    def _features(self) -> Sequence[frozenset[str]]:
        return [features(story.text[:MAX_STORY_CHARS]) for story in self.stories]

    def telling(self, word: str) -> float:
        """How much a word tells: less, the more stories have it."""
        return 1.0 / (1.0 + math.log2(1 + len(self.by_feature.get(word, ()))))


def novelty(candidate: CandidateFacts, history: History) -> Measured:
    """1 for what is like nothing before; near 0 for what is the same as a video that was made."""
    if not history.stories:
        return Measured(None, "Novelty is not measured: you have made and dismissed nothing yet.")
    likeness, story = _nearest(candidate, history)
    loss = likeness * (1.0 if story is None or story.is_made else _DISMISSED)
    if story is None or loss <= 0:
        return Measured(1.0, "New to you: nothing you made or dismissed is like it.")
    done = "made" if story.is_made else "dismissed"
    return Measured(1.0 - loss, f"{loss:.0%} like something you {done}: “{truncate(story.text, 60)}”.")


def _nearest(candidate: CandidateFacts, history: History) -> tuple[float, PastStory | None]:
    words = features(candidate.title[:MAX_STORY_CHARS])
    own = sum(history.telling(word) for word in words)
    shared: Counter[int] = Counter()
    for word in sorted(words):
        for index in history.by_feature.get(word, ()):
            shared[index] += history.telling(word)  # type: ignore[assignment]  # a counter of parts of words
    nearest: tuple[float, PastStory | None] = (0.0, None)
    for index, weight in shared.items():
        story = history.stories[index]
        likeness = 2.0 * weight / (own + history.weights[index])
        if story.candidate_id == candidate.id or (likeness, story.is_made) <= (nearest[0], False):
            continue
        nearest = (likeness, story)
    likeness = min(1.0, max(0.0, (nearest[0] - _CHANCE) / (1.0 - _CHANCE)))
    return likeness, nearest[1] if likeness > 0 else None
