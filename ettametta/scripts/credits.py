"""The credits file and the description: every source and asset with author, address and licence, and who made what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ettametta.kit.text import truncate
from ettametta.scripts.offline import MADE_BY as OFFLINE_WRITER
from ettametta.storyboard import Citation, Storyboard, is_from_file

MAX_DESCRIPTION_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class CreditedAsset:
    """A file that can be seen or heard in the video. Unknown stays None."""

    name: str
    #: photo, clip, music, ...
    kind: str
    author: str | None = None
    licence: str | None = None
    source_url: str | None = None


#: The typefaces all text is set in.
FONTS = "Poppins and Anton, SIL Open Font License 1.1"
_VOICES = {
    "hibari": "Hibari, a synthetic voice made on the machine itself, Apache License 2.0",
    "openai": "a synthetic voice by an OpenAI-compatible service",
}


def credits_text(board: Storyboard, assets: Sequence[CreditedAsset] = ()) -> str:
    """The credits file: plain text that ends with a line break."""
    parts = [board.title, "=" * min(len(board.title), 78), "", "Sources", "-------"]
    parts += [_citation(number, one) for number, one in enumerate(board.citations, 1)] or ["None."]
    parts += ["", "Pictures and sound", "------------------"]
    parts += [_asset(asset) for asset in assets] or ["None from elsewhere."]
    parts += ["", "How it was made", "---------------", _words_line(board)]
    parts += [_voice_line(board), _visuals_line(board), f"Fonts: {FONTS}, and Noto (same licence) for other scripts."]
    parts.append("Made with Ettametta.")
    return "\n".join(parts) + "\n"


def description_text(board: Storyboard, assets: Sequence[CreditedAsset] = ()) -> str:
    """A description to post beside the video: its opening line, the sources, the credits that licences ask for."""
    parts = [board.title, "", board.scenes[0].narration]
    listed = [one for one in board.citations if one.url]
    if listed:
        parts += ["", "Sources:", *(f"• {truncate(one.title, 120)}: {one.url}" for one in listed)]
    owed = [asset for asset in assets if asset.author or asset.licence]
    if owed:
        parts += ["", "Credits:", *(f"• {_asset(asset)}" for asset in owed)]
    parts += ["", _words_line(board)]
    return truncate("\n".join(parts), MAX_DESCRIPTION_CHARS)


def _citation(number: int, one: Citation) -> str:
    facts = [one.author, one.publisher, one.published]
    line = ", ".join([one.title, *(fact for fact in facts if fact and fact != one.title)])
    return "\n".join(
        [f"[{number}] {line}", f"    {one.url or 'no address'}", f"    Licence: {one.licence or 'not stated'}"]
    )


def _asset(asset: CreditedAsset) -> str:
    line = f"{asset.kind.capitalize()}: {asset.name}"
    line += f" by {asset.author}" if asset.author else ""
    line += f", {asset.licence}" if asset.licence else ", licence not stated"
    return f"{line}, {asset.source_url}" if asset.source_url else line


def _voice_line(board: Storyboard) -> str:
    return f"Voice: {_VOICES.get(board.speech_provider, f'synthetic, by {board.speech_provider}')}."


def _visuals_line(board: Storyboard) -> str:
    cards = sum(not is_from_file(scene.visual) for scene in board.scenes)
    own = len(board.scenes) - cards
    if not own:
        return "Pictures: typographic scenes drawn by Ettametta."
    return f"Pictures: {own} of {len(board.scenes)} scenes show the person's own files; the rest is typography."


def _words_line(board: Storyboard) -> str:
    if board.made_by == OFFLINE_WRITER:
        return "Words: sentences of the sources, chosen and shortened by the offline writer; none were added."
    if board.made_by:
        basis = "figures and quotations checked against the sources above" if board.citations else "without sources"
        return f"Words: written by the language model {board.made_by}, {basis}."
    return "Words: not stated who wrote them."
