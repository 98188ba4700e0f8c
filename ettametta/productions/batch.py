"""Several videos asked for at once: one topic or link a line, or scripts with a line of hyphens between them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ettametta.errors import InvalidInput
from ettametta.productions.brief import Brief
from ettametta.productions.options import VideoOptions

#: As many as one request may begin; in a chat fewer, for each sends messages of its own.
MAX_BATCH = 50
MAX_CHAT_BATCH = 10

_MARK = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")
_RULE = re.compile(r"^\s*-{3,}\s*$", re.MULTILINE)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)

_Item = tuple[Literal["topic", "url", "script"], str]


def read_batch(text: str, *, most: int = MAX_BATCH) -> list[_Item]:
    """What each video is about.

    Args:
        text: as it was written.
        most: more than these are refused.

    Raises:
        InvalidInput: there is nothing, or too much.
    """
    items = _scripts(text) if _RULE.search(text) else _lines(text)
    if not items:
        raise InvalidInput(
            "There is nothing to make videos about.",
            hint="Write one topic or link a line, or scripts with a line of --- between them.",
            code="batch.empty",
        )
    if len(items) > most:
        raise InvalidInput(
            f"Those are {len(items)} videos; at most {most} begin at once here.",
            hint="Send the others afterwards.",
            code="batch.too_many",
        )
    return items


def _scripts(text: str) -> list[_Item]:
    return [("script", block.strip()) for block in _RULE.split(text) if block.strip()]


def _lines(text: str) -> list[_Item]:
    subjects = [_MARK.sub("", line.strip(), count=1).strip() for line in text.splitlines()]
    return [("url" if _LINK.fullmatch(one) else "topic", one) for one in subjects if one]


def batch_briefs(
    items: Sequence[_Item], *, duration_s: float, language: str | None, options: VideoOptions, preset: str | None
) -> list[Brief]:
    """A brief for each, with the same wishes."""
    return [
        Brief(kind=kind, text=text, duration_s=duration_s, language=language, options=options, preset=preset)
        for kind, text in items
    ]
