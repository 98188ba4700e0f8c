"""What is followed: niches, follow, unfollow, add-source, remove-source; and schedules (list, add, pause, remove)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.context import AsJson, DataDir
from cli.look import with_resources

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources
    from ettametta.discovery.agenda import ScheduledScan
    from ettametta.discovery.niches import NicheView, SubscriptionView

NicheArgument = Annotated[str, typer.Argument(metavar="NICHE", help="A niche's name or id.")]
ScheduleId = Annotated[str, typer.Argument(metavar="ID", help="A schedule's id, or its beginning.")]
Word = list[str] | None

_schedules = typer.Typer(help="Scans that repeat.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (niches, follow, unfollow, add_source, remove_source):
        app.command()(command)
    _schedules.command("list")(_list)
    _schedules.command("add")(_add)
    _schedules.command("pause")(_pause)
    _schedules.command("resume")(_resume)
    _schedules.command("remove")(_remove)
    app.add_typer(_schedules, name="schedules")


def niches(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List what you follow, and the sources you added."""

    async def ask(resources: Resources) -> tuple[list[NicheView], list[SubscriptionView]]:
        owner, known = await resources.users.owner_id(), resources.discovery.niches
        return await known.all(owner), await known.sources(owner)

    found, added = with_resources(data_dir, ask)
    if as_json:
        output.print_json({"niches": [asdict(one) for one in found], "added": [asdict(one) for one in added]})
        return
    if not found:
        typer.echo('You follow nothing yet. Begin: ettametta follow "coral reefs"')
    names = {one.id: one.name for one in found}
    for one in found:
        scanned = output.moment(one.last_scanned_at) if one.last_scanned_at else "never"
        typer.echo(f"{output.plain(one.name)}: {output.plain(', '.join(one.keywords))}; last scanned: {scanned}")
    for source in added:
        where = output.plain(names.get(source.niche_id or "", "all niches"))
        typer.echo(f"  added: {output.plain(source.address)} ({source.source}, for {where})")


def follow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The subject.")],
    *,
    keyword: Annotated[Word, typer.Option(help="Search for this instead of the name; repeatable.")] = None,
    exclude: Annotated[Word, typer.Option(help="Rule out what holds this word; repeatable.")] = None,
    language: Annotated[Word, typer.Option(help="Language wanted, most wanted first; repeatable.")] = None,
    source: Annotated[Word, typer.Option(help="Ask only this source; repeatable.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Follow a subject, or change what it looks for."""

    async def ask(resources: Resources) -> NicheView:
        from ettametta.discovery.niches import NicheChange

        change = NicheChange(keyword, exclude, language, source)
        return await resources.discovery.niches.follow(await resources.users.owner_id(), name, change)

    one = with_resources(data_dir, ask)
    if as_json:
        output.print_json(asdict(one))
    else:
        typer.echo(f"Following {output.plain(one.name)}: {output.plain(', '.join(one.keywords))}")


def unfollow(niche: NicheArgument, *, data_dir: DataDir = None) -> None:
    """Follow it no longer; its schedules end."""

    async def ask(resources: Resources) -> tuple[NicheView, int]:
        return await resources.agenda.unfollow(await resources.users.owner_id(), niche)

    one, ended = with_resources(data_dir, ask)
    typer.echo(f"Not following {output.plain(one.name)} any more; schedules ended: {ended}.")


def add_source(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Of a feed, a channel or a page.")],
    *,
    niche: Annotated[str, typer.Option(help="Read it for this niche only.")] = "",
    source: Annotated[str, typer.Option(help="The source that reads it (`ettametta sources`).")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Read a feed, channel or page in every scan."""

    async def ask(resources: Resources) -> SubscriptionView:
        owner = await resources.users.owner_id()
        return await resources.discovery.niches.add_source(owner, address, source=source, niche=niche)

    one = with_resources(data_dir, ask)
    if as_json:
        output.print_json(asdict(one))
    else:
        typer.echo(f"Added {output.plain(one.address)} ({one.source}).")


def remove_source(
    address: Annotated[str, typer.Argument(metavar="ADDRESS|ID", help="Of a source you added.")],
    *,
    data_dir: DataDir = None,
) -> None:
    """Read it no longer."""

    async def ask(resources: Resources) -> SubscriptionView:
        return await resources.discovery.niches.remove_source(await resources.users.owner_id(), address)

    typer.echo(f"Removed {output.plain(with_resources(data_dir, ask).address)}.")


# -- schedules ---------------------------------------------------------------------------------------------------------


def _list(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the scans that repeat."""

    async def ask(resources: Resources) -> tuple[ScheduledScan, ...]:
        return await resources.agenda.all(await resources.users.owner_id())

    found = with_resources(data_dir, ask)
    if as_json:
        output.print_json([asdict(one) for one in found])
        return
    if not found:
        typer.echo('Nothing is scheduled. Begin: ettametta schedules add "coral reefs" "0 8 * * *"')
    for one in found:
        typer.echo(_told(one))


def _add(
    niche: NicheArgument,
    cron: Annotated[str, typer.Argument(metavar="CRON", help='Five fields: "0 8 * * *" is every day at 8:00.')],
    *,
    zone: Annotated[str, typer.Option(help="Time zone, such as Europe/Berlin; empty: yours.")] = "",
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Scan a niche again and again; a new one is followed."""

    async def ask(resources: Resources) -> ScheduledScan:
        person = await resources.users.local()
        return await resources.agenda.add(
            person.user_id, niche, cron=cron, timezone=zone or person.timezone, chat_id=person.chat_id
        )

    _show(data_dir, ask, as_json=as_json)


def _pause(schedule: ScheduleId, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Let it rest."""

    async def ask(resources: Resources) -> ScheduledScan:
        return await resources.agenda.pause(await resources.users.owner_id(), schedule)

    _show(data_dir, ask, as_json=as_json)


def _resume(schedule: ScheduleId, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Go on."""

    async def ask(resources: Resources) -> ScheduledScan:
        return await resources.agenda.pause(await resources.users.owner_id(), schedule, paused=False)

    _show(data_dir, ask, as_json=as_json)


def _remove(schedule: ScheduleId, *, data_dir: DataDir = None) -> None:
    """End it."""

    async def ask(resources: Resources) -> ScheduledScan:
        return await resources.agenda.remove(await resources.users.owner_id(), schedule)

    typer.echo(f"Ended the scans of {output.plain(with_resources(data_dir, ask).niche)}.")


def _show(data_dir: Path | None, ask: Callable[[Resources], Awaitable[ScheduledScan]], *, as_json: bool) -> None:
    one = with_resources(data_dir, ask)
    if as_json:
        output.print_json(asdict(one))
    else:
        typer.echo(_told(one))


def _told(one: ScheduledScan) -> str:
    next_run = f"next {output.moment(one.next_run_at)}" if one.next_run_at else "paused"
    return f"{one.id}  {output.plain(one.niche)}: {one.told} ({one.cron}, {one.timezone}); {next_run}"
