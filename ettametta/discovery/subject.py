"""What a script is to be about, as it reaches the gatherer: a topic, a pasted text, a link, a file or a candidate."""

from __future__ import annotations

from dataclasses import dataclass

from ettametta.errors import InvalidInput
from ettametta.kit.text import clean, clean_paragraphs, html_to_text, looks_like_html

#: A longer "topic" is a text: nobody looks up three hundred characters.
MAX_TOPIC_CHARS = 300
MAX_TEXT_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A few words to look up."""

    words: str


@dataclass(frozen=True, slots=True)
class PastedText:
    """A text to work from, as the person sent it."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page to read."""

    url: str


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file to read: plain text, Markdown or HTML, in any usual charset."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Story:
    """A candidate to look into: what was found of it, and where it was seen."""

    title: str
    #: the page it is about first, then the other pages it was seen on
    urls: tuple[str, ...] = ()
    #: what its sources said of it
    text: str = ""
    #: ISO 639-1; None: not known
    language: str | None = None
    #: names and key phrases in it, most telling first
    keywords: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it is looked up by."""
        return clean(self.title)[:MAX_TOPIC_CHARS]


Subject = Topic | PastedText | Link | TextFile | Story


def subject_from_words(words: str) -> Topic | PastedText:
    """What a person typed as a topic: cleaned, and taken as a pasted text when it is a long one or markup.

    Raises:
        InvalidInput: nothing is left of it, or it is longer than can be read.
    """
    text = readable(words)
    if len(text) > MAX_TOPIC_CHARS:
        return PastedText(text)
    return Topic(clean(text))


def readable(text: str) -> str:
    """Pasted text as clean paragraphs; markup becomes its visible text.

    Raises:
        InvalidInput: nothing is left of it, or it is longer than can be read.
    """
    if len(text) > MAX_TEXT_CHARS:
        raise InvalidInput(
            f"That text has {len(text):,} characters; at most {MAX_TEXT_CHARS:,} can be read.",
            hint="Send the part the video should be about.",
            code="brief.too_long",
        )
    plain = html_to_text(text) if looks_like_html(text) else clean_paragraphs(text)
    if not any(char.isalnum() for char in plain):
        raise InvalidInput(
            "There is nothing to make a video about.",
            hint="Give a topic, paste a text, or send a link.",
            code="brief.empty",
        )
    return plain
