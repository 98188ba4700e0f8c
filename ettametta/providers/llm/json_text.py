"""Finds the JSON object in what a model wrote: after its reasoning, inside code fences, between sentences."""

from __future__ import annotations

import json
import re

_REASONING = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)\n?\s*```", re.DOTALL)
#: Where text is no JSON, so many opening braces are tried.
_MOST_STARTS = 40
_MOST_CHARS = 1_000_000


def find_json(text: str) -> str | None:
    """The longest JSON object in the text, as it stands there; None when there is none."""
    text = _REASONING.sub("", text[:_MOST_CHARS], count=1).strip()
    if _is_object(text):
        return text
    for fenced in _FENCE.findall(text):
        if _is_object(fenced):
            return str(fenced)
    return _longest_object(text)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _longest_object(text: str) -> str | None:
    decoder = json.JSONDecoder()
    found: str | None = None
    position = text.find("{")
    for _ in range(_MOST_STARTS):
        if position < 0:
            break
        end = position + 1
        try:
            end = decoder.raw_decode(text, position)[1]
            if found is None or end - position > len(found):
                found = text[position:end]
        except (ValueError, RecursionError):
            pass  # no JSON starts at this brace: the next is tried
        position = text.find("{", end)
    return found
