"""The body of `discovery.scan`: what a niche's sources have, kept and ranked by the deadline, told as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import or_, select, update

from ettametta.db import Database
from ettametta.discovery.items import FoundItem
from ettametta.discovery.scanning.plan import Ask, Followed, plan
from ettametta.discovery.scanning.request import ScanReport, ScanRequest, SourceReport
from ettametta.discovery.scanning.scan import Ended, FetchFor, Kept, Scan
from ettametta.discovery.sources import Sources
from ettametta.errors import NotFound
from ettametta.events import Event, EventBus
from ettametta.jobs import JobContext, JobState, JobView
from ettametta.kit.clock import utc_now
from ettametta.models import Job, Niche, SourceSubscription

#: Told while a scan runs, for whoever watches; rows are the truth.
FOUND_EVENT = "scan.found"
SOURCE_EVENT = "scan.source"


class Shelf(Protocol):
    """Where items are kept and ranked."""

    async def keep(self, user_id: str, niche_id: str, items: Sequence[FoundItem], *, address: str) -> Kept:
        """Keep a batch of one source; the same items again change nothing but their numbers."""
        ...


class HealthBook(Protocol):
    """How sources answered a user before."""

    async def resting(self, user_id: str) -> Mapping[tuple[str, str], datetime]:
        """Sources that are left alone until a moment."""
        ...

    async def answered_since(self, user_id: str, moment: datetime) -> set[tuple[str, str]]:
        """Sources that gave all they had at or after a moment."""
        ...

    async def record(self, user_id: str, ended: Ended) -> SourceReport:
        """Write down how a source answered, and say it."""
        ...


@dataclass(frozen=True, slots=True)
class Scanner:
    """Runs scans.

    Attributes:
        database: where niches are.
        sources: every source.
        fetch_for: gives each source its way out.
        shelf: keeps and ranks.
        health: knows how sources answered.
        events: tells who watches.
        clock: the time.
    """

    database: Database
    sources: Sources
    fetch_for: FetchFor
    shelf: Shelf
    health: HealthBook
    events: EventBus
    clock: Callable[[], datetime] = utc_now

    async def run(self, context: JobContext[Any]) -> dict[str, Any]:
        """The body of the job. A run after a crash asks only those that had not yet given all.

        Raises:
            NotFound: the niche is gone.
            InvalidInput: a source or an address that cannot be asked.
        """
        request = ScanRequest.model_validate(context.job.payload)
        user_id = context.job.user_id or ""
        niche = await followed(self.database, user_id, request.niche_id)
        resting = await self.health.resting(user_id)
        planned = plan(request, niche, self.sources, resting=resting, now=self.clock())
        asks, done = await self._still_to_ask(user_id, planned.asks, context)
        at_work = _AtWork(self, context, request, user_id, len(asks))
        scan = Scan(self.fetch_for, at_work.keep, at_work.end)
        started = time.monotonic()
        is_cut_short = await scan.run(asks, deadline_s=request.deadline_s)
        await self._mark_scanned(request.niche_id)
        reports = (*done, *at_work.reports, *planned.left_out)
        return ScanReport(
            niche_id=request.niche_id,
            sources=tuple(sorted(reports, key=lambda one: (one.source, one.address))),
            items=sum(one.items for one in reports),
            new=sum(one.new for one in reports),
            matched=scan.matched,
            duration_s=round(time.monotonic() - started, 3),
            is_cut_short=is_cut_short,
        ).model_dump(mode="json")

    async def _still_to_ask(
        self, user_id: str, asks: Sequence[Ask], context: JobContext[Any]
    ) -> tuple[list[Ask], list[SourceReport]]:
        """Without those that an earlier run of this job had heard to the end.

        When other scans of this user ran meanwhile, a source may have answered them and not this one: all are asked.
        """
        if context.job.started_at is None or await self._others_ran(context.job, context.job.started_at):
            return list(asks), []
        heard = await self.health.answered_since(user_id, context.job.started_at)
        done = [
            SourceReport(source=ask.key[0], address=ask.key[1], outcome="ok", message="Heard before the interruption.")
            for ask in asks
            if ask.key in heard
        ]
        return [ask for ask in asks if ask.key not in heard], done

    async def _others_ran(self, job: JobView, since: datetime) -> bool:
        others = select(Job.id).where(
            Job.user_id == job.user_id,
            Job.kind == job.kind,
            Job.id != job.id,
            or_(Job.state == JobState.RUNNING, Job.finished_at >= since),
        )
        async with self.database.read_scope() as session:
            return await session.scalar(others.limit(1)) is not None

    async def _mark_scanned(self, niche_id: str) -> None:
        async with self.database.session_scope() as session:
            await session.execute(update(Niche).where(Niche.id == niche_id).values(last_scanned_at=self.clock()))


class _AtWork:
    """What one run of a scan tells while it goes on."""

    def __init__(
        self, scanner: Scanner, context: JobContext[Any], request: ScanRequest, user_id: str, total: int
    ) -> None:
        self._scanner = scanner
        self._context = context
        self._request = request
        self._user_id = user_id
        self._total = total
        self._found = 0
        self.reports: list[SourceReport] = []

    async def keep(self, ask: Ask, items: Sequence[FoundItem]) -> Kept:
        kept = await self._scanner.shelf.keep(self._user_id, self._request.niche_id, items, address=ask.wanted.address)
        self._found += len(items)
        await self._tell(FOUND_EVENT, source=ask.key[0], items=len(items), new=kept.new, matched=kept.matched)
        await self._progress()
        return kept

    async def end(self, ended: Ended) -> None:
        report = await self._scanner.health.record(self._user_id, ended)
        self.reports.append(report)
        await self._tell(SOURCE_EVENT, **report.model_dump(mode="json"))
        await self._progress()

    async def _progress(self) -> None:
        heard = len(self.reports)
        message = f"{self._found:,} items, {heard} of {self._total} sources heard."
        await self._context.progress(heard / max(1, self._total), "scanning", message)

    async def _tell(self, name: str, **data: Any) -> None:
        data = {"job_id": self._context.job.id, "niche_id": self._request.niche_id, **data}
        await self._scanner.events.publish(Event(name, self._user_id, data))


async def followed(database: Database, user_id: str, niche_id: str) -> Followed:
    """A niche as a scan needs it.

    Raises:
        NotFound: there is none for this user.
    """
    added = select(SourceSubscription.source, SourceSubscription.address).where(
        SourceSubscription.user_id == user_id,
        or_(SourceSubscription.niche_id.is_(None), SourceSubscription.niche_id == niche_id),
    )
    async with database.read_scope() as session:
        niche = await session.get(Niche, niche_id)
        if niche is None or niche.user_id != user_id:
            raise NotFound("There is no such niche.", hint="Ask for the list of niches.", code="niche.not_found")
        rows = (await session.execute(added.order_by(SourceSubscription.created_at))).all()
        words = tuple(dict.fromkeys([*niche.keywords, niche.name]))
        return Followed(
            words, tuple(niche.languages), tuple(niche.sources), tuple((row.source, row.address) for row in rows)
        )
