"""The processes: `up` (everything in one), and `bot`, `api`, `worker`, `scheduler` each alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import DataDir, internal_token, read_settings, run_async, token_path

if TYPE_CHECKING:
    import socket

    from cli.processes import Part
    from ettametta.bootstrap import Resources
    from ettametta.settings import Settings

#: Builds the parts of a process over its resources; `stack` closes what they hold when all is over.
PartsBuilder = Callable[["Resources", AsyncExitStack], Awaitable[list["Part"]]]

Concurrency = Annotated[int | None, typer.Option(min=1, max=64, help="Jobs at once; overrides the setting.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (up, bot, api, worker, scheduler):
        app.command()(command)


def up(*, data_dir: DataDir = None) -> None:
    """Run everything in this process: worker, scheduler, admin API, and the bot when there is a token."""
    settings = read_settings(data_dir, serving=True)
    _serve(settings, _all_parts)


async def _all_parts(resources: Resources, stack: AsyncExitStack) -> list[Part]:
    from cli.processes import scheduler_part, worker_part
    from cli.server import address, api_part, listen

    settings = resources.settings
    listener = listen(settings.api_host, settings.api_port)
    stack.callback(listener.close)
    parts = [
        worker_part(resources, concurrency=settings.worker_concurrency),
        scheduler_part(resources),
        api_part(resources, internal_token(settings), listener),
    ]
    if settings.telegram_bot_token is not None:
        parts.append(_bot_part(resources))
    await _greet(resources, address(listener))
    return parts


def bot(*, data_dir: DataDir = None) -> None:
    """Run the Telegram bot alone; jobs are done by workers."""
    settings = read_settings(data_dir, serving=True)
    _need_token(settings)

    async def parts(resources: Resources, _stack: AsyncExitStack) -> list[Part]:
        part = _bot_part(resources)
        for line in await _telegram_lines(resources):
            typer.echo(line)
        return [part]

    _serve(settings, parts)


def _need_token(settings: Settings) -> None:
    from ettametta.errors import ConfigError

    if settings.telegram_bot_token is None:
        raise ConfigError(
            "There is no Telegram bot token.",
            hint="Set TELEGRAM_BOT_TOKEN to the token @BotFather gives.",
            code="operator.config.bot_token",
        )


def _bot_part(resources: Resources) -> Part:
    """The bot; only here are the chat and language model libraries loaded."""
    import asyncio

    from agent.runtime.building import build_openclaw
    from agent.telegram import run_bot
    from cli.processes import Part

    openclaw = build_openclaw(resources)

    async def body(stop: asyncio.Event) -> None:
        await run_bot(resources, openclaw, stop)

    return Part("The Telegram bot", body)


def api(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on; overrides ETTAMETTA_API_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; overrides ETTAMETTA_API_PORT.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run the admin API alone."""
    settings = read_settings(data_dir, serving=True)

    async def parts(resources: Resources, stack: AsyncExitStack) -> list[Part]:
        from cli.server import address, api_part, listen

        listener: socket.socket = listen(host or settings.api_host, settings.api_port if port is None else port)
        stack.callback(listener.close)
        part = api_part(resources, internal_token(settings), listener)
        typer.echo(f"The admin API is at {address(listener)} ({_token_line(settings)}).")
        return [part]

    _serve(settings, parts)


def worker(*, concurrency: Concurrency = None, data_dir: DataDir = None) -> None:
    """Run jobs; any number of workers may share the work."""
    settings = read_settings(data_dir, serving=True)
    wanted = concurrency or settings.worker_concurrency

    async def parts(resources: Resources, _stack: AsyncExitStack) -> list[Part]:
        from cli.processes import worker_part

        typer.echo(f"The worker runs up to {wanted} jobs at once. Ctrl-C stops it.")
        return [worker_part(resources, concurrency=wanted)]

    _serve(settings, parts)


def scheduler(*, data_dir: DataDir = None) -> None:
    """Keep house: take up jobs of dead workers, forget old history, remove half-written files."""
    settings = read_settings(data_dir, serving=True)

    async def parts(resources: Resources, _stack: AsyncExitStack) -> list[Part]:
        from cli.processes import scheduler_part

        typer.echo("The scheduler keeps house. Ctrl-C stops it.")
        return [scheduler_part(resources)]

    _serve(settings, parts)


def _serve(settings: Settings, build_parts: PartsBuilder) -> None:
    """Run parts until a signal comes or one of them fails. A second signal does not wait for jobs."""

    async def body() -> None:
        from cli.processes import run_parts
        from cli.signals import catch_signals
        from ettametta.bootstrap import build

        async with catch_signals() as interrupts, build(settings) as resources, AsyncExitStack() as stack:
            parts = await build_parts(resources, stack)
            await run_parts(parts, interrupts.stop, drain_s=settings.drain_timeout_s)

    import asyncio

    try:
        run_async(body())
    except asyncio.CancelledError:
        raise typer.Exit(130) from None
    typer.echo("Stopped.")


async def _greet(resources: Resources, api_address: str) -> None:
    """What runs, what is missing, and what to do next."""
    settings = resources.settings
    typer.echo("Ettametta is running.")
    typer.echo(f"  Admin API  {api_address} ({_token_line(settings)})")
    typer.echo(f"  Files      {settings.storage_url or settings.data_dir}")
    typer.echo(f"  Model      {_model_line(settings)}")
    typer.echo(f"  Voice      {_voice_line(settings)}")
    for line in await _telegram_lines(resources):
        typer.echo(f"  Telegram   {line}")
    talk = "your bot" if settings.telegram_bot_token else "`ettametta chat`"
    typer.echo(f'Next: ask {talk} for a video, or run `ettametta make "why the sky is blue"`. Ctrl-C stops everything.')


def _token_line(settings: Settings) -> str:
    if settings.internal_api_token is not None:
        return "token: INTERNAL_API_TOKEN"
    return f"token in {token_path(settings)}"


def _model_line(settings: Settings) -> str:
    from urllib.parse import urlsplit

    if not settings.has_model:
        return "none: scripts are picked from sources; set OPENAI_API_KEY or OPENAI_BASE_URL for more"
    return f"{settings.model} at {urlsplit(settings.openai_base_url).hostname}"


def _voice_line(settings: Settings) -> str:
    if settings.speech == "openai":
        return f"{settings.speech_model} by API, paid by the character"
    return "offline, English"


async def _telegram_lines(resources: Resources) -> list[str]:
    from cli.upkeep import show_code

    if resources.settings.telegram_bot_token is None:
        return ["none: set TELEGRAM_BOT_TOKEN to the token from @BotFather"]
    if await resources.users.is_paired():
        return ["the bot runs; your account is paired"]
    code = show_code(await resources.users.new_pairing_code())
    return [f"the bot runs; pair your account by sending it: /pair {code} (valid for an hour)"]
