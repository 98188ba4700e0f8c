"""What a reading rule gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ettametta.providers.speech.reading.tokens import Token
from ettametta.providers.speech.reading.tongues import Tongue

#: What is said for each of the words a rule has read, from its place on.
Said: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the words a rule looks, and in which language."""

    tokens: Sequence[Token]
    index: int
    tongue: Tongue

    @property
    def core(self) -> str:
        """The word itself, without the marks around it."""
        return self.tokens[self.index].core

    @property
    def closed(self) -> bool:
        """Whether a mark closes the word, so that it belongs to none after it."""
        return bool(self.tokens[self.index].closing)

    def after(self, count: int = 1) -> str:
        """The core of the word so many places on; empty at the end, or when a mark stands between."""
        last = self.index + count
        if last >= len(self.tokens) or any(token.closing.strip(".,") for token in self.tokens[self.index : last]):
            return ""
        return "" if self.tokens[last].opening else self.tokens[last].core

    def closing(self, count: int = 0) -> str:
        """The marks after the word so many places on."""
        return self.tokens[self.index + count].closing

    @property
    def before(self) -> str:
        """The core of the word before; empty at the start."""
        return self.tokens[self.index - 1].core if self.index else ""


#: Ends what a rule says when the dot after the written word belonged to it and ends no sentence.
DOT_READ = "\u2060"

Rule: TypeAlias = Callable[[Place], Said | None]
