"""No file of a storyboard is forgotten in the credits, whatever field names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ettametta.productions.crediting import asset_keys, lettered_text
from ettametta.storyboard import (
    Brand,
    CaptionStyle,
    CardVisual,
    ClipVisual,
    Music,
    PhotoVisual,
    RecordingCut,
    Scene,
    Storyboard,
    Style,
)

BOARD = Storyboard(
    title="All files",
    language="en",
    scenes=(
        Scene(id="a", narration="One.", visual=PhotoVisual(asset_key="assets/photo.jpg", width=9, height=16)),
        Scene(
            id="b",
            narration="Two.",
            visual=ClipVisual(asset_key="assets/clip.mp4", width=9, height=16, duration_s=2),
            recording=RecordingCut(asset_key="uploads/voice.wav", start_s=0, end_s=1),
        ),
        Scene(id="c", narration="Three.", visual=PhotoVisual(asset_key="assets/photo.jpg", width=9, height=16)),
        Scene(id="d", narration="Four.", visual=CardVisual(kind="title", text="T")),
    ),
    music=Music(asset_key="uploads/song.mp3"),
    brand=Brand(logo_key="uploads/logo.png"),
)


def _named(node: Any, field: str = "") -> Iterator[str]:
    """Every storage key in a storyboard, by the names its fields have."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _named(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value, field)
    elif isinstance(node, str) and field.endswith("_key") and node:
        yield node


def test_every_file_once_in_its_order() -> None:
    assert asset_keys(BOARD) == (
        "assets/photo.jpg", "assets/clip.mp4", "uploads/voice.wav", "uploads/song.mp3", "uploads/logo.png",
    )  # fmt: skip
    assert set(asset_keys(BOARD)) == set(_named(BOARD.model_dump(mode="json")))


def test_a_storyboard_of_cards_has_no_files() -> None:
    cards = BOARD.model_copy(update={"scenes": BOARD.scenes[3:], "music": None, "brand": None})
    assert asset_keys(cards) == ()


def test_emoji_on_a_card_are_among_the_words_a_video_shows() -> None:
    scenes = (Scene(id="a", narration="Said 🔥.", visual=CardVisual(kind="title", text="Drawn 🌙")),)
    board = Storyboard(title="T", language="en", scenes=scenes, brand=Brand(lower_third="Below 🐝"))
    assert all(sign in lettered_text(board) for sign in "🔥🌙🐝")
    silent = board.model_copy(update={"style": Style(captions=CaptionStyle(mode="off"))})
    assert "🔥" not in lettered_text(silent)
