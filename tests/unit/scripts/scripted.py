"""A language model that answers from a list."""

from __future__ import annotations

from typing import Any

from ettametta.providers.llm.base import AnswerT, LLMAnswer, LLMFacts, LLMRequest


class ScriptedModel:
    """Answers from a list and keeps what it was asked."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.facts = LLMFacts(name="scripted", model="scripted-1")
        self.answers = list(answers)
        self.requests: list[LLMRequest[Any]] = []

    async def answer(self, request: LLMRequest[AnswerT]) -> LLMAnswer[AnswerT]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        value = request.answer.model_validate(answer)
        return LLMAnswer(value=value, model="scripted-1", input_tokens=1, output_tokens=1, cost_usd=None)

    async def close(self) -> None:
        return None
