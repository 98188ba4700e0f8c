"""Fonts: found, chosen by what they cover, lent to libass."""

from __future__ import annotations

import shutil
import struct
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.errors import MissingPart
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.sfnt import _family, read_font

FONTS = Fonts.locate()


def families(text: str, role: Role = Role.CAPTION) -> list[str]:
    return [run.face.facts.family for run in FONTS.runs(text, role)]


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Honey 18%", "Poppins ExtraBold"),
        ("मधु", "Poppins ExtraBold"),
        ("мёд", "Noto Sans"),
        ("العسل، لا يفسد", "Noto Sans Arabic"),
        ("דבש", "Noto Sans Hebrew Light"),
        ("น้ำผึ้ง", "Noto Sans Thai"),
        ("தேன்", "Noto Sans Tamil"),
    ],
)
def test_each_script_is_one_run_of_a_covering_font(text: str, family: str) -> None:
    assert families(text) == [family]


def test_the_display_face_is_used_where_it_covers() -> None:
    assert families("HONEY", Role.DISPLAY) == ["Anton"]
    assert families("МЁД", Role.DISPLAY) == ["Noto Sans"]


def test_mixed_text_is_split_and_joined_again_unchanged() -> None:
    text = "العسل NASA 2013 мёд"
    runs = FONTS.runs(text, Role.CAPTION)
    assert "".join(run.text for run in runs) == text
    assert len(runs) == 3


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=40))
def test_runs_keep_all_letters(text: str) -> None:
    kept = "".join(run.text for run in FONTS.runs(text, Role.BOLD))
    assert [c for c in kept if c.isalnum()] == [c for c in unicodedata.normalize("NFC", text) if c.isalnum()]


def test_an_uncovered_letter_is_a_missing_part() -> None:
    with pytest.raises(MissingPart, match="𞤀"):
        FONTS.runs("𞤀", Role.BOLD)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingPart, match="is not installed") as caught:
        Fonts.locate()
    assert "fontpkg-poppins" in caught.value.hint


def test_lending_makes_a_folder_that_shuts_the_system_fonts_out(tmp_path: Path) -> None:
    faces = {run.face for run in FONTS.runs("honey العسل", Role.CAPTION)}
    FONTS.lend(faces, tmp_path)
    assert len(list((tmp_path / "fonts").iterdir())) == 2
    assert "<dir>" not in (tmp_path / "fonts.conf").read_text(encoding="utf-8")


def test_variable_fonts_are_lent_as_bold_static_copies_made_once(tmp_path: Path) -> None:
    fonts = Fonts.locate(cache=tmp_path / "cache")
    (face,) = {run.face for run in fonts.runs("דבש", Role.CAPTION)}
    assert face.facts.variable
    fonts.lend([face], tmp_path / "one")
    (copy,) = (tmp_path / "cache").iterdir()
    made = copy.stat().st_mtime_ns
    fonts.lend([face], tmp_path / "two")
    assert [path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()] == [made]
    (lent,) = (tmp_path / "two" / "fonts").iterdir()
    facts = read_font(lent)
    assert not facts.variable
    assert facts.family == face.facts.family
    assert facts.covers("ד")


@pytest.mark.parametrize("data", [b"", b"not a font", b"\x00\x01\x00\x00" + b"\xff" * 40])
def test_what_is_no_font_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="not a usable font"):
        read_font(path)
    assert isinstance(Fonts.locate(tmp_path), Fonts)


@pytest.mark.parametrize("name", ["A}{\\p1", "A,B", "A\nDialogue: x"])
def test_a_family_that_would_end_its_place_in_a_caption_is_no_family(name: str) -> None:
    text = name.encode("utf-16-be")
    table = struct.pack(">HHH", 0, 1, 18) + struct.pack(">6H", 3, 1, 0x409, 1, len(text), 0) + text
    with pytest.raises(KeyError):
        _family(table, 0)


def test_one_font_more_is_another_stamp(tmp_path: Path) -> None:
    face = next(iter(FONTS.runs("a", Role.CAPTION))).face
    shutil.copyfile(face.path, tmp_path / "Another.ttf")
    assert FONTS.stamp == Fonts.locate().stamp != Fonts.locate(tmp_path).stamp
