"""The `ettametta` command: all sub-commands, and how the process ends."""

from __future__ import annotations

import sys

import typer

from cli import batch, demo, discover, doctor, edit, look, make, niches, remembering, serve, talk, upkeep
from cli.context import current_settings
from cli.failures import report

app = typer.Typer(
    name="ettametta",
    help="Ettametta, a self-hosted video studio that lives in a Telegram chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for group in (serve, make, batch, edit, discover, niches, talk, look, remembering, upkeep, doctor, demo):
    group.register(app)


def run() -> None:
    """Run the command of this process's arguments, and exit."""
    sys.exit(main())


def main(args: list[str] | None = None) -> int:
    """Run a command; gives its exit code (see `cli.failures`). `args` None: the process's own."""
    try:
        app(args, prog_name="ettametta")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 -- whatever it is, a person gets a sentence
        return report(error, current_settings())
    return 0


if __name__ == "__main__":
    run()
