"""What is known about the owner: memory shows it, remember adds to it, forget erases it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import output
from cli.context import AsJson, DataDir
from cli.look import with_resources

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources
    from ettametta.memory import Erased, FactView

_CHANNEL = "cli"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (memory, remember, forget):
        app.command()(command)


def memory(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Show what OpenClaw keeps in mind about you."""

    async def ask(resources: Resources) -> tuple[FactView, ...]:
        return await resources.facts.all(await resources.users.owner_id())

    found = with_resources(data_dir, ask)
    if as_json:
        output.print_json([fact.model_dump(mode="json") for fact in found])
        return
    for fact in found:
        typer.echo(f"{fact.number}. ({fact.kind}) {output.plain(fact.text)}")
    if not found:
        typer.echo('Nothing is known about you yet: ettametta remember "never use emojis" --kind avoid')


def remember(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="What holds until you erase it.")],
    *,
    kind: Annotated[str, typer.Option(help="brand, taste, avoid, pronounce or other.")] = "other",
    instead_of: Annotated[str, typer.Option(help="Number or id of the fact that this one corrects.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Keep something about you in mind."""

    async def ask(resources: Resources) -> FactView:
        from ettametta.memory import fact_kind

        owner = await resources.users.owner_id()
        if instead_of:
            return await resources.facts.correct(owner, instead_of, words, kind=fact_kind(kind))
        return await resources.facts.remember(owner, fact_kind(kind), words)

    fact = with_resources(data_dir, ask)
    typer.echo(f"Kept: {fact.number}. ({fact.kind}) {output.plain(fact.text)}")


def forget(
    which: Annotated[
        str, typer.Argument(metavar="WHICH", help="Its number in `ettametta memory`, its id, or: everything.")
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Erase everything without asking.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Erase something that is known about you; "everything": all messages, facts and summaries, not the videos."""
    if which == "everything":
        _forget_everything(data_dir, yes=yes)
        return

    async def ask(resources: Resources) -> FactView:
        return await resources.facts.forget(await resources.users.owner_id(), which, channel=_CHANNEL)

    typer.echo(f"Forgotten: {output.plain(with_resources(data_dir, ask).text)}")


def _forget_everything(data_dir: Path | None, *, yes: bool) -> None:
    if not yes:
        typer.confirm("Erase all that was said and all that is known about you?", abort=True)

    async def ask(resources: Resources) -> Erased:
        return await resources.erasure.everything(await resources.users.owner_id(), channel=_CHANNEL)

    gone = with_resources(data_dir, ask)
    typer.echo(f"Erased for good: {gone.messages} messages, {gone.facts} facts, {gone.summaries} summaries.")
