"""The brief: what a person asked for, checked when it comes in. Everything a production starts from."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ettametta.errors import InvalidInput
from ettametta.productions.options import VideoOptions
from ettametta.video.themes import theme_named

DEFAULT_DURATION_S = 45.0
MIN_DURATION_S = 10.0
MAX_DURATION_S = 180.0
MAX_TEXT_CHARS = 200_000
MAX_MEDIA = 30

_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Brief(BaseModel):
    """A request for one video. `text` is a topic, a text or an address by `kind`; a file is an uploaded asset.

    A script is the person's own words, said as they stand; `duration_s` does not shorten them. With a candidate and
    nothing else, its page is the source.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["topic", "text", "url", "file", "script"]
    text: str = ""
    file_asset_id: str | None = None
    #: the person's own photos and clips, in the order they are to appear
    media_asset_ids: tuple[str, ...] = Field(default=(), max_length=MAX_MEDIA)
    duration_s: float = DEFAULT_DURATION_S
    language: str | None = None
    options: VideoOptions = VideoOptions()
    #: a saved set of wishes that goes for what `options` do not say; None: the person's default, if any
    preset: str | None = Field(default=None, max_length=40)
    #: the discovered story it is about; the beginning of its id will do
    candidate_id: str | None = Field(default=None, max_length=64)

    @property
    def subject(self) -> str:
        """A short name for the request, until the script gives it a title."""
        words = " ".join(self.text.split())
        return (words[:77] + "...") if len(words) > 80 else (words or "Your file")


def check_brief(brief: Brief) -> Brief:
    """The brief, if it can be worked with.

    Raises:
        InvalidInput: nothing was asked, or more than fits.
    """
    if brief.kind == "file":
        if not brief.file_asset_id:
            raise InvalidInput("No file was attached.", hint="Attach a text or Markdown file.", code="brief.no_file")
    elif not brief.text.strip() and brief.options.narration_asset_id is None and brief.candidate_id is None:
        raise InvalidInput(
            "There is nothing to make a video about.",
            hint="Give a topic, paste a text, or send a link.",
            code="brief.empty",
        )
    if len(brief.text) > MAX_TEXT_CHARS:
        raise InvalidInput(
            f"That text has {len(brief.text):,} characters; at most {MAX_TEXT_CHARS:,} can be read.",
            hint="Send the part the video should be about.",
            code="brief.too_long",
        )
    if not MIN_DURATION_S <= brief.duration_s <= MAX_DURATION_S:
        raise InvalidInput(
            f"A video of {brief.duration_s:g} seconds cannot be made.",
            hint=f"Ask for {MIN_DURATION_S:g} to {MAX_DURATION_S:g} seconds.",
            code="brief.duration",
        )
    if brief.language is not None and not _LANGUAGE.fullmatch(brief.language):
        raise InvalidInput(
            f"'{brief.language[:20]}' is not a language code.",
            hint="Give two letters, such as en or es, or leave it out.",
            code="brief.language",
        )
    return brief


def check_options(brief: Brief) -> Brief:
    """The brief, if its wishes can be carried out as far as can be told before any work.

    Raises:
        InvalidInput: there is no such theme.
    """
    if brief.options.theme is not None:
        theme_named(brief.options.theme)
    return brief
