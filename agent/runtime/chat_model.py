"""What a turn needs of a language model, and how a model fails. Loads no framework."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from agent.runtime.calls import Calls
from agent.runtime.values import TextDelta, ToolFinished, ToolStarted
from ettametta.conversation import Line

KEY_REFUSED = "operator.model.key_refused"
MODEL_REFUSED = "operator.model.request_refused"
NO_ANSWER = "transient.model.no_answer"
UNUSABLE = "model.unusable"
LIMIT = "model.limit"
BUSY = "transient.model.busy"
TOO_LONG = "model.too_long"
FILTERED = "model.filtered"


@dataclass(frozen=True, slots=True)
class FinalText:
    """The model's last words in a turn, before they are held to the facts."""

    text: str


ModelEvent: TypeAlias = TextDelta | ToolStarted | ToolFinished | FinalText


class ChatModel(Protocol):
    """A model that converses and calls tools."""

    def converse(self, system: str, lines: Sequence[Line], calls: Calls) -> AsyncIterator[ModelEvent]:
        """Go on from `lines` until there is a final text; calls are announced and run through `calls`.

        Raises:
            ConfigError: the key or the request was refused (KEY_REFUSED, MODEL_REFUSED).
            TransientError: no answer came (NO_ANSWER, BUSY).
            ModelError: the answer cannot be used (UNUSABLE, FILTERED), the conversation is too long for the model
                (TOO_LONG), a limit was reached (LIMIT, `model.money`), or the person said stop (`model.stopped`).
            Refused: the person's budget is spent (`budget.spent`).
        """
        ...
