"""The writer that asks a language model, and believes nothing it cannot check against the evidence."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

import prompts
from ettametta.errors import InvalidInput, ModelError
from ettametta.evidence import Evidence, EvidenceItem
from ettametta.kit.languages import detect_language
from ettametta.kit.sentences import spoken_words
from ettametta.kit.text import clean, truncate
from ettametta.providers.llm.base import LanguageModel, LLMRequest
from ettametta.scripts.dressing import dressed
from ettametta.scripts.grounding import unsupported
from ettametta.scripts.script import MAX_ON_SCREEN_CHARS, CardKind, Role, Script, ScriptLine, ScriptWanted

#: Characters of evidence that are shown to the model, over all items.
MAX_MATERIAL_CHARS = 24_000
_TOLERANCE = 0.12
#: After the repair round a script may be this far off and is still better than none.
_LAST_TOLERANCE = 0.35
_MAX_LINES = 60
_GROUNDED = (
    "Every figure, date, name and quotation must stand in the sources given, and every line that states a fact must "
    "cite at least one of them."
)
_UNGROUNDED = (
    "No sources were found. Write only what is common, settled knowledge; give no exact figures, dates or quotations, "
    "and leave `citations` empty."
)


class _AnsweredLine(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    role: Role
    citations: list[int] = Field(default_factory=list, description="numbers of the sources, as given")
    on_screen: str = ""
    card: CardKind = "statement"
    note: str = ""


class _AnsweredScript(BaseModel):
    """A script as the model is to answer it."""

    model_config = ConfigDict(extra="forbid")

    title: str
    lines: list[_AnsweredLine]


@dataclass(frozen=True, slots=True)
class _Task:
    """One piece of writing: what is asked, and within what."""

    evidence: Evidence
    wanted: ScriptWanted
    language: str
    boundary: str

    @property
    def grounded(self) -> bool:
        return any(item.text for item in self.evidence.items)

    def within(self, count: float, tolerance: float) -> bool:
        return abs(count - self.wanted.words) <= self.wanted.words * tolerance

    @property
    def limits(self) -> dict[str, int]:
        words = self.wanted.words
        return {
            "words": words,
            "least_words": round(words * (1 - _TOLERANCE)),
            "most_words": round(words * (1 + _TOLERANCE)),
        }


class ModelWriter:
    """Writes by a language model.

    Args:
        model: the port.
        temperature: how freely it may write.
    """

    def __init__(self, model: LanguageModel, *, temperature: float = 0.6) -> None:
        self._model = model
        self._temperature = temperature

    async def write(self, evidence: Evidence, wanted: ScriptWanted) -> Script:
        """One script, repaired at most once.

        Raises:
            InvalidInput: there is neither a topic nor a text.
            ModelError: the answer is far from the length asked for, or nothing in it rests on the evidence.
            ConfigError, TransientError: as the model port says.
        """
        if not evidence.topic.strip() and not any(item.text for item in evidence.items):
            raise InvalidInput(
                "There is nothing to write about.", hint="Give a topic or a text.", code="script.nothing_to_say"
            )
        task = _Task(evidence, wanted, _language(evidence, wanted), secrets.token_hex(12))
        answer = await self._ask(task, _material(task))
        faults = _faults(task, answer)
        if faults:
            answer = await self._ask(task, _repair_material(task, answer, faults))
        return self._script(task, answer)

    async def _ask(self, task: _Task, material: str) -> _AnsweredScript:
        instructions = prompts.load(
            "script",
            language=task.language,
            tone=clean(task.wanted.tone) or "clear, lively, factual",
            seconds=round(task.wanted.duration_s),
            grounding=_GROUNDED if task.grounded else _UNGROUNDED,
            boundary=task.boundary,
            **task.limits,
        )
        request = LLMRequest(
            instructions=instructions,
            material=material,
            answer=_AnsweredScript,
            max_output_tokens=min(16_000, 1_500 + 12 * task.wanted.words),
            temperature=self._temperature,
        )
        return (await self._model.answer(request)).value

    def _script(self, task: _Task, answer: _AnsweredScript) -> Script:
        """The checked script; lines with unsupported claims are left out and named in the notes.

        Raises:
            ModelError: too little is left.
        """
        lines, notes = _checked_lines(task, answer)
        count = sum(spoken_words(line.text) for line in lines)
        if not lines or not task.within(count, _LAST_TOLERANCE):
            raise ModelError(
                f"The model's script has {round(count)} usable words where about {task.wanted.words} were asked for.",
                hint="Try again, or use a stronger model (ETTAMETTA_MODEL).",
                code="model.script_length",
            )
        script = Script(
            title=truncate(clean(answer.title) or clean(task.evidence.topic), 100) or "Untitled",
            language=task.language,
            lines=tuple(_with_roles(lines)),
            citations=tuple(item.citation for item in task.evidence.items),
            made_by=self._model.facts.model,
            notes=(*notes, *task.evidence.notes),
        )
        return dressed(script)


def _language(evidence: Evidence, wanted: ScriptWanted) -> str:
    if wanted.language is not None:
        return wanted.language
    declared = next((item.language for item in evidence.items if item.language), None)
    detected = detect_language(evidence.topic)
    return declared or (detected.code if detected else "en")


def _material(task: _Task) -> str:
    """Topic and evidence inside marked blocks; the mark is random, so no text can close a block."""
    room = MAX_MATERIAL_CHARS // max(1, sum(bool(item.text) for item in task.evidence.items))
    blocks = [_block(task, "topic", task.evidence.topic)]
    blocks += [
        _block(task, f"source {number}", _source(item, room))
        for number, item in enumerate(task.evidence.items)
        if item.text
    ]
    return "\n\n".join(blocks)


def _source(item: EvidenceItem, room: int) -> str:
    facts = [item.citation.title, item.citation.publisher, item.citation.published]
    head = " | ".join(clean(fact) for fact in facts if fact)
    return f"{head}\n\n{truncate(item.text, room)}"


def _block(task: _Task, name: str, text: str) -> str:
    body = text.replace(task.boundary, "")
    return f"<<<{task.boundary} {name}>>>\n{body}\n<<<{task.boundary} end of {name}>>>"


def _repair_material(task: _Task, answer: _AnsweredScript, faults: list[str]) -> str:
    """The first material, the answer (which may repeat what strangers wrote: marked too) and what is wrong."""
    before = json.dumps(answer.model_dump(), ensure_ascii=False)
    order = prompts.load(
        "script_repair",
        faults=_block(task, "faults", "\n".join(f"- {fault}" for fault in faults)),
        words_now=round(_count(answer)),
        **task.limits,
    )
    return "\n\n".join([_material(task), _block(task, "your script", before), order])


def _count(answer: _AnsweredScript) -> float:
    return sum(spoken_words(clean(line.text)) for line in answer.lines)


def _faults(task: _Task, answer: _AnsweredScript) -> list[str]:
    """What the model should mend, one sentence each."""
    faults: list[str] = []
    count = _count(answer)
    if not task.within(count, _TOLERANCE):
        faults.append("It is too long: shorten it." if count > task.wanted.words else "It is too short: lengthen it.")
    if len(answer.lines) > _MAX_LINES:
        faults.append(f"It has {len(answer.lines)} lines; {_MAX_LINES} are the most.")
    for number, answered in enumerate(answer.lines, 1):
        problem = _problem(task, answered)
        if problem:
            faults.append(f"Line {number}: {problem}")
    return faults


def _problem(task: _Task, answered: _AnsweredLine) -> str:
    """What is wrong with a line, as a sentence; empty when nothing is."""
    line = _line(task, answered)
    if line is None:
        return "it is empty."
    if not task.grounded:
        return ""
    if any(not _exists(task, index) for index in answered.citations):
        return "it cites a source that does not exist."
    if not line.citations and line.role in ("hook", "beat"):
        return "it cites no source."
    missing = unsupported(line, task.evidence)
    if missing:
        return f"its source does not have {', '.join(missing)[:120]}."
    return ""


def _exists(task: _Task, index: int) -> bool:
    return 0 <= index < len(task.evidence.items) and bool(task.evidence.items[index].text)


def _line(task: _Task, answered: _AnsweredLine) -> ScriptLine | None:
    text = truncate(clean(answered.text), 1_000)
    if not any(char.isalnum() for char in text):
        return None
    known = tuple(dict.fromkeys(index for index in answered.citations if _exists(task, index)))
    on_screen = clean(answered.on_screen)
    return ScriptLine(
        text=text,
        role=answered.role,
        citations=known if task.grounded else (),
        on_screen=on_screen if len(on_screen) <= MAX_ON_SCREEN_CHARS else "",
        card=answered.card,
        note=truncate(clean(answered.note), 120),
    )


def _checked_lines(task: _Task, answer: _AnsweredScript) -> tuple[list[ScriptLine], list[str]]:
    """The lines that may be said, and a note for each that was left out."""
    lines: list[ScriptLine] = []
    notes = [] if task.grounded else ["Written from the model's own knowledge, unsourced."]
    for answered in answer.lines[:_MAX_LINES]:
        line = _line(task, answered)
        if line is None:
            continue
        problem = _problem(task, answered)
        if problem:
            notes.append(f"Left out, because {problem[:-1]}: “{truncate(line.text, 120)}”")
        else:
            lines.append(line)
    return lines, notes


def _with_roles(lines: list[ScriptLine]) -> list[ScriptLine]:
    """The first line opens, whatever was left out before it; only the last may close."""
    last = len(lines) - 1
    fixed: list[ScriptLine] = []
    for place, line in enumerate(lines):
        role: Role = "hook" if place == 0 else line.role
        if place and (role == "hook" or (role == "cta" and place != last)):
            role = "beat"
        fixed.append(line if role == line.role else line.model_copy(update={"role": role}))
    return fixed
