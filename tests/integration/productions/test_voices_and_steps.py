"""Which voice speaks, what happens when one is missing, and steps that two jobs finish at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from ettametta.errors import ConfigError, InvalidInput, MissingPart
from ettametta.kit.ids import content_key
from ettametta.models import StepResult, Usage
from ettametta.productions.steps import StepCache
from ettametta.productions.voices import Voice, Voices
from ettametta.providers.speech.base import SpeechProvider
from ettametta.testing import ToneSpeech
from tests.integration.productions.harness import House


def missing() -> SpeechProvider:
    raise MissingPart("The offline voice is not installed.", hint="Install it.", code="speech.engine_missing")


def test_the_first_voice_that_speaks_the_language_is_chosen() -> None:
    voices = Voices({"a": lambda: ToneSpeech(languages=("en",)), "b": lambda: ToneSpeech(languages=("en", "es"))})
    assert voices.for_language("en")[0] == Voice("a", "default")
    assert voices.for_language("es")[0] == Voice("b", "default")
    with pytest.raises(InvalidInput, match="language 'ar'") as refused:
        voices.for_language("ar")
    assert refused.value.hint


def test_the_voice_of_the_settings_is_taken_where_it_exists() -> None:
    voices = Voices({"a": ToneSpeech}, voice="low")
    assert voices.for_language("en")[0] == Voice("a", "low")
    assert Voices({"a": ToneSpeech}, voice="nobody").for_language("en")[0] == Voice("a", "default")


def test_a_missing_engine_is_passed_over_and_named_only_when_nothing_else_speaks() -> None:
    voices = Voices({"gone": missing, "a": ToneSpeech})
    assert voices.for_language("en")[0].provider == "a"
    with pytest.raises(MissingPart):
        voices.for_language("ja")
    with pytest.raises(ConfigError, match="'other' is not set up"):
        voices.provider("other")


async def test_a_voice_is_built_once_and_closed(house: House) -> None:
    built: list[ToneSpeech] = []

    def build() -> ToneSpeech:
        built.append(ToneSpeech())
        return built[-1]

    voices = Voices({"a": build})
    await asyncio.gather(*(asyncio.to_thread(voices.provider, "a") for _ in range(8)))
    assert len(built) == 1
    await voices.close()


async def test_the_same_step_finished_twice_at_once_is_kept_once(house: House) -> None:
    cache, user_id = StepCache(house.resources.database), house.person.user_id
    key = content_key(step="test")

    async def keep(number: int) -> None:
        result = StepResult(key=key, user_id=user_id, step="test", output={"number": number})
        use = Usage(
            user_id=user_id,
            idempotency_key="test:once",
            provider="tone",
            unit="characters",
            quantity=1,
            cost_microusd=0,
        )
        await cache.keep(result, use)

    await asyncio.gather(*(keep(number) for number in range(6)))
    assert await house.count(StepResult) == 1
    assert await house.count(Usage) == 1
    assert (await cache.find(key) or {})["number"] in range(6)
