"""The credits file and the description: every source and asset with author, address and licence, and who made what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ettametta.kit.text import truncate
from ettametta.scripts.offline import MADE_BY as OFFLINE_WRITER
from ettametta.storyboard import Citation, Storyboard

MAX_DESCRIPTION_CHARS = 4_000


class AssetCredit(BaseModel):
    """A file that can be seen or heard in the video. Unknown stays None."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["photo", "clip", "music", "voice", "font"]
    title: str
    author: str | None = None
    licence: str | None = None
    url: str | None = None


class MadeHow(BaseModel):
    """How voice and pictures came about, each a sentence without its full stop; empty: not said."""

    model_config = ConfigDict(frozen=True)

    voice: str = ""
    visuals: str = ""
    captions: str = ""


_ASSET_NAMES = {"photo": "Photo", "clip": "Clip", "music": "Music", "voice": "Voice", "font": "Font"}


def credits_text(board: Storyboard, *, assets: Sequence[AssetCredit] = (), how: MadeHow | None = None) -> str:
    """The credits file: plain text, UTF-8, ends with a line break."""
    made = how or MadeHow()
    parts = [board.title, "=" * min(len(board.title), 78), "", "Sources", "-------"]
    parts += [_citation(number, one) for number, one in enumerate(board.citations, 1)] or ["None."]
    parts += ["", "Pictures, sound and fonts", "-------------------------"]
    parts += [_asset(asset) for asset in assets] or ["None from elsewhere."]
    parts += ["", "How it was made", "---------------", _words_line(board)]
    parts += [f"{sentence}." for sentence in (made.voice, made.visuals, made.captions) if sentence]
    parts.append("Made with Ettametta.")
    return "\n".join(parts) + "\n"


def description_text(board: Storyboard, *, assets: Sequence[AssetCredit] = (), tags: Sequence[str] = ()) -> str:
    """A description to post beside the video: its opening line, the sources, the credits that licences ask for."""
    parts = [board.title, "", board.scenes[0].narration]
    listed = [one for one in board.citations if one.url]
    if listed:
        parts += ["", "Sources:", *(f"• {truncate(one.title, 120)}: {one.url}" for one in listed)]
    owed = [asset for asset in assets if asset.author or asset.licence]
    if owed:
        parts += ["", "Credits:", *(f"• {_asset(asset)}" for asset in owed)]
    parts += ["", _words_line(board)]
    if tags:
        parts += ["", " ".join(f"#{tag}" for tag in tags)]
    return truncate("\n".join(parts), MAX_DESCRIPTION_CHARS)


def _citation(number: int, one: Citation) -> str:
    facts = [one.author, one.publisher, one.published]
    line = ", ".join([one.title, *(fact for fact in facts if fact and fact != one.title)])
    return "\n".join(
        [f"[{number}] {line}", f"    {one.url or 'no address'}", f"    Licence: {one.licence or 'not stated'}"]
    )


def _asset(asset: AssetCredit) -> str:
    line = f"{_ASSET_NAMES[asset.kind]}: {asset.title}"
    line += f" by {asset.author}" if asset.author else ""
    line += f", {asset.licence}" if asset.licence else ", licence not stated"
    return f"{line}, {asset.url}" if asset.url else line


def _words_line(board: Storyboard) -> str:
    if board.made_by == OFFLINE_WRITER:
        return "Words: sentences of the sources, chosen and shortened by the offline writer; none were added."
    if board.made_by:
        return f"Words: written by {board.made_by}, checked against the sources named above."
    return "Words: not stated who wrote them."
