"""Keeping the installation: migrate, pair, version."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.context import AsJson, DataDir, read_settings, run_async

if TYPE_CHECKING:
    from ettametta.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (migrate, pair, version):
        app.command()(command)


def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only look: exit code 3 when there is something to do.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring the database to the newest form."""
    before, after = run_async(_migrate(read_settings(data_dir), check=check))
    typer.echo(f"The database is at {after}." if before == after else f"The database went from {before} to {after}.")


async def _migrate(settings: Settings, *, check: bool) -> tuple[str, str]:
    """The revision before and after."""
    from ettametta import migrations
    from ettametta.db import Database
    from ettametta.errors import ConfigError

    database = Database(settings.resolved_database_url)
    try:
        current, head = await migrations.current_and_head(database)
        if current != head and check:
            raise ConfigError(
                f"The database is at {current or 'nothing'}, and {head} is the newest.",
                hint="Run `ettametta migrate`.",
                code="operator.migrations_pending",
            )
        await migrations.upgrade(database)
        if check:
            await migrations.check(database)
    finally:
        await database.close()
    return current or "nothing", head


def pair(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Make a new pairing code; whoever sends it to the bot within an hour is the owner."""
    settings = read_settings(data_dir)

    async def body() -> tuple[str, bool]:
        from ettametta.bootstrap import build

        async with build(settings) as resources:
            return await resources.users.new_pairing_code(), await resources.users.is_paired()

    code, paired = run_async(body())
    if as_json:
        output.print_json({"code": code, "paired": paired})
        return
    typer.echo(f"Send this to your bot within an hour: /pair {show_code(code)}")
    if paired:
        typer.echo("A Telegram account is paired already; the code gives its place to whoever sends it.")
    if settings.telegram_bot_token is None:
        typer.echo("There is no bot yet: set TELEGRAM_BOT_TOKEN to the token from @BotFather, then run `ettametta up`.")


def show_code(code: str) -> str:
    """A pairing code in two halves, easier to type."""
    return f"{code[:4]}-{code[4:]}"


def version() -> None:
    """Print the version."""
    typer.echo(f"ettametta {product_version()}")


def product_version() -> str:
    """The installed version."""
    try:
        return installed_version("ettametta")
    except PackageNotFoundError:
        return "unknown (not installed)"
