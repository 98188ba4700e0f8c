"""Different openings of one script: told apart by kind, picked from the evidence offline, and put in use. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ettametta.errors import InvalidInput
from ettametta.scripts.amounts import amounts
from ettametta.scripts.script import Hook, HookKind, Script, ScriptLine

_AGAINST = re.compile(
    r"(?<!\w)(?:but|yet|not|never|nobody|no|instead|although|despite|only|too|wrong|impossible|pero|nunca|nadie|"
    r"mais|jamais|"
    r"ma|mai|nessuno|mas|aber|nie|nicht|kein\w*)(?!\w)|: ",
    re.IGNORECASE,
)


def kind_of(text: str, language: str) -> HookKind:
    """What kind of opening a sentence makes."""
    del language  # the marks are told apart in all languages at once
    if text.rstrip('"”»').endswith(("?", "？", "؟")):
        return "question"
    figures = amounts(text)
    if any(not one.is_year for one in figures):
        return "number"
    if _AGAINST.search(text):
        return "contradiction"
    return "story"


def with_hook(script: Script, number: int) -> Script:
    """The script opened another way.

    Args:
        script: with openings.
        number: which of `script.hooks`, from 0.

    Raises:
        InvalidInput: it has no such opening.
    """
    if not 0 <= number < len(script.hooks):
        raise InvalidInput(
            f"The script has {len(script.hooks)} openings, so there is no number {number + 1}.",
            hint="Ask for more openings when the video is made.",
            code="script.no_such_hook",
        )
    chosen = script.hooks[number].line
    rest = [line for line in script.lines[1:] if line.text != chosen.text]
    return script.model_copy(update={"lines": (chosen.model_copy(update={"role": "hook"}), *rest)})


def offered(first: ScriptLine, others: Sequence[ScriptLine], wanted: int, language: str) -> tuple[Hook, ...]:
    """Up to so many openings, one of each kind first, then the next best of any kind.

    Args:
        first: the opening in use.
        others: lines that could open too, best first.
        wanted: how many.
        language: ISO 639-1 code.
    """
    hooks = [Hook(kind=kind_of(first.text, language), line=first)]
    rest = [Hook(kind=kind_of(line.text, language), line=line) for line in others if line.text != first.text]
    while rest and len(hooks) < wanted:
        taken = [hook.kind for hook in hooks]
        following = min(rest, key=lambda hook: taken.count(hook.kind))
        hooks.append(following)
        rest.remove(following)
    return tuple(hooks)
