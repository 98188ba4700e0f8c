"""Laws of the score: unknown stays unknown, more never harms, 0..1, and one key orders at any moment."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.discovery.items import Metric
from ettametta.discovery.ranking.display import metrics_words, velocity_words
from ettametta.discovery.ranking.facts import CandidateFacts, PastStory, SightingFacts
from ettametta.discovery.ranking.freshness import MIN_SCORE, decayed, half_life_of, moment_of, rank_key
from ettametta.discovery.ranking.novelty import History
from ettametta.discovery.ranking.score import parts_to_json, reweighed, scored_from_json
from ettametta.discovery.ranking.weights import DEFAULT_WEIGHTS, DEFAULTS, Weights
from tests.unit.discovery.ranking.doubles import HOUR, NICHE, NOW, candidate, judged, part, scored, seen

_METRICS: tuple[Metric, ...] = ("views", "likes", "comments", "points")
_sightings = st.builds(
    SightingFacts,
    source=st.sampled_from(["hacker_news", "lobsters", "arxiv"]),
    metrics=st.dictionaries(st.sampled_from(_METRICS), st.integers(0, 2**62), max_size=3),
    velocity=st.none() | st.floats(-1e9, 1e9),
)
_candidates = st.builds(
    CandidateFacts,
    id=st.just("c1"),
    title=st.sampled_from(["Mars rover", "A telescope on the moon", "Old telescope sold: mars rover next"]),
    first_seen_at=st.just(NOW),
    text=st.sampled_from(["", "The telescope. A telescope!", "\x00 <b>odd</b> 火星"]),
    language=st.none() | st.sampled_from(["en", "de"]),
    published_at=st.none() | st.integers(0, 5_000).map(lambda hours: NOW - hours * HOUR),
    sightings=st.lists(_sightings, min_size=1, max_size=4).map(tuple),
)
_histories = st.sampled_from([History(), History((PastStory("x", "A telescope on the moon", is_made=True),))])
_pasts = st.integers(0, 10**7).map(lambda seconds: NOW - timedelta(seconds=seconds))


@given(_candidates, _histories)
@settings(max_examples=50)
def test_every_value_is_within_bounds_and_survives_json(one: CandidateFacts, history: History) -> None:
    found = scored(one, history=history)
    assert MIN_SCORE <= found.score <= 1.0
    assert all(piece.value is None or 0.0 <= piece.value <= 1.0 for piece in found.parts)
    assert all(piece.sentence.endswith(".") for piece in found.parts)
    assert 0.0 < found.now_worth(NOW) <= 1.0
    again = scored_from_json("c1", "n1", json.loads(json.dumps(parts_to_json(found), allow_nan=False)))
    assert again is not None
    assert abs(again.rank_key - found.rank_key) < 0.1


@given(_candidates)
@settings(max_examples=50)
def test_a_number_no_source_sent_is_never_a_nought(one: CandidateFacts) -> None:
    """Neither in a value, nor in a sentence, nor in JSON, nor where the numbers themselves are shown."""
    bare = replace(one, sightings=tuple(replace(sighting, metrics={}, velocity=None) for sighting in one.sightings))
    found = scored(bare)
    stored = json.loads(json.dumps(parts_to_json(found)))
    for name in ("velocity", "attention"):
        assert part(found, name)[0] is None
        assert stored[name]["value"] is None
        assert "not measured" in stored[name]["sentence"]
        assert not re.search(r"\d", stored[name]["sentence"])
    shown = f"{metrics_words({}, _METRICS)}; {velocity_words('views', None)}"
    assert not re.search(r"\d", shown)


@given(_candidates, st.sampled_from(["velocity", "attention"]))
@settings(max_examples=40)
def test_what_is_not_measured_neither_helps_nor_harms(one: CandidateFacts, name: str) -> None:
    """Its weight changes nothing."""
    bare = replace(one, sightings=tuple(replace(sighting, metrics={}, velocity=None) for sighting in one.sightings))
    heavy = Weights({**DEFAULT_WEIGHTS, name: 7.0})
    assert scored(bare, replace(NICHE, weights=heavy)).score == scored(bare).score


@given(st.floats(-100, 1e7), st.floats(-100, 1e7), st.integers(0, 10**9))
def test_more_speed_never_lowers(one: float, other: float, points: int) -> None:
    slow, fast = (scored(candidate("Mars rover", seen(speed, points=points))) for speed in sorted((one, other)))
    assert slow.score <= fast.score
    assert slow.rank_key <= fast.rank_key


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_higher_count_never_lowers(one: int, other: int) -> None:
    low, high = (scored(candidate("Mars rover", seen(None, points=count))) for count in sorted((one, other)))
    assert low.score <= high.score


@given(_pasts, _pasts, st.sampled_from(["hacker_news", "arxiv", "podcast"]))
def test_fresher_never_lowers(one: datetime, other: datetime, source: str) -> None:
    older, newer = (
        scored(candidate("Mars rover", seen(None, source), published_at=moment)) for moment in sorted((one, other))
    )
    assert older.rank_key <= newer.rank_key


@given(
    st.floats(0, 1), _pasts, st.floats(0, 1), _pasts, st.integers(0, 24 * 60), st.sampled_from(["hacker_news", "arxiv"])
)
def test_the_kept_key_orders_as_the_decayed_score_does_at_any_moment(
    one: float, moment: datetime, other: float, other_moment: datetime, hours: int, source: str
) -> None:
    half_life, now = half_life_of([source]), NOW + hours * HOUR
    keys = [rank_key(one, moment, half_life), rank_key(other, other_moment, half_life)]
    worth = [decayed(one, moment, half_life, now), decayed(other, other_moment, half_life, now)]
    if abs(keys[0] - keys[1]) > 1e-9:
        assert (keys[0] < keys[1]) == (worth[0] < worth[1])


def test_a_paper_counts_as_new_for_longer_but_never_newer_than_it_was_seen() -> None:
    old = NOW - 48 * HOUR
    assert moment_of(candidate("x", seen(None, "arxiv"), published_at=old)) == NOW
    assert moment_of(candidate("x", seen(), published_at=old)) == old
    assert moment_of(candidate("x", seen(), published_at=NOW + HOUR)) == NOW
    assert moment_of(candidate("x", seen(), published_at=None)) == NOW
    assert half_life_of(()) == timedelta(hours=24)
    assert half_life_of(["arxiv", "arxiv", "podcast", "unheard_of"]) == timedelta(hours=96)


def test_freshness_says_from_when_and_how_fast() -> None:
    found = scored(candidate())
    later = found.freshness(NOW + 24 * HOUR)
    assert later.value == 0.5
    assert later.sentence == "Counted from 2026-03-01 12:00 UTC; counts half after 24 hours."
    assert "no source says when" in scored(candidate(published_at=None)).freshness(NOW).sentence


def test_other_weights_score_the_same_parts_anew() -> None:
    found = scored(candidate("Mars rover", seen(400.0, points=10)))
    weights = Weights({**DEFAULT_WEIGHTS, "velocity": 7.5})
    assert reweighed(found, weights).score > found.score
    assert reweighed(reweighed(found, weights), DEFAULTS) == found


def test_parts_of_another_form_are_no_score() -> None:
    for stored in ({}, {"relevance": {"value": "x"}}, dict.fromkeys(DEFAULT_WEIGHTS)):
        assert scored_from_json("c", "n", stored) is None
    assert judged(candidate("")) is None
