"""Reads the wishes for a video from the command line: the common ones by name, every other by --option key=value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ettametta.errors import InvalidInput

if TYPE_CHECKING:
    from ettametta.productions.options import VideoOptions

_OFF = {"none", "off", "no"}


def read_wishes(named: dict[str, Any], others: list[str]) -> VideoOptions:
    """The wishes; `others` are key=value, the key a field of VideoOptions, with a point for a field within it.

    Raises:
        InvalidInput: a key is not known or its value does not fit.
    """
    from pydantic import ValidationError

    from ettametta.productions.options import VideoOptions

    said: dict[str, Any] = {}
    for key, value in named.items():
        if value is not None:
            _put(said, key, value)
    for other in others:
        key, sign, value = other.partition("=")
        if not sign:
            raise InvalidInput(
                f"--option {other[:60]} has no value.", hint="Write key=value, such as fps=25.", code="cli.option"
            )
        _put(said, key.strip(), _value(value.strip()))
    try:
        return VideoOptions.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"The wish {where[:60]} does not fit: {first['msg']}.",
            hint=f"There are: {', '.join(VideoOptions.model_fields)}.",
            code="cli.option",
        ) from None


def _put(said: dict[str, Any], key: str, value: object) -> None:
    """Set `a.b` within `a`."""
    *within, last = key.split(".")
    place = said
    for part in within:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise InvalidInput(
                f"The wish {part[:60]} has no parts.", hint="Give it once, as key=value.", code="cli.option"
            )
    place[last] = value


def _value(text: str) -> object:
    """JSON where it is, else the words themselves."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def own_sound(music: str | None) -> Path | None:
    """The file that `--music` names, when it names one."""
    if music is None or ("." not in music and "/" not in music):
        return None
    path = Path(music).expanduser()
    if not path.is_file():
        raise InvalidInput(
            f"There is no file {music[:200]}.", hint="Check the path, or name a mood or a track.", code="brief.no_file"
        )
    return path


def music_wish(music: str | None) -> dict[str, Any] | None:
    """A mood or the name of a track."""
    from typing import get_args

    from ettametta.storyboard import Mood

    if music is None or music.lower() in _OFF:
        return None
    return {"mood": music.lower()} if music.lower() in get_args(Mood) else {"track": music}
