"""What a person can do to a turn while it runs: stop it, or add something that its next step takes in. Pure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from agent.runtime.understanding import Stop, read_answer, read_command, understand
from agent.runtime.values import Incoming
from ettametta.errors import ModelError
from ettametta.kit.text import clean_paragraphs

STOPPED = "model.stopped"
_STOP_WORDS = frozenset({"stop", "stop now", "stop it", "stop that", "stop please", "please stop", "halt"})
#: An addition is short; a longer message is a request of its own.
_MAX_ADDITION_CHARS = 1_000


class Reins:
    """Those of one running turn. What is not taken in before the turn ends is a turn of its own."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()
        self._offered: list[Incoming] = []

    def offer(self, incoming: Incoming) -> None:
        """Something to take in at the next step."""
        self._offered.append(incoming)

    def take(self) -> Iterator[Incoming]:
        """What was offered since, each once."""
        while self._offered:
            yield self._offered.pop(0)


def is_stop(incoming: Incoming) -> bool:
    """Whether a message that comes while a turn runs means that it should stop."""
    text = clean_paragraphs(incoming.text).strip(" .!").lower()
    return not incoming.is_forwarded and (text in _STOP_WORDS or isinstance(read_command(incoming.text), Stop))


def is_addition(incoming: Incoming) -> bool:
    """Whether a message only adds to what is being done: short, and no request, command or answer by itself."""
    text = clean_paragraphs(incoming.text[: _MAX_ADDITION_CHARS + 1])
    if incoming.is_forwarded or incoming.attachments or not 0 < len(text) <= _MAX_ADDITION_CHARS:
        return False
    return read_command(text) is None and read_answer(text) is None and understand(text, has_file=False) is None


def stopped() -> ModelError:
    """The person said stop."""
    return ModelError("I stopped, as you said.", code="model.stopped")
