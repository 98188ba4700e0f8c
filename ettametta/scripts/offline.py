"""The offline writer: chooses and tightens sentences of the source text. It adds no word of its own, and says so."""

from __future__ import annotations

import asyncio

from ettametta.errors import InvalidInput
from ettametta.evidence import Evidence
from ettametta.kit.languages import detect_language
from ettametta.kit.text import truncate
from ettametta.scripts.dressing import dressed
from ettametta.scripts.hooks import offered
from ettametta.scripts.key_phrases import card_for
from ettametta.scripts.lexicon import lexicon
from ettametta.scripts.pacing import as_words
from ettametta.scripts.ranking import Candidate, Ranked, rank
from ettametta.scripts.script import Role, Script, ScriptLine, ScriptWanted
from ettametta.scripts.selection import LEAST_SHARE, select

MADE_BY = "offline writer"
_DEFAULT_LANGUAGE = "en"
_OPENERS_TRIED = 12
#: By which the pauses behind the opening, the last line and the closing are longer than the others, in seconds.
_LONGER_PAUSES_S = 0.5


class OfflineWriter:
    """Writes without a model, by extraction: every sentence is one of the source's, shortened at most."""

    async def write(self, evidence: Evidence, wanted: ScriptWanted) -> Script:
        """A script of about the wanted length, or shorter when the source has no more.

        Raises:
            InvalidInput: there is no sentence in the evidence that could be said.
        """
        return await asyncio.to_thread(write_offline, evidence, wanted)


def write_offline(evidence: Evidence, wanted: ScriptWanted) -> Script:
    """What `OfflineWriter.write` does, at once.

    Raises:
        InvalidInput: there is no sentence in the evidence that could be said.
    """
    language = _language(evidence)
    lists = lexicon(language)
    closing = lists.closing if evidence.items and _has_sources(evidence) else ""
    spoken = wanted.words - (as_words(closing, language) if closing else 0)
    room = max(spoken - _LONGER_PAUSES_S * wanted.words_per_minute / 60, 8)
    ranked = rank(evidence, lists, language)
    chosen = select(ranked, room)
    if not chosen:
        raise InvalidInput(
            "There is no sentence in that text that could be spoken.",
            hint="Send a text with whole sentences, or add a model key (OPENAI_API_KEY).",
            code="script.no_sentences",
        )
    lines = [_line(one, _role(place, len(chosen)), language) for place, one in enumerate(chosen)]
    if closing:
        lines.append(_closing_line(closing, language))
    script = Script(
        title=truncate(evidence.items[chosen[0].item].citation.title or evidence.topic, 200),
        language=language,
        lines=tuple(lines),
        citations=tuple(item.citation for item in evidence.items),
        made_by=MADE_BY,
        notes=tuple(_notes(evidence, wanted, language, sum(one.length for one in chosen) / room)),
    )
    return dressed(_offering(script, ranked, wanted.hooks))


def _offering(script: Script, ranked: Ranked, wanted: int) -> Script:
    """The script with other sentences of the source that could open it, best first, of as many kinds as there are."""
    if wanted < 2:
        return script
    able = sorted((one for one in ranked.candidates if not one.depends), key=lambda one: one.hook, reverse=True)
    others = [_line(one, "hook", script.language) for one in able[:_OPENERS_TRIED]]
    hooks = offered(script.lines[0], others, wanted, script.language)
    note = f"The source has only {len(hooks)} sentences that could open the video."
    notes = script.notes if len(hooks) == wanted else (*script.notes, note)
    return script.model_copy(update={"hooks": hooks, "notes": notes})


def _language(evidence: Evidence) -> str:
    """The language of the first text, as declared or detected."""
    for item in evidence.items:
        if item.text:
            detected = detect_language(item.text)
            return item.language or (detected.code if detected else _DEFAULT_LANGUAGE)
    return _DEFAULT_LANGUAGE


def _has_sources(evidence: Evidence) -> bool:
    return any(item.citation.url for item in evidence.items)


def _role(place: int, count: int) -> Role:
    if place == 0:
        return "hook"
    return "payoff" if place == count - 1 else "beat"


def _line(one: Candidate, role: Role, language: str) -> ScriptLine:
    card = card_for(one.text, role, language)
    return ScriptLine(
        text=one.text, role=role, citations=(one.item,), on_screen=card.text, card=card.kind, note=card.note
    )


def _closing_line(text: str, language: str) -> ScriptLine:
    card = card_for(text, "cta", language)
    return ScriptLine(text=text, role="cta", on_screen=card.text, card="closing")


def _notes(evidence: Evidence, wanted: ScriptWanted, language: str, share: float) -> list[str]:
    notes = ["The words are sentences of the source, chosen and shortened by the offline writer."]
    if wanted.language is not None and wanted.language != language:
        notes.append(
            f"The source is in another language ({language}) than asked for ({wanted.language}); the offline writer "
            "does not translate."
        )
    if share < LEAST_SHARE:
        notes.append("The source has fewer usable sentences than the wanted length needs, so the video is shorter.")
    return [*notes, *evidence.notes]
