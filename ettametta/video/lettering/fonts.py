"""Fonts: finds the installed font files, chooses one per run of text by what it covers, and lends them to libass.

libass does not fall back between the fonts of a folder, so every text is split into runs that one font covers whole.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import unicodedata
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from ettametta.errors import InvalidInput, MissingPart
from ettametta.kit.ids import content_key
from ettametta.video.lettering.emoji import split_emoji
from ettametta.video.lettering.sfnt import FontFacts, read_font
from ettametta.video.lettering.static_fonts import static_copy

_EMPTY_FONTCONFIG = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig></fontconfig>\n'
#: Packages that widen what can be written; each is used when it is installed.
SPARE_PACKAGES = ("manimgx_fonts", "noto_cjk_sans_jp_bold")
#: Faces of themes: found by name only, never as a stand-in for letters that others lack.
STYLE_PACKAGES = ("fontpkg_dm_serif_display", "fontpkg_space_grotesk", "fontpkg_kalam", "fontpkg_archivo_black")
STYLE_FILES = frozenset(
    {"DMSerifDisplay-Regular.ttf", "SpaceGrotesk[wght].ttf", "Kalam-Bold.ttf", "ArchivoBlack-Regular.ttf"}
)
#: Side and advance of an emoji, in heights of the capitals beside it.
EMOJI_SIDE, _EMOJI_ADVANCE = 1.12, 1.24
#: Weight asked of variable fonts, which stand beside Poppins Bold.
_BOLD = 700
#: Categories that take the font of their neighbour: marks, punctuation, spaces, numbers, symbols, format characters.
_NEUTRAL = frozenset("MPZNSC")


class Role(Enum):
    """What a text is for; the value is the file that sets it where it covers the letters."""

    DISPLAY = "Anton-Regular.ttf"
    CAPTION = "Poppins-ExtraBold.ttf"
    BOLD = "Poppins-Bold.ttf"
    TEXT = "Poppins-SemiBold.ttf"
    NOTE = "Poppins-Medium.ttf"


@dataclass(frozen=True, slots=True)
class Face:
    """One font file. A variable one is set bold by its axis in Pillow, and lent to libass as a bold static copy."""

    path: Path
    facts: FontFacts

    @property
    def line_ratio(self) -> float:
        """Libass takes a font size as ascent + descent: multiply an em size by this to get it."""
        return (self.facts.win_ascent + self.facts.win_descent) / self.facts.units_per_em

    def pillow(self, size: int) -> ImageFont.FreeTypeFont:
        """The font for Pillow, `size` pixels to the em."""
        return _open(self.path, size, self.facts.variable)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that one font sets."""

    text: str
    face: Face


class Fonts:
    """The fonts of this installation."""

    def __init__(self, faces: Iterable[Face], cache: Path | None = None) -> None:
        self._cache = cache
        self._temporary: Path | None = None
        self._by_file = {face.path.name: face for face in faces}
        self._dress: dict[Role, Face] = {}
        ours = STYLE_FILES | {role.value for role in Role}
        self._fallbacks = tuple(
            face for name, face in sorted(self._by_file.items(), key=_preference) if name not in ours
        )

    @classmethod
    def locate(cls, *extra_dirs: Path, cache: Path | None = None) -> Fonts:
        """Find the fonts of the installed font packages, and any .ttf/.otf files in `extra_dirs`.

        Args:
            extra_dirs: folders with more fonts.
            cache: where static copies of variable fonts are kept; None keeps them as long as this object lives.

        Raises:
            MissingPart: a font every video needs is not installed.
        """
        packaged = [*_package_fonts("fontpkg_anton"), *_package_fonts("fontpkg_poppins")]
        packaged += [path for package in STYLE_PACKAGES for path in _package_fonts(package)]
        spare = [path for package in SPARE_PACKAGES for path in _package_fonts(package)] + _files(extra_dirs)
        wanted = {role.value for role in Role}
        faces = [_face(path) for path in packaged if path.name in wanted | STYLE_FILES]
        faces += [_face(path) for path in spare if "Italic" not in path.name]
        fonts = cls((face for face in faces if face is not None), cache)
        missing = sorted(wanted - fonts._by_file.keys())
        if missing:
            raise MissingPart(
                f"The font {missing[0]} is not installed.",
                hint="Install the packages fontpkg-poppins, fontpkg-anton and manimgx-fonts.",
                code="video.font_missing",
            )
        return fonts

    @property
    def stamp(self) -> str:
        """Changes when a font comes, goes or is another file: which face sets a letter depends on all of them."""
        faces = sorted(self._by_file.items())
        return content_key(fonts=[[name, face.path.stat().st_size, repr(face.facts)] for name, face in faces])

    def families(self) -> tuple[str, ...]:
        """The names a caption font can be asked for by, sorted."""
        return tuple(sorted({face.facts.family for face in self._by_file.values()}))

    def named(self, family: str) -> Face:
        """The installed face of that family name, capitals aside.

        Raises:
            InvalidInput: there is none; the hint lists those there are.
        """
        for face in self._by_file.values():
            if face.facts.family.casefold() == family.strip().casefold():
                return face
        raise InvalidInput(
            f"No installed font is called {family[:60]}.",
            hint=f"Choose one of: {', '.join(self.families())}.",
            code="video.no_font",
        )

    def dressed(self, dress: Mapping[Role, Face]) -> Fonts:
        """The same fonts with other faces for some roles; what those do not cover is set as before."""
        fonts = Fonts(self._by_file.values())
        fonts._dress = {**self._dress, **dress}
        return fonts

    def styled(self, heading_face: str, text_face: str) -> Fonts:
        """The same fonts with a theme's faces, by file name, where they are installed and nobody chose others."""
        heading, text = self._by_file.get(heading_face), self._by_file.get(text_face)
        dress = {Role.DISPLAY: heading} if heading else {}
        dress |= {Role.BOLD: text, Role.TEXT: text, Role.NOTE: text} if text else {}
        return self.dressed({**dress, **self._dress})

    def runs(self, text: str, role: Role, first: Face | None = None) -> tuple[Run, ...]:
        """Split a text into runs of one font each; characters that are only decoration and not covered are dropped.

        `first` is asked before the role's own font.

        Raises:
            MissingPart: no installed font covers a letter, mark or number of the text.
        """
        runs: list[Run] = []
        for char in unicodedata.normalize("NFC", text):
            face = self._face_for(char, role, runs[-1].face if runs else None, first)
            if face is None:
                continue
            if runs and runs[-1].face is face:
                runs[-1] = Run(runs[-1].text + char, face)
            else:
                runs.append(Run(char, face))
        return tuple(runs)

    def width(self, text: str, role: Role, size: int, first: Face | None = None) -> float:
        """Advance width in pixels of a text set at `size` pixels to the em."""
        letters = "".join(piece.text for piece in split_emoji(text) if not piece.emoji)
        pictures = sum(1 for piece in split_emoji(text) if piece.emoji)
        advance = sum(run.face.pillow(size).getlength(run.text) for run in self.runs(letters, role, first))
        return advance + (pictures * self.capitals(role, size) * _EMOJI_ADVANCE if pictures else 0.0)

    def capitals(self, role: Role, size: int) -> int:
        """Height of capitals in pixels: what the pictures of emoji are sized by."""
        return -round(self.runs("H", role)[0].face.pillow(size).getbbox("H", anchor="ls")[1])

    def lend(self, faces: Iterable[Face], folder: Path) -> None:
        """Fill a folder for libass: `fonts/` with the faces, and an empty `fonts.conf` that keeps the system's away.

        The first use of a variable font makes its static copy, which takes up to three seconds.
        """
        into = folder / "fonts"
        into.mkdir(parents=True, exist_ok=True)
        (folder / "fonts.conf").write_text(_EMPTY_FONTCONFIG, encoding="utf-8")
        for number, face in enumerate(sorted(set(faces), key=lambda face: face.path.name)):
            target = into / f"{number:02}{face.path.suffix}"
            if not target.exists():
                shutil.copyfile(self._static(face), target)

    def _static(self, face: Face) -> Path:
        if not face.facts.variable:
            return face.path
        return static_copy(face.path, _BOLD, self._cache or self._passing())

    def _passing(self) -> Path:
        """A folder that goes when this object goes."""
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="ettametta-fonts-"))
            weakref.finalize(self, shutil.rmtree, self._temporary, ignore_errors=True)
        return self._temporary

    def _face_for(self, char: str, role: Role, current: Face | None, first: Face | None) -> Face | None:
        category = unicodedata.category(char)
        if category in {"Cc", "Co", "Cn", "Cs"}:
            return None
        if current is not None and category[0] in _NEUTRAL and (category == "Cf" or current.facts.covers(char)):
            return current
        for face in (first, *self._candidates(role)):
            if face is not None and face.facts.covers(char):
                return face
        if category[0] in "LMN":
            raise _uncovered(char)
        return None

    def _candidates(self, role: Role) -> tuple[Face, ...]:
        own = (self._dress[role],) if role in self._dress else ()
        return *own, self._by_file[role.value], self._by_file[Role.CAPTION.value], *self._fallbacks


def _preference(item: tuple[str, Face]) -> tuple[int, str]:
    """General fonts first, symbols and emoji last."""
    name = item[0]
    return (0 if name.startswith("NotoSans[") else 2 if "Symbol" in name else 3 if "Emoji" in name else 1, name)


def _uncovered(char: str) -> MissingPart:
    script = unicodedata.name(char, "unknown").split()[0].title()
    return MissingPart(
        f"No installed font can draw “{char}” ({script}).",
        hint="Install a font for it (for Chinese, Japanese, Korean the package noto-cjk-sans-jp-bold).",
        code="video.font_missing",
    )


def _package_fonts(package: str) -> list[Path]:
    """The font files of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    return _files(Path(place) for place in spec.submodule_search_locations or ()) if spec else []


def _files(folders: Iterable[Path]) -> list[Path]:
    found = (Path(base) / name for folder in folders for base, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.suffix.lower() in {".ttf", ".otf"})


def _face(path: Path) -> Face | None:
    try:
        return Face(path, read_font(path))
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _open(path: Path, size: int, variable: bool) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(path), size)
    if variable:
        _embolden(font)
    return font


def _embolden(font: ImageFont.FreeTypeFont) -> None:
    axes = font.get_variation_axes()
    values = [_BOLD if axis["name"] == b"Weight" else axis["default"] or 0 for axis in axes]
    font.set_variation_by_axes(
        [min(float(value), float(axis["maximum"] or 0)) for value, axis in zip(values, axes, strict=True)]
    )
