"""What a checker found wrong with a script, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FlagKind = Literal[
    "figure", "date", "name", "quotation", "superlative", "cause", "contradiction", "unsupported", "uncited",
    "no_such_source", "repeated", "same_opening", "unpronounceable", "too_long", "hard_to_read", "too_short_script",
    "too_long_script",
]  # fmt: skip

#: Claims that do not stand in the evidence: a line with one of these is not said.
UNSUPPORTED: frozenset[FlagKind] = frozenset(
    {"figure", "date", "name", "quotation", "superlative", "cause", "contradiction", "unsupported", "uncited",
     "no_such_source"}
)  # fmt: skip
#: Worth asking a model to mend.
WORTH_MENDING: frozenset[FlagKind] = UNSUPPORTED | {"repeated", "unpronounceable", "too_long"}


@dataclass(frozen=True, slots=True)
class Flag:
    """One finding. `line` counts from 0 (None: the whole script), `text` is what it is about, `why` a clause."""

    kind: FlagKind
    line: int | None
    text: str
    why: str

    @property
    def is_unsupported(self) -> bool:
        """Whether the evidence does not carry what is said."""
        return self.kind in UNSUPPORTED

    @property
    def sentence(self) -> str:
        """For people: which line, and what."""
        where = "The script" if self.line is None else f"Line {self.line + 1}"
        return f"{where}: {self.why}."
