"""Looking at productions and jobs, and stopping, retrying and answering them: status, jobs, job, cancel, retry, ..."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli import output
from cli.context import AsJson, DataDir, read_settings, run_async

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources
    from ettametta.jobs import JobView
    from ettametta.jobs.values import JobEventView
    from ettametta.productions.values import ProductionView

T = TypeVar("T")

_CHANNEL = "cli"
_MOST_JOBS = 10_000
_FEW_JOBS = 20


class _State(Enum):
    """The states of a job, as choices."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ProductionOrJob = Annotated[str, typer.Argument(metavar="ID", help="A production's or a job's id, or its beginning.")]
ProposalId = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id, or its beginning.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (status, jobs, job, cancel, retry, approve, decline):
        app.command()(command)


def with_resources(data_dir: Path | None, ask: Callable[[Resources], Awaitable[T]]) -> T:
    """Open the product, ask it one thing, close it."""
    settings = read_settings(data_dir)

    async def body() -> T:
        from ettametta.bootstrap import build

        async with build(settings) as resources:
            return await ask(resources)

    return run_async(body())


def status(
    production: Annotated[str | None, typer.Argument(metavar="[ID]", help="A production's id.")] = None,
    *,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Show the newest productions, or one."""

    async def ask(resources: Resources) -> list[ProductionView]:
        if production is not None:
            return [await resources.productions.get(production, user_id=None)]
        return await resources.productions.recent(user_id=None)

    found = with_resources(data_dir, ask)
    if as_json:
        views = [view.model_dump(mode="json") for view in found]
        output.print_json(views if production is None else views[0])
    elif production is not None:
        show_production(found[0])
    else:
        _show_productions(found)


def _show_productions(found: list[ProductionView]) -> None:
    if not found:
        typer.echo('There are no productions yet. Start one: ettametta make "why the sky is blue"')
        return
    made = output.table("id", "state", "done", "title", "what happens")
    for view in found:
        said = view.error.message if view.error else view.message
        made.add_row(
            output.short(view.id), view.state, f"{view.progress:.0%}", output.plain(view.title), output.plain(said)
        )
    output.console().print(made)


def show_production(view: ProductionView) -> None:
    """A production on a few lines."""
    typer.echo(f"{view.id}  {output.plain(view.title)}")
    typer.echo(f"  {view.state}, {view.progress:.0%}  {output.plain(view.message)}")
    if view.error is not None:
        typer.echo(f"  {view.error.message} {view.error.hint} ({view.error.code})")
    if view.proposal is not None:
        typer.echo(f"  Waits for your yes: {output.plain(view.proposal.summary)}")
        typer.echo(f"  ettametta approve {output.short(view.proposal.id)}")
    if view.video is not None:
        video = view.video
        facts = f"{output.length(video.duration_s)} min, {output.size(video.size_bytes)}, {video.width}x{video.height}"
        typer.echo(f"  video {video.id}: {facts}, file {video.storage_key}")


def jobs(
    state: Annotated[list[_State] | None, typer.Option(help="Only jobs in this state; may be repeated.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help=f"Every job, not only the newest {_FEW_JOBS}.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List jobs, newest first."""

    async def ask(resources: Resources) -> list[JobView]:
        from ettametta.jobs import JobState, repository

        states = tuple(JobState(wanted.value) for wanted in state or ())
        async with resources.database.read_scope() as session:
            limit = _MOST_JOBS if every else _FEW_JOBS
            return await repository.list_jobs(session, user_id=None, states=states, limit=limit)

    found = with_resources(data_dir, ask)
    if as_json:
        output.print_json([asdict(view) for view in found])
    else:
        _show_jobs(found)


def _show_jobs(found: list[JobView]) -> None:
    if not found:
        typer.echo("There are no such jobs.")
        return
    made = output.table("id", "kind", "state", "done", "tries", "since", "what happens")
    for view in found:
        tries = f"{view.attempts}/{view.max_attempts}"
        made.add_row(
            output.short(view.id),
            view.kind,
            view.state,
            f"{view.progress:.0%}",
            tries,
            output.moment(view.created_at),
            output.plain(view.error.message if view.error else view.message),
        )
    output.console().print(made)


def job(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="The job's id, or its beginning.")],
    *,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Show a job with its history."""

    async def ask(resources: Resources) -> tuple[JobView, list[JobEventView]]:
        from ettametta.jobs import repository
        from ettametta.jobs.values import event_view, view

        async with resources.database.read_scope() as session:
            row = await repository.find(session, job_id, user_id=None)
            return view(row), [event_view(event) for event in await repository.history(session, row.id)]

    found, history = with_resources(data_dir, ask)
    if as_json:
        output.print_json({"job": asdict(found), "events": [asdict(event) for event in history]})
    else:
        _show_job(found, history)


def _show_job(view: JobView, history: list[JobEventView]) -> None:
    typer.echo(f"{view.id}  {view.kind}  {view.state}, {view.progress:.0%}  {output.plain(view.message)}")
    if view.error is not None:
        typer.echo(f"  {view.error.message} {view.error.hint} ({view.error.code})")
    if view.production_id is not None:
        typer.echo(f"  of production {view.production_id}")
    for event in history:
        detail = ", ".join(f"{name}={value}" for name, value in event.detail.items())
        typer.echo(f"  {output.moment(event.at)}  {event.name:<17} {output.plain(detail)}".rstrip())


def cancel(which: ProductionOrJob, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Stop a production or a job: what waits ends at once, what runs within a second."""

    async def ask(resources: Resources) -> ProductionView | JobView:
        from ettametta.errors import NotFound

        try:
            return await resources.productions.cancel(which, user_id=None, channel=_CHANNEL)
        except NotFound:
            async with resources.database.session_scope() as session:
                return await resources.ledger.request_cancel(session, which, user_id=None)

    _say(with_resources(data_dir, ask), "Cancelling", as_json=as_json)


def retry(which: ProductionOrJob, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Take up a failed or cancelled production or job where it ended."""

    async def ask(resources: Resources) -> ProductionView | JobView:
        from ettametta.errors import NotFound

        try:
            return await resources.productions.retry(which, user_id=None, channel=_CHANNEL)
        except NotFound:
            return await _retry_job(resources, which)

    _say(with_resources(data_dir, ask), "Trying again", as_json=as_json)


async def _retry_job(resources: Resources, which: str) -> ProductionView | JobView:
    from ettametta.jobs import repository

    async with resources.database.read_scope() as session:
        row = await repository.find(session, which, user_id=None)
    if row.production_id is not None:
        return await resources.productions.retry(row.production_id, user_id=None, channel=_CHANNEL)
    async with resources.database.session_scope() as session:
        return await resources.ledger.retry_dead(session, row.id, user_id=None)


def approve(proposal: ProposalId, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Say yes to what a production asks (it costs money, or leaves the house)."""
    _say(_answer(proposal, data_dir, accept=True), "Approved", as_json=as_json)


def decline(proposal: ProposalId, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Say no; the production is cancelled."""
    _say(_answer(proposal, data_dir, accept=False), "Declined", as_json=as_json)


def _answer(proposal: str, data_dir: Path | None, *, accept: bool) -> ProductionView:
    async def ask(resources: Resources) -> ProductionView:
        owner = await resources.users.owner_id()
        return await resources.productions.answer(proposal, user_id=owner, accept=accept, channel=_CHANNEL)

    return with_resources(data_dir, ask)


def _say(view: ProductionView | JobView, what: str, *, as_json: bool) -> None:
    from ettametta.jobs import JobView

    if isinstance(view, JobView):
        if as_json:
            output.print_json(asdict(view))
        else:
            typer.echo(f"{what}: job {output.short(view.id)} ({view.kind}) is {view.state}.")
    elif as_json:
        output.print_json(view.model_dump(mode="json"))
    else:
        typer.echo(f"{what}: production {output.short(view.id)} ({output.plain(view.title)}) is {view.state}.")
