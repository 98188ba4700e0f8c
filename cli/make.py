"""`ettametta make`: from words, an address, a text or a file to an MP4, with live progress."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import AsJson, DataDir, read_settings
from cli.following import CHANNEL, Begun, Out, Wait, Way, Work, Yes, begun_one, see_through

if TYPE_CHECKING:
    from cli.briefs import Asked
    from ettametta.bootstrap import Resources
    from ettametta.productions.options import VideoOptions


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked on the command line."""

    asked: Asked
    media: list[Path]
    seconds: float
    language: str | None
    options: VideoOptions
    preset: str | None
    music: Path | None


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
    draft: Annotated[bool, typer.Option("--draft", help="A quick look; `finish` makes it in full.")] = False,
    theme: Annotated[str | None, typer.Option(help="`ettametta themes` lists them.")] = None,
    captions: Annotated[
        str | None, typer.Option(help="highlight, pop, karaoke, one_word, sentence, minimal or off.")
    ] = None,
    voice: Annotated[
        str | None, typer.Option(metavar="PROVIDER[:VOICE]", help="`ettametta voices` lists them.")
    ] = None,
    pace: Annotated[float | None, typer.Option(help="1 is the voice's own speed.")] = None,
    music: Annotated[
        str | None, typer.Option(metavar="MOOD|TRACK|FILE", help="calm, upbeat, ..., a track, or a sound of your own.")
    ] = None,
    music_licence: Annotated[
        str | None, typer.Option(help="Licence and author of your own sound, as the credits are to name them.")
    ] = None,
    transition: Annotated[str | None, typer.Option(help="cut, fade, slide_left, zoom_in, ..., or shuffle.")] = None,
    stop_after: Annotated[
        str | None, typer.Option(help="script, storyboard, visuals or narration; `ettametta continue` goes on.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="KEY=VALUE", help="Any other wish (docs/options.md); may be repeated."),
    ] = None,
    preset: Annotated[str | None, typer.Option(help="Saved wishes to use.")] = None,
    yes: Yes = False,
    out: Out = None,
    wait: Wait = True,
    work: Work = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Make a video and wait for it. Ctrl-C cancels it."""
    from cli.briefs import read_request
    from cli.wishes import music_wish, own_sound, read_wishes

    settings = read_settings(data_dir)
    own_music = own_sound(music)
    is_shuffled = transition == "shuffle" or None
    wishes = {
        "aspect": aspect, "resolution": resolution, "draft": draft or None, "theme": theme, "captions.mode": captions,
        "voice": voice, "pace": pace, "music": None if own_music else music_wish(music), "music_licence": music_licence,
        "stop_after": stop_after,
        "transition.kind": None if is_shuffled else transition, "shuffle_transitions": is_shuffled,
    }  # fmt: skip
    asked = read_request(words or [], file, script_file)
    options = read_wishes(wishes, option or [])
    order = _Order(asked, media or [], seconds, language, options, preset, own_music)
    way = Way(yes=yes, as_json=as_json, wait=wait, work=work, to=out)
    see_through(settings, way, lambda resources: _start(resources, order))


async def _start(resources: Resources, order: _Order) -> Begun:
    from cli.briefs import build_brief, upload_sound

    person = await resources.users.local(channel=CHANNEL)
    brief = await build_brief(
        resources, person, order.asked, media=order.media, seconds=order.seconds, language=order.language
    )
    options = order.options
    if order.music is not None:
        options = options.model_copy(update={"music_asset_id": await upload_sound(resources, person, order.music)})
    brief = brief.model_copy(update={"options": options, "preset": order.preset})
    return begun_one(await resources.productions.start(person, brief))
