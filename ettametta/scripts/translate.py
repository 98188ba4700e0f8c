"""Lines in another language, for dubbing: as many lines, figures and names kept, about as long to say. By the model.

What is on screen is translated with what is said. An answer that loses a line, a figure or a name is sent back once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from pydantic import BaseModel, ConfigDict, Field

import prompts
from ettametta.errors import InvalidInput, MissingPart, ModelError
from ettametta.kit.languages import detect_language
from ettametta.kit.sentences import words
from ettametta.kit.text import clean, truncate
from ettametta.providers.llm.base import LanguageModel, LLMRequest
from ettametta.scripts.amounts import agrees, amounts
from ettametta.scripts.grounding import names_in
from ettametta.scripts.material import Blocks
from ettametta.scripts.pacing import speech_s
from ettametta.scripts.speakable import unspeakable
from ettametta.scripts.stems import fold
from ettametta.storyboard import MAX_NARRATION_CHARS

#: A translation may take this much longer to say than the original.
_LONGEST = 1.3
_MAX_LINES = 200
_SPARE_S = 0.5
_SAME_NAME = 0.6


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """What is said in a scene, and the texts that stand in it, in their order."""

    text: str
    shown: tuple[str, ...] = ()


class _AnsweredLine(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    shown: list[str] = Field(default_factory=list)


class _AnsweredLines(BaseModel):
    """All lines, in order."""

    model_config = ConfigDict(extra="forbid")

    lines: list[_AnsweredLine]


async def translate_lines(
    lines: Sequence[SpokenLine], to_language: str, *, model: LanguageModel | None, from_language: str
) -> tuple[SpokenLine, ...]:
    """The lines in another language.

    Args:
        lines: what is said and shown; empty texts stay empty.
        to_language: ISO 639-1 code.
        model: the language model; None: none is set up.
        from_language: ISO 639-1 code.

    Raises:
        MissingPart: there is no model, and nothing else here translates.
        InvalidInput: it is in that language already, or there are too many lines.
        ModelError: the answer still lost lines or figures after one repair.
        ConfigError, TransientError: as the model port says.
    """
    _check(lines, to_language, from_language)
    if not any(line.text.strip() or any(part.strip() for part in line.shown) for line in lines):
        return tuple(lines)
    if model is None:
        raise MissingPart(
            "There is no language model here to translate with.",
            hint="Set OPENAI_API_KEY (and ETTAMETTA_MODEL), or send the script in that language.",
            code="translate.no_model",
        )
    blocks = Blocks()
    material = blocks.block("lines", _as_json(lines, from_language))
    answer = await _ask(model, blocks, material, from_language, to_language)
    faults = _faults(lines, answer, from_language, to_language)
    if faults:
        order = prompts.load("translate_repair", faults=blocks.block("faults", "\n".join(f"- {one}" for one in faults)))
        before = blocks.block("your lines", json.dumps(answer.model_dump(), ensure_ascii=False))
        answer = await _ask(model, blocks, f"{material}\n\n{before}\n\n{order}", from_language, to_language)
    lost = _losses(lines, answer, from_language, to_language)
    if lost:
        raise ModelError(
            f"The translation is not faithful: {truncate('; '.join(lost), 200)}.",
            hint="Try again, or use a stronger model (ETTAMETTA_MODEL).",
            code="translate.unfaithful",
        )
    return tuple(_translated(line, answered) for line, answered in zip(lines, answer.lines, strict=True))


def _check(lines: Sequence[SpokenLine], to_language: str, from_language: str) -> None:
    if to_language == from_language:
        raise InvalidInput(
            f"The video is in that language already ({to_language}).",
            hint="Name another language.",
            code="translate.same_language",
        )
    if len(lines) > _MAX_LINES:
        raise InvalidInput(
            f"{len(lines)} lines cannot be translated at once.", hint="Send fewer.", code="translate.too_much"
        )


async def _ask(
    model: LanguageModel, blocks: Blocks, material: str, from_language: str, to_language: str
) -> _AnsweredLines:
    instructions = prompts.load(
        "translate", from_language=from_language, to_language=to_language, boundary=blocks.boundary
    )
    room = min(16_000, 1_500 + len(material))
    request = LLMRequest(
        instructions=instructions, material=material, answer=_AnsweredLines, max_output_tokens=room, temperature=0.3
    )
    return (await model.answer(request)).value


def _as_json(lines: Sequence[SpokenLine], from_language: str) -> str:
    """The lines, each with the seconds it takes to say: its translation should take no longer."""
    rows = [
        {"text": line.text, "shown": list(line.shown), "seconds": round(speech_s(line.text, from_language), 1)}
        for line in lines
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def _faults(lines: Sequence[SpokenLine], answer: _AnsweredLines, from_language: str, language: str) -> list[str]:
    """What is lost, and what would be too long to say or cannot be spoken."""
    faults = _losses(lines, answer, from_language, language)
    if len(answer.lines) != len(lines):
        return faults
    for number, (line, answered) in enumerate(zip(lines, answer.lines, strict=True), 1):
        odd = unspeakable(clean(answered.text), language)
        had = {token for token, _ in unspeakable(line.text, language)}
        faults += [f"Line {number}: it has {what} ({token[:40]})" for token, what in odd if token not in had]
    return faults + _overlong(lines, answer, from_language, language)


def _overlong(lines: Sequence[SpokenLine], answer: _AnsweredLines, from_language: str, to_language: str) -> list[str]:
    """Lines that take much longer to say than the originals."""
    faults: list[str] = []
    for number, (line, answered) in enumerate(zip(lines, answer.lines, strict=True), 1):
        before, after = speech_s(line.text, from_language), speech_s(clean(answered.text), to_language)
        if after > before * _LONGEST + _SPARE_S:
            faults.append(f"Line {number}: it takes {after:.1f} seconds to say instead of {before:.1f}; shorten it")
    return faults


def _losses(lines: Sequence[SpokenLine], answer: _AnsweredLines, from_language: str, language: str) -> list[str]:
    """Lines, texts, figures and names that did not come through."""
    if len(answer.lines) != len(lines):
        return [f"there are {len(answer.lines)} lines instead of {len(lines)}"]
    lost: list[str] = []
    for number, (line, answered) in enumerate(zip(lines, answer.lines, strict=True), 1):
        lost += [f"line {number} {what}" for what in _lost_in(line, answered, from_language)]
    whole = clean(" ".join(one.text for one in answer.lines))
    detected = detect_language(whole)
    was = detect_language(" ".join(line.text for line in lines))
    if detected and was and detected.code == was.code and detected.code != language and detected.confidence > 0.9:
        lost.append(f"it is still in {detected.code}")
    return lost


def _lost_in(line: SpokenLine, answered: _AnsweredLine, from_language: str) -> list[str]:
    if bool(line.text.strip()) != bool(clean(answered.text)):
        return ["is empty" if line.text.strip() else "should be empty"]
    if len(clean(answered.text)) > MAX_NARRATION_CHARS:
        return ["is too long"]
    if len(answered.shown) != len(line.shown):
        return [f"has {len(answered.shown)} texts on screen instead of {len(line.shown)}"]
    said = amounts(" ".join([answered.text, *answered.shown]))
    figures = [one for one in amounts(" ".join([line.text, *line.shown])) if one.written[-1:].isdigit()]
    lost = [
        f"lost {one.written}"
        for one in figures
        if not any(_kept(one.written, other.written) or agrees(other, one) for other in said)
    ]
    return lost + [f"lost {name}" for name in _lost_names(line.text, clean(answered.text), from_language)]


def _lost_names(text: str, translated: str, language: str) -> list[str]:
    """Names of two words or more of which nothing alike is left; another alphabet cannot be compared."""
    if not re.search(r"[A-Za-z]", translated):
        return []
    kept = [fold(word) for word in words(translated)]
    names = [name for name in names_in(text, language, frozenset()) if len(name) > 1]
    return [" ".join(name) for name in names if not any(_alike(fold(part), kept) for part in name)]


def _alike(part: str, kept: Sequence[str]) -> bool:
    return any(SequenceMatcher(None, part, word).ratio() >= _SAME_NAME for word in kept)


def _kept(written: str, other: str) -> bool:
    return [char for char in written if char.isdigit()] == [char for char in other if char.isdigit()]


def _translated(line: SpokenLine, answered: _AnsweredLine) -> SpokenLine:
    shown = tuple(
        truncate(clean(new), 200) if old.strip() else old for old, new in zip(line.shown, answered.shown, strict=True)
    )
    return SpokenLine(clean(answered.text), shown)
