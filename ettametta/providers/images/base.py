"""The image port: words in, a picture made by a model out. It costs money, so nobody asks without a yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What to make, and for which frame, in pixels; the model's nearest shape is taken."""

    prompt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MadeImage:
    """A picture: JPEG, PNG or WebP, as its first bytes say."""

    data: bytes
    media_type: str
    model: str
    cost_usd: float


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a maker is, before it is asked."""

    name: str
    model: str
    #: US dollars for one picture; 0 for local models
    usd_per_image: float


@runtime_checkable
class ImageMaker(Protocol):
    """A model that makes pictures."""

    facts: ImageFacts

    async def make(self, request: ImageRequest) -> MadeImage:
        """Make a picture.

        Raises:
            ModelError: `images.refused`: it does not want to; `images.not_image`: what came is no picture.
            ConfigError: a key is missing or was refused, or there is no such model.
            OperatorError: no credit left.
            InvalidInput: the endpoint rejected the request.
            TransientError: 429, 5xx, time-outs, a lost connection, an answer that is cut short.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
