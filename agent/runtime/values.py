"""What goes into a turn of conversation, and the events that come out of it while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ettametta.productions.uploads import Upload
from ettametta.users import Person


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a person.

    Attributes:
        turn_id: the id of the inbox update, 32 characters at most. The same one again does nothing twice.
        is_forwarded: the text is somebody else's: it is material, never a command or an answer.
    """

    person: Person
    channel: str
    text: str
    turn_id: str
    attachments: tuple[Upload, ...] = ()
    is_forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A button in a chat, a number in the terminal; its command comes back as a message's text."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer while the model writes it. The `Answer` at the end is what counts."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins; `label` is for people."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool has ended; `production_id` is the production it was about, if it was about one."""

    name: str
    ok: bool
    summary: str
    production_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer: the last event of a turn (but see `Included`)."""

    text: str
    choices: tuple[Choice, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Included:
    """Instead of an answer: the message went into the turn that ran when it came, and was answered there."""


TurnEvent: TypeAlias = TextDelta | ToolStarted | ToolFinished | Answer | Included
