"""The footage port: a query in, pictures and clips found elsewhere out, each with its licence, author and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from ettametta.providers.footage.licences import Licence

FootageKind = Literal["photo", "clip"]
Orientation = Literal["portrait", "landscape", "square"]

#: Photos that are larger than this are not loaded, in bytes.
MAX_PHOTO_BYTES = 30_000_000
#: The same for clips.
MAX_CLIP_BYTES = 80_000_000


@dataclass(frozen=True, slots=True)
class FootageQuery:
    """What to look for. `min_width` and `min_height` are the frame's, in pixels; `language` is ISO 639-1."""

    text: str
    kind: FootageKind | Literal["any"] = "any"
    orientation: Orientation | None = None
    min_width: int = 0
    min_height: int = 0
    language: str = "en"
    #: most results of each kind
    limit: int = 20


class FoundAsset(BaseModel):
    """A picture or clip somewhere else. What the provider does not say is None; text is plain, one line."""

    model_config = ConfigDict(frozen=True)

    provider: str = Field(max_length=40)
    provider_id: str = Field(min_length=1, max_length=300)
    kind: FootageKind
    title: str = ""
    tags: tuple[str, ...] = ()
    width: int | None = Field(default=None, description="pixels of the file at `file_url`")
    height: int | None = None
    duration_s: float | None = None
    file_url: str = Field(default="", description="empty: the provider's `locate` finds it")
    #: smaller renditions, largest first, for when the file is too large
    other_urls: tuple[str, ...] = ()
    preview_url: str = ""
    page_url: str = Field(min_length=1)
    author: str | None = None
    author_url: str | None = None
    licence: Licence
    attribution: str = Field(default="", description="as the provider words it; empty: made from the other fields")
    size_bytes: int | None = None

    @property
    def identity(self) -> str:
        """The same for the same picture, whichever search found it."""
        return f"{self.provider}:{self.provider_id}"


@dataclass(frozen=True, slots=True)
class FootageFacts:
    """What a provider has, before it is asked."""

    name: str
    #: how people know it
    title: str
    kinds: tuple[FootageKind, ...]
    #: the setting that holds its key; None: it needs none
    key_setting: str | None
    licence_note: str
    terms_url: str
    #: as documented by the provider
    rate_limit: str
    #: the least time between two questions, in seconds
    interval_s: float = 0.0

    @property
    def needs_key(self) -> bool:
        """Whether it answers only to a key."""
        return self.key_setting is not None


@runtime_checkable
class FootageProvider(Protocol):
    """A place with pictures."""

    facts: FootageFacts

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
        """What it has for a query, best first; nothing is an empty tuple. Licences are as stated, not yet judged.

        Raises:
            ConfigError: its key is missing or was refused (the hint names the setting).
            OperatorError: the account is used up.
            TransientError: 429, 5xx, a time-out, a lost connection, an answer that cannot be read.
        """
        ...

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:
        """The same asset with the address of its file, in a size that suits the query.

        Raises:
            NotFound: it has no file that can be used.
            ConfigError, OperatorError, TransientError: as `search`.
        """
        ...
