"""Reads what `make` was given (words, an address, stdin, a file, photos and clips) as a brief."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ettametta.errors import InvalidInput

if TYPE_CHECKING:
    from ettametta.bootstrap import Resources
    from ettametta.productions.brief import Brief
    from ettametta.users import Person

#: UTF-8 takes up to four bytes a character; one more byte shows that there is too much.
_MOST_STDIN_BYTES = 4 * 200_000 + 1
#: Words that are longer, or on several lines, are a text to work from and no topic to look up.
_LONGEST_TOPIC = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for, before any file is taken in. `text` is empty when there is a `file`."""

    kind: Literal["topic", "text", "url", "file", "script"]
    text: str = ""
    file: Path | None = None


def read_request(words: list[str], file: Path | None, script: Path | None = None) -> Asked:
    """What the arguments mean.

    Raises:
        InvalidInput: nothing, or two things, were asked for; a file is not there; stdin is no text.
    """
    if script is not None:
        if words or file is not None:
            raise InvalidInput("Give either words, --file or --script-file.", code="brief.two_subjects")
        return Asked("script", text=_read_script(_existing(script)))
    if file is not None:
        if words:
            raise InvalidInput("Give either words or --file, not both.", code="brief.two_subjects")
        return Asked("file", file=_existing(file))
    if words == ["-"]:
        return Asked("text", text=_read_stdin())
    if len(words) == 1 and _is_file(words[0]):
        return Asked("file", file=Path(words[0]).expanduser())
    text = " ".join(words).strip()
    if text.lower().startswith(("http://", "https://")) and " " not in text:
        return Asked("url", text=text)
    is_text = len(text) > _LONGEST_TOPIC or "\n" in text
    return Asked("text" if is_text else "topic", text=text)


def _is_file(word: str) -> bool:
    try:
        return Path(word).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False  # too long for a name, a NUL in it, or no such home: words, then


def _existing(path: Path) -> Path:
    if not _is_file(str(path)):
        raise InvalidInput(f"There is no file {path}.", hint="Check the path.", code="brief.no_file")
    return path.expanduser()


def _read_stdin() -> str:
    from ettametta.kit.text import decode

    return decode(sys.stdin.buffer.read(_MOST_STDIN_BYTES))


def _read_script(path: Path) -> str:
    from ettametta.kit.text import decode

    with path.open("rb") as stream:
        return decode(stream.read(_MOST_STDIN_BYTES))


async def build_brief(
    resources: Resources,
    person: Person,
    asked: Asked,
    *,
    media: list[Path],
    seconds: float,
    language: str | None,
) -> Brief:
    """Take the files in and write the brief.

    Raises:
        InvalidInput: a file is not there, or is not what it should be.
    """
    from ettametta.productions.brief import MAX_MEDIA, Brief

    if len(media) > MAX_MEDIA:
        raise InvalidInput(f"At most {MAX_MEDIA} photos and clips fit into a video.", code="brief.too_much_media")
    paths = [_existing(path) for path in media]
    file_id = await _upload_text(resources, person, asked.file) if asked.file else None
    media_ids = [await _upload_media(resources, person, path) for path in paths]
    return Brief(
        kind=asked.kind,
        text=asked.text,
        file_asset_id=file_id,
        media_asset_ids=tuple(media_ids),
        duration_s=seconds,
        language=language,
    )


async def _upload_text(resources: Resources, person: Person, path: Path) -> str:
    upload = await resources.uploads.add(person, path, name=path.name)
    if upload.kind != "text":
        raise InvalidInput(
            f"{path.name} is a {upload.kind}; a video needs words to be about.",
            hint=f"Name a topic, and give the {upload.kind} with --media.",
            code="brief.not_text",
        )
    return upload.id


async def _upload_media(resources: Resources, person: Person, path: Path) -> str:
    upload = await resources.uploads.add(person, path, name=path.name)
    if upload.kind == "text":
        raise InvalidInput(
            f"{path.name} is a text, not a photo or a clip.", hint="Give a text with --file.", code="brief.not_media"
        )
    return upload.id


async def upload_sound(resources: Resources, person: Person, path: Path) -> str:
    """Take a sound in.

    Raises:
        InvalidInput: it is none.
    """
    upload = await resources.uploads.add(person, path, name=path.name)
    if upload.kind != "audio":
        raise InvalidInput(
            f"{path.name} is a {upload.kind}, not a sound.",
            hint="Give a WAV, MP3, Ogg or FLAC.",
            code="brief.not_sound",
        )
    return upload.id
