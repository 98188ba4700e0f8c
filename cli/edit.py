"""Editing on the command line: storyboard, edit, undo, redo, revisions, continue, finish, voices, themes, presets."""

from __future__ import annotations

import json
import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output
from cli.context import AsJson, DataDir, read_settings
from cli.following import (
    CHANNEL,
    Begun,
    Out,
    Wait,
    Way,
    Work,
    Yes,
    begun_edit,
    begun_many,
    begun_one,
    see_through,
)
from cli.look import with_resources

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources

ProductionId = Annotated[str, typer.Argument(metavar="ID", help="A production's id, or its beginning.")]


class _By(Enum):
    """What variants differ in."""

    HOOK = "hook"
    VOICE = "voice"
    THEME = "theme"
    THUMBNAIL = "thumbnail"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (storyboard, edit, undo, redo, revisions, finish, dub, variants, voices, themes, presets):
        app.command()(command)
    app.command("continue")(go_on)


def storyboard(production: ProductionId, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Show the scenes of a video: what is said, what is seen."""
    view = with_resources(data_dir, lambda resources: resources.editing.storyboard(production, user_id=None))
    if as_json:
        output.print_json(view.model_dump(mode="json"))
        return
    from ettametta.productions.telling import storyboard_text

    typer.echo(f"Revision {view.revision}, {view.state}")
    typer.echo(output.plain_lines(storyboard_text(view.storyboard, with_ids=True)))


def edit(  # noqa: PLR0913 -- each is an option of the command
    production: ProductionId,
    operations: Annotated[
        str | None, typer.Argument(metavar="JSON|-", help="Operations as JSON (docs/editing.md), or - for stdin.")
    ] = None,
    *,
    say: Annotated[
        list[str] | None, typer.Option("--say", metavar="SCENE=TEXT", help="Other words; may be repeated.")
    ] = None,
    delete: Annotated[list[str] | None, typer.Option("--delete", metavar="SCENE", help="Take a scene out.")] = None,
    move: Annotated[
        list[str] | None, typer.Option("--move", metavar="SCENE=PLACE", help="Put a scene at another place.")
    ] = None,
    picture: Annotated[
        list[str] | None,
        typer.Option("--picture", metavar="SCENE[=QUERY]", help="Another picture, searched for these words."),
    ] = None,
    theme: Annotated[str | None, typer.Option(help="Another theme.")] = None,
    captions: Annotated[str | None, typer.Option(help="Another style of captions, or off.")] = None,
    aspect: Annotated[str | None, typer.Option(help="9:16, 16:9, 1:1 or 4:5.")] = None,
    voice: Annotated[str | None, typer.Option(metavar="PROVIDER[:VOICE]", help="Another voice.")] = None,
    pace: Annotated[float | None, typer.Option(help="Faster or slower; 1 is the voice's own.")] = None,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    revision: Annotated[int | None, typer.Option(help="Refuse unless this is the current revision.")] = None,
    yes: Yes = False,
    out: Out = None,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Change a video and wait for it; only what is new is made anew. Ctrl-C cancels it."""
    from ettametta.edits import parse

    asked: list[dict[str, Any]] = _read(operations)
    asked += [{"op": "set_narration", "scene": one, "text": text} for one, text in map(_pair, say or [])]
    asked += [{"op": "swap_visual", "scene": one, "query": query or None} for one, query in map(_pair, picture or [])]
    asked += [{"op": "move_scene", "scene": one, "to": to} for one, to in map(_pair, move or [])]
    asked += [{"op": "delete_scene", "scene": one} for one in delete or []]
    asked += _whole(theme, captions, aspect, voice, pace, title)
    wanted = parse(asked)

    async def begin(resources: Resources) -> Begun:
        editing = resources.editing
        return begun_edit(await editing.edit(production, wanted, user_id=None, channel=CHANNEL, base=revision))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work, out), begin)


def _read(operations: str | None) -> list[dict[str, Any]]:
    """Operations as JSON, one or a list."""
    from ettametta.errors import InvalidInput

    if operations is None:
        return []
    text = sys.stdin.read() if operations == "-" else operations
    try:
        read = json.loads(text)
    except ValueError as error:
        raise InvalidInput(
            f"The operations are no JSON: {error}.", hint="docs/editing.md has examples.", code="edit.bad_operation"
        ) from None
    return read if isinstance(read, list) else [read]


def _pair(text: str) -> tuple[str, str]:
    scene, _, value = text.partition("=")
    return scene.strip(), value.strip()


def _whole(
    theme: str | None,
    captions: str | None,
    aspect: str | None,
    voice: str | None,
    pace: float | None,
    title: str | None,
) -> list[dict[str, Any]]:
    """Operations on the whole video."""
    asked: list[dict[str, Any]] = []
    if theme or captions:
        asked.append({"op": "restyle", "theme": theme, "captions": {"mode": captions} if captions else None})
    if aspect:
        asked.append({"op": "set_aspect", "aspect": aspect})
    if voice or pace is not None:
        provider, _, name = (voice or "").partition(":")
        asked.append({"op": "set_voice", "provider": provider or None, "voice": name or None, "pace": pace})
    if title:
        asked.append({"op": "set_title", "title": title})
    return asked


def undo(
    production: ProductionId,
    *,
    to: Annotated[int | None, typer.Option("--to", help="Go to this revision instead of one back.")] = None,
    yes: Yes = False,
    out: Out = None,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Go back one edit; a finished video is there again without any work."""

    async def begin(resources: Resources) -> Begun:
        if to is not None:
            return begun_edit(await resources.editing.restore(production, to, user_id=None, channel=CHANNEL))
        return begun_edit(await resources.editing.undo(production, user_id=None, channel=CHANNEL))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work, out), begin)


def redo(
    production: ProductionId,
    *,
    yes: Yes = False,
    out: Out = None,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Go forward again to what was undone."""

    async def begin(resources: Resources) -> Begun:
        return begun_edit(await resources.editing.redo(production, user_id=None, channel=CHANNEL))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work, out), begin)


def revisions(production: ProductionId, *, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the versions of a video with what each edit changed."""
    views = with_resources(data_dir, lambda resources: resources.editing.revisions(production, user_id=None))
    if as_json:
        output.print_json([view.model_dump(mode="json") for view in views])
        return
    for view in views:
        marks = f"{'*' if view.is_current else ' '}{'v' if view.has_video else ' '}"
        what = "; ".join(view.changes) or view.note or "as it was first made"
        typer.echo(f"{marks} {view.number:>3}  {output.plain(what)}")


def go_on(
    production: ProductionId,
    *,
    yes: Yes = False,
    out: Out = None,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Let a production go on that stopped where it was asked to, and wait for its video."""

    async def begin(resources: Resources) -> Begun:
        return begun_one(await resources.stops.go_on(production, user_id=None, channel=CHANNEL))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work, out), begin)


def finish(
    production: ProductionId,
    *,
    yes: Yes = False,
    out: Out = None,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make the video of a draft in full, and wait for it."""

    async def begin(resources: Resources) -> Begun:
        return begun_one(await resources.finishing.finish(production, user_id=None, channel=CHANNEL))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work, out), begin)


def dub(
    production: ProductionId,
    languages: Annotated[list[str], typer.Argument(metavar="LANGUAGE", help="Such as es fr it.")],
    *,
    yes: Yes = False,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make a video in other languages, with the same pictures."""

    async def begin(resources: Resources) -> Begun:
        return begun_many(await resources.siblings.dub(production, languages, user_id=None, channel=CHANNEL))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work), begin)


def variants(
    production: ProductionId,
    *,
    by: Annotated[_By, typer.Option(help="What is to differ.")] = _By.THEME,
    count: Annotated[int, typer.Option(min=1, max=10, help="How many.")] = 2,
    yes: Yes = False,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make versions of a video that differ in their opening, voice, theme or thumbnail."""

    async def begin(resources: Resources) -> Begun:
        siblings = resources.siblings
        return begun_many(await siblings.variants(production, by.value, count, user_id=None, channel=CHANNEL))

    see_through(read_settings(data_dir), Way(yes, as_json, wait, work), begin)


def voices(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the voices that are set up here."""

    async def ask(resources: Resources) -> dict[str, dict[str, Any]]:
        import asyncio

        facts = await asyncio.to_thread(resources.voices.facts)
        return {name: {"voices": one.voices, "languages": one.languages} for name, one in facts.items()}

    found = with_resources(data_dir, ask)
    if as_json:
        output.print_json(found)
        return
    for name, one in found.items():
        typer.echo(f"{name} ({', '.join(one['languages'])})")
        for voice in one["voices"]:
            typer.echo(f"  {name}:{voice}")


def themes(*, as_json: AsJson = False) -> None:
    """List the themes."""
    from ettametta.video.themes import THEMES

    if as_json:
        output.print_json(list(THEMES))
    else:
        typer.echo("\n".join(THEMES))


def presets(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Save or delete the preset of this name.")] = None,
    *,
    option: Annotated[
        list[str] | None, typer.Option("--option", metavar="KEY=VALUE", help="What it sets; may be repeated.")
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Forget it.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List your presets, or save one; the one called default goes for every video."""
    from cli.wishes import read_wishes

    async def ask(resources: Resources) -> list[dict[str, Any]]:
        owner = await resources.users.owner_id()
        if name is not None and delete:
            await resources.presets.delete(owner, name, channel=CHANNEL)
        elif name is not None:
            await resources.presets.save(owner, name, read_wishes({}, option or []))
        return [one.model_dump(mode="json") for one in await resources.presets.all(owner)]

    found = with_resources(data_dir, ask)
    if as_json:
        output.print_json(found)
        return
    for one in found:
        typer.echo(f"{one['name']}: {json.dumps(one['options'], ensure_ascii=False)}")
