"""Who writes the script: the language model, metered, when there is one, else the offline writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from ettametta.errors import MissingPart, ModelError
from ettametta.evidence import Evidence
from ettametta.providers.llm.base import AnswerT, LanguageModel, LLMAnswer, LLMFacts, LLMRequest
from ettametta.providers.llm.prices import Exchange, Meter, unmetered
from ettametta.scripts.script import Script, ScriptWanted
from ettametta.scripts.translate import SpokenLine, translate_lines
from ettametta.scripts.writer import ScriptWriter

_log = structlog.get_logger(__name__)


class _Metered:
    """A language model whose exchanges are all told to one meter."""

    def __init__(self, model: LanguageModel, meter: Meter) -> None:
        self.facts: LLMFacts = model.facts
        self._model = model
        self._meter = meter

    async def answer(self, request: LLMRequest[AnswerT], *, meter: Meter = unmetered) -> LLMAnswer[AnswerT]:
        """See LanguageModel."""

        def both(exchange: Exchange) -> None:
            self._meter(exchange)
            meter(exchange)

        return await self._model.answer(request, meter=both)

    async def close(self) -> None:
        """The model belongs to somebody else."""


class ScriptDesk:
    """Has scripts written.

    Args:
        model: the language model, when one is set up.
        by_model: builds the writer that uses a model.
        offline: the writer that needs none.
    """

    def __init__(
        self, model: LanguageModel | None, by_model: Callable[[LanguageModel], ScriptWriter], offline: ScriptWriter
    ) -> None:
        self._model = model
        self._by_model = by_model
        self._offline = offline

    @property
    def name(self) -> str:
        """Who writes: the model's name, or the offline writer."""
        return self._model.facts.model if self._model is not None else "offline writer"

    @property
    def can_do_without_evidence(self) -> bool:
        """Whether a topic about which nothing was found can still be written about."""
        return self._model is not None

    async def write(self, evidence: Evidence, wanted: ScriptWanted, *, meter: Meter) -> Script:
        """A script; `meter` is told of every question to the model.

        When the model's answer cannot be used, the offline writer writes from the evidence, and says so.

        Raises:
            InvalidInput: the evidence is not enough to write from.
            ModelError: the model's answer could not be used and there is nothing else to write from.
            TransientError: the model does not answer now.
            ConfigError: its key is missing or was refused.
        """
        if self._model is None:
            return await self._offline.write(evidence, wanted)
        try:
            return await self._by_model(_Metered(self._model, meter)).write(evidence, wanted)
        except ModelError as error:
            if not any(item.text.strip() for item in evidence.items):
                raise
            _log.warning("script.model_failed", code=error.code, error=error.message)
        script = await self._offline.write(evidence, wanted)
        note = f"The model {self.name} gave no usable script, so the offline writer wrote it."
        return script.model_copy(update={"notes": (note, *script.notes)})

    def check_translates(self) -> None:
        """Prove that something here translates.

        Raises:
            MissingPart: no language model is set up.
        """
        if self._model is None:
            raise MissingPart(
                "There is no language model here to translate with.",
                hint="Set OPENAI_API_KEY (and ETTAMETTA_MODEL), or OPENAI_BASE_URL for a model of your own.",
                code="translate.no_model",
            )

    async def translate(
        self, lines: Sequence[SpokenLine], to_language: str, *, from_language: str, meter: Meter
    ) -> tuple[SpokenLine, ...]:
        """The lines in another language (ISO 639-1 codes); `meter` is told what the model was asked for them.

        Raises:
            MissingPart: no language model is set up.
            ModelError: its answer cannot be used.
            ConfigError, TransientError: as the model port says.
        """
        model = None if self._model is None else _Metered(self._model, meter)
        return await translate_lines(lines, to_language, model=model, from_language=from_language)
