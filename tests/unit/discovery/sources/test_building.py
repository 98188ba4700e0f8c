"""Items from odd material: good ones or none; numbers as sent or absent; dates aware and possible."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.discovery.items import MAX_TEXT_CHARS, MAX_TITLE_CHARS, FoundItem
from ettametta.discovery.sources import INFOS
from ettametta.discovery.sources.base import Wanted
from ettametta.discovery.sources.building import Sieve, build_item, language_code, moment, web_address, whole_number
from ettametta.discovery.sources.languages import from_name, name_of
from ettametta.kit.clock import utc_now

INFO = INFOS["hacker_news"]
NO_NUMBERS: list[object] = [None, True, -1, 2**63, "", "-5", "1.2", "20K+", "９", "1" * 20, 5.0, [], float("nan")]
NO_DATES: list[object] = ["", "yesterday", None, True, [], -1, 1e300, float("nan"), "1994-12-31", "9999-12-31"]
NOW = utc_now()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        *((number, number) for number in (5, 0, 2**63 - 1)),
        ("1234", 1234),
        *((odd, None) for odd in NO_NUMBERS),
    ],
)
def test_numbers_are_as_sent_or_absent(sent: object, kept: int | None) -> None:
    assert whole_number(sent) == kept
    item = build_item(INFO, 1, url="https://a.example/", title="A", metrics={"points": sent, "views": 3})
    assert item is not None
    assert dict(item.metrics) == ({} if kept is None else {"points": kept}), "views are not declared by the source"


@pytest.mark.parametrize(
    ("said", "means"),
    [
        *((odd, None) for odd in NO_DATES),
        (NOW + timedelta(days=2), None),
        (NOW + timedelta(hours=20), NOW + timedelta(hours=20)),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("20260501T100000Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00.123+02:00", datetime(2026, 5, 1, 8, 0, 0, 123000, tzinfo=UTC)),
        ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        (1_777_629_600, datetime(2026, 5, 1, 10, tzinfo=UTC)),
        (datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 5, 1, 10, tzinfo=UTC)),
    ],
)
def test_dates(said: object, means: datetime | None) -> None:
    assert moment(said) == means


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("//a.example/x", "https://a.example/x"),
        *((odd, None) for odd in (None, "", "a.example", "ftp://a.example", "javascript:alert(1)", "http://")),
        *((odd, None) for odd in ("https:///x", "https://a.example/ x", 'https://a.example/"x')),
        ("https://a.example/\ud800", None),
        ("https://a.example/" + "x" * 3_000, None),
    ],
)
def test_addresses(sent: str | None, kept: str | None) -> None:
    assert web_address(sent) == kept


def test_languages() -> None:
    assert [language_code(tag) for tag in ("en-GB", "DE", "zh_Hans", "eng", "", None)] == [
        "en",
        "de",
        "zh",
        None,
        None,
        None,
    ]
    assert [from_name(name) for name in ("English", "ger", "fr", "Klingon", None)] == ["en", "de", "fr", None, None]
    assert name_of("de") == "german"
    assert name_of("xx") is None


_odd = st.text(max_size=60) | st.sampled_from(
    ["<b>x</b>", "&amp;", "\ud800", "\u202e", "a\n\n\nb", "<script>x</script>"]
)


@settings(max_examples=60)
@given(st.lists(_odd, min_size=8, max_size=8), st.integers() | st.text(max_size=500))
def test_any_text_gives_a_good_item_or_none(texts: list[str], number: int | str) -> None:
    title, text, author, language, image, licence, alias, tag = texts
    more: dict[str, Any] = {"author": author, "language": language, "image_url": image, "licence": licence}
    item = build_item(
        INFO, number, url="https://a.example/x", title=title, text=text, aliases=[alias], tags=[tag], **more
    )
    if item is None:
        return
    assert 0 < len(item.title) <= MAX_TITLE_CHARS
    assert len(item.text) <= MAX_TEXT_CHARS
    assert len(item.ref) <= 320
    for shown in (item.title, item.text, item.author or "", item.ref, *item.aliases, *item.tags):
        shown.encode()
        assert "\u202e" not in shown


def _item(number: int, **changes: Any) -> FoundItem:
    return replace(FoundItem("hacker_news", f"hacker_news:{number}", "https://a.example/", "A"), **changes)


def test_the_sieve_lets_each_through_once_within_the_wish() -> None:
    wanted = Wanted(languages=("en",), since=NOW - timedelta(days=1), limit=3)
    sieve = Sieve(wanted)
    old, foreign = _item(2, published_at=NOW - timedelta(days=2)), _item(3, language="de")
    passed = list(sieve.pick([_item(1), _item(1), old, foreign, None, _item(4, language="en"), _item(5), _item(6)]))
    assert [item.ref for item in passed] == ["hacker_news:1", "hacker_news:4", "hacker_news:5"]
    assert sieve.is_full
    assert list(sieve.pick([_item(7)])) == []


async def test_what_is_picked_aside_leaves_the_loop_alone() -> None:
    loop, seen = threading.get_ident(), set[int]()

    def items() -> Iterator[FoundItem]:
        for number in (1, 1, 2):
            seen.add(threading.get_ident())
            yield _item(number)

    assert await Sieve(Wanted()).pick_aside(items()) == [_item(1), _item(2)]
    assert loop not in seen
