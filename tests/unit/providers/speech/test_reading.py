"""What is said for what is written: numbers, money, dates, names, addresses, in six languages; nothing gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.providers.speech.reading import compiled, read
from ettametta.providers.speech.reading.tongues import TONGUES


def said(text: str, language: str = "en", own: tuple[tuple[str, str], ...] = ()) -> str:
    readings = read(text.split(), language, compiled(own, language))
    assert [reading.written for reading in readings] == text.split()
    return " ".join(word for reading in readings for word in reading.said)


ENGLISH = [
    ("1,250 people", "one thousand two hundred fifty people"),
    ("0.5% of 3.14", "zero point five percent of three point one four"),
    ("in 1969.", "in nineteen sixty nine."),
    ("in 2005 and 2026", "in two thousand five and twenty twenty six"),
    ("1500 people", "fifteen hundred people"),
    ("the 22nd time", "the twenty second time"),
    ("1914–1918", "nineteen fourteen to nineteen eighteen"),
    ("10-20 men", "ten to twenty men"),
    ("$3.2 billion,", "three point two billion dollars,"),
    ("$1.2M", "one point two million dollars"),
    ("£5.50, €1 and $0.99", "five pounds and fifty pence, one euro and ninety nine cents"),
    ("5 € or 20¢", "five euros or twenty cents"),
    ("at 120 km/h", "at one hundred twenty kilometers per hour"),
    ("-5 °C", "minus five degrees Celsius"),
    ("40 m² and 3GB", "forty square meters and three gigabytes"),
    ("(about 1 km).", "(about one kilometer)."),
    ("9:30am, 9:05 or 14:05", "nine thirty A.M., nine oh five or fourteen oh five"),
    ("at 5 p.m. today", "at five P.M. today"),
    ("10/12/2019", "October twelfth, twenty nineteen"),
    ("2019-10-12", "October twelfth, twenty nineteen"),
    ("on Oct. 12, 2019", "on October twelfth, twenty nineteen"),
    ("12 October 2019", "the twelfth of October twenty nineteen"),
    ("he may march", "he may march"),
    ("the 1980s", "the nineteen eighties"),
    ("Henry VIII and World War II", "Henry the eighth and World War two"),
    ("I saw Vitamin C", "I saw Vitamin C"),
    ("Dr. Smith", "Doctor Smith"),
    ("e.g. No. 5 vs. 7", "for example number five versus seven"),
    ("He said no. Then left etc.", "He said no. Then left et cetera."),
    ("https://www.example.org/a?b=1", "example dot org"),
    ("info@example.com!", "info at example dot com!"),
    ("#OpenScience @nasa #1", "hashtag Open Science at nasa number one"),
    ("AT&T and/or 2 + 2 = 4", "AT and T and or two plus two equals four"),
    ("1/2 and 3/4, 24/7", "one half and three quarters, twenty four seven"),
    ("COVID-19 A380 v2.0.1", "COVID nineteen A three eighty v two dot zero dot one"),
    ("007 and 555-1234", "zero zero seven and five five five, one two three four"),
    ("3x faster, 100+ users", "three times faster, one hundred plus users"),
    ("nice 🎉 day 👩‍🚀!", "nice day !"),
    ("wait — really…", "wait — really…"),
    ("NASA met the FBI", "NASA met the FBI"),
    ("Nguyen's CO2", "win's C O two"),
]


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_english(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "El 12 de octubre de 2019", "El doce de octubre de dos mil diecinueve"),
        ("es", "3,5 km por 2,50 € y 45 %", ("tres coma cinco kilómetros por dos euros y cincuenta céntimos y "
         "cuarenta y cinco por ciento")),
        ("es", "Felipe VI y la Sra. Gómez ha ido", "Felipe sexto y la señora Gómez ha ido"),
        ("fr", "Le 1er mai 1969, à 14h30", "Le premier mai dix neuf cent soixante neuf, à quatorze heures trente"),
        ("fr", "1 250 € à 120 km/h", "mille deux cent cinquante euros à cent vingt kilomètres heure"),
        ("it", "alle 14:30 ha pagato 3,50 €", "alle quattordici e trenta ha pagato tre euro e cinquanta centesimi"),
        ("pt", "R$ 3,50 e a 1ª vez", "três reais e cinquenta centavos e a primeira vez"),
        ("de", "3. Oktober 1969 um 14:30 Uhr", "dritten Oktober neunzehnhundertneunundsechzig um vierzehn Uhr dreißig"),
        ("de", "z.B. 1.250 m²", "zum Beispiel eintausendzweihundertfünfzig Quadratmeter"),
        ("hi", "नमस्ते 5 🎉 दुनिया", "नमस्ते 5 दुनिया"),
    ],
)  # fmt: skip
def test_other_languages(language: str, text: str, expected: str) -> None:
    assert said(text, language) == expected


def test_own_pronunciations_come_first_word_bounded_and_without_case() -> None:
    own = (("GIF", "jiff"), ("xi jinping", "one two three"), ("5", "cinq"))
    assert said("A gif, a GIFT and “GIF”!", own=own) == "A jiff, a GIFT and “jiff”!"
    readings = read(["met", "Xi", "Jinping", "5", "times"], "en", compiled(own, "en"))
    assert [reading.said for reading in readings[1:4]] == [("one",), ("two", "three"), ("cinq",)]


def test_a_spoken_word_belongs_to_its_written_one() -> None:
    readings = read(["paid", "$3.2", "billion", "for"], "en")
    assert [reading.said for reading in readings] == [
        ("paid",), ("three", "point", "two"), ("billion", "dollars"), ("for",),
    ]  # fmt: skip


_SIGNS = "0 1 12 1969 3.5 1,000 $ € % km °C / - – . , ( ) : h # @ & a St. VIII May No. no 🎉 é x"
_PIECES = st.sampled_from(_SIGNS.split())


@given(
    st.lists(st.lists(_PIECES, min_size=1, max_size=4).map("".join), min_size=1, max_size=8),
    st.sampled_from([*TONGUES, "xx"]),
)
def test_any_text_is_read_with_one_reading_a_word(words: list[str], language: str) -> None:
    readings = read(words, language, compiled((("1", "uno"),), language))
    assert [reading.written for reading in readings] == words
    assert all(word == word.strip() and word for reading in readings for word in reading.said)
