"""Pictures made by models. A provider is a name here and a file beside it that loads when it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import SecretStr

from ettametta.errors import ConfigError
from ettametta.kit.http import HttpClient
from ettametta.providers.images.base import ImageMaker


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What an image model needs to be built. `http` loads pictures that are answered as an address."""

    http: HttpClient
    model: str
    api_key: SecretStr | None = None
    base_url: str = "https://api.openai.com/v1"
    usd_per_image: float = 0.0
    timeout_s: float = 180.0
    #: the settings that errors name
    key_setting: str = "OPENAI_API_KEY"
    url_setting: str = "OPENAI_BASE_URL"


def _openai(config: ImageConfig) -> ImageMaker:
    from ettametta.providers.images.openai import OpenAIImages  # noqa: PLC0415 - loads the SDK

    return OpenAIImages(config)


#: All image makers by name.
REGISTRY: Mapping[str, Callable[[ImageConfig], ImageMaker]] = MappingProxyType({"openai": _openai})


def build_images(name: str, config: ImageConfig) -> ImageMaker:
    """Build an image maker by name.

    Raises:
        ConfigError: no such maker, or it cannot be built like this.
    """
    if name not in REGISTRY:
        raise ConfigError(
            f"There is no image maker '{name[:40]}'.",
            hint=f"The makers are: {', '.join(REGISTRY)}.",
            code="images.provider",
        )
    return REGISTRY[name](config)
