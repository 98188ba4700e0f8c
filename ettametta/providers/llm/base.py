"""The language model port for the domain's own writing (scripts): one structured answer per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from ettametta.providers.llm.prices import Meter, unmetered

AnswerT = TypeVar("AnswerT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LLMRequest(Generic[AnswerT]):
    """Instructions (trusted), material (untrusted, already marked) and the shape wanted back."""

    instructions: str
    material: str
    answer: type[AnswerT]
    max_output_tokens: int = 4_000
    temperature: float = 0.7


@dataclass(frozen=True, slots=True)
class LLMAnswer(Generic[AnswerT]):
    """A validated answer, and the model that gave it, as the endpoint names it."""

    value: AnswerT
    model: str


@dataclass(frozen=True, slots=True)
class LLMFacts:
    """What is configured."""

    name: str
    model: str


@runtime_checkable
class LanguageModel(Protocol):
    """A model that answers in a given shape."""

    facts: LLMFacts

    async def answer(self, request: LLMRequest[AnswerT], *, meter: Meter = unmetered) -> LLMAnswer[AnswerT]:
        """Ask once; `meter` is told of every exchange this takes, whether it ends well or not.

        Raises:
            ConfigError: the key is missing or was refused (401, 403), the model is not there (404).
            OperatorError: no credit left.
            InvalidInput: the endpoint rejected the request (400).
            ModelError: refusal, empty, cut short, or an answer that does not fit the shape after one repair.
            TransientError: 429, 5xx, a time-out or a lost connection.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
