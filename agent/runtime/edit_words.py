"""Edits asked for in plain words or by command: what is deterministic, read without a model. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.runtime.languages import LANGUAGES, language_code


@dataclass(frozen=True, slots=True)
class UseTool:
    """One tool, with these arguments."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


_ID = re.compile(r"[0-9a-f]{6,32}", re.IGNORECASE)
_MAX_CHARS = 2_000

# -- commands ----------------------------------------------------------------------------------------------------------

_BY_ID = {
    "revisions": "show_revisions",
    "undo": "undo_edit",
    "redo": "redo_edit",
    "continue": "continue_production",
    "finish": "finish_video",
    "send": "send_video",
}


def read_edit_command(name: str, rest: str) -> UseTool | None:
    """The deed of a command about edits; None when there is no such command, or its words are not clear."""
    production_id, words = _take_id(rest)
    about = {"production_id": production_id} if production_id else {}
    if name == "storyboard":
        return UseTool("show_storyboard", {**about, "with_picture": True})
    if name in _BY_ID:
        return UseTool(_BY_ID[name], about)
    if name in {"voices", "themes", "presets", "choices"}:
        return UseTool("list_choices")
    if name == "edit":
        return _edit(words, about)
    if name == "batch" and rest:
        return UseTool("make_videos", {"subjects": rest})
    if name == "pictures" and rest:
        return UseTool("search_pictures", {"query": rest[:120]})
    return _sibling(name, words, about)


def _take_id(rest: str) -> tuple[str | None, str]:
    first, _, others = rest.partition(" ")
    return (first.lower(), others.strip()) if _ID.fullmatch(first) else (None, rest)


def _edit(words: str, about: Mapping[str, Any]) -> UseTool | None:
    """Operations as JSON, or one sentence; without either, what there is to edit."""
    if not words:
        return UseTool("show_storyboard", about)
    if words[0] in "[{":
        try:
            asked = json.loads(words)
        except ValueError:
            return None
        return UseTool("edit_video", {**about, "operations": asked if isinstance(asked, list) else [asked]})
    found = read_edit(words)
    return UseTool(found.tool, {**about, **found.arguments}) if found else None


_BY = {"hook": "hook", "opening": "hook", "voice": "voice", "theme": "theme", "thumbnail": "thumbnail",
       "cover": "thumbnail"}  # fmt: skip


def _sibling(name: str, words: str, about: Mapping[str, Any]) -> UseTool | None:
    said = re.findall(r"[\w-]+", words.lower())
    if name == "dub":
        languages = [language_code(word) or word for word in said if word not in {"and", "into", "in", "to"}]
        return UseTool("dub_video", {**about, "languages": languages}) if languages else None
    if name == "variants":
        by = next((_BY[word.rstrip("s")] for word in said if word.rstrip("s") in _BY), "theme")
        count = next((int(word) for word in said if word.isdigit()), 2)
        return UseTool("make_variants", {**about, "by": by, "count": count})
    return None


# -- sentences ---------------------------------------------------------------------------------------------------------

_SCENE = r"(?:scene|part|slide)\s+(?:no\.?\s*|number\s+)?(\d{1,2})"
_TWO = r"scenes?\s+(\d{1,2})\s+(?:and|with|&)\s+(?:scene\s+)?(\d{1,2})"
_POLITE = r"(?:please\s+|can you\s+|could you\s+|now\s+)*"
_ITS_LANGUAGES = "|".join(sorted(map(re.escape, LANGUAGES), key=len, reverse=True))
_SHAPES = {
    "square": "1:1", "vertical": "9:16", "portrait": "9:16", "upright": "9:16", "horizontal": "16:9",
    "landscape": "16:9", "widescreen": "16:9", "wide": "16:9",
}  # fmt: skip
_CAPTIONS = {
    "highlight": "highlight", "highlighted": "highlight", "pop": "pop", "karaoke": "karaoke", "one word": "one_word",
    "one-word": "one_word", "sentence": "sentence", "minimal": "minimal", "off": "off",
}  # fmt: skip
_COUNTS = {"one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_MANY = rf"\d{{1,2}}|{'|'.join(_COUNTS)}|some|a few|a couple of"
_MOODS = "calm|upbeat|dramatic|playful|dreamy"

_Found = re.Match[str]


def _change(**operation: Any) -> UseTool:
    return UseTool("edit_video", {"operations": [operation]})


def _restyle(**look: Any) -> UseTool:
    return _change(op="restyle", **look)


def _move(found: _Found) -> UseTool:
    to = 1 if found.group(2) is None else int(found.group(2))
    return _change(op="move_scene", scene=found.group(1), to=to)


def _merge(found: _Found) -> UseTool | None:
    one, other = sorted((int(found.group(1)), int(found.group(2))))
    return _change(op="merge_scenes", scene=str(one)) if other == one + 1 else None


def _swap_picture(found: _Found) -> UseTool:
    query = (found.group(2) or "").strip()
    return _change(op="swap_visual", scene=found.group(1), **({"query": query[:120]} if query else {}))


def _dub(found: _Found) -> UseTool:
    names = re.findall(_ITS_LANGUAGES, found.group(1), re.IGNORECASE)
    return UseTool("dub_video", {"languages": [language_code(name) for name in names]})


def _versions(found: _Found) -> UseTool:
    words = (found.group(1) or "").lower()
    count = int(words) if words.isdigit() else _COUNTS.get(words, 2)
    return UseTool("make_variants", {"by": _BY[found.group(2).lower().rstrip("s")], "count": min(10, max(1, count))})


_FORMS: tuple[tuple[str, Callable[[_Found], UseTool | None]], ...] = (
    (r"undo(?:\s+(?:it|that|this|the last (?:change|edit|one)))?", lambda _: UseTool("undo_edit")),
    (r"redo(?:\s+(?:it|that|this))?", lambda _: UseTool("redo_edit")),
    (r"(?:continue|go on|carry on|go ahead with it)", lambda _: UseTool("continue_production")),
    (r"(?:finish (?:it|the draft|the video)|(?:make|render) (?:it|the draft) in full(?: size)?)",
     lambda _: UseTool("finish_video")),
    (r"(?:show|see)(?: me)? (?:the |its |my )?storyboard|storyboard",
     lambda _: UseTool("show_storyboard", {"with_picture": True})),
    (r"(?:show|list)(?: me)? (?:the |its |all )?(?:revisions|versions|changes)", lambda _: UseTool("show_revisions")),
    (r"(?:show|list|what)(?: me)? (?:the |all )?(?:voices|themes|presets)(?: are there)?",
     lambda _: UseTool("list_choices")),
    (r"(?:send|show)(?: me)? (?:it|the video)(?: again| once more)", lambda _: UseTool("send_video")),
    (rf"(?:delete|remove|drop|cut out|take out) {_SCENE}", lambda m: _change(op="delete_scene", scene=m.group(1))),
    (rf"(?:swap|exchange|switch) {_TWO}", lambda m: _change(op="swap_scenes", scene=m.group(1), other=m.group(2))),
    (rf"(?:merge|join|combine) {_TWO}", _merge),
    (rf"split {_SCENE}", lambda m: _change(op="split_scene", scene=m.group(1))),
    (rf"move {_SCENE} to (?:(?:place|position|number)?\s*(\d{{1,2}})|the (?:start|beginning|front|top))", _move),
    (rf"(?:change|set|make) (?:the (?:text|words|narration) of )?{_SCENE}(?: to| say)?\s*:\s*(\S.*)",
     lambda m: _change(op="set_narration", scene=m.group(1), text=_unquoted(m.group(2)))),
    (rf"{_SCENE} (?:should|must|shall) say\s*:?\s*(\S.*)",
     lambda m: _change(op="set_narration", scene=m.group(1), text=_unquoted(m.group(2)))),
    ((rf"(?:show |find |use )?(?:another|a different|a new|an other) (?:picture|image|photo|clip|visual) (?:for|in|of) "
     rf"{_SCENE}(?:\s*(?::|of|showing|with)\s+(\S.*))?"), _swap_picture),
    (r"(?:change|set|switch) (?:the )?theme (?:to |into )?(?:the )?[\"“']?([\w-]{2,40})[\"”']?",
     lambda m: _restyle(theme=m.group(1).lower())),
    (r"use (?:the )?(?:theme )?[\"“']?([\w-]{2,40})[\"”']? theme|use (?:the )?theme [\"“']?([\w-]{2,40})[\"”']?",
     lambda m: _restyle(theme=(m.group(1) or m.group(2)).lower())),
    (r"(?:without|no|remove(?: the)?|turn off(?: the)?) (?:captions|subtitles)|(?:captions|subtitles) off",
     lambda _: _restyle(captions={"mode": "off"})),
    ((rf"(?:with |use |set )?(?:the )?(?:captions?|subtitles?)(?: style)?(?: to| in)? ({'|'.join(_CAPTIONS)})|"
     rf"(?:with |use )?({'|'.join(_CAPTIONS)}) (?:captions|subtitles)"),
     lambda m: _restyle(captions={"mode": _CAPTIONS[(m.group(1) or m.group(2)).lower()]})),
    (r"(?:without|no|remove(?: the)?|turn off(?: the)?) music|music off", lambda _: _restyle(clear=["music"])),
    (rf"(?:with |add |use |some )*({_MOODS}) music", lambda m: _restyle(music={"mood": m.group(1).lower()})),
    (r"(?:make it |in |as |change it to |change the (?:aspect|format) to )*(9:16|16:9|1:1|4:5)",
     lambda m: _change(op="set_aspect", aspect=m.group(1))),
    (rf"(?:make it |as a |in )+({'|'.join(_SHAPES)})(?: video| format)?",
     lambda m: _change(op="set_aspect", aspect=_SHAPES[m.group(1).lower()])),
    (r"(?:call it|(?:change|set) the title to)\s*:?\s*(\S.{0,199})",
     lambda m: _change(op="set_title", title=_unquoted(m.group(1)))),
    ((rf"(?:dub|translate) (?:it|this|that|the video|the last one) (?:in)?to "
     rf"((?:(?:{_ITS_LANGUAGES})(?:\s*,\s*|\s+and\s+)?){{1,5}})"), _dub),
    ((rf"(?:make|try|give me|show me)(?: it)?(?: (?:with|in))? (?:({_MANY}) )?(?:(?:more )?(?:versions|variants) "
      rf"(?:of (?:it|this|the video) )?(?:with|by|in) )?(?:(?:an)?other|different|new|more) ({'|'.join(_BY)})s?"),
     _versions),
)  # fmt: skip
_PATTERNS = tuple((re.compile(_POLITE + form, re.IGNORECASE | re.DOTALL), deed) for form, deed in _FORMS)


def read_edit(text: str) -> UseTool | None:
    """The edit that a sentence asks for; None when it is not clearly one."""
    words = " ".join(text[:_MAX_CHARS].replace("’", "'").split()).strip()
    plain = words.rstrip(".!?") if ":" not in words or re.search(r"\d:\d+[.!]?$", words) else words
    for pattern, deed in _PATTERNS:
        if found := pattern.fullmatch(plain):
            return deed(found)
    return None


def _unquoted(text: str) -> str:
    text = text.strip()
    for opening, closing in ("“”", '""', "''", "«»"):
        if len(text) > 1 and text.startswith(opening) and text.endswith(closing):
            return text[1:-1].strip()
    return text
