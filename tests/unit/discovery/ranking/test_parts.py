"""Each part of a score: what it is worth, what it says, and that what is unknown stays unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ettametta.discovery.ranking.baseline import (
    Baseline,
    baseline,
    baseline_from_json,
    baseline_to_json,
    completed,
    usual,
)
from ettametta.discovery.ranking.display import metric_words, metrics_words, number_words, score_words, velocity_words
from ettametta.discovery.ranking.facts import NicheFacts, PastStory
from ettametta.discovery.ranking.novelty import History
from ettametta.discovery.ranking.relevance import Frequencies, count_phrases, document_of, phrases_of, relevance
from ettametta.discovery.ranking.words import features, tokens, words_of
from tests.unit.discovery.ranking.doubles import NICHE, USUAL, candidate, judged, part, scored, seen


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("NASA's new Rockets, Galaxies & virus", ("nasa", "new", "rocket", "galaxy", "virus")),
        ("Café CAFE\u0301 analysis", ("cafe", "cafe", "analysis")),
        ("C++ and C# or c", ("c++", "and", "c#", "or", "c")),
        ("火星の車", ("火", "星", "の", "車")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("كِتَاب", ("كتاب",)),
        ("Ｆｕｌｌ width", ("full", "width")),
        ("...", ()),
    ],
)
def test_words_of_any_script(text: str, found: tuple[str, ...]) -> None:
    assert tokens(text) == found


def test_phrases_are_words_in_a_row() -> None:
    words = words_of("Mars rovers: a Mars rover, and a rover on Mars")
    assert words.count(tokens("mars rover")) == 2
    assert words_of("新しい火星探査車が着陸").count(tokens("火星")) == 1
    assert words.count(()) == 0
    assert "火星" in features("火星の車")


@pytest.mark.parametrize(
    ("title", "niche"),
    [
        ("Le télescope voit loin", NicheFacts("n", "Espace", ("telescope",))),
        ("火星探査車が着陸", NicheFacts("n", "宇宙", ("火星",))),
        ("मंगल ग्रह पर पानी", NicheFacts("n", "अंतरिक्ष", ("मंगल ग्रह",))),
        ("Космический телескоп Хаббл", NicheFacts("n", "Космос", ("ТЕЛЕСКОП",))),
    ],
)
def test_a_keyword_matches_in_its_script(title: str, niche: NicheFacts) -> None:
    found = judged(candidate(title), niche)
    assert found is not None
    assert (part(found, "relevance")[0] or 0) > 0.5


def test_other_stories_are_no_match_and_excluded_words_rule_out() -> None:
    assert judged(candidate("Cake with apples")) is None
    niche = replace(NICHE, excluded=("horoscope",))
    assert judged(candidate("Mars rover horoscopes for May"), niche) is None
    assert judged(candidate("Mars rover news"), niche) is not None


def test_the_title_counts_more_and_common_phrases_less() -> None:
    def value(title: str, text: str, frequencies: Frequencies) -> float:
        document = document_of(title, text)
        return relevance(candidate(title), document, phrases_of(NICHE), frequencies, NICHE).value or 0.0

    rare = Frequencies()
    in_title = value("A telescope", "", rare)
    assert in_title > value("News", "A telescope", rare) > 0
    documents = [document_of("A telescope again", "")] * 50
    common = count_phrases(phrases_of(NICHE), documents)
    assert common.by_phrase["telescope",] == 50
    assert value("A telescope", "", common) < in_title / 2


def test_what_a_followed_place_shows_belongs_to_the_niche() -> None:
    niche = replace(NICHE, followed=frozenset({("hacker_news", "")}))
    found = judged(candidate("Cake with apples"), niche)
    assert found is not None
    assert part(found, "relevance") == (0.5, "From a place you added for this niche.")


def test_speed_is_told_against_what_is_usual() -> None:
    value, sentence = part(scored(candidate("Mars rover", seen(46.0, points=460))), "velocity")
    assert sentence == "2.3 times as fast as usual for Hacker News (46 points an hour)."
    assert value is not None
    assert value > 0.8
    assert part(scored(candidate("Mars rover", seen(20.0, points=100))), "velocity")[0] == pytest.approx(0.5)
    attention = part(scored(candidate("Mars rover", seen(None, points=460))), "attention")
    assert attention[1] == "4.6 times as much as usual for Hacker News (460 points)."


def test_without_a_yardstick_nothing_is_measured() -> None:
    found = judged(candidate("Mars rover", seen(46.0, points=460)), usual=None)
    assert found is not None
    assert part(found, "velocity") == (
        None,
        "Speed is not measured yet: 46 points an hour, but what is usual for Hacker News is not known.",
    )
    assert part(found, "attention")[0] is None


def test_few_observations_are_no_yardstick() -> None:
    assert usual([10.0] * 7) is None
    measured = usual([10.0] * 8)
    assert measured is not None
    assert measured.rank(10) == pytest.approx(0.5)
    assert measured.times(20) == pytest.approx(2)
    outlier = usual([10.0] * 20 + [1e6])
    assert outlier is not None
    assert outlier.median_log2 == measured.median_log2


def test_a_baseline_is_kept_and_read_back_and_nonsense_is_none() -> None:
    assert baseline_from_json(baseline_to_json(USUAL)) == USUAL
    for stored in (None, {}, {"metric": 3}):
        assert baseline_from_json(stored) is None
    flat = {"median_log2": 1, "spread_log2": 0, "count": 9}
    odd = {"metric": "points", "velocity": {"median_log2": "x"}, "level": flat}
    assert baseline_from_json(odd) == Baseline("points")
    few = baseline("points", [], [1.0] * 8)
    assert completed(few, USUAL) == Baseline("points", USUAL.velocity, few.level)
    assert completed(None, USUAL) == USUAL
    assert completed(baseline("views", [], [1.0] * 8), USUAL).metric == "views"


def test_spread_counts_sources_not_sightings() -> None:
    twice = candidate("Mars rover", seen(), seen(), seen(None, "lobsters"))
    assert part(scored(twice), "spread") == (0.5, "Seen in 2 sources: Hacker News, lobsters.")
    assert part(scored(candidate("Mars rover", seen())), "spread")[0] == 0.0


def test_language_counts_where_one_is_asked_for_and_known() -> None:
    niche = replace(NICHE, languages=("de", "en"))
    values = [part(scored(candidate(language=code), niche), "language")[0] for code in ("de", "en", "fr", None)]
    assert values == [1.0, 0.9, 0.0, None]
    assert part(scored(candidate(), replace(NICHE, languages=())), "language")[0] is None


def test_novelty_falls_with_likeness_to_what_was_made_or_dismissed() -> None:
    made = PastStory("old", "Mars rover finds an ancient lake", is_made=True)
    filler = tuple(PastStory(None, f"Cooking {word} at home", is_made=True) for word in ("rice", "beans", "fish"))
    near = part(scored(candidate(), history=History((made, *filler))), "novelty")
    waved = part(scored(candidate(), history=History((replace(made, is_made=False), *filler))), "novelty")
    assert near[0] is not None
    assert waved[0] is not None
    assert near[0] < waved[0] < 1.0
    assert "something you made: “Mars rover finds an ancient lake”" in near[1]
    assert part(scored(candidate(), history=History(filler)), "novelty")[0] == 1.0
    assert part(scored(candidate()), "novelty")[0] is None
    itself = History((replace(made, candidate_id="c1"),))
    assert part(scored(candidate(), history=itself), "novelty")[0] == 1.0


def test_numbers_are_shown_as_sent_and_missing_ones_as_not_measured() -> None:
    assert metric_words("points", 1) == "1 point"
    assert metric_words("views", 2300) == "2,300 views"
    assert metric_words("likes", None) == "likes not measured"
    assert metrics_words({"points": 12}, ("views",)) == "views not measured, 12 points"
    assert metrics_words({}) == "numbers not measured"
    assert velocity_words("points", None) == "speed not measured"
    assert velocity_words("points", 4.25) == "4.2 points an hour"
    assert score_words(None) == "not measured"
    assert score_words(0.0) == "0%"
    assert number_words(0.04) == "0.04"
