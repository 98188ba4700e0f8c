"""What a message asks for, read without a model: commands and plain requests. Pure: text in, intent or None out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.runtime.discovery_words import More, OfList, read_discovery, read_discovery_command, read_number
from agent.runtime.edit_words import UseTool, read_edit, read_edit_command
from agent.runtime.memory_words import read_memory, read_memory_command
from agent.runtime.phrases import NO_WISHES, Wishes, take_tail_wishes, take_wishes


@dataclass(frozen=True, slots=True)
class MakeVideo:
    """Make a video. `source` file: the attached one; `subject` is the topic, text or address of the others.

    `source` listed: the candidate with the number `subject` in the last list of this chat (-1: its last).
    """

    source: Literal["topic", "text", "url", "file", "listed"]
    subject: str = ""
    wishes: Wishes = NO_WISHES


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """How does it stand?"""

    production_id: str | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop it."""

    production_id: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Try it again."""

    production_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop what is being answered (a command of its own, for "stop" alone means a video when nothing is)."""


@dataclass(frozen=True, slots=True)
class ListJobs:
    """What do the workers do?"""


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """Yes or no to what costs money."""

    accept: bool
    proposal_id: str | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """What can you do?"""


@dataclass(frozen=True, slots=True)
class Greet:
    """Hello."""


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A slash command there is none of."""

    name: str


Intent: TypeAlias = (
    MakeVideo | ShowStatus | Cancel | Retry | Stop | ListJobs | AnswerProposal | Help | Greet | UnknownCommand | UseTool
    | OfList | More
)  # fmt: skip

#: More than this is a text to make a video from, not the name of a topic.
MAX_TOPIC_CHARS = 300
#: A message of so many words that asks for nothing is a text somebody pasted.
_MIN_PASTED_WORDS = 40
_MAX_PHRASE_CHARS = 80

_COMMAND = re.compile(r"/([a-z][a-z0-9_]{0,31})(?:@\w{1,64})?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_URL = re.compile(r"https?://[^\s<>\"“”]{1,2000}", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{6,32}", re.IGNORECASE)


def read_command(text: str) -> Intent | None:
    """The intent of a slash command; None when the text is none."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return None
    name, rest = found.group(1).lower(), (found.group(2) or "").strip()
    plain = _WITHOUT_SUBJECT.get(name)
    if plain is not None:
        return plain
    if name == "make":
        return _make(rest)
    if name in {"yes", "no"}:
        return AnswerProposal(accept=name == "yes", proposal_id=rest or None)
    by_id = _BY_ID.get(name)
    if by_id:
        return by_id(rest or None)
    read = (read_edit_command, read_discovery_command, read_memory_command)
    return next((deed for one in read if (deed := one(name, rest))), None) or UnknownCommand(name)


_WITHOUT_SUBJECT: dict[str, Intent] = {"stop": Stop(), "jobs": ListJobs(), "help": Help(), "start": Greet()}
_BY_ID: dict[str, type[ShowStatus | Cancel | Retry]] = {"status": ShowStatus, "cancel": Cancel, "retry": Retry}


def _make(rest: str) -> MakeVideo:
    """What follows /make: a subject, or a whole sentence ("a 30-second video about tea")."""
    asked = _read_request(rest)
    if asked is not None:
        return asked
    wishes, subject = take_tail_wishes(rest)
    return _about(subject, wishes)


# -- yes and no --------------------------------------------------------------------------------------------------------

_YES_WORDS = """
yes | y | yep | yeah | yes please | yes do it | yes go ahead | do it | go ahead | ok | okay | sure | approve | approved
accept | confirm | confirmed | please do | i agree | agreed | go for it | ✅ | 👍
"""
_NO_WORDS = """
no | n | nope | no thanks | no thank you | don't | do not | decline | reject | declined | not now | no don't
never mind | nevermind | ❌ | 👎
"""
_YES, _NO = (frozenset(re.split(r"\s*[|\n]\s*", words.strip())) for words in (_YES_WORDS, _NO_WORDS))


def read_answer(text: str) -> AnswerProposal | None:
    """A bare yes or no, in words; None for anything more."""
    words = _folded(text).replace(",", "")
    if words in _YES or words in _NO:
        return AnswerProposal(accept=words in _YES)
    return None


# -- plain words -------------------------------------------------------------------------------------------------------

_REFERENCE = (
    r"(?:it|that|this|them|the (?:video|render|production|job|last one)|(?:my|the|this|that) (?:\w+ )?video|everything)"
)
_POLITE = r"(?:please |can you |could you |would you )*"
_STATUS = re.compile(
    rf"{_POLITE}(?:status|progress|(?:show |what(?:'s| is) )?(?:me )?(?:the |my )?(?:status|progress)"
    rf"(?: of {_REFERENCE})?|how(?:'s| is| are) (?:{_REFERENCE}|things|we|you) "
    rf"(?:going|doing|coming along|progressing)(?: on)?|how(?:'s| is) it|"
    rf"how far (?:is {_REFERENCE}|are (?:you|we)|along is it)|is (?:{_REFERENCE}) (?:ready|done|finished)(?: yet)?|"
    rf"(?:are you |are we )?(?:ready|done|finished) yet|where is {_REFERENCE}|any (?:news|progress)|"
    r"how long (?:will it take|left))"
)
_CANCEL = re.compile(
    rf"{_POLITE}(?:cancel|stop|abort|kill|halt|quit|forget)(?: {_REFERENCE}| making {_REFERENCE}| the rendering)?|"
    rf"{_POLITE}(?:stop|cancel) now"
)
_RETRY = re.compile(
    rf"{_POLITE}(?:retry|try again|try {_REFERENCE} again|once more|again|resume|restart)(?: {_REFERENCE})?"
)
_JOBS = re.compile(rf"{_POLITE}(?:jobs|(?:list|show)(?: me)?(?: the| my| all)*(?: \w+)? jobs|what jobs are running)")
_HELP = re.compile(rf"{_POLITE}(?:help(?: me)?|what can (?:you|i) do|how does (?:this|it) work|commands|who are you)")
_GREET = re.compile(r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|start)(?: there| openclaw| again)?")

_PHRASES: tuple[tuple[re.Pattern[str], Intent], ...] = (
    (_STATUS, ShowStatus()),
    (_CANCEL, Cancel()),
    (_RETRY, Retry()),
    (_JOBS, ListJobs()),
    (_HELP, Help()),
    (_GREET, Greet()),
)
_WITH_ID = re.compile(
    rf"(status|cancel|stop|retry)(?: of| for)?(?: the| my)?(?: video| production| job)? ({_ID.pattern})"
)
_BY_WORD: dict[str, type[ShowStatus | Cancel | Retry]] = {**_BY_ID, "stop": Cancel}


def understand(text: str, *, has_file: bool = False) -> Intent | None:
    """The intent of plain words; None when they are not clear. `has_file`: a text file came with them.

    Never raises, whatever the text.
    """
    words = _folded(text)
    if not words:
        return MakeVideo("file") if has_file else None
    if len(words) <= _MAX_PHRASE_CHARS and (phrase := _read_phrase(words)) is not None:
        return phrase
    deed = read_edit(text) or (None if has_file else read_memory(text) or read_discovery(text))
    if deed is not None:
        return deed
    asked = _read_several(text) or _read_request(text)
    if asked is not None:
        return asked
    return _read_material(text.strip(), has_file=has_file)


def _folded(text: str) -> str:
    """Lower case, one space between words, no punctuation at the ends; "" for very long texts' sake after 400 chars."""
    words = " ".join(text[:400].replace("’", "'").lower().split())
    return words.strip(" .!?,;:…\"'“”")


def _read_phrase(words: str) -> Intent | None:
    if found := _WITH_ID.fullmatch(words):
        return _BY_WORD[found.group(1)](found.group(2))
    return next((intent for pattern, intent in _PHRASES if pattern.fullmatch(words)), None)


def _read_material(text: str, *, has_file: bool) -> MakeVideo | None:
    """A bare address, or a text somebody pasted without a word to it."""
    if address := _only_url(text, max_words=3):
        return MakeVideo("url", address)
    if not has_file and _is_long(text):
        return MakeVideo("text", text)
    return None


def _is_long(text: str) -> bool:
    return len(text.split()) >= _MIN_PASTED_WORDS or (len(text) > MAX_TOPIC_CHARS and "\n" in text)


def _only_url(text: str, *, max_words: int) -> str | None:
    """The address in a text that holds one and not much else."""
    if len(text) > 4_000:
        return None
    found = _URL.findall(text)
    if len(found) != 1 or len(text.replace(found[0], " ").split()) > max_words:
        return None
    return str(found[0]).rstrip(").,;:!?'”]")


# -- requests for a video ----------------------------------------------------------------------------------------------

#: A request stands in this many first characters; its subject may be as long as it likes.
_HEAD_CHARS = 240
_NOUN = r"(?:videos?|clips?|shorts?|reels?|films?|movies?)"
_ABOUT = r"(?:about|regarding|concerning|covering|explaining|based\s+on|on\s+the\s+(?:topic|subject)\s+of)"
_OF = r"(?:on|of|from|for|out\s+of|with|to|:)"
_VIDEO = rf"(?P<head>.{{0,120}}?)\b{_NOUN}\b(?P<mid>.{{0,80}}?)"
_REQUEST_FORMS = tuple(
    re.compile(rf"{_VIDEO}(?:\b|(?=:)){link}[\s:,]+(?P<subject>\S.*)", re.IGNORECASE | re.DOTALL)
    for link in (_ABOUT, _OF)
)
_BARE_REQUEST = re.compile(_VIDEO, re.IGNORECASE | re.DOTALL)
#: Words a request for a video is made of, besides its subject.
_FILLERS = frozenset(
    re.findall(
        r"\S+",
        """
        please pls can could would will you i i'd we we'd want need like let's lets let us to me my our us a an the one
        some this that new another make makes making create creating generate produce do build render record prepare
        give get send write cut turn it is which long length lasting around approximately about exactly roughly of in
        for with at and short little small quick nice good great cool vertical portrait narrated social youtube tiktok
        instagram openclaw hey hi hello ok okay now then just also have maybe kindly explainer educational captioned
        attached file article text into ask video clip reel film
        """,
    )
)
_VERB = re.compile(
    r"\b(?:make|creat|generat|produc|build|render|record|prepare|give|want|need|like|do|get|send|turn)", re.IGNORECASE
)
_INTRODUCTION = re.compile(r"(?:this|the|my|following|text|article|story|here|\s){1,6}:\s*", re.IGNORECASE)
_PLEASE_AT_END = re.compile(r"[\s,]{1,9}please[\s.!]{0,9}$", re.IGNORECASE)
_THIS = re.compile(
    r"(?:from |about |on |of )?(?:it|this|that|these|the|my|attached|file|files|article|text|document|page|attachment|"
    r"note|notes|story|here|above|below|i|sent|you|just|in|please|one|content|contents|\s)+"
)


#: "make 20-second videos about:", then a line for each.
_SEVERAL = re.compile(
    r"(?P<head>[^\n]{0,120}?)\bvideos\b(?P<mid>[^\n]{0,80}?)\s*:[ \t]*\n(?P<list>.+)", re.IGNORECASE | re.DOTALL
)
_ABOUT_EACH = re.compile(
    r"\b(?:about|of|on|from|for|each|these|those|them|following|topics|subjects|links)\b", re.IGNORECASE
)


def _read_several(text: str) -> UseTool | None:
    """Several videos at once, a line for each; None when it is not clearly that."""
    found = _SEVERAL.fullmatch(text.strip())
    lines = [line for line in found["list"].splitlines() if line.strip()] if found else []
    if found is None or len(lines) < 2 or max(map(len, lines)) > MAX_TOPIC_CHARS:
        return None
    wishes, rest = take_wishes(found["head"])
    more, rest_of_mid = take_wishes(found["mid"])
    left = re.findall(r"[a-z'-]+", _ABOUT_EACH.sub(" ", f"{rest} {rest_of_mid}".lower().replace("’", "'")))
    if any(word not in _FILLERS for word in left):
        return None
    both = wishes.over(more)
    said = {"duration_s": both.duration_s, "language": both.language}
    return UseTool("make_videos", {"subjects": found["list"], **{key: one for key, one in said.items() if one}})


#: "make the second one in Spanish": a candidate of the last list, without the word video.
_MAKE_LISTED = re.compile(r"(?:please\s+)?(?:make|do|take|use|pick|film)\s+(?P<subject>\S.{0,120})", re.IGNORECASE)


def _read_listed(text: str) -> MakeVideo | None:
    found = _MAKE_LISTED.fullmatch(text) if len(text) <= _HEAD_CHARS else None
    wishes, subject = take_tail_wishes(_PLEASE_AT_END.sub("", found["subject"])) if found else (NO_WISHES, "")
    number = read_number(subject)
    return None if number is None else MakeVideo("listed", str(number), wishes)


def _read_request(text: str) -> MakeVideo | None:
    text = text.strip()
    if listed := _read_listed(text):
        return listed
    start = text[:_HEAD_CHARS]
    for form in _REQUEST_FORMS:
        found = form.fullmatch(start)
        wishes = _wishes_around(found) if found else None
        if found and wishes is not None:
            return _subject_of(text[found.start("subject") :], wishes)
    found = _BARE_REQUEST.fullmatch(start) if len(text) <= _HEAD_CHARS else None
    wishes = _wishes_around(found) if found else None
    if found is None or wishes is None or not _VERB.search(found.group("head")):
        return None
    return MakeVideo("file", wishes=wishes)


def _wishes_around(found: re.Match[str]) -> Wishes | None:
    """Length and language said around the word "video"; None when other words stand there, too."""
    wishes, rest = take_wishes(found.group("head"))
    more, rest_of_mid = take_wishes(found.group("mid"))
    left = re.findall(r"[^\s,.!?;:()–—-]+", f"{rest} {rest_of_mid}".lower().replace("’", "'"))
    return wishes.over(more) if all(word in _FILLERS for word in left) else None


def _subject_of(subject: str, wishes: Wishes) -> MakeVideo:
    if len(subject) <= MAX_TOPIC_CHARS:
        more, subject = take_tail_wishes(_PLEASE_AT_END.sub("", subject))
        wishes = wishes.over(more)
    return _about(subject, wishes)


def _about(subject: str, wishes: Wishes) -> MakeVideo:
    """A video about what is named: an address, the attached file, a long text, or a topic."""
    subject = subject.strip()
    named = _folded(subject) if len(subject) <= _MAX_PHRASE_CHARS else subject
    if (number := read_number(named)) is not None:
        return MakeVideo("listed", str(number), wishes)
    if not named or _THIS.fullmatch(named):
        return MakeVideo("file", wishes=wishes)
    if address := _only_url(subject, max_words=12):
        return MakeVideo("url", address, wishes.over(take_wishes(subject.replace(address, " "))[0]))
    if len(subject) > MAX_TOPIC_CHARS:
        found = _INTRODUCTION.match(subject)
        return MakeVideo("text", subject[found.end() :] if found else subject, wishes)
    return MakeVideo("topic", subject.rstrip(" ."), wishes)
