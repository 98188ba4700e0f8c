"""Tools for what a person follows: niches, added sources, and scans that repeat."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ettametta.discovery.agenda import ScheduledScan
from ettametta.discovery.niches import NicheChange, NicheView
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput
from tools.discovery import AddedSource, NicheName, SourceNames

Words = Annotated[tuple[str, ...], Field(max_length=40)]
ScheduleId = Annotated[str, Field(min_length=1, max_length=64, description="Id of a schedule, or its beginning.")]


class NicheFacts(ToolOutput):
    """A subject the person follows."""

    id: str
    name: str
    keywords: tuple[str, ...]
    excluded: tuple[str, ...]
    languages: tuple[str, ...]
    sources: tuple[str, ...] = Field(description="empty: all that suit")
    is_followed: bool
    last_scanned_at: str | None


def _niche(one: NicheView) -> NicheFacts:
    return NicheFacts(
        id=one.id,
        name=one.name,
        keywords=one.keywords,
        excluded=one.excluded,
        languages=one.languages,
        sources=one.sources,
        is_followed=one.is_followed,
        last_scanned_at=one.last_scanned_at.isoformat(timespec="seconds") if one.last_scanned_at else None,
    )


class FollowNicheInput(ToolInput):
    """Its name; the rest only where the person said so. Following it again changes only what is given."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="The subject in a few words.")]
    keywords: Words | None = Field(None, description="Words or phrases to search for; null: its name.")
    excluded: Words | None = Field(None, description="Words that rule a candidate out.")
    languages: Words | None = Field(None, description="ISO 639-1 codes, most wanted first.")
    sources: SourceNames | None = None


class NicheOutput(ToolOutput):
    """The niche as it is now."""

    niche: NicheFacts
    ended_schedules: int = Field(default=0, description="scheduled scans of it that ended with this")


async def _follow(context: ToolContext, args: FollowNicheInput) -> NicheOutput:
    change = NicheChange(args.keywords, args.excluded, args.languages, args.sources)
    followed = await context.resources.discovery.niches.follow(context.person.user_id, args.name, change)
    return NicheOutput(niche=_niche(followed))


class UnfollowNicheInput(ToolInput):
    """Which niche."""

    niche: NicheName


async def _unfollow(context: ToolContext, args: UnfollowNicheInput) -> NicheOutput:
    left, ended = await context.resources.agenda.unfollow(context.person.user_id, args.niche)
    return NicheOutput(niche=_niche(left), ended_schedules=ended)


class ListNichesInput(ToolInput):
    """Nothing to say."""


class NichesOutput(ToolOutput):
    """What the person follows, by name."""

    niches: tuple[NicheFacts, ...]


async def _niches(context: ToolContext, _args: ListNichesInput) -> NichesOutput:
    found = await context.resources.discovery.niches.all(context.person.user_id)
    return NichesOutput(niches=tuple(_niche(one) for one in found))


# -- added sources -----------------------------------------------------------------------------------------------------


class AddSourceInput(ToolInput):
    """An address of a feed, a channel, a subreddit or a page."""

    address: Annotated[str, Field(min_length=1, max_length=2_000, description="As the person gave it.")]
    niche: NicheName | None = Field(None, description="What it is read for; null: every niche.")
    source: str = Field("", max_length=64, description="Which source reads it, where several could; empty: the first.")


class AddedOutput(ToolOutput):
    """What was added or removed."""

    added: AddedSource


async def _add(context: ToolContext, args: AddSourceInput) -> AddedOutput:
    one = await context.resources.discovery.niches.add_source(
        context.person.user_id, args.address, source=args.source, niche=args.niche or ""
    )
    return AddedOutput(added=AddedSource.model_validate(one, from_attributes=True))


class RemoveSourceInput(ToolInput):
    """Which of the person's own."""

    address: Annotated[str, Field(min_length=1, max_length=2_000, description="Its address, or its id.")]


async def _remove(context: ToolContext, args: RemoveSourceInput) -> AddedOutput:
    one = await context.resources.discovery.niches.remove_source(context.person.user_id, args.address)
    return AddedOutput(added=AddedSource.model_validate(one, from_attributes=True))


# -- schedules ---------------------------------------------------------------------------------------------------------


class ScheduleFacts(ToolOutput):
    """A scan that repeats."""

    id: str
    niche: str
    cron: str
    timezone: str
    told: str = Field(description="the expression in words")
    is_paused: bool
    next_run_at: str | None = Field(description="ISO 8601 in UTC; null: paused")


def _schedule(one: ScheduledScan) -> ScheduleFacts:
    return ScheduleFacts(
        id=one.id,
        niche=one.niche,
        cron=one.cron,
        timezone=one.timezone,
        told=one.told,
        is_paused=one.is_paused,
        next_run_at=one.next_run_at.isoformat(timespec="seconds") if one.next_run_at else None,
    )


class ScheduleScanInput(ToolInput):
    """What to look at again and again, and when."""

    niche: NicheName
    cron: Annotated[
        str, Field(max_length=100, description='Minute, hour, day, month, weekday: "0 8 * * *" is every day at 8:00.')
    ]
    timezone: str | None = Field(None, max_length=64, description="IANA name; null: the person's own.")


class ScheduleOutput(ToolOutput):
    """The schedule as it is now."""

    schedule: ScheduleFacts


async def _add_schedule(context: ToolContext, args: ScheduleScanInput) -> ScheduleOutput:
    person = context.person
    made = await context.resources.agenda.add(
        person.user_id,
        args.niche,
        cron=args.cron,
        timezone=args.timezone or person.timezone,
        chat_id=person.chat_id,
    )
    return ScheduleOutput(schedule=_schedule(made))


class ListSchedulesInput(ToolInput):
    """Nothing to say."""


class SchedulesOutput(ToolOutput):
    """Scans that repeat, the next to come first and the paused last."""

    schedules: tuple[ScheduleFacts, ...]


async def _schedules(context: ToolContext, _args: ListSchedulesInput) -> SchedulesOutput:
    found = await context.resources.agenda.all(context.person.user_id)
    return SchedulesOutput(schedules=tuple(_schedule(one) for one in found))


class PauseScheduleInput(ToolInput):
    """Which one, and whether it is to rest or to go on."""

    schedule_id: ScheduleId
    paused: bool = Field(default=True, description="False: go on.")


async def _pause(context: ToolContext, args: PauseScheduleInput) -> ScheduleOutput:
    changed = await context.resources.agenda.pause(context.person.user_id, args.schedule_id, paused=args.paused)
    return ScheduleOutput(schedule=_schedule(changed))


class RemoveScheduleInput(ToolInput):
    """Which one."""

    schedule_id: ScheduleId


async def _remove_schedule(context: ToolContext, args: RemoveScheduleInput) -> ScheduleOutput:
    return ScheduleOutput(
        schedule=_schedule(await context.resources.agenda.remove(context.person.user_id, args.schedule_id))
    )


NICHE_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="follow_niche",
        label="Following it",
        description=(
            "Follow a subject, so that it is kept and can be scanned again and again; or change its keywords, "
            "exclusions, languages or sources. For one look at a subject call find_candidates instead."
        ),
        input=FollowNicheInput,
        output=NicheOutput,
        permission=Permission.EDITOR,
        example=FollowNicheInput(name="coral reefs", keywords=("coral bleaching", "reef restoration")),
        run=_follow,
    ),
    Tool(
        name="unfollow_niche",
        label="Letting go of it",
        description="Follow a subject no longer; scheduled scans of it end. Following it again brings it back.",
        input=UnfollowNicheInput,
        output=NicheOutput,
        permission=Permission.EDITOR,
        example=UnfollowNicheInput(niche="coral reefs"),
        run=_unfollow,
    ),
    Tool(
        name="list_niches",
        label="Listing what you follow",
        description="List the subjects the person follows, with their keywords and when each was scanned last.",
        input=ListNichesInput,
        output=NichesOutput,
        permission=Permission.VIEWER,
        example=ListNichesInput(),
        run=_niches,
    ),
    Tool(
        name="add_source",
        label="Adding the source",
        description=(
            "Add a feed, channel, subreddit or page that is read in every scan, or in those of one niche. list_sources "
            "says which addresses each source takes."
        ),
        input=AddSourceInput,
        output=AddedOutput,
        permission=Permission.EDITOR,
        example=AddSourceInput(address="https://example.org/feed.xml", niche="coral reefs"),
        run=_add,
    ),
    Tool(
        name="remove_source",
        label="Removing the source",
        description="Take away a feed, channel or page the person had added, by its address or its id.",
        input=RemoveSourceInput,
        output=AddedOutput,
        permission=Permission.EDITOR,
        example=RemoveSourceInput(address="https://example.org/feed.xml"),
        run=_remove,
    ),
    Tool(
        name="schedule_scan",
        label="Planning the scans",
        description=(
            "Scan a niche again and again: “every morning at 8” is cron 0 8 * * *. A new niche is followed with it. "
            "Times are the person's own unless a zone is given; at most every 10 minutes."
        ),
        input=ScheduleScanInput,
        output=ScheduleOutput,
        permission=Permission.EDITOR,
        example=ScheduleScanInput(niche="coral reefs", cron="0 8 * * *"),
        run=_add_schedule,
    ),
    Tool(
        name="list_schedules",
        label="Listing the schedules",
        description="List the scans that repeat: niche, when in words, the next run, and which are paused.",
        input=ListSchedulesInput,
        output=SchedulesOutput,
        permission=Permission.VIEWER,
        example=ListSchedulesInput(),
        run=_schedules,
    ),
    Tool(
        name="pause_schedule",
        label="Pausing it",
        description="Let a scheduled scan rest, or go on with paused=false; what was missed is not made up for.",
        input=PauseScheduleInput,
        output=ScheduleOutput,
        permission=Permission.EDITOR,
        example=PauseScheduleInput(schedule_id="0199f3a2b4c6"),
        run=_pause,
    ),
    Tool(
        name="remove_schedule",
        label="Ending it",
        description="End a scheduled scan for good; the niche is still followed.",
        input=RemoveScheduleInput,
        output=ScheduleOutput,
        permission=Permission.EDITOR,
        example=RemoveScheduleInput(schedule_id="0199f3a2b4c6"),
        run=_remove_schedule,
    ),
)
