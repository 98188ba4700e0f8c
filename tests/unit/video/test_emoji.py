"""Emoji: each cluster is one picture in its place; without the pictures a font draws them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ettametta.providers.speech.base import Word
from ettametta.storyboard import CaptionMode, CaptionStyle
from ettametta.video.captions.ass import CaptionSheet, caption_sheet
from ettametta.video.captions.cues import cues_from_words
from ettametta.video.captions.look import caption_look
from ettametta.video.captions.states import CaptionPart
from ettametta.video.lettering import emoji
from ettametta.video.lettering.emoji import emoji_credit, emoji_picture, split_emoji
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas
from ettametta.video.safe_areas import safe_areas
from ettametta.video.themes import THEMES

FONTS = Fonts.locate()
CANVAS = Canvas(1080, 1920, 30)


def sheet(text: str, mode: CaptionMode = "highlight") -> CaptionSheet:
    words = [Word(token, n * 0.4, n * 0.4 + 0.3) for n, token in enumerate(text.split())]
    style = CaptionStyle(mode=mode)
    parts = [CaptionPart(cues_from_words(words, 0.1, 9), 0, 270)]
    made = caption_sheet(
        parts, CANVAS, safe_areas(CANVAS, style), caption_look(style, THEMES["midnight"], FONTS), FONTS
    )
    assert made is not None
    return made


@pytest.mark.parametrize(
    "cluster",
    [
        "🔥",
        "👩\u200d👩\u200d👧",
        "👍🏽",
        "🇺🇸",
        "1\ufe0f\u20e3",
        "❤\ufe0f",
        "🧑🏽\u200d🚀",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_a_cluster_is_one_picture(cluster: str) -> None:
    assert [piece.text for piece in split_emoji(f"a{cluster}b")] == ["a", cluster, "b"]
    picture = emoji_picture(cluster, 40)
    assert picture is not None
    assert picture.size == (40, 40)
    assert picture.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("text", ["©2013", "plain", "12", "a → b", "❤"])
def test_letters_and_signs_stay_text(text: str) -> None:
    assert [piece.emoji for piece in split_emoji(text)] == [False]


def test_two_flags_are_two_pictures() -> None:
    assert [piece.text for piece in split_emoji("🇺🇸🇩🇪")] == ["🇺🇸", "🇩🇪"]


def test_pictures_stand_in_the_caption_area_while_their_cue_does() -> None:
    made = sheet("hot🔥 stuff 🎉")
    area = safe_areas(CANVAS).caption
    assert len(made.pictures) == 2
    assert "🔥" not in made.document
    for picture in made.pictures:
        assert area.left <= picture.left
        assert picture.left + picture.picture.width <= area.left + area.width
        assert area.top <= picture.top <= area.bottom - picture.picture.height
        assert (picture.start, picture.end) == (3, made.frames[-1])
    assert made.pictures[0].left < made.pictures[1].left


def test_a_popping_emoji_waits_for_its_word() -> None:
    first, second = sheet("now 🔥 then 🎉", "pop").pictures
    assert first.start < second.start


def test_without_the_pictures_a_font_draws_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji, "_folder", lambda: None)
    made = sheet("hot🔥 👩\u200d👩\u200d👧 1\ufe0f\u20e3")
    assert made.pictures == ()
    assert "\\fnNoto Emoji" in made.document
    assert "🔥" in made.document
    assert emoji_picture("🔥", 20) is None


def test_names_never_leave_the_folder_of_pictures() -> None:
    assert isinstance(emoji._folder(), Path)
    assert split_emoji("../../etc/passwd")[0].emoji is False


def test_the_pictures_are_credited_only_where_they_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CC BY 4.0" in emoji_credit("hot🔥")
    assert emoji_credit("plain © text") == ""
    monkeypatch.setattr(emoji, "_folder", lambda: None)
    assert emoji_credit("hot🔥") == ""
