"""Sees productions through to their end: the work (here when need be), progress, questions of money, the result.

`make`, `edit`, `undo`, `redo`, `continue`, `finish`, `dub` and `variants` all end this way.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output
from cli.context import run_async
from cli.failures import INTERRUPTED, JOB_FAILED, USER, say

if TYPE_CHECKING:
    from cli.signals import Interrupts
    from cli.watching import Display
    from ettametta.bootstrap import Resources
    from ettametta.productions.values import EditView, ProductionView, ProposalView
    from ettametta.settings import Settings

CHANNEL = "cli"

Yes = Annotated[bool, typer.Option("--yes", help="Accept what it is estimated to cost.")]
Out = Annotated[Path | None, typer.Option("--output", "-o", help="Copy the finished MP4 to this path.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the video, or only start it.")]
Work = Annotated[
    bool | None,
    typer.Option("--work/--no-work", help="Do the work here, or leave it to workers.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Way:
    """How a command follows what it began. `work` None: here when this is the only process there is."""

    yes: bool = False
    as_json: bool = False
    wait: bool = True
    work: bool | None = None
    to: Path | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What a command began.

    Attributes:
        productions: in the order in which they are followed.
        answer: what `--no-wait --json` prints.
        lines: what is told at once; for people.
        extra: facts that are added to each production's JSON.
        many: whether the JSON is a list.
        shows_stop: whether the storyboard is shown where it stops as asked.
    """

    productions: Sequence[ProductionView]
    answer: Any
    lines: Sequence[str] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    many: bool = False
    shows_stop: bool = False


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How it went: the exit code, and the proposals that wait for a yes."""

    code: int
    proposals: tuple[ProposalView, ...] = ()


#: Begins the work; is given the product.
Begin = Callable[["Resources"], Awaitable[Begun]]


def begun_one(view: ProductionView, *, shows_stop: bool = True) -> Begun:
    """One production."""
    return Begun([view], view.model_dump(mode="json"), shows_stop=shows_stop)


def begun_many(views: Sequence[ProductionView]) -> Begun:
    """Several productions."""
    return Begun(views, [view.model_dump(mode="json") for view in views], many=True)


def begun_edit(view: EditView) -> Begun:
    """A revision that became the current one."""
    state = view.production.state
    lines = [f"Revision {view.revision} of production {output.short(view.production.id)} is {state}."]
    lines += [f"  {output.plain(change)}" for change in view.changes]
    lines += [output.plain(warning) for warning in view.warnings]
    lines += ["Its video is there already."] if view.is_ready else []
    extra = view.model_dump(mode="json", include={"revision", "changes", "warnings", "is_ready"})
    return Begun([view.production], view.model_dump(mode="json"), lines, extra)


def see_through(settings: Settings, way: Way, begin: Begin) -> None:
    """Begin, follow to the end, ask at the keyboard what costs money, show the result, and end the command.

    Raises:
        typer.Exit: always, with the exit code.
    """
    outcome = _run(_session(settings, way, begin))
    accepted = [one for one in outcome.proposals if _says_yes(one, as_json=way.as_json)]
    if accepted:
        waiting = [one for one in outcome.proposals if one not in accepted]
        outcome = _run(_session(settings, way, lambda resources: _accept_all(resources, accepted)))
        outcome = _Outcome(outcome.code, (*waiting, *outcome.proposals))
    for one in outcome.proposals:
        _say_waiting(one)
    raise typer.Exit(outcome.code)


def _run(body: Coroutine[Any, Any, _Outcome]) -> _Outcome:
    try:
        return run_async(body)
    except asyncio.CancelledError:
        typer.echo("Left. What was begun is taken up again by the next worker; `ettametta status` shows it.", err=True)
        return _Outcome(INTERRUPTED)


async def _session(settings: Settings, way: Way, begin: Begin) -> _Outcome:
    """Open the product, begin, and follow."""
    from cli.signals import catch_signals
    from ettametta.bootstrap import build

    async with catch_signals() as interrupts, build(settings) as resources:
        begun = await begin(resources)
        if not way.as_json and begun.lines:
            typer.echo("\n".join(begun.lines))
        if not way.wait:
            _say_started(begun, as_json=way.as_json, works_here=settings.redis_url is None)
            return _Outcome(0)
        works = settings.redis_url is None if way.work is None else way.work
        async with work_here(resources, wanted=works and _needs_work(begun, way)):
            ended = await _watch(resources, way, begun.productions, interrupts)
        outcome = await _end(resources, way, begun, ended, interrupts)
        await _record_shown(resources)
        return outcome


def _needs_work(begun: Begun, way: Way) -> bool:
    from cli.watching import SETTLED

    return any(one.state not in SETTLED or (one.proposal is not None and way.yes) for one in begun.productions)


async def _accept_all(resources: Resources, proposals: Sequence[ProposalView]) -> Begun:
    views = [await _accept(resources, one) for one in proposals]
    return begun_one(views[0]) if len(views) == 1 else begun_many(views)


async def _accept(resources: Resources, proposal: ProposalView) -> ProductionView:
    owner = await resources.users.owner_id()
    return await resources.productions.answer(proposal.id, user_id=owner, accept=True, channel=CHANNEL)


@asynccontextmanager
async def work_here(resources: Resources, *, wanted: bool) -> AsyncIterator[None]:
    """Do jobs in this process while the block runs; what is unfinished then is handed back."""
    if not wanted:
        yield
        return
    from ettametta.jobs import Runner
    from tasks.registry import KINDS

    settings = resources.settings
    runner = Runner(
        resources.ledger,
        resources.queue,
        KINDS,
        resources,
        concurrency=settings.worker_concurrency,
        sweep_s=settings.job_sweep_s,
    )
    await runner.start()
    try:
        yield
    finally:
        await runner.stop(drain_s=0.0)


async def _watch(
    resources: Resources, way: Way, productions: Sequence[ProductionView], interrupts: Interrupts
) -> list[ProductionView]:
    return [await _watch_one(resources, way, one, interrupts) for one in productions]


async def _watch_one(
    resources: Resources, way: Way, production: ProductionView, interrupts: Interrupts
) -> ProductionView:
    from cli.watching import choose_display, follow

    with choose_display(silent=way.as_json) as display:
        _say_begun(display, production)
        production = await follow(resources, production.id, display, interrupts)
        while production.proposal is not None and way.yes and not interrupts.stop.is_set():
            display.note(f"Accepted: {output.plain(production.proposal.summary)}")
            production = await _accept(resources, production.proposal)
            production = await follow(resources, production.id, display, interrupts)
        return production


def _say_begun(display: Display, production: ProductionView) -> None:
    display.note(f"Production {output.short(production.id)}: {output.plain(production.title)}")


def _says_yes(proposal: ProposalView, *, as_json: bool) -> bool:
    """Ask at the keyboard, where there is one."""
    if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(f"{output.plain(proposal.summary)} Go on?", default=False, err=True)


def _say_waiting(proposal: ProposalView) -> None:
    say(
        f"It waits for your yes: {output.plain(proposal.summary)}",
        f"Say it with `ettametta approve {output.short(proposal.id)}`, or ask for it again with --yes.",
    )


def _say_started(begun: Begun, *, as_json: bool, works_here: bool) -> None:
    from cli.watching import SETTLED

    if as_json:
        output.print_json(begun.answer)
        return
    if not begun.lines:
        for one in begun.productions:
            typer.echo(f"Started production {one.id}.")
    if works_here and any(one.state not in SETTLED for one in begun.productions):
        typer.echo("It is worked on as soon as `ettametta up` or `ettametta worker` runs.")


async def _end(
    resources: Resources, way: Way, begun: Begun, ended: Sequence[ProductionView], interrupts: Interrupts
) -> _Outcome:
    """Show how each ended; the worst exit code counts."""
    shown, code = [], 0
    for production in ended:
        facts, its_code = await _show_one(resources, way, begun, production, interrupts)
        shown.append({**facts, **begun.extra})
        code = max(code, its_code)
    if way.as_json:
        output.print_json(shown if begun.many else shown[0])
    return _Outcome(code, tuple(one.proposal for one in ended if one.proposal is not None))


async def _show_one(
    resources: Resources, way: Way, begun: Begun, production: ProductionView, interrupts: Interrupts
) -> tuple[dict[str, Any], int]:
    """Show one for people; gives it as JSON too, and the exit code."""
    from cli import results

    if production.video is not None and production.state not in {"waiting", "proposed", "failed", "cancelled"}:
        result = await results.bring(resources, production, production.video, to=way.to)
        if not way.as_json:
            results.show(result)
        return results.as_json(result), 0
    facts = production.model_dump(mode="json")
    if production.proposal is not None:
        return facts, USER
    if production.stopped_after is not None:
        if not way.as_json:
            await _show_stop(resources, production, with_storyboard=begun.shows_stop)
        return facts, 0
    return facts, _say_failed(production, interrupts)


async def _show_stop(resources: Resources, production: ProductionView, *, with_storyboard: bool) -> None:
    """Show what was made until the stop that was asked for."""
    from ettametta.productions.telling import storyboard_text

    if with_storyboard and production.revision is not None:
        view = await resources.editing.storyboard(production.id, user_id=None)
        typer.echo(output.plain_lines(storyboard_text(view.storyboard, with_ids=True)))
    typer.echo(
        f"Stopped after the {production.stopped_after}. `ettametta continue {output.short(production.id)}` goes on."
    )


def _say_failed(production: ProductionView, interrupts: Interrupts) -> int:
    """Say why there is no video; gives the exit code."""
    if production.error is not None:
        say(production.error.message, production.error.hint)
        return JOB_FAILED
    typer.echo("The video was cancelled.", err=True)
    return interrupts.exit_code or JOB_FAILED


async def _record_shown(resources: Resources) -> None:
    """What was to be said in this channel has been said: by the bar, and by the result."""
    while parcels := await resources.outbox.claim(CHANNEL, "make"):
        for parcel in parcels:
            await resources.outbox.sent(parcel, None)
