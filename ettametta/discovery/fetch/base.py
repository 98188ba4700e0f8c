"""The port through which sources and scans fetch, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `url` is the final one after redirects."""

    url: str
    status: int
    #: media type in lower case without parameters; empty: the server named none
    content_type: str
    #: the charset parameter as the server gave it
    charset: str | None
    #: unpacked
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    #: the server said that what we kept is still true (304), or it was still fresh and the server was not asked
    is_unchanged: bool = False


class Fetch(Protocol):
    """Fetches under the rules: guard, robots.txt, limits per host, cache, retries, one deadline."""

    async def get(
        self,
        url: str,
        *,
        accept: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
        is_api: bool = False,
        is_private: bool = False,
    ) -> Answer:
        """Fetch one address.

        Args:
            url: http or https.
            accept: media types that are of use; empty: any.
            headers: more request headers; secret ones are not sent to another origin.
            max_bytes: most bytes of the body, on the wire and unpacked.
            is_api: a documented machine interface, whose terms stand above robots.txt.
            is_private: answer depends on a key: it is not kept for others.

        Raises:
            InvalidInput: no web address, unsuitable type, too large, a bomb, too many redirects.
            Refused: a private address, robots.txt, 401, 403, 451, a bad certificate.
            NotFound: 404 and 410.
            TransientError: time-outs, 429, 5xx, a lost connection, a host that is left alone for a while.
        """
        ...

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
    ) -> Answer:
        """Send a form or JSON to a documented machine interface; never kept, never sent again by itself.

        Raises:
            EttamettaError: as `get`.
        """
        ...
