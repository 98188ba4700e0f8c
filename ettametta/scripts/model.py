"""The writer that asks a language model, and believes nothing it cannot check against the evidence."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import prompts
from ettametta.errors import InvalidInput, ModelError
from ettametta.evidence import Evidence
from ettametta.kit.languages import detect_language
from ettametta.kit.text import clean, truncate
from ettametta.providers.llm.base import LanguageModel, LLMRequest
from ettametta.scripts.answers import AnsweredHooks, AnsweredScript, hook_from, line_from
from ettametta.scripts.checker import check_script, line_claims
from ettametta.scripts.dressing import dressed
from ettametta.scripts.fitting import trimmed
from ettametta.scripts.flags import WORTH_MENDING, Flag
from ettametta.scripts.grounding import Ground
from ettametta.scripts.hooks import kind_of
from ettametta.scripts.material import Blocks
from ettametta.scripts.pacing import as_words
from ettametta.scripts.script import Hook, Role, Script, ScriptLine, ScriptWanted

_TOLERANCE = 0.12
#: After the repair round a script may be this far off and is still better than none.
_LAST_TOLERANCE = 0.35
_MAX_LINES = 60
#: A script in words is shorter than its time by the pauses between lines.
_PAUSE_SHARE = 0.94
_GROUNDED = (
    "Every figure, date, name, quotation, superlative and cause must stand in the sources given, and every line that "
    "states a fact must cite at least one of them."
)
_UNGROUNDED = (
    "No sources were found. Write only what is common, settled knowledge; give no exact figures, dates or quotations, "
    "and leave `citations` empty."
)
_UNSOURCED = "Written from the model's own knowledge, unsourced."


@dataclass(frozen=True, slots=True)
class _Task:
    """One piece of writing: what is asked, within what, and on what ground."""

    evidence: Evidence
    wanted: ScriptWanted
    language: str
    ground: Ground
    blocks: Blocks = field(default_factory=Blocks)

    @property
    def grounded(self) -> bool:
        return not self.ground.is_empty

    @property
    def material(self) -> str:
        return self.blocks.evidence(self.evidence, self.wanted.instructions)

    def within(self, count: float, tolerance: float) -> bool:
        return abs(count - self.wanted.words) <= self.wanted.words * tolerance

    @property
    def limits(self) -> dict[str, int]:
        words = self.wanted.words * _PAUSE_SHARE
        return {
            "words": round(words),
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
        """One script, repaired at most once, with its openings when more than one is wanted.

        Raises:
            InvalidInput: there is neither a topic nor a text.
            ModelError: the answer is far from the length asked for, or nothing in it rests on the evidence.
            ConfigError, TransientError: as the model port says.
        """
        if not evidence.topic.strip() and not any(item.text for item in evidence.items):
            raise InvalidInput(
                "There is nothing to write about.", hint="Give a topic or a text.", code="script.nothing_to_say"
            )
        language = _language(evidence, wanted)
        task = _Task(evidence, wanted, language, await asyncio.to_thread(Ground, evidence, language))
        answer = await self._ask(task, task.material)
        faults = await asyncio.to_thread(_faults, task, answer)
        if faults:
            answer = await self._ask(task, _repair_material(task, answer, faults))
        script = await asyncio.to_thread(self._script, task, answer)
        return await self._with_hooks(task, script) if wanted.hooks > 1 else script

    async def _ask(self, task: _Task, material: str) -> AnsweredScript:
        instructions = prompts.load(
            "script",
            language=task.language,
            tone=clean(task.wanted.tone) or "clear, lively, factual",
            seconds=round(task.wanted.duration_s),
            grounding=_GROUNDED if task.grounded else _UNGROUNDED,
            boundary=task.blocks.boundary,
            **task.limits,
        )
        request = LLMRequest(
            instructions=instructions,
            material=material,
            answer=AnsweredScript,
            max_output_tokens=min(16_000, 2_000 + 20 * task.wanted.words),
            temperature=self._temperature,
        )
        return (await self._model.answer(request)).value

    def _script(self, task: _Task, answer: AnsweredScript) -> Script:
        """The checked script; lines with unsupported claims are left out and named in the notes.

        Raises:
            ModelError: too little is left.
        """
        lines, notes = _checked_lines(task, answer)
        count = sum(as_words(line.text, task.language) for line in lines)
        if not lines or not task.within(count, _LAST_TOLERANCE):
            raise ModelError(
                f"The model's script has {round(count)} usable words where about {task.wanted.words} were asked for.",
                hint="Try again, or use a stronger model (ETTAMETTA_MODEL).",
                code="model.script_length",
            )
        script = Script(
            title=_title(answer.title, task.evidence.topic),
            language=task.language,
            lines=tuple(_with_roles(lines)),
            citations=tuple(item.citation for item in task.evidence.items),
            made_by=self._model.facts.model,
            notes=(*notes, *task.evidence.notes),
        )
        return dressed(trimmed(script, task.wanted.duration_s, task.wanted.words_per_minute))

    async def _with_hooks(self, task: _Task, script: Script) -> Script:
        """The script with its openings: its own, then those of other kinds the evidence carries.

        A model that gives none that hold leaves the script with its own, and a note says so.
        """
        instructions = prompts.load(
            "script_hooks",
            language=task.language,
            count=task.wanted.hooks,
            grounding=_GROUNDED if task.grounded else _UNGROUNDED,
            boundary=task.blocks.boundary,
        )
        first = script.lines[0]
        material = f"{task.material}\n\n{task.blocks.block('your script', script.narration)}"
        request = LLMRequest(instructions=instructions, material=material, answer=AnsweredHooks, temperature=0.9)
        hooks = [Hook(kind=kind_of(first.text, script.language), line=first)]
        try:
            answered = (await self._model.answer(request)).value.hooks
        except ModelError:
            answered = []
        for one in answered:
            line = hook_from(one)
            if line is None or _claims(task, line) or any(_same(line, hook.line) for hook in hooks):
                continue
            kept = _known_citations(task, line)
            hooks.append(Hook(kind=one.kind, line=kept))
        return dressed(_offering(script, hooks[: task.wanted.hooks], task.wanted.hooks))


def _offering(script: Script, hooks: list[Hook], wanted: int) -> Script:
    note = f"Only {len(hooks)} of {wanted} openings hold to the sources."
    notes = script.notes if len(hooks) == wanted else (*script.notes, note)
    return script.model_copy(update={"hooks": tuple(hooks), "notes": notes})


def _same(one: ScriptLine, other: ScriptLine) -> bool:
    return one.text.casefold() == other.text.casefold()


def _title(answered: str, topic: str) -> str:
    return truncate(clean(answered) or clean(topic), 100) or "Untitled"


def _language(evidence: Evidence, wanted: ScriptWanted) -> str:
    if wanted.language is not None:
        return wanted.language
    declared = next((item.language for item in evidence.items if item.language), None)
    detected = detect_language(evidence.topic)
    return declared or (detected.code if detected else "en")


def _repair_material(task: _Task, answer: AnsweredScript, faults: list[str]) -> str:
    """The first material, the answer (which may repeat what strangers wrote: marked too) and what is wrong."""
    before = json.dumps(answer.model_dump(), ensure_ascii=False)
    order = prompts.load(
        "script_repair",
        faults=task.blocks.block("faults", "\n".join(f"- {fault}" for fault in faults)),
        words_now=round(_count(task, answer) * _PAUSE_SHARE),
        **task.limits,
    )
    return "\n\n".join([task.material, task.blocks.block("your script", before), order])


def _count(task: _Task, answer: AnsweredScript) -> float:
    return sum(as_words(clean(line.text), task.language) for line in answer.lines)


def _faults(task: _Task, answer: AnsweredScript) -> list[str]:
    """What the model should mend, one sentence each."""
    faults: list[str] = []
    count = _count(task, answer)
    if not task.within(count, _TOLERANCE):
        faults.append("It is too long: shorten it." if count > task.wanted.words else "It is too short: lengthen it.")
    if len(answer.lines) > _MAX_LINES:
        faults.append(f"It has {len(answer.lines)} lines; {_MAX_LINES} are the most.")
    lines = [line_from(one) for one in answer.lines[:_MAX_LINES]]
    faults += [f"Line {number}: it is empty." for number, line in enumerate(lines, 1) if line is None]
    faults += [flag.sentence for flag in _flags(task, [line or _EMPTY for line in lines]) if flag.kind in WORTH_MENDING]
    return faults


_EMPTY = ScriptLine(text="–", role="cta")


def _flags(task: _Task, lines: list[ScriptLine]) -> tuple[Flag, ...]:
    if not lines:
        return ()
    script = Script(title="-", language=task.language, lines=tuple(lines), made_by="-")
    spoken = check_script(script)
    return (*spoken, *(flag for number, line in enumerate(lines) for flag in _claims(task, line, number)))


def _claims(task: _Task, line: ScriptLine, number: int = 0) -> list[Flag]:
    """What a line claims without ground; a payoff may cite nothing when it only sums up without a figure."""
    if not task.grounded:
        return []
    found = line_claims(number, line, task.ground)
    if line.role == "payoff" and not line.citations:
        everything = [index for index in range(len(task.ground.sources)) if task.ground.has(index)]
        found = line_claims(number, line.model_copy(update={"citations": tuple(everything)}), task.ground)
    return found


def _known_citations(task: _Task, line: ScriptLine) -> ScriptLine:
    known = tuple(index for index in line.citations if task.ground.has(index)) if task.grounded else ()
    return line.model_copy(update={"citations": known})


def _checked_lines(task: _Task, answer: AnsweredScript) -> tuple[list[ScriptLine], list[str]]:
    """The lines that may be said, and a note for each that was left out or is not good."""
    notes = [] if task.grounded else [_UNSOURCED]
    lines: list[ScriptLine] = []
    for line in (line_from(one) for one in answer.lines[:_MAX_LINES]):
        if line is None:
            continue
        flags = _claims(task, line)
        if flags:
            why = "; ".join(flag.why for flag in flags)
            notes.append(f"Left out, because {truncate(why, 200)}: “{truncate(line.text, 120)}”")
        else:
            lines.append(_known_citations(task, line))
    if lines:
        lines = _without_repeats(task, lines, notes)
    return lines, notes


def _without_repeats(task: _Task, lines: list[ScriptLine], notes: list[str]) -> list[ScriptLine]:
    """Without lines that say an earlier one again; what else is not good is told."""
    flags = check_script(Script(title="-", language=task.language, lines=tuple(lines), made_by="-"))
    again = {
        flag.line for flag in flags if flag.kind == "repeated" and flag.line and flag.text == lines[flag.line].text
    }
    notes += [f"Left out, because it repeats: “{truncate(lines[place].text, 120)}”" for place in sorted(again)]
    notes += [flag.sentence for flag in flags if flag.kind in WORTH_MENDING and flag.line not in again]
    return [line for place, line in enumerate(lines) if place not in again]


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
