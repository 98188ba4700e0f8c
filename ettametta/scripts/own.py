"""A script the person wrote: said word for word. Sentences become lines; the checker only reports.

Marks that are not spoken: `# heading` (the first names the video, others are shown over the next line), `[pause]` or
`[pause 2s]` behind a sentence, other lines in square brackets, speakers' labels such as `NARRATOR:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ettametta.errors import InvalidInput
from ettametta.kit.languages import detect_language
from ettametta.kit.sentences import split_sentences
from ettametta.kit.text import clean, clean_paragraphs, truncate
from ettametta.scripts.checker import check_script
from ettametta.scripts.dressing import dressed
from ettametta.scripts.pacing import REFERENCE_WPM, script_s
from ettametta.scripts.script import MAX_ON_SCREEN_CHARS, Role, Script, ScriptLine
from ettametta.storyboard import MAX_NARRATION_CHARS, MAX_SCENES

MADE_BY = "your own script"
#: A video of one's own words may be this long, in seconds.
MAX_SCRIPT_S = 600.0
_PARAGRAPH_PAUSE_S = 0.6
_LONGEST_PAUSE_S = 5.0
_MERGED_CHARS = 600
_MAX_NOTES = 12
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
_PAUSE = re.compile(r"\[pause(?:\s+(\d{1,3}(?:\.\d{1,3})?)\s*(ms|s)?)?\]", re.IGNORECASE)
_DIRECTION = re.compile(r"^\[[^\]]*\]$")
_LABEL = re.compile(r"^(?:NARRATOR|HOST|VOICE ?OVER|VO|SPEAKER(?: \d)?)\s*:\s*")
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    heading: str = ""
    pause_s: float | None = None
    paragraph: int = 0


def own_script(text: str, *, language: str | None = None, words_per_minute: float = REFERENCE_WPM) -> Script:
    """The person's text as a script.

    Args:
        text: what they wrote.
        language: ISO 639-1 code; None: told from the text.
        words_per_minute: of the voice, to tell how long it will be.

    Raises:
        InvalidInput: there is nothing to say, or too much.
    """
    title, said, left_out = _read(text)
    if not said:
        raise InvalidInput(
            "There is nothing in that script to say.", hint="Write at least one sentence.", code="script.no_words"
        )
    detected = detect_language(text)
    code = language or (detected.code if detected else "en")
    lines = tuple(_line(one, place, len(said)) for place, one in enumerate(_few_enough(said)))
    script = Script(
        title=truncate(title or said[0].text, 100), language=code, lines=lines, made_by=MADE_BY, notes=tuple(left_out)
    )
    takes = script_s(script, words_per_minute)
    if takes > MAX_SCRIPT_S:
        raise _too_long(takes)
    return dressed(script.model_copy(update={"notes": (*_notes(script, takes), *left_out)}))


def _notes(script: Script, takes: float) -> list[str]:
    told = [flag.sentence for flag in check_script(script)]
    more = [f"{len(told) - _MAX_NOTES} more remarks were left out."] if len(told) > _MAX_NOTES else []
    return [f"Your words, as you wrote them; about {takes:.0f} seconds.", *told[:_MAX_NOTES], *more]


def _read(text: str) -> tuple[str, list[_Said], list[str]]:
    """The title, what is said, and notes on what is not."""
    title, heading, left_out = "", "", []
    said: list[_Said] = []
    for number, paragraph in enumerate(re.split(r"\n\s*\n", clean_paragraphs(text.replace("\r\n", "\n")))):
        spoken: list[str] = []
        for line in [line.strip() for line in paragraph.split("\n")]:
            found = _HEADING.match(line)
            if found is not None:
                said, spoken, heading = [*said, *_sentences(spoken, number, heading)], [], found[1]
                title = title or heading
                heading = "" if heading == title and not said else heading
            elif _DIRECTION.match(line) and not _PAUSE.fullmatch(line):
                left_out.append(f"Not spoken: {truncate(line, 80)}")
            else:
                spoken.append(_LABEL.sub("", _BULLET.sub("", line)))
        found_here = _sentences(spoken, number, heading)
        heading = "" if found_here else heading
        said = [*_paused(said, found_here), *found_here]
    return clean(title), _with_lone_pauses(said), left_out


def _paused(said: list[_Said], following: list[_Said]) -> list[_Said]:
    """The last of a paragraph is followed by a longer pause."""
    if not said or not following or said[-1].pause_s is not None:
        return said
    return [*said[:-1], replace(said[-1], pause_s=_PARAGRAPH_PAUSE_S)]


def _sentences(lines: list[str], paragraph: int, heading: str) -> list[_Said]:
    """The sentences of a paragraph; a pause mark behind one is its pause."""
    text = _PAUSE.sub(lambda mark: f" {mark.group()} ", " ".join(lines))
    found: list[_Said] = []
    for part, pause_s in _between_pauses(text):
        found += [_Said(piece, paragraph=paragraph) for one in split_sentences(part) for piece in _short_enough(one)]
        if pause_s is not None:
            found = [*found[:-1], replace(found[-1], pause_s=pause_s)] if found else [_Said("", pause_s=pause_s)]
    if found and heading:
        found[0] = replace(found[0], heading=heading)
    return found


def _between_pauses(text: str) -> Iterator[tuple[str, float | None]]:
    """Stretches of text, each with the seconds of the mark that ends it."""
    start = 0
    for mark in _PAUSE.finditer(text):
        yield text[start : mark.start()].strip(), _seconds(mark)
        start = mark.end()
    yield text[start:].strip(), None


def _seconds(mark: re.Match[str]) -> float:
    if mark[1] is None:
        return _PARAGRAPH_PAUSE_S
    return min(float(mark[1]) / (1000 if (mark[2] or "").lower() == "ms" else 1), _LONGEST_PAUSE_S)


def _with_lone_pauses(said: list[_Said]) -> list[_Said]:
    """A pause that stood in a paragraph of its own belongs to the sentence before."""
    kept: list[_Said] = []
    for one in said:
        if any(char.isalnum() for char in one.text):
            kept.append(one)
        elif kept and one.pause_s is not None:
            kept[-1] = replace(kept[-1], pause_s=one.pause_s)
    return kept


def _short_enough(sentence: str) -> list[str]:
    """A sentence longer than a scene can hold, cut between words."""
    parts: list[str] = []
    rest = sentence
    while len(rest) > MAX_NARRATION_CHARS:
        cut = rest.rfind(" ", 0, MAX_NARRATION_CHARS)
        cut = cut if cut > 0 else MAX_NARRATION_CHARS
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*parts, rest]


def _few_enough(said: list[_Said]) -> list[_Said]:
    """As many lines as a video has scenes: sentences of one paragraph are said together when there are more.

    Raises:
        InvalidInput: there are too many all the same.
    """
    lines = list(said)
    while len(lines) > MAX_SCENES:
        pairs = [place for place in range(len(lines) - 1) if _can_merge(lines[place], lines[place + 1])]
        if not pairs:
            raise _too_long(None)
        place = min(pairs, key=lambda at: len(lines[at].text) + len(lines[at + 1].text))
        merged = replace(
            lines[place], text=f"{lines[place].text} {lines[place + 1].text}", pause_s=lines[place + 1].pause_s
        )
        lines[place : place + 2] = [merged]
    return lines


def _can_merge(one: _Said, following: _Said) -> bool:
    alone = one.pause_s is not None or bool(following.heading) or one.paragraph != following.paragraph
    return not alone and len(one.text) + len(following.text) < _MERGED_CHARS


def _too_long(takes: float | None) -> InvalidInput:
    length = f"would take about {takes / 60:.0f} minutes" if takes is not None else f"has more than {MAX_SCENES} parts"
    return InvalidInput(
        f"That script {length}; a video holds {MAX_SCRIPT_S / 60:.0f} minutes in {MAX_SCENES} scenes.",
        hint="Send it in parts.",
        code="script.too_long",
    )


def _line(one: _Said, place: int, count: int) -> ScriptLine:
    role: Role = "hook" if place == 0 else "payoff" if place == count - 1 and count > 2 else "beat"
    heading = one.heading if len(one.heading) <= MAX_ON_SCREEN_CHARS else ""
    return ScriptLine(
        text=one.text, role=role, on_screen=heading, card="title" if heading else None, pause_s=one.pause_s
    )
