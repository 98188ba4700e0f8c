"""What a person wants kept or forgotten, by command or in plain words, read without a model. Pure."""

from __future__ import annotations

import re

from agent.runtime.edit_words import UseTool

_MAX_CHARS = 300
_KIND = re.compile(r"(brand|taste|avoid|pronounce|other)\s*:\s*(\S.*)", re.IGNORECASE | re.DOTALL)
_AVOID = re.compile(r"(?:never|no|don't|do not|avoid|without|not)\b", re.IGNORECASE)
_PRONOUNCE = re.compile(r"\b(?:pronounced?|is said|say\s+\S+\s+(?:as|like))\b", re.IGNORECASE)
_TASTE = re.compile(r"\b(?:i (?:like|love|prefer|want|hate)|my favou?rite|always)\b", re.IGNORECASE)
_BRAND = re.compile(
    r"\b(?:my|our) (?:\w+ ){0,2}(?:channel|brand|name|show|company|handle|logo|slogan)\b", re.IGNORECASE
)

_SCOPE = re.compile(r"(?P<scope>chat|everything)(?P<sure> for good)?[.!]?", re.IGNORECASE)
_FORGET_ALL = re.compile(
    r"(?:please\s+)?(?:forget|erase|delete)\s+(?:everything|all)(?: that)? (?:you (?:know|have|remember|kept)|about me|"
    r"you know about me)(?: (?:about|of|on) me)?[.!]?",
    re.IGNORECASE,
)
_ABOUT_ME = re.compile(
    r"(?:what do you (?:know|remember|have) (?:about|of|on) me|what have you (?:kept|remembered)(?: about me)?|"
    r"(?:show|list)(?: me)? (?:what you know about me|your memory|my facts))",
    re.IGNORECASE,
)
_REMEMBER = re.compile(
    r"(?:please\s+)?(?:remember|keep in mind|note)(?: that|:)?\s+(?P<text>\S.*?)[.!]?", re.IGNORECASE | re.DOTALL
)
_FORGET = re.compile(
    r"(?:please\s+)?(?:forget|erase)\s+(?:fact|number|fact number|no\.?)\s*#?(?P<number>\d{1,3})[.!]?", re.IGNORECASE
)


def read_memory_command(name: str, rest: str) -> UseTool | None:
    """The deed of /memory, /remember and /forget; None when it is another command, or its words are not clear."""
    if name == "memory" or (name in {"remember", "forget"} and not rest):
        return UseTool("list_facts")
    if name == "remember":
        return _remember(rest)
    if name == "forget" and (found := _SCOPE.fullmatch(rest)):
        return UseTool("erase_memory" if found["sure"] else "forget_conversation", {"scope": found["scope"].lower()})
    if name == "forget":
        return UseTool("erase_fact", {"which": rest.removeprefix("#")[:32]})
    return None


def read_memory(text: str) -> UseTool | None:
    """What a sentence wants kept, shown or forgotten; None when it is not clearly that."""
    words = " ".join(text[: _MAX_CHARS + 1].replace("’", "'").split())
    if len(words) > _MAX_CHARS:
        return None
    if _ABOUT_ME.fullmatch(words.rstrip(".!?")):
        return UseTool("list_facts")
    if _FORGET_ALL.fullmatch(words):
        return UseTool("forget_conversation", {"scope": "everything"})
    if found := _FORGET.fullmatch(words):
        return UseTool("erase_fact", {"which": found["number"]})
    found = _REMEMBER.fullmatch(words)
    return _remember(found["text"]) if found else None


def _remember(words: str) -> UseTool:
    said = _KIND.fullmatch(words)
    if said:
        return UseTool("remember_fact", {"kind": said.group(1).lower(), "text": said.group(2).strip()})
    return UseTool("remember_fact", {"kind": _kind_of(words), "text": words})


def _kind_of(words: str) -> str:
    if _AVOID.match(words):
        return "avoid"
    for kind, pattern in (("pronounce", _PRONOUNCE), ("brand", _BRAND), ("taste", _TASTE)):
        if pattern.search(words):
            return kind
    return "other"
