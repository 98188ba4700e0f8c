"""Which voice speaks: the providers that are set up, built at first use, chosen by language."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ettametta.errors import ConfigError, InvalidInput, OperatorError
from ettametta.providers.speech.base import SpeechFacts, SpeechProvider

#: The provider that says nothing; it is taken only when it is asked for.
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Voice:
    """A choice: the provider's name and one of its voices."""

    provider: str
    voice: str


class Voices:
    """The voices of this installation, in order of preference. Building one loads its libraries: use a thread.

    Args:
        builders: how to build each provider that is set up.
        voice: the voice wanted by the settings; `default` leaves it to the provider.
    """

    def __init__(self, builders: Mapping[str, Callable[[], SpeechProvider]], *, voice: str = "default") -> None:
        self._builders = builders
        self._voice = voice
        self._built: dict[str, SpeechProvider] = {}
        self._building = threading.Lock()

    def provider(self, name: str) -> SpeechProvider:
        """A provider by name.

        Raises:
            ConfigError: it is not set up here (any more).
        """
        if name not in self._builders:
            raise ConfigError(
                f"The voice provider '{name}' is not set up here.",
                hint="Set ETTAMETTA_SPEECH and the key it needs, or make the video again with another voice.",
                code="speech.provider",
            )
        with self._building:
            if name not in self._built:
                self._built[name] = self._builders[name]()
            return self._built[name]

    def for_language(self, language: str) -> tuple[Voice, SpeechFacts]:
        """The first voice that speaks a language (ISO 639-1).

        Raises:
            InvalidInput: none does; the hint names what would.
            OperatorError: one that might is not installed or has no key, and no other does.
        """
        broken: OperatorError | None = None
        for name in self._builders:
            try:
                facts = self.provider(name).facts
            except OperatorError as error:
                broken = broken or error
                continue
            if name != SILENT and (language in facts.languages or "*" in facts.languages):
                return Voice(name, self._voice if self._voice in facts.voices else "default"), facts
        if broken is not None:
            raise broken
        raise InvalidInput(
            f"No voice here speaks the language '{language[:20]}'.",
            hint="Add offline voices (es, fr, it, pt: docs/voices.md), set OPENAI_API_KEY for a voice in many, "
            "or take no voice: `silent` makes a video of captions.",
            code="speech.language",
        )

    def choose(self, wanted: str | None, language: str) -> tuple[Voice, SpeechFacts]:
        """The voice a person named ("provider:voice", a provider, or a voice); None: the first for the language.

        Raises:
            ConfigError: the provider is not set up here.
            InvalidInput: there is no such voice, or it does not speak the language (ISO 639-1).
        """
        if wanted is None or not wanted.strip():
            return self.for_language(language)
        provider, _, voice = wanted.strip().partition(":")
        if provider in self._builders or voice:
            chosen = Voice(provider, voice or "default")
            return chosen, self.check(chosen.provider, chosen.voice, language)
        for name, facts in self.facts().items():
            if provider in facts.voices:
                return Voice(name, provider), self.check(name, provider, language)
        raise InvalidInput(
            f"There is no voice called {provider[:40]} here.",
            hint="`ettametta voices` lists those there are.",
            code="speech.no_voice",
        )

    def facts(self) -> dict[str, SpeechFacts]:
        """What each provider that works here can do, by name, best first."""
        found: dict[str, SpeechFacts] = {}
        for name in self._builders:
            try:
                found[name] = self.provider(name).facts
            except OperatorError:
                continue
        return found

    def check(self, provider: str, voice: str, language: str) -> SpeechFacts:
        """What a voice can do, after proof that it is here and speaks a language (ISO 639-1).

        Raises:
            ConfigError: the provider is not set up here.
            InvalidInput: it has no such voice, or the voice does not speak the language.
        """
        facts = self.provider(provider).facts
        if voice != "default" and voice not in facts.voices:
            raise InvalidInput(
                f"{provider} has no voice called {voice[:40]}.",
                hint=f"Choose one of: {', '.join(facts.voices[:20])}.",
                code="speech.no_voice",
            )
        if language not in facts.languages and "*" not in facts.languages:
            raise InvalidInput(
                f"{provider} does not speak the language '{language[:20]}'.",
                hint=f"It speaks {', '.join(facts.languages[:20])}.",
                code="speech.language",
            )
        return facts

    async def close(self) -> None:
        """Let go of all voices."""
        for provider in self._built.values():
            await provider.close()
