"""`ettametta demo`: shows the whole way, from a sentence to an MP4, in a folder of its own and with nothing set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.context import DataDir, read_settings, run_async
from cli.failures import JOB_FAILED, USER, say

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources
    from ettametta.productions.values import ProductionView, ProposalView
    from ettametta.settings import Settings

REQUEST = "Make a 30-second video about the attached article."

_EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(
    *,
    article: Annotated[Path | None, typer.Option(help="A text to use instead of the one that comes along.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept what it is estimated to cost (with a paid voice).")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Ask OpenClaw in words for a video about an article, and show all that happens."""
    settings = _own_place(read_settings(data_dir))
    raise typer.Exit(run_async(_demo(settings, article or _shipped_article(), yes=yes)))


def _own_place(settings: Settings) -> Settings:
    """The settings with everything kept in one folder and done in one process; keys and models stay.

    Every scene is designed: the demo is to look the same, and end as soon, on a machine without network.
    """
    embedded = {"data_dir": settings.data_dir / "demo", "database_url": "", "redis_url": None, "storage_url": "",
                "pictures": "designed"}  # fmt: skip
    return settings.model_copy(update=embedded)


def _shipped_article() -> Path:
    from ettametta.errors import MissingPart

    found = sorted(path for path in _EXAMPLES.glob("*.md") if path.name != "README.md")
    if not found:
        raise MissingPart(
            "The article of the demo is not here.",
            hint="Run it in a clone of the repository, or name a text with --article.",
            code="demo.no_article",
        )
    return found[0]


async def _demo(settings: Settings, article: Path, *, yes: bool) -> int:
    from agent.runtime.building import build_openclaw
    from agent.screen import RichScreen
    from agent.terminal import ask_once
    from cli.following import work_here
    from ettametta.bootstrap import build

    screen = RichScreen(output.marked_console())
    typer.echo(f"Everything is kept in {settings.data_dir}.")
    async with build(settings) as resources, work_here(resources, wanted=True):
        typer.echo(f"You      {REQUEST} [{article.name}]")
        production = await ask_once(resources, build_openclaw(resources), REQUEST, [article], screen.show)
        if production is not None and production.proposal is not None and yes:
            production = await _go_on(resources, production.proposal)
        return await _end(resources, production)


async def _go_on(resources: Resources, proposal: ProposalView) -> ProductionView:
    """Accept the proposal and wait for the end."""
    from cli.signals import Interrupts
    from cli.watching import LineDisplay, follow

    owner = await resources.users.owner_id()
    await resources.productions.answer(proposal.id, user_id=owner, accept=True, channel="cli")
    return await follow(resources, proposal.production_id, LineDisplay(), Interrupts())


async def _end(resources: Resources, production: ProductionView | None) -> int:
    """Show the video, or why there is none; gives the exit code."""
    from cli import results

    if production is None:
        say("OpenClaw began no video.", "Its answer above says why.")
        return JOB_FAILED
    if production.video is not None:
        result = await results.bring(resources, production, production.video, to=None)
        results.show(result)
        return 0 if result.checks_passed else JOB_FAILED
    if production.proposal is not None:
        say(f"It would cost something: {output.plain(production.proposal.summary)}", "Run the demo again with --yes.")
        return USER
    error = production.error
    say(error.message if error else f"The video is {production.state}.", error.hint if error else "")
    return JOB_FAILED
