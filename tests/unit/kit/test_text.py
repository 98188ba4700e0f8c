"""Decoding and cleaning of text from outside."""

from __future__ import annotations

import codecs
import contextlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.errors import InvalidInput
from ettametta.kit.languages import detect_language, is_right_to_left
from ettametta.kit.text import (
    clean,
    clean_paragraphs,
    decode,
    html_to_text,
    looks_like_html,
    truncate,
    visible_length,
)

SAMPLES = [
    ("Café – déjà vu à l'été", "cp1252"),
    ("El niño comió piñas y bebió café en la montaña.", "iso-8859-1"),
    ("Die Größe der Türme überrascht schöne Gäste.", "cp1252"),
    ("Zażółć gęślą jaźń i więcej słów po polsku, proszę bardzo.", "cp1250"),
    ("Привет, как дела? Это русский текст.", "cp1251"),
    ("Привет, как дела? Это русский текст.", "koi8_r"),
    ("Ελληνικό κείμενο για φάρους", "cp1253"),
    ("هذا نص قصير عن المنارات", "cp1256"),
    ("שלום עולם זה טקסט", "cp1255"),
    ("日本語のテキストです。これは長い文章です。", "shift_jis"),
    ("日本語のテキストです。これは長い文章です。", "euc_jp"),
    ("这是一个关于灯塔的简短文本。", "gb18030"),
    ("등대에 관한 짧은 글입니다.", "euc_kr"),
]


@pytest.mark.parametrize(("text", "charset"), SAMPLES)
def test_the_charset_is_guessed(text: str, charset: str) -> None:
    assert decode(text.encode(charset)) == text


@pytest.mark.parametrize(("text", "charset"), SAMPLES)
def test_the_declared_charset_is_used(text: str, charset: str) -> None:
    assert decode(text.encode(charset), charset=charset) == text
    page = f'<html><head><meta charset="{charset}"></head><body>{text}</body>'
    assert text in decode(page.encode(charset))


@pytest.mark.parametrize(
    ("bom", "name"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
     (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")],
)  # fmt: skip
def test_byte_order_marks_decide(bom: bytes, name: str) -> None:
    assert decode(bom + "naïve ✓".encode(name)) == "naïve ✓"


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\x00\x00\x00\x18ftypmp42", b"PK\x03\x04\x14\x00\x00", bytes(range(256))],
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(data)
    assert caught.value.code == "text.binary"


def test_codecs_that_are_no_charset_are_not_used() -> None:
    assert decode("é".encode("cp1252") + b" caf\xe9", charset="zlib_codec") == "é café"


@given(st.binary(max_size=2_000))
def test_decoding_gives_text_or_says_why_not(data: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        decode(data).encode("utf-8")


@given(st.text())
def test_clean_is_one_stable_line_without_controls(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\n" not in once
    assert unicodedata.normalize("NFC", once) == once
    assert not any(unicodedata.category(char) == "Cc" for char in once)
    assert not set(once) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def test_what_honest_text_needs_is_kept() -> None:
    kept = "می\u200cخواهم 👩\u200d🚀 \u200fעברית\u200e"
    assert clean(kept) == kept
    assert clean("a\u202eb\u0000c\ud800  d\u200b\te") == "abc? d e"


def test_paragraphs_stay_apart() -> None:
    assert clean_paragraphs(" a  b\r\nc\n\n\n\n d \x00") == "a b\nc\n\nd"


@given(st.text(min_size=0, max_size=300), st.integers(1, 120))
def test_truncated_text_fits(text: str, limit: int) -> None:
    short = truncate(text, limit)
    assert len(short) <= max(limit, 1)
    assert short == text or len(text) > limit


def test_truncation_prefers_sentences_then_words() -> None:
    assert truncate("One two three. Four five six seven.", 20) == "One two three."
    assert truncate("One two three four five", 14) == "One two three…"
    assert truncate("Abcdefghijkl", 5) == "Abcd…"


def test_visible_length_counts_what_is_seen() -> None:
    assert visible_length("e\u0301a\u200db") == 3


@pytest.mark.parametrize("text", ["a < b and c > d", "I <3 you", "x<y>z is generic", "2 <= 3"])
def test_prose_with_angle_brackets_is_no_markup(text: str) -> None:
    assert not looks_like_html(text)


@pytest.mark.parametrize("text", ["<p>x</p>", "<!DOCTYPE html><title>x", "hello <script>alert(1)</script>", "a<br/>b"])
def test_markup_is_recognised(text: str) -> None:
    assert looks_like_html(text)


def test_markup_becomes_its_readable_text() -> None:
    markup = (
        "<head><title>no</title></head><h1>Head</h1><p>One <b>two</b>three.<br>four<script>evil()</script>"
        "<style>p{}</style></p><ul><li>a<li>b &amp; c</ul><iframe src=x></iframe><img src=x onerror=evil()>"
    )
    assert html_to_text(markup) == "Head\n\nOne twothree.\nfour\n\na\n\nb & c"


@given(st.text(alphabet="<>/abps cript\"'=&;", max_size=200))
def test_no_markup_survives_or_breaks(text: str) -> None:
    assert "<script" not in html_to_text(f"<div>{text}</div>").lower() or "&lt;" in text


@pytest.mark.parametrize(
    ("text", "code"),
    [("The light of the lamp was seen far out at sea.", "en"), ("La luz de la lámpara se veía desde muy lejos.", "es"),
     ("La lumière de la lampe se voyait de très loin en mer.", "fr"), ("Das Licht der Lampe war weit zu sehen.", "de"),
     ("ランプの光が見えた", "ja"), ("등대의 불빛", "ko"), ("האור של המגדלור", "he"),
     ("كان ضوء المصباح يرى من بعيد في البحر", "ar")],
)  # fmt: skip
def test_languages(text: str, code: str) -> None:
    found = detect_language(text)
    assert found is not None
    assert found.code == code
    assert 0 < found.confidence <= 1


@pytest.mark.parametrize("text", ["", "hi", "42 17", "café"])
def test_too_short_to_tell(text: str) -> None:
    assert detect_language(text) is None


def test_direction() -> None:
    assert is_right_to_left("مرحبا world بالعالم")
    assert not is_right_to_left("hello عالم out there")


def test_what_is_nested_beyond_measure_is_left_out() -> None:
    assert html_to_text(f"<p>near</p>{'<div>' * 8_000}deep") == "near"
