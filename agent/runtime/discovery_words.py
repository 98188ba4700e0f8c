"""Discovery asked for in plain words or by command, read without a model. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agent.runtime.edit_words import UseTool
from agent.runtime.times import split_when


@dataclass(frozen=True, slots=True)
class OfList:
    """A deed with a candidate of the last list in this chat, by its number from 1; -1: the last one."""

    tool: str
    number: int
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class More:
    """The next part of the last list in this chat."""


Discovering: TypeAlias = UseTool | OfList | More

_MAX_CHARS = 300
_ADDRESS = re.compile(r"https?://\S{1,2000}", re.IGNORECASE)
_NUMBER = re.compile(r"#?(\d{1,2})")

# -- commands ----------------------------------------------------------------------------------------------------------

_PLAIN = {"niches": "list_niches", "sources": "list_sources", "schedules": "list_schedules"}
#: Commands that say what there is when nothing is named.
_BARE = {"follow": "list_niches", "unfollow": "list_niches", "addsource": "list_sources",
         "removesource": "list_sources"}  # fmt: skip
_JUDGING = {"save": "save", "dismiss": "dismiss", "open": "take_back"}


def read_discovery_command(name: str, rest: str) -> Discovering | None:
    """The deed of a command about discovery; None when there is no such command, or its words are not clear."""
    if name in _PLAIN:
        return UseTool(_PLAIN[name])
    if name == "more":
        return More()
    if name in {"discover", "trends"} and rest:
        return _find(rest)
    if name in {"trends", "discover", "candidates"}:
        return UseTool("list_candidates", {"niche": rest[:200]} if rest else {})
    if name in {"candidate", "pick", *_JUDGING}:
        return _about_one(name, rest) if rest else UseTool("list_candidates")
    return _follow_command(name, rest)


def _find(rest: str) -> UseTool:
    if found := _ADDRESS.search(rest):
        about = rest.replace(found.group(), " ").strip()
        return UseTool("find_candidates", {"address": found.group(), **({"about": about[:200]} if about else {})})
    return UseTool("find_candidates", {"about": rest[:200]})


def _about_one(name: str, rest: str) -> Discovering:
    arguments: dict[str, Any] = {"verdict": _JUDGING[name]} if name in _JUDGING else {}
    tool = {"candidate": "show_candidate", "pick": "make_video"}.get(name, "judge_candidate")
    number = _NUMBER.fullmatch(rest)
    if number:
        return OfList(tool, int(number.group(1)), arguments)
    return UseTool(tool, {**arguments, "candidate_id": rest[:64]})


def _follow_command(name: str, rest: str) -> UseTool | None:
    if name == "schedule":
        return _schedule(rest) if rest else UseTool("list_schedules")
    if not rest:
        return UseTool(_BARE[name]) if name in _BARE else None
    if name == "follow":
        return UseTool("follow_niche", {"name": rest})
    if name == "unfollow":
        return UseTool("unfollow_niche", {"niche": rest[:200]})
    if name == "addsource":
        address, _, niche = rest.partition(" ")
        about = re.sub(r"^(?:for|to)\s+", "", niche.strip(), flags=re.IGNORECASE)
        return UseTool("add_source", {"address": address, **({"niche": about[:200]} if about else {})})
    return UseTool("remove_source", {"address": rest}) if name == "removesource" else None


_CHANGING = re.compile(r"(pause|resume|remove|delete|end)\s+([0-9a-f]{4,32})", re.IGNORECASE)


def _schedule(rest: str) -> UseTool:
    if found := _CHANGING.fullmatch(rest):
        deed, schedule_id = found.group(1).lower(), found.group(2).lower()
        if deed in {"pause", "resume"}:
            return UseTool("pause_schedule", {"schedule_id": schedule_id, "paused": deed == "pause"})
        return UseTool("remove_schedule", {"schedule_id": schedule_id})
    niche, cron = split_when(rest) or (rest, "")
    return UseTool("schedule_scan", {"niche": _unquoted(niche)[:200] or rest[:200], "cron": cron})


# -- which one ---------------------------------------------------------------------------------------------------------

_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "last": -1,
}  # fmt: skip
_WORDS = dict(
    zip(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], range(1, 11), strict=True)
)
_ONE = r"(?:one|story|candidate|result|idea|item)"
_NTH = rf"(?P<nth>{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"
_COUNTED = rf"(?:number|no\.?|{_ONE})\s*#?\s*(?P<counted>\d{{1,2}}|{'|'.join(_WORDS)})|#(?P<hash>\d{{1,2}})"
#: Clear enough to stand for the subject of a video.
_CLEAR = re.compile(
    rf"(?:the\s+)?(?:{_NTH}\s+(?:{_ONE}|of\s+(?:them|these|those))|{_COUNTED})(?:\s+(?:on|from|of)\s+(?:the|that)\s+list)?",
    re.IGNORECASE,
)
#: Clear enough after "save" or "dismiss".
_ANY = re.compile(rf"(?:the\s+)?(?:{_NTH}(?:\s+{_ONE})?|{_COUNTED}|(?P<bare>\d{{1,2}}))", re.IGNORECASE)


def read_number(text: str, *, clear: bool = True) -> int | None:
    """The number of the candidate that is meant: "the second one" is 2, "the last one" -1; None: none is."""
    found = (_CLEAR if clear else _ANY).fullmatch(" ".join(text.split()).strip(" .!?"))
    if found is None:
        return None
    said = next(value.lower() for value in found.groupdict().values() if value)
    if said in _ORDINALS:
        return _ORDINALS[said]
    return _WORDS[said] if said in _WORDS else int(re.sub(r"\D", "", said))


# -- sentences ---------------------------------------------------------------------------------------------------------

_POLITE = r"(?:please\s+|can you\s+|could you\s+|now\s+)*"
_NOW = r"(?:\s+(?:right now|now|today|this week|currently|these days))?"
_STORIES = r"(?:trends?|trending (?:stories|topics|things)|stories|news|candidates|(?:video )?ideas|topics|something)"

_Found = re.Match[str]


def _judged(verdict: str) -> Callable[[_Found], OfList | None]:
    def read(found: _Found) -> OfList | None:
        number = read_number(found["which"], clear=False)
        return None if number is None else OfList("judge_candidate", number, {"verdict": verdict})

    return read


def _shown(found: _Found) -> OfList | None:
    number = read_number(found["which"])
    return None if number is None else OfList("show_candidate", number)


def _scheduled(found: _Found) -> UseTool | None:
    split = split_when(found["what"])
    return UseTool("schedule_scan", {"niche": _unquoted(split[0])[:200], "cron": split[1]}) if split else None


def _before(found: _Found) -> UseTool | None:
    split = split_when(f"{found['when']} {found['what']}")
    return UseTool("schedule_scan", {"niche": _unquoted(found["what"])[:200], "cron": split[1]}) if split else None


_FORMS: tuple[tuple[str, Callable[[_Found], Discovering | None]], ...] = (
    (r"(?:scan|check|schedule|look (?:at|for|into)|search(?: for)?|discover|watch)\s+(?P<what>\S.*)", _scheduled),
    ((r"(?P<when>(?:every|each|daily|hourly)\b.{0,40}?),?\s+(?:scan|check|look (?:at|for|into)|search(?: for)?|"
      r"discover)\s+(?P<what>\S.*)"), _before),
    ((rf"what(?:'s| is| are| has been)?\s+(?:trending|new|hot|happening|popular|going on|up){_NOW}\s+"
      rf"(?:in|about|on|with|around|for)\s+(?P<about>\S.*?){_NOW}"), lambda m: _find(_unquoted(m["about"]))),
    ((rf"(?:find|look for|search for|discover|show|get)(?: me)?(?: some| the| any| new)*\s+{_STORIES}"
      rf"(?: worth a video)?\s+(?:in|about|on|for)\s+(?P<about>\S.*)"), lambda m: _find(_unquoted(m["about"]))),
    (r"(?:trends|news)\s+(?:in|about|on|for)\s+(?P<about>\S.*)", lambda m: _find(_unquoted(m["about"]))),
    (r"discover\s+(?P<about>\S.*)", lambda m: _find(_unquoted(m["about"]))),
    (r"(?:unfollow|stop following|don't follow)\s+(?P<about>\S.*)",
     lambda m: UseTool("unfollow_niche", {"niche": _unquoted(m["about"])[:200]})),
    (r"follow\s+(?!up\b)(?:the (?:topic|niche|subject)(?: of)?\s+)?(?P<about>\S.*)",
     lambda m: UseTool("follow_niche", {"name": _unquoted(m["about"])})),
    (r"(?:what (?:do i|am i) follow(?:ing)?|(?:(?:list|show)(?: me)? )?(?:my |the )?niches)",
     lambda _: UseTool("list_niches")),
    (r"(?:list|show)(?: me)? (?:the |my |all )*sources|sources|which sources (?:are there|do you (?:use|know))",
     lambda _: UseTool("list_sources")),
    (r"(?:list|show)(?: me)? (?:the |my |all )*(?:schedules|scheduled scans)|schedules",
     lambda _: UseTool("list_schedules")),
    (r"what did you find|what(?:'s| is) trending|(?:list|show)(?: me)? (?:the |my |all )*candidates|candidates",
     lambda _: UseTool("list_candidates")),
    (r"(?:list|show)(?: me)? (?:the |my |what i )*saved(?: ones| candidates| stories)?",
     lambda _: UseTool("list_candidates", {"verdict": "saved"})),
    (r"(?:show (?:me )?)?(?:more|the next ones|next)", lambda _: More()),
    (r"(?:save|keep|bookmark|remember)\s+(?P<which>\S.{0,40})", _judged("save")),
    (r"(?:dismiss|hide|skip|(?:i'm )?not interested in|i don't like)\s+(?P<which>\S.{0,40})", _judged("dismiss")),
    ((r"(?:show|open|tell me(?: more)? about|more (?:about|on)|details (?:of|on|about)|what about)(?: me)?\s+"
      r"(?P<which>\S.{0,40})"), _shown),
)  # fmt: skip
_PATTERNS = tuple((re.compile(_POLITE + form, re.IGNORECASE | re.DOTALL), deed) for form, deed in _FORMS)


def read_discovery(text: str) -> Discovering | None:
    """What a sentence asks of discovery; None when it is not clearly that."""
    if len(text) > _MAX_CHARS:
        return None
    words = " ".join(text.replace("’", "'").split()).strip().rstrip(".!?")
    for pattern, deed in _PATTERNS:
        if (found := pattern.fullmatch(words)) and (wanted := deed(found)) is not None:
            return wanted
    return None


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'“”«»").strip()
