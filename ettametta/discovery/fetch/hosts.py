"""When a host may be asked: a few requests at once, its crawl-delay, Retry-After, and a circuit that opens on failures.

A host without a delay, a hold or an open circuit costs no query: what other processes hold is read for all hosts
together, at most every two seconds.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ettametta.discovery.fetch.host_rows import HostMoment, HostRows
from ettametta.discovery.fetch.limits import Sleep
from ettametta.errors import EttamettaError, TransientError

_log = structlog.get_logger(__name__)

#: Failures in a row after which a host is left alone.
OPENS_AFTER = 5
#: The first rest of a host whose circuit has opened; it doubles up to the longest.
REST_S = 30.0
MAX_REST_S = 900.0
#: While a host is tried again, others wait so long for the outcome.
_PROBE_S = 15.0
_REFRESH_S = 2.0
_MAX_HOSTS = 20_000
_MAX_CLAIMS = 50
_FAILURES = frozenset(
    {"http.timeout", "http.unreachable", "http.server", "http.truncated", "http.unknown_host", "http.no_such_host"}
)


@dataclass(slots=True)
class Host:
    """What this process knows of a host."""

    name: str
    slots: asyncio.Semaphore
    failures: int = 0
    waiting: int = 0


@dataclass
class Hosts:
    """The gate every request goes through.

    Args:
        rows: what all processes share.
        per_host: most requests to a host at once, in this process.
        clock: the time.
        sleep: waits.
        jitter: of rests, 0..1.
    """

    rows: HostRows
    clock: Callable[[], datetime]
    per_host: int = 8
    sleep: Sleep = asyncio.sleep
    jitter: Callable[[], float] = random.random
    _hosts: dict[str, Host] = field(default_factory=dict)
    _held: dict[str, HostMoment] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def enter(self, name: str, *, delay_s: float, wait_s: float) -> Host:
        """Wait for one of the host's places and, if it has a delay or a hold, for its turn. Call `leave` afterwards.

        Args:
            name: host and port.
            delay_s: seconds between requests that the host asks for; 0: none.
            wait_s: how long it is worth waiting, in seconds.

        Raises:
            TransientError: the circuit is open (`fetch.resting`), or the turn would come too late (`fetch.waiting`).
        """
        host = self._host(name)
        host.waiting += 1
        try:
            await host.slots.acquire()
        finally:
            host.waiting -= 1
        try:
            await self._refresh()
            if delay_s or name in self._held or host.failures >= OPENS_AFTER:
                await self._turn(host, delay_s, wait_s)
        except BaseException:
            host.slots.release()
            raise
        return host

    def leave(self, host: Host) -> None:
        """Give the place back."""
        host.slots.release()

    async def answered(self, host: Host, *, delay_s: float) -> None:
        """The host has answered: failures are forgotten, an open circuit closes."""
        was_open = host.failures >= OPENS_AFTER or self._failures(host.name) >= OPENS_AFTER
        host.failures = 0
        if was_open:
            now = self.clock()
            self._held.pop(host.name, None)
            await self.rows.recovered(host.name, now + timedelta(seconds=delay_s), now)

    async def failed(self, host: Host, error: EttamettaError) -> None:
        """The host has failed: it rests when that is often enough, or for as long as it asks."""
        asked_s = error.retry_after_s if isinstance(error, TransientError) else None
        if error.code in _FAILURES:
            host.failures = max(host.failures, self._failures(host.name)) + 1
        rest_s = self._rest_s(host.failures)
        hold_s = max(rest_s, asked_s or 0.0)
        if hold_s > 0:
            now = self.clock()
            until = now + timedelta(seconds=hold_s)
            self._held[host.name] = HostMoment(until, host.failures, is_stored=True)
            await self.rows.hold(host.name, until, now, failures=host.failures)

    def _rest_s(self, failures: int) -> float:
        if failures < OPENS_AFTER:
            return 0.0
        rest_s = min(REST_S * 2.0 ** (failures - OPENS_AFTER), MAX_REST_S)
        return rest_s * (1.0 + 0.2 * self.jitter())

    def _failures(self, name: str) -> int:
        held = self._held.get(name)
        return held.failures if held is not None else 0

    def _host(self, name: str) -> Host:
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= _MAX_HOSTS:
                self._forget()
            host = self._hosts[name] = Host(name, asyncio.Semaphore(self.per_host))
        return host

    def _forget(self) -> None:
        idle = [name for name, host in self._hosts.items() if not host.waiting and host.slots._value == self.per_host]  # noqa: SLF001 -- asyncio has no public way to see whether all are free
        for name in idle:
            del self._hosts[name]

    async def _refresh(self) -> None:
        if time.monotonic() - self._read_at < _REFRESH_S:
            return
        async with self._reading:
            if time.monotonic() - self._read_at >= _REFRESH_S:
                try:
                    self._held = await self.rows.held(self.clock(), least_failures=OPENS_AFTER)
                except (SQLAlchemyError, OSError):  # what is known already stands; a crawl-delay asks again, and raises
                    _log.warning("fetch.hosts_not_read", exc_info=True)
                self._read_at = time.monotonic()

    async def _turn(self, host: Host, delay_s: float, wait_s: float) -> None:
        """Claim the host's next free moment and wait for it."""
        for _ in range(_MAX_CLAIMS):
            seen = await self.rows.read(host.name)
            now = self.clock()
            at = max(seen.next_at or now, now)
            in_s = (at - now).total_seconds()
            is_open = max(seen.failures, host.failures) >= OPENS_AFTER
            if in_s > 0 and is_open:
                raise _resting(host.name, in_s)
            if in_s > wait_s:
                raise _waiting(host.name, in_s)
            step_s = max(delay_s, _PROBE_S if is_open else 0.0)
            if not step_s or await self.rows.claim(host.name, seen, at + timedelta(seconds=step_s), now):
                break
        else:
            raise _waiting(host.name, delay_s)
        if in_s > 0:
            await self.sleep(in_s)


def _resting(name: str, in_s: float) -> TransientError:
    return TransientError(
        f"{name} has failed several times in a row and is left alone for a while.",
        hint="Try again later, or paste the text instead.",
        code="fetch.resting",
        retry_after_s=in_s,
    )


def _waiting(name: str, in_s: float) -> TransientError:
    return TransientError(
        f"{name} may only be asked again after the time there is.",
        hint="Try again later, or paste the text instead.",
        code="fetch.waiting",
        retry_after_s=in_s,
    )
