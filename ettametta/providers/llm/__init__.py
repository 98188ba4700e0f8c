"""Language models that answer in a given shape. A provider is a name here and a file that loads when it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import SecretStr

from ettametta.errors import ConfigError
from ettametta.providers.llm.base import LanguageModel
from ettametta.providers.llm.prices import NO_PRICES, Prices


@dataclass(frozen=True, slots=True)
class LLMConfig:
    """What a language model needs to be built."""

    model: str
    api_key: SecretStr | None = None
    base_url: str = "https://api.openai.com/v1"
    timeout_s: float = 60.0
    prices: Prices = NO_PRICES


def _openai(config: LLMConfig) -> LanguageModel:
    from ettametta.providers.llm.openai import OpenAILanguageModel  # noqa: PLC0415 - loads the SDK

    return OpenAILanguageModel(
        api_key=config.api_key,
        base_url=config.base_url,
        model=config.model,
        timeout_s=config.timeout_s,
        prices=config.prices,
    )


#: All language model providers by name.
REGISTRY: Mapping[str, Callable[[LLMConfig], LanguageModel]] = MappingProxyType({"openai": _openai})


def build_llm(name: str, config: LLMConfig) -> LanguageModel:
    """Build a provider by name.

    Raises:
        ConfigError: no such provider, or it cannot be built like this.
    """
    if name not in REGISTRY:
        raise ConfigError(
            f"There is no language model provider '{name}'.",
            hint=f"The providers are: {', '.join(REGISTRY)}.",
            code="llm.provider",
        )
    return REGISTRY[name](config)
