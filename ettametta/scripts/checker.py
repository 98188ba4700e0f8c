"""Reads a script as a strict editor would: claims without ground, repetition, what cannot be said or followed by ear.

Pure: it reports, and changes nothing. It works on any script, a person's own too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from types import MappingProxyType

from ettametta.evidence import Evidence
from ettametta.kit.sentences import split_sentences, spoken_words, words
from ettametta.scripts.flags import Flag
from ettametta.scripts.grounding import Ground
from ettametta.scripts.lexicon import lexicon
from ettametta.scripts.pacing import REFERENCE_WPM, script_s
from ettametta.scripts.script import DataVisual, Script, ScriptLine
from ettametta.scripts.speakable import unspeakable
from ettametta.scripts.syllables import syllables
from ettametta.storyboard import ChartVisual, ComparisonVisual, ListVisual

#: A sentence of more words loses the listener.
MAX_SENTENCE_WORDS = 28
#: Words in a row that may not come twice.
_REPEATED_WORDS = 4
_ALIKE = 0.75
_LENGTH_SLACK = 0.12
#: Reading ease by language as (base, per word of a sentence, per syllable of a word): Flesch for English, Amstad for
#: German, Fernández Huerta for Spanish, Kandel and Moles for French, Franchina and Vacca for Italian.
_EASE = MappingProxyType(
    {
        "en": (206.835, 1.015, 84.6),
        "de": (180.0, 1.0, 58.5),
        "es": (206.84, 1.02, 60.0),
        "fr": (207.0, 1.015, 73.6),
        "it": (217.0, 1.3, 60.0),
        "pt": (248.835, 1.015, 84.6),
    }
)
#: Below this a text is for readers with a degree, and too hard by ear.
_HARD = 30.0
_ENOUGH_WORDS = 40


def check_script(
    script: Script,
    evidence: Evidence | None = None,
    *,
    target_s: float | None = None,
    words_per_minute: float = REFERENCE_WPM,
) -> tuple[Flag, ...]:
    """All that is wrong with a script, in the order of its lines; the whole of it last.

    Args:
        script: any script.
        evidence: what it may rest on; None or empty: claims are not looked at.
        target_s: seconds it should take; None: its length is not looked at.
        words_per_minute: of the voice.
    """
    flags = [flag for number, line in enumerate(script.lines) for flag in _line_flags(script, number, line)]
    if evidence is not None:
        flags += claims_without_ground(script, Ground(evidence, script.language))
    flags += _repetitions(script)
    flags.sort(key=lambda flag: flag.line if flag.line is not None else len(script.lines))
    return (*flags, *_whole(script, target_s, words_per_minute))


def claims_without_ground(script: Script, ground: Ground) -> list[Flag]:
    """The claims that the sources the lines cite do not carry."""
    if ground.is_empty:
        return []
    return [flag for number, line in enumerate(script.lines) for flag in line_claims(number, line, ground)]


def line_claims(number: int, line: ScriptLine, ground: Ground) -> list[Flag]:
    """What one line claims without ground. A call to action may cite nothing, if it claims nothing."""
    wrong = [index for index in line.citations if not ground.has(index)]
    if wrong:
        return [Flag("no_such_source", number, line.text, "it cites a source that does not exist")]
    if not line.citations:
        return _uncited(number, line)
    shown = "\n".join([line.on_screen, line.note, *_shown(line.visual)])
    found = []
    for sentence in split_sentences(line.text) or [line.text]:
        strict = line.role != "cta" and not sentence.rstrip('"”»').endswith("?")
        found += ground.findings(sentence, line.citations, also=shown, strict=strict)
    return list({(one.kind, one.text): Flag(one.kind, number, one.text, one.why) for one in found}.values())


def _uncited(number: int, line: ScriptLine) -> list[Flag]:
    asks = all(one.rstrip('"”»').endswith("?") for one in split_sentences(line.text))
    if (line.role == "cta" or asks) and not re.search(r"\d", line.text):
        return []
    return [Flag("uncited", number, line.text, "it cites no source")]


def _shown(visual: DataVisual | None) -> list[str]:
    """The words and figures of drawn data."""
    if visual is None:
        return []
    if isinstance(visual, ChartVisual):
        return [visual.title, *(f"{point.label}: {point.value:.12g}{visual.unit}" for point in visual.points)]
    if isinstance(visual, ListVisual):
        return [visual.title, *visual.items]
    if isinstance(visual, ComparisonVisual):
        sides = (visual.left, visual.right)
        return [visual.title, *(part for side in sides for part in (side.label, side.value, *side.points))]
    return [visual.title, *(f"{event.when}: {event.what}" for event in visual.events)]


def _line_flags(script: Script, number: int, line: ScriptLine) -> Iterable[Flag]:
    for token, what in unspeakable(line.text, script.language):
        yield Flag("unpronounceable", number, token, f"it has {what} that cannot be spoken ({token[:40]})")
    for sentence in split_sentences(line.text):
        length = spoken_words(sentence)
        if length > MAX_SENTENCE_WORDS:
            yield Flag(
                "too_long", number, sentence, f"a sentence of {round(length)} words is too long to follow by ear"
            )
    ease = reading_ease(line.text, script.language)
    if ease is not None and ease < 0 and spoken_words(line.text) >= 6:
        yield Flag("hard_to_read", number, line.text, "its words are too long to follow by ear")


def reading_ease(text: str, language: str) -> float | None:
    """Flesch's reading ease or its like for the language (100 easy, 30 hard); None without a formula."""
    found = words(text)
    if language not in _EASE or not found:
        return None
    base, per_word, per_syllable = _EASE[language]
    sentences = max(1, len(split_sentences(text)))
    return base - per_word * len(found) / sentences - per_syllable * syllables(text, language) / len(found)


def _repetitions(script: Script) -> Iterable[Flag]:
    stop = lexicon(script.language).stop
    spoken = [[word.lower() for word in words(line.text)] for line in script.lines]
    seen: dict[tuple[str, ...], int] = {}
    for number, said in enumerate(spoken):
        again = next((run for run in _runs(said, stop) if seen.get(run, number) != number), None)
        if again is not None:
            yield Flag("repeated", number, " ".join(again), f"it says “{' '.join(again)}” again")
        elif any(_alike(said, other, stop) for other in spoken[:number]):
            yield Flag("repeated", number, script.lines[number].text, "it repeats an earlier line")
        for run in _runs(said, stop):
            seen.setdefault(run, number)
    for number in range(1, len(spoken)):
        opening = spoken[number][:2]
        if len(opening) == 2 and opening == spoken[number - 1][:2] and len(spoken[number]) > 3:
            yield Flag(
                "same_opening", number, " ".join(opening), f"it opens like the line before (“{' '.join(opening)}”)"
            )


def _runs(said: list[str], stop: frozenset[str]) -> list[tuple[str, ...]]:
    """Runs of four words of which at least two weigh something."""
    runs = zip(*(said[start:] for start in range(_REPEATED_WORDS)), strict=False)
    return [run for run in runs if sum(word not in stop for word in run) >= 2]


def _alike(one: list[str], other: list[str], stop: frozenset[str]) -> bool:
    left, right = Counter(set(one) - stop), Counter(set(other) - stop)
    shared, either = sum((left & right).values()), sum((left | right).values())
    return shared >= 3 and shared / either >= _ALIKE


def _whole(script: Script, target_s: float | None, words_per_minute: float) -> Iterable[Flag]:
    ease = reading_ease(script.narration, script.language)
    if ease is not None and ease < _HARD and spoken_words(script.narration) >= _ENOUGH_WORDS:
        yield Flag("hard_to_read", None, "", f"it is hard to follow by ear (reading ease {ease:.0f}; 60 is plain)")
    if target_s is None:
        return
    takes = script_s(script, words_per_minute)
    if takes > target_s * (1 + _LENGTH_SLACK):
        yield Flag("too_long_script", None, "", f"it takes about {takes:.0f} seconds, not {target_s:.0f}")
    elif takes < target_s * (1 - _LENGTH_SLACK):
        yield Flag("too_short_script", None, "", f"it takes about {takes:.0f} seconds, not {target_s:.0f}")
