"""Which sources a scan asks, and for what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ettametta.discovery.scanning.request import ScanRequest, SourceReport
from ettametta.discovery.sources import Sources
from ettametta.discovery.sources.base import Source, SourceInfo, Takes, Wanted
from ettametta.errors import InvalidInput

#: Older items are not asked for: what was true last month is no trend.
_WINDOW = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to one source."""

    source: Source
    wanted: Wanted

    @property
    def key(self) -> tuple[str, str]:
        """The source's name and the address within it."""
        return self.source.info.name, self.wanted.address


@dataclass(frozen=True, slots=True)
class Followed:
    """A niche as a scan needs it: its phrases, languages, chosen sources, and the addresses added by its user."""

    words: tuple[str, ...]
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    #: (source, address)
    addresses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked, and what is not and why."""

    asks: tuple[Ask, ...]
    left_out: tuple[SourceReport, ...] = ()


def plan(
    request: ScanRequest,
    niche: Followed,
    sources: Sources,
    *,
    resting: Mapping[tuple[str, str], datetime],
    now: datetime,
) -> Plan:
    """Decide whom to ask.

    Args:
        request: the scan.
        niche: what it is about.
        sources: every source there is.
        resting: sources (name, address) that are left alone until a moment, after failures. A scan that names its
            sources asks them all the same.
        now: the moment.

    Raises:
        InvalidInput: a source that does not exist, or an address that none can read.
    """
    wanted = Wanted(
        words=niche.words, languages=niche.languages, since=now - _WINDOW, limit=request.per_source
    )  # fmt: skip
    if request.address:
        return Plan((_ask_address(request, sources, wanted),))
    asks: list[Ask] = []
    left_out: list[SourceReport] = []
    for source, address in _chosen(request, niche, sources):
        reason = _keyless(source.info, address, sources)
        if reason is None and not request.sources:
            reason = _unsuited(source.info, address, niche, resting, now)
        if reason is None:
            asks.append(Ask(source, replace(wanted, address=address)))
        else:
            left_out.append(reason)
    return Plan(tuple(asks), tuple(left_out))


def _chosen(request: ScanRequest, niche: Followed, sources: Sources) -> Sequence[tuple[Source, str]]:
    """Sources with addresses: the general ones that are named (or all), and what the niche's user added."""
    of_niche = [sources.by_name[name] for name in niche.sources if name in sources.by_name]  # one may be gone by now
    named = [sources.get(name) for name in request.sources] or of_niche or list(sources)
    general = [(source, "") for source in named if source.info.takes is not Takes.ADDRESS]
    own = [(sources.by_name[name], address) for name, address in niche.addresses if name in sources.by_name]
    if request.sources:
        own = [(source, address) for source, address in own if source.info.name in request.sources]
    return list(dict.fromkeys([*general, *own]))


def _ask_address(request: ScanRequest, sources: Sources, wanted: Wanted) -> Ask:
    for source in [sources.get(name) for name in request.sources] or list(sources):
        kept = source.owns(request.address)
        if kept is not None:
            return Ask(source, replace(wanted, address=kept))
    raise InvalidInput(
        "None of the sources can read that address.",
        hint="Send the address of a page, a feed or a channel, with http:// or https://.",
        code="scan.address",
    )


def _keyless(info: SourceInfo, address: str, sources: Sources) -> SourceReport | None:
    missing = sources.missing.get(info.name)
    if not missing:
        return None
    return SourceReport(
        source=info.name,
        address=address,
        outcome="needs_key",
        error_code="source.needs_key",
        message=f"{info.title} needs a key.",
        hint=f"Set {' and '.join(missing)}.",
    )


def _unsuited(
    info: SourceInfo, address: str, niche: Followed, resting: Mapping[tuple[str, str], datetime], now: datetime
) -> SourceReport | None:
    until = resting.get((info.name, address))
    if until is not None and until > now:
        return SourceReport(
            source=info.name,
            address=address,
            outcome="left_out",
            error_code="source.resting",
            message=f"{info.title} failed before and is left alone until {until:%H:%M} UTC.",
            hint="Name it to ask it all the same.",
        )
    if info.languages and niche.languages and not set(info.languages) & set(niche.languages):
        return SourceReport(
            source=info.name, outcome="left_out", message=f"{info.title} does not speak the niche's languages."
        )
    return None
