"""Scans that repeat: a niche, a cron expression, a zone; and unfollowing, which ends them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ettametta.discovery.niches import Niches, NicheView
from ettametta.discovery.scanning.request import ScanRequest
from ettametta.discovery.service import SCAN_JOB
from ettametta.errors import NotFound
from ettametta.schedules import NewSchedule, Schedules, ScheduleView


@dataclass(frozen=True, slots=True)
class ScheduledScan:
    """A niche that is scanned again and again. Moments are aware."""

    id: str
    niche_id: str
    #: its name; "": it is gone
    niche: str
    cron: str
    timezone: str
    #: the expression in words
    told: str
    is_paused: bool
    next_run_at: datetime | None
    last_run_at: datetime | None


class ScanAgenda:
    """The scheduled scans of all users; every call names whose.

    Args:
        schedules: what repeats.
        niches: what is scanned.
    """

    def __init__(self, schedules: Schedules, niches: Niches) -> None:
        self._schedules = schedules
        self._niches = niches

    async def add(
        self, user_id: str, niche: str, *, cron: str, timezone: str = "UTC", chat_id: str | None = None
    ) -> ScheduledScan:
        """Scan a niche again and again; it is followed from now on. The same again gives the one there is.

        Args:
            user_id: whose.
            niche: its id or its name; a new name is followed.
            cron: five fields, read in `timezone`.
            timezone: an IANA name.
            chat_id: the chat that is told.

        Raises:
            InvalidInput: the expression or the zone cannot be read, or it comes too often; the name does not do.
            Conflict: the user has too many.
        """
        self._schedules.check(cron, timezone)
        followed = await self._follow(user_id, niche)
        payload = ScanRequest(niche_id=followed.id).model_dump(mode="json")
        made = await self._schedules.add(user_id, NewSchedule(SCAN_JOB, cron, timezone, payload, chat_id))
        return _scheduled(made, followed.name)

    async def _follow(self, user_id: str, niche: str) -> NicheView:
        try:
            known = await self._niches.get(user_id, niche)
        except NotFound:
            return await self._niches.follow(user_id, niche)
        return known if known.is_followed else await self._niches.follow(user_id, known.name)

    async def all(self, user_id: str) -> tuple[ScheduledScan, ...]:
        """The next to come first, the paused last."""
        names = {one.id: one.name for one in await self._niches.all(user_id, with_passing=True)}
        found = [one for one in await self._schedules.list(user_id) if one.kind == SCAN_JOB]
        return tuple(_scheduled(one, names.get(_niche_id(one), "")) for one in found)

    async def pause(self, user_id: str, schedule_id: str, *, paused: bool = True) -> ScheduledScan:
        """Stop for a while, or go on.

        Raises:
            NotFound: there is no such schedule for this user.
        """
        known = await self._get(user_id, schedule_id)
        changed = await self._schedules.pause(user_id, known.id, paused=paused)
        return replace(known, is_paused=changed.is_paused, next_run_at=changed.next_run_at)

    async def remove(self, user_id: str, schedule_id: str) -> ScheduledScan:
        """Never again.

        Raises:
            NotFound: there is no such schedule for this user.
        """
        known = await self._get(user_id, schedule_id)
        await self._schedules.remove(user_id, known.id)
        return known

    async def _get(self, user_id: str, schedule_id: str) -> ScheduledScan:
        wanted = schedule_id.strip().lower()
        found = [one for one in await self.all(user_id) if wanted and one.id.startswith(wanted)]
        if len(found) != 1:
            raise NotFound(
                "There is no such schedule.", hint="Ask for the list of schedules.", code="schedule.not_found"
            )
        return found[0]

    async def unfollow(self, user_id: str, niche: str) -> tuple[NicheView, int]:
        """Follow a niche no longer, and end its schedules; gives it and how many ended.

        Raises:
            NotFound: there is no such niche for this user.
        """
        left = await self._niches.unfollow(user_id, niche)
        ended = [one for one in await self.all(user_id) if one.niche_id == left.id]
        for one in ended:
            await self._schedules.remove(user_id, one.id)
        return left, len(ended)


def _niche_id(one: ScheduleView) -> str:
    return str(one.payload.get("niche_id", ""))


def _scheduled(one: ScheduleView, niche: str) -> ScheduledScan:
    return ScheduledScan(
        id=one.id,
        niche_id=_niche_id(one),
        niche=niche,
        cron=one.cron,
        timezone=one.timezone,
        told=one.told,
        is_paused=one.is_paused,
        next_run_at=one.next_run_at,
        last_run_at=one.last_run_at,
    )
