"""What a script's lines still lack for the picture, filled in from their own words: queries, emphasis, data to draw."""

from __future__ import annotations

from ettametta.scripts.designs import MAX_EVENTS, design_for, timeline_over
from ettametta.scripts.phrases import emphasised, picture_queries
from ettametta.scripts.script import Script, ScriptLine
from ettametta.storyboard import TimelineVisual

_MIN_DATED = 3


def dressed(script: Script) -> Script:
    """The same words, each line with a query, stressed words and the data it holds; what is there already stays."""
    queries = picture_queries([line.text for line in script.lines], script.language, script.title)
    lines = [_dressed(line, query, script.language) for line, query in zip(script.lines, queries, strict=True)]
    hooks = [hook.model_copy(update={"line": _alone(hook.line, script)}) for hook in script.hooks]
    return script.model_copy(update={"lines": tuple(_with_timelines(lines, script.language)), "hooks": tuple(hooks)})


def _alone(line: ScriptLine, script: Script) -> ScriptLine:
    """An opening that may take the first line's place."""
    query = picture_queries([line.text, *(other.text for other in script.lines[1:])], script.language, script.title)[0]
    return _dressed(line, query, script.language)


def _dressed(line: ScriptLine, query: str, language: str) -> ScriptLine:
    drawn = line.visual
    if drawn is None and line.role != "cta" and line.card != "quote":
        drawn = design_for(line.text, language)
    return line.model_copy(
        update={
            "query": line.query or ("" if line.role == "cta" else query),
            "emphasis": line.emphasis or emphasised(line.text, language),
            "visual": drawn,
        }
    )


def _with_timelines(lines: list[ScriptLine], language: str) -> list[ScriptLine]:
    """The last of three or more dated lines in a row shows them all as a timeline."""
    fixed = list(lines)
    start = 0
    while start + _MIN_DATED <= len(fixed):
        run = _dated_run([line.text for line in fixed[start:]], language)
        if run is None:
            start += 1
            continue
        length, timeline = run
        last = fixed[start + length - 1]
        if last.visual is None:
            fixed[start + length - 1] = last.model_copy(update={"visual": timeline})
        start += length
    return fixed


def _dated_run(texts: list[str], language: str) -> tuple[int, TimelineVisual] | None:
    """The longest run of dated lines from the first on."""
    for length in range(min(MAX_EVENTS, len(texts)), _MIN_DATED - 1, -1):
        timeline = timeline_over(texts[:length], language)
        if timeline is not None:
            return length, timeline
    return None
