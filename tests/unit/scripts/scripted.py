"""A language model that answers from a list."""

from __future__ import annotations

from typing import Any

from ettametta.providers.llm.base import AnswerT, LLMAnswer, LLMFacts, LLMRequest
from ettametta.providers.llm.prices import Exchange, Meter, Tokens, unmetered


class ScriptedModel:
    """Answers from a list and keeps what it was asked."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.facts = LLMFacts(name="scripted", model="scripted-1")
        self.answers = list(answers)
        self.requests: list[LLMRequest[Any]] = []

    async def answer(self, request: LLMRequest[AnswerT], *, meter: Meter = unmetered) -> LLMAnswer[AnswerT]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        value = request.answer.model_validate(answer)
        meter(Exchange("scripted-1", Tokens(1, 0, 1), None))
        return LLMAnswer(value=value, model="scripted-1")

    async def close(self) -> None:
        return None
