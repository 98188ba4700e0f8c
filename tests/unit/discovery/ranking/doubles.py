"""Facts to rank, made short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ettametta.discovery.ranking.baseline import Baseline, baseline
from ettametta.discovery.ranking.facts import CandidateFacts, NicheFacts, SightingFacts, SourceFacts
from ettametta.discovery.ranking.novelty import History
from ettametta.discovery.ranking.parts import Yardsticks
from ettametta.discovery.ranking.score import Scored, reader_of, score

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NICHE = NicheFacts("n1", "Space", keywords=("mars rover", "telescope"), languages=("en",))
BOARD = SourceFacts("Hacker News", ("points", "comments"))
USUAL = baseline("points", [10.0, 20, 20, 20, 20, 20, 20, 40], [50.0, 100, 100, 100, 100, 100, 100, 200])


def yardsticks(usual: Baseline | None = USUAL) -> Yardsticks:
    return Yardsticks({("hacker_news", ""): usual} if usual else {}, {"hacker_news": BOARD})


def seen(velocity: float | None = None, source: str = "hacker_news", **metrics: int) -> SightingFacts:
    return SightingFacts(source, "", dict(metrics), velocity)


def candidate(title: str = "The Mars rover finds a lake", *sightings: SightingFacts, **facts: object) -> CandidateFacts:
    known: dict[str, object] = {"published_at": NOW, "language": "en", **facts}
    return CandidateFacts("c1", title, NOW, sightings=sightings or (seen(),), **known)  # type: ignore[arg-type]


def judged(
    one: CandidateFacts, niche: NicheFacts = NICHE, history: History | None = None, usual: Baseline | None = USUAL
) -> Scored | None:
    return score(one, reader_of(niche), history or History(), yardsticks(usual))


def scored(one: CandidateFacts, niche: NicheFacts = NICHE, history: History | None = None) -> Scored:
    found = judged(one, niche, history)
    assert found is not None
    return found


def part(found: Scored, name: str) -> tuple[float | None, str]:
    return next((one.value, one.sentence) for one in found.parts if one.name == name)
