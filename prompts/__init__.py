"""Markdown prompts, one per file, versioned by git; placeholders are {{name}} and every one must be given."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def names() -> tuple[str, ...]:
    """The names of all prompts, sorted."""
    return tuple(sorted(entry.name[:-3] for entry in files(__name__).iterdir() if entry.name.endswith(".md")))


def placeholders(name: str) -> frozenset[str]:
    """The values a prompt wants.

    Raises:
        LookupError: there is no such prompt.
    """
    return frozenset(_PLACEHOLDER.findall(_read(name)))


def load(name: str, **values: object) -> str:
    """A prompt with its values filled in; what a value holds is never read as a placeholder.

    Raises:
        LookupError: there is no such prompt, or a value is missing or not wanted by it.
    """
    text = _read(name)
    wanted = placeholders(name)
    if wanted != values.keys():
        missing, odd = sorted(wanted - values.keys()), sorted(values.keys() - wanted)
        raise LookupError(f"the prompt {name!r} misses the values {missing} and does not want {odd}")
    return _PLACEHOLDER.sub(lambda found: str(values[found.group(1)]), text)


@lru_cache(maxsize=64)
def _read(name: str) -> str:
    entry = files(__name__) / f"{name}.md"
    if not _NAME.fullmatch(name) or not entry.is_file():
        raise LookupError(f"there is no prompt {name!r}")
    return entry.read_text(encoding="utf-8").strip()
