"""`ettametta chat`: OpenClaw in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import DataDir, read_settings, run_async

if TYPE_CHECKING:
    from ettametta.settings import Settings


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(chat)


def chat(
    *,
    work: Annotated[
        bool | None,
        typer.Option("--work/--no-work", help="Do jobs here, or leave them to workers.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Talk with OpenClaw, the agent, here in the terminal. Ctrl-C stops an answer, /quit or Ctrl-D leaves."""
    settings = read_settings(data_dir)
    run_async(_chat(settings, work=settings.redis_url is None if work is None else work))


async def _chat(settings: Settings, *, work: bool) -> None:
    from agent.terminal import run_chat
    from cli.following import work_here
    from ettametta.bootstrap import build

    async with build(settings) as resources:
        typer.echo(
            "Ask for a video. /attach FILE adds a file to the next message; Ctrl-C stops an answer, /quit leaves."
        )
        async with work_here(resources, wanted=work):
            await run_chat(resources)
        waiting = await resources.productions.recent(user_id=None, unfinished_only=True)
        if work and any(view.proposal is None for view in waiting):
            typer.echo("What is unfinished goes on when `ettametta chat` or `ettametta up` runs again.")
