"""Measuring, cutting, splitting and marking text for Telegram."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.telegram.rich import cut, marked, shorten, split, utf16_units


@given(st.text(), st.integers(2, 60))
def test_nothing_is_longer_than_it_may_be(text: str, units: int) -> None:
    assert utf16_units(cut(text, units)) <= units
    assert utf16_units(shorten(text, units)) <= units
    assert all(0 < utf16_units(piece) <= units for piece in split(text, units))


@given(st.text(min_size=1), st.integers(2, 60))
def test_splitting_loses_no_letter(text: str, units: int) -> None:
    assert "".join("".join(split(text, units)).split()) == "".join(text.split())


def test_a_character_is_never_halved() -> None:
    assert cut("🍵🍵🍵", 3) == "🍵"
    assert split("🍵" * 3_000) == ["🍵" * 2_048, "🍵" * 952]


def test_a_text_is_split_where_it_reads_best() -> None:
    first, second = "a" * 3_000, "b" * 3_000
    assert split(f"{first}\n\n{second}") == [first, second]
    assert split("word " * 2_000)[0].endswith("word")


def test_marks_become_entities_and_links_show_where_they_lead() -> None:
    text, entities = marked("# Tea\n**old** `x` [here](https://example.org/a) 🍵 **new** ** odd").render()
    assert text == "Tea\nold x here (https://example.org/a) 🍵 new ** odd"
    assert [(one.type, one.offset, one.length) for one in entities] == [
        ("bold", 0, 3), ("bold", 4, 3), ("code", 8, 1), ("bold", 42, 3),
    ]  # fmt: skip


@given(st.text(alphabet="*`#[]()ab \n🍵h:/tps"))
def test_marks_never_fail_and_stay_inside_the_text(markup: str) -> None:
    text, entities = marked(markup).render()
    assert utf16_units(text) <= utf16_units(markup)
    assert all(one.offset + one.length <= utf16_units(text) for one in entities)
