"""The credits file and the description: every source and asset with author, address and licence, and who made what.

Assets are credited by title, author, source and licence, with what was changed, as Creative Commons recommends
(https://wiki.creativecommons.org/wiki/Recommended_practices_for_attribution).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ettametta.kit.text import truncate
from ettametta.providers.footage import FACTS
from ettametta.providers.footage.licences import read_licence
from ettametta.scripts.offline import MADE_BY as OFFLINE_WRITER
from ettametta.scripts.own import MADE_BY as OWN_SCRIPT
from ettametta.storyboard import Citation, Storyboard, is_from_file

MAX_DESCRIPTION_CHARS = 4_000

#: The origins of files that are the person's own, and of pictures that were made.
OWN, GENERATED = "upload", "generated"


@dataclass(frozen=True, slots=True)
class CreditedAsset:
    """A file that can be seen or heard in the video. Unknown stays None."""

    name: str
    #: photo, clip, music, ...
    kind: str
    author: str | None = None
    licence: str | None = None
    source_url: str | None = None
    #: "upload", "generated", or the provider it was found at
    origin: str | None = None
    #: its storage key
    key: str | None = None


#: The typefaces all text is set in.
FONTS = "Poppins and Anton, SIL Open Font License 1.1 (https://openfontlicense.org)"
_VOICES = {
    "hibari": "Hibari, a synthetic voice made on the machine itself, Apache License 2.0",
    "openai": "a synthetic voice by an OpenAI-compatible service",
    "silent": "none",
}
_CHANGES = "Pictures are cut to the frame, moved, and darkened where captions stand; clips are silent and may be cut."
_LEFT_OUT = "The credits file lists the others."


def credits_text(board: Storyboard, assets: Sequence[CreditedAsset] = ()) -> str:
    """The credits file: plain text that ends with a line break."""
    parts = [board.title, "=" * min(len(board.title), 78), "", "Sources", "-------"]
    parts += [_citation(number, one) for number, one in enumerate(board.citations, 1)] or ["None."]
    parts += ["", "Pictures and sound", "------------------"]
    parts += [_asset(asset) for asset in assets] or ["None from elsewhere."]
    parts += [_CHANGES] if any(_is_found(asset) for asset in assets) else []
    parts += ["", "How it was made", "---------------", _words_line(board)]
    parts += [_voice_line(board), _visuals_line(board, assets), _fonts_line(board), "Made with Ettametta."]
    return "\n".join(parts) + "\n"


def description_text(board: Storyboard, assets: Sequence[CreditedAsset] = (), also: str = "") -> str:
    """A description to post beside the video: its opening line, the credits that licences ask for, the sources.

    What a licence asks for comes first: where there is no room for everything, the rest is left out. `also` is a
    credit for what is no file.
    """
    opening = [board.title, "", truncate(board.scenes[0].narration, 600)]
    closing = ["", *([also] if also else []), _words_line(board)]
    owed = sorted((asset for asset in assets if asset.author or asset.licence), key=_is_asked_for, reverse=True)
    cited = [f"• {truncate(one.title, 120)}: {one.url}" for one in board.citations if one.url]
    room = MAX_DESCRIPTION_CHARS - len("\n".join([*opening, *closing])) - 2
    credited = _fitting("Credits:", [f"• {_asset(asset)}" for asset in owed], room)
    sources = _fitting("Sources:", cited, room - sum(len(line) + 1 for line in credited))
    return "\n".join([*opening, *credited, *sources, *closing])


def _fitting(heading: str, lines: Sequence[str], room: int) -> list[str]:
    """As many of the lines as there is room for, under a heading; a last line says that there are more."""
    taken = ["", heading]
    for line in lines:
        if sum(len(one) + 1 for one in taken) + len(line) + len(_LEFT_OUT) + 2 > room:
            return [*taken, _LEFT_OUT] if room > len(heading) + len(_LEFT_OUT) + 4 else []
        taken.append(line)
    return taken if lines else []


def _is_asked_for(asset: CreditedAsset) -> bool:
    return read_licence(asset.licence).asks_for_attribution


def _is_found(asset: CreditedAsset) -> bool:
    return asset.origin not in (None, OWN, GENERATED)


def _citation(number: int, one: Citation) -> str:
    facts = [one.author, one.publisher, one.published]
    line = ", ".join([one.title, *(fact for fact in facts if fact and fact != one.title)])
    return "\n".join(
        [f"[{number}] {line}", f"    {one.url or 'no address'}", f"    Licence: {one.licence or 'not stated'}"]
    )


def _asset(asset: CreditedAsset) -> str:
    """Title, author, source, licence, address: in one line."""
    parts = [f"{asset.kind.capitalize()}: {asset.name}"]
    parts[0] += f" by {asset.author}" if asset.author else ""
    found_at = FACTS.get(asset.origin or "")
    parts += [f"via {found_at.title}"] if found_at else []
    parts.append(_licence(asset))
    parts += [asset.source_url] if asset.source_url else []
    return ", ".join(parts)


def _licence(asset: CreditedAsset) -> str:
    """The licence with its address; the person's own file is theirs to answer for."""
    if asset.licence is None:
        return "own file, as sent" if asset.origin == OWN else "licence not stated"
    known = read_licence(asset.licence)
    return f"{asset.licence} ({known.url})" if known.url else asset.licence


def _voice_line(board: Storyboard) -> str:
    spoken = [scene for scene in board.scenes if scene.narration]
    recorded = sum(scene.recording is not None for scene in spoken)
    synthetic = _VOICES.get(board.speech_provider, f"synthetic, by {board.speech_provider}")
    if not spoken:
        return "Voice: none."
    if recorded == len(spoken):
        return "Voice: the person's own recording."
    own = f"; {recorded} of {len(spoken)} scenes by the person's own recording" if recorded else ""
    return f"Voice: {synthetic}{own}."


def _visuals_line(board: Storyboard, assets: Sequence[CreditedAsset]) -> str:
    origins = {asset.key: asset.origin for asset in assets if asset.key}
    shown = [origins.get(scene.visual.asset_key, OWN) for scene in board.scenes if is_from_file(scene.visual)]
    if not shown:
        return "Pictures: typographic scenes drawn by Ettametta."
    made = shown.count(GENERATED)
    own = sum(origin == OWN for origin in shown)
    counts = [
        (own, "show the person's own files"),
        (len(shown) - own - made, "show pictures from elsewhere"),
        (made, "show pictures made by an image model"),
    ]
    told = ", ".join(f"{count} of {len(board.scenes)} scenes {what}" for count, what in counts if count)
    return f"Pictures: {told}; the rest is typography." if len(shown) < len(board.scenes) else f"Pictures: {told}."


def _fonts_line(board: Storyboard) -> str:
    brand = board.brand
    chosen = [board.style.captions.font, *((brand.heading_font, brand.text_font) if brand else ())]
    names = ", ".join(dict.fromkeys(name for name in chosen if name))
    also = f" Chosen by the person: {names}." if names else ""
    return f"Fonts: {FONTS}, and Noto (same licence) for other scripts.{also}"


def _words_line(board: Storyboard) -> str:
    if board.made_by == OWN_SCRIPT:
        return "Words: the person's own, as they wrote them."
    if board.made_by == OFFLINE_WRITER:
        return "Words: sentences of the sources, chosen and shortened by the offline writer; none were added."
    if board.made_by:
        basis = "figures and quotations checked against the sources above" if board.citations else "without sources"
        return f"Words: written by the language model {board.made_by}, {basis}."
    return "Words: not stated who wrote them."
