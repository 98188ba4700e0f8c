"""robots.txt (RFC 9309): what may be fetched from an origin and how often, known for a day at most."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from protego import Protego
from yarl import URL

from ettametta.errors import EttamettaError, Refused, TransientError
from ettametta.kit.clock import utc_now

#: RFC 9309, 2.5: at least so much is read; what is beyond it does not count.
MAX_ROBOTS_BYTES = 500 * 1024
#: RFC 9309, 2.4.
_KEPT = timedelta(hours=24)
#: How long an origin that cannot say what is allowed is left alone.
_UNKNOWN = timedelta(minutes=5)
_MAX_ORIGINS = 2_000
#: RFC 9309, 2.3.1.3: the file is "unavailable", so all may be fetched.
_NO_RULES = frozenset({"http.forbidden", "http.payment", "http.not_found", "http.status", "http.redirects"})
_MAX_DELAY_S = 86_400.0

#: Fetches a robots.txt, following redirects; its bytes.
LoadRobots = Callable[[URL], Awaitable[bytes]]


@dataclass(slots=True)
class _Origin:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Protego | None = None
    error: EttamettaError | None = None
    delay_s: float = 0.0
    until: datetime | None = None


class Robots:
    """The rules of all origins met.

    Args:
        user_agent: how we name ourselves; what is before the first slash is our product token.
        load: fetches a robots.txt.
        clock: the time.
    """

    def __init__(self, user_agent: str, load: LoadRobots, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._token = user_agent.partition("/")[0].strip() or "ettametta"
        self._load = load
        self._clock = clock
        self._origins: OrderedDict[tuple[str, str | None, int | None], _Origin] = OrderedDict()

    async def delay(self, target: URL) -> float:
        """The crawl-delay for an address that may be fetched, in seconds; 0 when its origin names none.

        Raises:
            Refused: robots.txt forbids it.
            TransientError: the origin cannot say at the moment, so it is left alone for five minutes.
            EttamettaError: the origin cannot be fetched from at all.
        """
        origin = self._origin(target)
        if origin.until is None or origin.until <= self._clock():
            async with origin.lock:
                if origin.until is None or origin.until <= self._clock():
                    await self._read(origin, target)
        if origin.error is not None:
            raise _again(origin.error)
        if origin.rules is not None and not origin.rules.can_fetch(str(target), self._token):
            raise _disallowed(target.host or "")
        return origin.delay_s

    def _origin(self, target: URL) -> _Origin:
        key = (target.scheme, target.raw_host, target.port)
        origin = self._origins.get(key)
        if origin is None:
            origin = self._origins[key] = _Origin()
            if len(self._origins) > _MAX_ORIGINS:
                self._origins.popitem(last=False)
        else:
            self._origins.move_to_end(key)
        return origin

    async def _read(self, origin: _Origin, target: URL) -> None:
        origin.rules, origin.error, origin.delay_s, kept = None, None, 0.0, _KEPT
        try:
            body = await self._load(target.origin() / "robots.txt")
            origin.rules, origin.delay_s = await self._parsed(body)
        except EttamettaError as error:
            if error.code not in _NO_RULES:
                origin.error, kept = _unknown(error, target.host or ""), _UNKNOWN
        origin.until = self._clock() + kept

    async def _parsed(self, body: bytes) -> tuple[Protego | None, float]:
        """The rules, or None for a file without a word."""
        if not body.strip():
            return None, 0.0
        text = body.decode("utf-8-sig", "replace")
        rules = Protego.parse(text) if len(text) < 20_000 else await asyncio.to_thread(Protego.parse, text)
        return rules, min(float(rules.crawl_delay(self._token) or 0.0), _MAX_DELAY_S)


def _disallowed(host: str) -> Refused:
    return Refused(
        f"{host} asks programs not to read this page (robots.txt).",
        hint="Paste the text of the page instead.",
        code="fetch.robots",
    )


def _unknown(error: EttamettaError, host: str) -> EttamettaError:
    """Refusals of our own stay what they are; a server's trouble means that nothing is allowed for a while."""
    if not isinstance(error, TransientError) or error.code not in ("http.server", "http.busy"):
        return error
    return TransientError(
        f"{host} cannot say at the moment what programs may read (robots.txt), so nothing is read from it.",
        hint="Try again in some minutes.",
        code="fetch.robots_unknown",
        retry_after_s=_UNKNOWN.total_seconds(),
    )


def _again(error: EttamettaError) -> EttamettaError:
    """A copy: an error that is raised many times would gather all its tracebacks."""
    rebuild, arguments = error.__reduce__()
    copy: EttamettaError = rebuild(*arguments)
    return copy
