"""`ettametta batch`: several videos from one list, each followed to its end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import AsJson, DataDir, read_settings
from cli.following import CHANNEL, Begun, Wait, Way, Work, Yes, begun_many, see_through

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources

_MOST_BYTES = 4_000_000


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(batch)


def batch(  # noqa: PLR0913 -- each is an option of the command
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help="One topic or link a line; or scripts with a line of --- between them."),
    ],
    *,
    seconds: Annotated[float, typer.Option(help="Length of each video.")] = 45.0,
    language: Annotated[str | None, typer.Option(help="Language of the narration, such as en.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="KEY=VALUE", help="A wish for all (docs/options.md); may be repeated."),
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Saved wishes to use.")] = None,
    yes: Yes = False,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make several videos from one list; all are checked before the first begins."""
    from cli.wishes import read_wishes
    from ettametta.productions.batch import batch_briefs, read_batch

    briefs = batch_briefs(
        read_batch(_read(source)),
        duration_s=seconds,
        language=language,
        options=read_wishes({}, option or []),
        preset=preset,
    )

    async def begin(resources: Resources) -> Begun:
        person = await resources.users.local(channel=CHANNEL)
        return begun_many(await resources.productions.start_many(person, briefs))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work), begin)


def _read(source: str) -> str:
    """The list.

    Raises:
        InvalidInput: there is no such file, or it is too long.
    """
    from ettametta.errors import InvalidInput
    from ettametta.kit.text import decode

    if source == "-":
        return decode(sys.stdin.buffer.read(_MOST_BYTES))
    path = Path(source).expanduser()
    if not path.is_file():
        raise InvalidInput(f"There is no file {source[:200]}.", hint="Check the path.", code="brief.no_file")
    with path.open("rb") as stream:
        return decode(stream.read(_MOST_BYTES))
