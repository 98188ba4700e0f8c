"""Holds the lines of a model to the evidence: figures and quotations must stand in what a line cites."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from ettametta.evidence import Evidence
from ettametta.scripts.script import ScriptLine

_NUMBER = re.compile(r"\d[\d.,\u00a0\u202f' ]*\d|\d")
_QUOTED = re.compile(r"[“\"«„「]([^“”\"«»„「」]{3,300})[”\"»“」]")


def unsupported(line: ScriptLine, evidence: Evidence) -> tuple[str, ...]:
    """The figures and quotations of a line (and its card) that stand in none of the evidence it cites."""
    cited = [evidence.items[index] for index in line.citations if index < len(evidence.items)]
    source = [f"{item.citation.title} {item.citation.published or ''} {item.text}" for item in cited]
    said = f"{line.text} {line.on_screen} {line.note}"
    missing = [text for text in _figures(said) if not _has_figure(text, source)]
    missing += [text for text in _QUOTED.findall(said) if not _has_words(text, source)]
    return tuple(dict.fromkeys(missing))


def _figures(text: str) -> Iterable[str]:
    for found in _NUMBER.finditer(text):
        yield from _parts(found.group())


def _parts(text: str) -> list[str]:
    """A figure as it stands; a space parts figures unless it groups thousands ("32 000")."""
    if re.fullmatch(r"\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d+)?", text):
        return [text]
    return [part.rstrip(".,'") for part in re.split(r"[ \u00a0\u202f]", text) if part]


def _plain(figure: str) -> str:
    """Digits with thousands marks gone: 60,000 and 60.000 and 60 000 are one; 3.5 and 3,5 are one."""
    digits = re.sub(r"[ \u00a0\u202f']", "", figure)
    digits = re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", digits)
    return digits.replace(",", ".")


def _has_figure(figure: str, source: Sequence[str]) -> bool:
    wanted = _plain(figure)
    return any(wanted == _plain(part) for text in source for part in _figures(text))


def _has_words(quotation: str, source: Sequence[str]) -> bool:
    wanted = _letters(quotation)
    return any(wanted in _letters(text) for text in source)


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded))
