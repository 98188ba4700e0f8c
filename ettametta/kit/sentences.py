"""Sentences and words: splitting that knows abbreviations, initials, decimals, quotes and several scripts."""

from __future__ import annotations

import re

#: Written with a full stop that ends no sentence, in lower case, of the languages we write in.
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        """
        mr mrs ms dr prof sr jr st mt ft gen lt sgt capt cmdr adm gov sen rep rev hon pres vs etc e.g i.e cf approx ca
        eds inc ltd co corp dept est u.s u.k u.n a.m p.m b.c a.d d.c ph.d m.d b.a m.a sra srta dra ud uds pág núm
        aprox mme mlle éd env chap nr bzw z.b d.h u.a usw str sig sig.ra dott avv
        """,
    )
)
#: Abbreviations only before a figure; elsewhere words of some language ("junto al mar.").
_BEFORE_FIGURES = frozenset(
    re.findall(
        r"\S+",
        """
        no nos vol vols pp p fig figs eq ed av c ca art col jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed
        thu fri sat sun m bd hr fr al
        """,
    )
)
#: Abbreviations that end a sentence as often as not: the next word decides.
_MAY_END = frozenset(re.findall(r"\S+", "etc inc ltd co corp a.m p.m b.c a.d u.s u.k u.n d.c jr ph.d m.d"))
_END = re.compile(r"[.!?…؟۔।॥。！？｡]+[\"'”’»)\]」』]*")
_NO_SPACE_ENDS = "。！？｡」』"
_WORDLIKE = re.compile(r"[^\W_]+(?:['’\-.,][^\W_]+)*", re.UNICODE)
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f\uff66-\uff9f]")
#: Characters of a script without spaces that are spoken in about the time of one English word.
_UNSPACED_PER_WORD = 2.5


def split_sentences(text: str) -> list[str]:
    """The sentences of a text in order; a line break between paragraphs (an empty line) always ends one."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        found += _split_paragraph(" ".join(paragraph.split()))
    return found


def _split_paragraph(text: str) -> list[str]:
    sentences: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if _ends_here(text, start, match):
            sentences.append(text[start : match.end()].strip())
            start = match.end()
    rest = text[start:].strip()
    return [*sentences, rest] if rest else sentences


def _ends_here(text: str, start: int, match: re.Match[str]) -> bool:
    after = text[match.end() :]
    mark = match.group()
    if not after:
        return True
    if mark[0] in _NO_SPACE_ENDS:
        return True
    if not after[0].isspace() or _follows_in_lower_case(after):
        return False
    return mark[0] != "." or len(mark) > 1 or not _is_abbreviation(text[start : match.start()], after)


def _follows_in_lower_case(after: str) -> bool:
    return after.lstrip(" \"'“‘«([—–-")[:1].islower()


def _is_abbreviation(before: str, after: str) -> bool:
    """Whether the full stop after `before` belongs to its last word."""
    words = before.split()
    last = words[-1].lstrip("(\"'“‘«[").lower() if words else ""
    if len(last) == 1 and last.isalpha():
        return words[-1].isupper() and not _stands_alone(words)
    if last in _MAY_END:
        return not after.lstrip()[:1].isupper()
    if last in _BEFORE_FIGURES:
        return after.lstrip()[:1].isdigit()
    return last in _ABBREVIATIONS


def _stands_alone(words: list[str]) -> bool:
    """A single capital that is a word of its own ("vitamin C."), not an initial ("J. Smith")."""
    return len(words) > 1 and words[-2][:1].islower() and words[-2].lower() not in ("by", "and", "of", "to", "with")


def words(text: str) -> list[str]:
    """The words of a text without punctuation; in scripts without spaces, runs of characters."""
    return _WORDLIKE.findall(text)


def spoken_words(text: str) -> float:
    """How many words long a text is to say; characters of scripts without spaces count as a part of a word."""
    unspaced = len(_UNSPACED.findall(text))
    spaced = len(words(_UNSPACED.sub(" ", text))) if unspaced else len(text.split())
    return spaced + unspaced / _UNSPACED_PER_WORD
