"""Whom a scan asks: what suits, what is named, what rests, what lacks a key, and one address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.scanning.plan import Followed, Plan, plan
from ettametta.discovery.scanning.request import ScanReport, ScanRequest, SourceReport
from ettametta.discovery.sources import Sources
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.errors import InvalidInput

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
NICHE = Followed(("coral reefs", "bleaching"), addresses=(("feed", "https://a.org/rss"), ("feed", "https://a.org/rss")))


class Paper:
    """A source on paper."""

    def __init__(self, name: str, takes: Takes = Takes.WORDS, languages: tuple[str, ...] = ()) -> None:
        self.info = SourceInfo(
            name, name.title(), "Things.", takes, "https://x.org", "Free.", "None.", 60, languages=languages,
        )  # fmt: skip

    def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        raise AssertionError(f"a plan asks nobody, and {wanted} was asked of {fetch}")

    def owns(self, address: str) -> str | None:
        return address.lower() if self.info.takes is Takes.ADDRESS and address.startswith("http") else None


SOURCES = Sources(
    {
        "board": Paper("board"),
        "top": Paper("top", Takes.NOTHING),
        "anglais": Paper("anglais", languages=("fr",)),
        "paid": Paper("paid"),
        "feed": Paper("feed", Takes.ADDRESS),
    },
    {"paid": ("PAID_KEY",)},
)


def planned(
    niche: Followed = NICHE, resting: Mapping[tuple[str, str], datetime] | None = None, **asked: object
) -> Plan:
    return plan(ScanRequest.model_validate({"niche_id": "n", **asked}), niche, SOURCES, resting=resting or {}, now=NOW)


def asked(made: Plan) -> list[tuple[str, str]]:
    return [ask.key for ask in made.asks]


def left_out(made: Plan) -> dict[str, str]:
    return {one.source: one.outcome for one in made.left_out}


def test_all_that_suit_are_asked_once_with_the_niches_words() -> None:
    made = planned(per_source=20)
    assert asked(made) == [("board", ""), ("top", ""), ("anglais", ""), ("feed", "https://a.org/rss")]
    assert left_out(made) == {"paid": "needs_key"}
    assert made.left_out[0].hint == "Set PAID_KEY."
    wanted = made.asks[0].wanted
    assert (wanted.words, wanted.limit, wanted.since) == (NICHE.words, 20, NOW - timedelta(days=14))
    assert made.asks[-1].wanted.address == "https://a.org/rss"


def test_a_niche_may_choose_its_sources_and_a_scan_fewer_still() -> None:
    chosen = Followed(("x",), sources=("top", "gone"), addresses=NICHE.addresses)
    assert asked(planned(chosen)) == [("top", ""), ("feed", "https://a.org/rss")]
    assert asked(planned(chosen, sources=("board",))) == [("board", "")]
    assert asked(planned(chosen, sources=("feed",))) == [("feed", "https://a.org/rss")]


def test_what_failed_rests_unless_it_is_named() -> None:
    resting = {("board", ""): NOW + timedelta(minutes=5), ("top", ""): NOW - timedelta(minutes=5)}
    made = planned(resting=resting)
    assert ("board", "") not in asked(made)
    assert ("top", "") in asked(made)
    assert "12:05 UTC" in next(one.message for one in made.left_out if one.source == "board")
    assert asked(planned(resting=resting, sources=("board",))) == [("board", "")]


def test_a_source_of_another_language_is_not_asked() -> None:
    made = planned(Followed(("x",), languages=("en",)))
    assert left_out(made)["anglais"] == "left_out"
    assert ("anglais", "") in asked(planned(Followed(("x",), languages=("fr", "en"))))


def test_one_address_goes_to_the_source_that_reads_it() -> None:
    assert asked(planned(address="https://B.org/Feed")) == [("feed", "https://b.org/feed")]
    for wrong in ({"address": "coral reefs"}, {"address": "https://b.org", "sources": ("board",)}):
        with pytest.raises(InvalidInput):
            planned(**wrong)


def test_a_source_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidInput, match="nosuch"):
        planned(sources=("nosuch",))


def test_a_report_is_a_sentence() -> None:
    sources = (
        SourceReport(source="a", outcome="ok", items=3), SourceReport(source="b", outcome="late", items=1),
        SourceReport(source="c", outcome="left_out"), SourceReport(source="d", outcome="failing"),
        SourceReport(source="e", outcome="needs_key"),
    )  # fmt: skip
    report = ScanReport(niche_id="n", sources=sources, items=4, new=2)
    assert report.sentence == "4 items from 2 sources, 2 new; 1 source did not answer."
    assert ScanReport(niche_id="n", sources=sources[:1], items=1, new=0).sentence == "1 item from 1 source, 0 new."


def test_a_network_that_is_away_is_told_once() -> None:
    def silent(name: str, code: str, said: str) -> SourceReport:
        return SourceReport(source=name, outcome="failing", error_code=code, message=said, hint="Look.")

    away = [silent(name, "source.unreachable", f"{name} is not found.") for name in "abcd"]
    broken = silent("e", "source.unavailable", "e is out of order.")
    told = ScanReport(niche_id="n", sources=(*away, broken)).silences
    assert told == ("4 sources cannot be found from here. Look.", "e is out of order. Look.")
    assert ScanReport(niche_id="n", sources=(*away[:2], broken)).silences == (
        "a is not found. Look.", "b is not found. Look.", "e is out of order. Look.",
    )  # fmt: skip
    assert (
        ScanReport(niche_id="n", sources=(SourceReport(source="f", outcome="needs_key", message="m"),)).silences == ()
    )
