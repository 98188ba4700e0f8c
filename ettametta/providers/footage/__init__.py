"""Pictures and clips from elsewhere. A provider is a name here and a file beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


def set_up(
    http: HttpClient, *, wanted: Sequence[str] = (), keys: Mapping[str, SecretStr | None], timeout_s: float = 10.0
) -> dict[str, FootageProvider]:
    """The providers to use by name, best first.

    Args:
        http: the outgoing client.
        wanted: which, best first; empty: all that need no key or have one.
        keys: by provider name.
        timeout_s: for one answer, in seconds.

    Raises:
        ConfigError: a wanted one does not exist, or its key is missing.
    """
    names = wanted or [name for name, facts in FACTS.items() if not facts.needs_key or keys.get(name)]
    return {
        name: build_footage(name, FootageConfig(http, api_key=keys.get(name), timeout_s=timeout_s)) for name in names
    }
