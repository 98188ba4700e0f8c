"""`ettametta make`: from words, an address, a text or a file to an MP4, with live progress."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output
from cli.context import AsJson, DataDir, read_settings, run_async
from cli.failures import INTERRUPTED, JOB_FAILED, USER, say

if TYPE_CHECKING:
    from cli.briefs import Asked
    from cli.signals import Interrupts
    from cli.watching import Display
    from ettametta.bootstrap import Resources
    from ettametta.productions.options import VideoOptions
    from ettametta.productions.values import ProductionView, ProposalView
    from ettametta.settings import Settings

_CHANNEL = "cli"


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked on the command line. `wait` False only starts the production."""

    asked: Asked
    media: list[Path]
    seconds: float
    language: str | None
    yes: bool
    as_json: bool
    wait: bool
    work: bool
    to: Path | None
    options: VideoOptions
    preset: str | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How it went: the exit code, and the proposal that waits for a yes."""

    code: int
    proposal: ProposalView | None = None


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(make)


def make(  # noqa: PLR0913 -- each is an option of the command
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TOPIC|URL|FILE|-", help="Words to look up, a link, a text file, or - for text on stdin."
        ),
    ] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="A text, Markdown or HTML file to make the video about.")] = None,
    media: Annotated[
        list[Path] | None,
        typer.Option("--media", "--photo", "--clip", help="A photo or clip of your own to show; may be repeated."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length of the video.")] = 45.0,
    language: Annotated[str | None, typer.Option(help="Language of the narration, such as en.")] = None,
    script_file: Annotated[
        Path | None, typer.Option("--script-file", help="A script of your own, said word for word.")
    ] = None,
    aspect: Annotated[str | None, typer.Option(help="9:16, 16:9, 1:1 or 4:5.")] = None,
    resolution: Annotated[int | None, typer.Option(help="Short side: 480, 720, 1080, 1440 or 2160.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="A quick look: 480 pixels wide.")] = False,
    theme: Annotated[str | None, typer.Option(help="`ettametta themes` lists them.")] = None,
    captions: Annotated[
        str | None, typer.Option(help="highlight, pop, karaoke, one_word, sentence, minimal or off.")
    ] = None,
    voice: Annotated[
        str | None, typer.Option(metavar="PROVIDER[:VOICE]", help="`ettametta voices` lists them.")
    ] = None,
    pace: Annotated[float | None, typer.Option(help="1 is the voice's own speed.")] = None,
    music: Annotated[str | None, typer.Option(metavar="MOOD|TRACK", help="calm, upbeat, ..., or a track.")] = None,
    transition: Annotated[str | None, typer.Option(help="cut, fade, slide_left, zoom_in, ..., or shuffle.")] = None,
    stop_after: Annotated[
        str | None, typer.Option(help="script, storyboard, visuals or narration; `ettametta continue` goes on.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="KEY=VALUE", help="Any other wish (docs/options.md); may be repeated."),
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Saved wishes to use.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept what it is estimated to cost.")] = False,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="Copy the finished MP4 to this path.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the video, or only start it.")] = True,
    work: Annotated[
        bool | None,
        typer.Option("--work/--no-work", help="Do the work here, or leave it to workers.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make a video and wait for it. Ctrl-C cancels it."""
    from cli.briefs import read_request
    from cli.wishes import music_wish, read_wishes

    settings = read_settings(data_dir)
    works = settings.redis_url is None if work is None else work
    is_shuffled = transition == "shuffle" or None
    wishes = {
        "aspect": aspect, "resolution": 480 if draft else resolution, "theme": theme, "captions.mode": captions,
        "voice": voice, "pace": pace, "music": music_wish(music), "stop_after": stop_after,
        "transition.kind": None if is_shuffled else transition, "shuffle_transitions": is_shuffled,
    }  # fmt: skip
    asked = read_request(words or [], file, script_file)
    options = read_wishes(wishes, option or [])
    order = _Order(asked, media or [], seconds, language, yes, as_json, wait, works, out, options, preset)
    outcome = _run(_session(settings, order, None))
    if outcome.proposal is not None and _says_yes(outcome.proposal, as_json=as_json):
        outcome = _run(_session(settings, order, outcome.proposal))
    if outcome.proposal is not None:
        _say_waiting(outcome.proposal)
    raise typer.Exit(outcome.code)


def _run(body: Coroutine[Any, Any, _Outcome]) -> _Outcome:
    try:
        return run_async(body)
    except asyncio.CancelledError:
        typer.echo("Left. What was begun is taken up again by the next worker; `ettametta status` shows it.", err=True)
        return _Outcome(INTERRUPTED)


async def _session(settings: Settings, order: _Order, answered: ProposalView | None) -> _Outcome:
    """Open the product, and start the production or, when its proposal was `answered` with yes, go on with it."""
    from cli.signals import catch_signals
    from ettametta.bootstrap import build

    async with catch_signals() as interrupts, build(settings) as resources:
        if answered is None:
            production = await _start(resources, order)
        else:
            production = await _accept(resources, answered)
        if not order.wait:
            _say_started(production, as_json=order.as_json, works_here=resources.settings.redis_url is None)
            return _Outcome(0)
        async with work_here(resources, wanted=order.work):
            production = await _watch(resources, order, production, interrupts)
        outcome = await _end(resources, order, production, interrupts)
        await _record_shown(resources)
        return outcome


async def _start(resources: Resources, order: _Order) -> ProductionView:
    from cli.briefs import build_brief

    person = await resources.users.local(channel=_CHANNEL)
    brief = await build_brief(
        resources, person, order.asked, media=order.media, seconds=order.seconds, language=order.language
    )
    brief = brief.model_copy(update={"options": order.options, "preset": order.preset})
    return await resources.productions.start(person, brief)


async def _accept(resources: Resources, proposal: ProposalView) -> ProductionView:
    owner = await resources.users.owner_id()
    return await resources.productions.answer(proposal.id, user_id=owner, accept=True, channel=_CHANNEL)


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
    resources: Resources, order: _Order, production: ProductionView, interrupts: Interrupts
) -> ProductionView:
    from cli.watching import choose_display, follow

    with choose_display(silent=order.as_json) as display:
        _say_begun(display, production)
        production = await follow(resources, production.id, display, interrupts)
        while production.proposal is not None and order.yes and not interrupts.stop.is_set():
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
        f"Say it with `ettametta approve {output.short(proposal.id)}`, or make it again with --yes.",
    )


def _say_started(production: ProductionView, *, as_json: bool, works_here: bool) -> None:
    if as_json:
        output.print_json(production.model_dump(mode="json"))
        return
    typer.echo(f"Started production {production.id}.")
    if works_here:
        typer.echo("It is worked on as soon as `ettametta up` or `ettametta worker` runs.")


async def _end(resources: Resources, order: _Order, production: ProductionView, interrupts: Interrupts) -> _Outcome:
    """Show how it ended."""
    from cli import results

    if production.video is not None:
        result = await results.bring(resources, production, production.video, to=order.to)
        if order.as_json:
            output.print_json(results.as_json(result))
        else:
            results.show(result)
        return _Outcome(0)
    if order.as_json:
        output.print_json(production.model_dump(mode="json"))
    if production.proposal is not None:
        return _Outcome(USER, production.proposal)
    if production.stopped_after is not None:
        if not order.as_json:
            await _show_stop(resources, production)
        return _Outcome(0)
    return _Outcome(_say_failed(production, interrupts))


async def _show_stop(resources: Resources, production: ProductionView) -> None:
    """Show what was made until the stop that was asked for."""
    from ettametta.productions.telling import storyboard_text

    if production.revision is not None:
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
    while parcels := await resources.outbox.claim(_CHANNEL, "make"):
        for parcel in parcels:
            await resources.outbox.sent(parcel, None)
