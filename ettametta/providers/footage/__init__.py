"""Pictures and clips from elsewhere. A provider is a name here and a file beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import SecretStr

from ettametta.errors import ConfigError
from ettametta.kit.http import HttpClient
from ettametta.providers.footage import archive, commons, nasa, openverse, pexels, pixabay
from ettametta.providers.footage.base import FootageFacts, FootageProvider


@dataclass(frozen=True, slots=True)
class FootageConfig:
    """What a footage provider needs to be built. `base_url` None is the vendor's own."""

    http: HttpClient
    api_key: SecretStr | None = None
    base_url: str | None = None
    timeout_s: float = 10.0

    @property
    def place(self) -> dict[str, str]:
        """The base address, where it is not the vendor's own."""
        return {} if self.base_url is None else {"base_url": self.base_url}


#: All footage providers by name, best first: those with a key have been set up on purpose.
REGISTRY: Mapping[str, Callable[[FootageConfig], FootageProvider]] = MappingProxyType(
    {
        "pexels": lambda c: pexels.Pexels(c.http, api_key=c.api_key, timeout_s=c.timeout_s, **c.place),
        "pixabay": lambda c: pixabay.Pixabay(c.http, api_key=c.api_key, timeout_s=c.timeout_s, **c.place),
        "openverse": lambda c: openverse.Openverse(c.http, timeout_s=c.timeout_s, **c.place),
        "commons": lambda c: commons.Commons(c.http, timeout_s=c.timeout_s, **c.place),
        "nasa": lambda c: nasa.Nasa(c.http, timeout_s=c.timeout_s, **c.place),
        "archive": lambda c: archive.InternetArchive(c.http, timeout_s=c.timeout_s, **c.place),
    }
)

#: The facts of every provider, without building it.
FACTS: Mapping[str, FootageFacts] = MappingProxyType(
    {module.FACTS.name: module.FACTS for module in (pexels, pixabay, openverse, commons, nasa, archive)}
)


def build_footage(name: str, config: FootageConfig) -> FootageProvider:
    """Build a provider by name.

    Raises:
        ConfigError: no such provider, or its key is missing.
    """
    if name not in REGISTRY:
        raise ConfigError(
            f"There is no picture source '{name[:40]}'.",
            hint=f"The sources are: {', '.join(REGISTRY)}.",
            code="footage.provider",
        )
    return REGISTRY[name](config)
