"""The last list of candidates in a chat: what "the second one" and "more" stand for. The conversation's rows tell."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import ValidationError

from ettametta.conversation import Line
from ettametta.errors import NotFound
from tools.discovery import CandidateList

#: So many of the newest messages are looked through.
MAX_LINES = 120


def last_list(lines: Sequence[Line]) -> CandidateList | None:
    """The newest list in these messages; None: there is none."""
    for line in reversed(lines):
        if line.role == "tool" and (found := _read(line.text)) is not None:
            return found
    return None


def _read(text: str) -> CandidateList | None:
    result = json.loads(text).get("result")
    if not isinstance(result, dict) or not {"about", "candidates", "more"} <= result.keys():
        return None
    try:
        return CandidateList.model_validate(result)
    except ValidationError:  # another version's
        return None


def pick(listed: CandidateList | None, number: int) -> str:
    """The id of the candidate with that number; -1: the last.

    Raises:
        NotFound: there is no list, or none with that number.
    """
    shown = listed.candidates if listed else ()
    found = next((one.id for one in shown if one.number == number), None)
    if number == -1 and shown:
        found = shown[-1].id
    if found is None:
        hint = f"The last list goes up to {len(shown)}." if shown else "Ask for one: /discover coral reefs."
        raise NotFound("There is no such candidate in a list here.", hint=hint, code="candidate.not_listed")
    return found
