"""The parts of a score: each a value from 0 to 1, or None when it cannot be measured, and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ettametta.discovery.candidates.velocity import leading_metric
from ettametta.discovery.ranking.baseline import Baseline, Usual
from ettametta.discovery.ranking.display import amount, metric_words, times
from ettametta.discovery.ranking.facts import CandidateFacts, NicheFacts, SightingFacts, SourceFacts
from ettametta.kit.text import truncate

#: What a story in a language the person did not name is worth, and one in the language after the first.
OTHER_LANGUAGE = 0.0
LATER_LANGUAGE = 0.9


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score."""

    name: str
    #: 0..1; None: not measured, and left out of the score
    value: float | None
    weight: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Measured:
    """The value of a part, before it is weighed."""

    value: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """What is usual for the sources, and how they are called."""

    #: by source and address
    baselines: Mapping[tuple[str, str], Baseline]
    #: by source
    sources: Mapping[str, SourceFacts]

    def title(self, source: str) -> str:
        """The source's name as people write it."""
        known = self.sources.get(source)
        return known.title if known else source.replace("_", " ")

    def leading(self, sighting: SightingFacts) -> str | None:
        """The number that stands for a sighting; None: its source sent none."""
        known = self.sources.get(sighting.source)
        return leading_metric(sighting.metrics, known.metrics if known else ())


def velocity(candidate: CandidateFacts, yardsticks: Yardsticks) -> Measured:
    """How fast its leading number grows, against what is usual for the source; the best sighting counts."""
    found = [_speed(sighting, yardsticks) for sighting in candidate.sightings]
    return _best(found, "Speed is not measured: that takes two looks at a number of it.")


def _speed(sighting: SightingFacts, yardsticks: Yardsticks) -> Measured:
    metric = yardsticks.leading(sighting)
    if metric is None or sighting.velocity is None:
        return Measured(None, "")
    where = yardsticks.title(sighting.source)
    pace = f"{metric_words(metric, sighting.velocity)} an hour"
    usual = _usual(sighting, metric, yardsticks, of_speed=True)
    if usual is None:
        return Measured(None, f"Speed is not measured yet: {pace}, but what is usual for {where} is not known.")
    ratio = usual.times(sighting.velocity)
    return Measured(usual.rank(sighting.velocity), f"{times(ratio)} as fast as usual for {where} ({pace}).")


def attention(candidate: CandidateFacts, yardsticks: Yardsticks) -> Measured:
    """How high its leading number is, against what is usual for the source; the best sighting counts."""
    found = [_height(sighting, yardsticks) for sighting in candidate.sightings]
    return _best(found, "Attention is not measured: no source sent a number for it.")


def _height(sighting: SightingFacts, yardsticks: Yardsticks) -> Measured:
    metric = yardsticks.leading(sighting)
    if metric is None:
        return Measured(None, "")
    count = sighting.metrics[metric]
    where = yardsticks.title(sighting.source)
    usual = _usual(sighting, metric, yardsticks, of_speed=False)
    if usual is None:
        told = metric_words(metric, count)
        return Measured(None, f"Attention is not measured yet: {told}, but what is usual for {where} is not known.")
    return Measured(
        usual.rank(count), f"{times(usual.times(count))} as much as usual for {where} ({metric_words(metric, count)})."
    )


def _usual(sighting: SightingFacts, metric: str, yardsticks: Yardsticks, *, of_speed: bool) -> Usual | None:
    baseline = yardsticks.baselines.get((sighting.source, sighting.address))
    if baseline is None or baseline.metric != metric:
        return None
    return baseline.velocity if of_speed else baseline.level


def _best(found: list[Measured], nothing: str) -> Measured:
    """The highest of those measured; else the first that says why it is not."""
    measured = [(one.value, one.sentence) for one in found if one.value is not None]
    if measured:
        return Measured(*max(measured))
    return next((one for one in found if one.sentence), Measured(None, nothing))


def spread(candidate: CandidateFacts, yardsticks: Yardsticks) -> Measured:
    """In how many different sources it was seen: one is 0, two 0.5, three 0.75."""
    names = [yardsticks.title(source) for source in candidate.sources]
    if not names:
        return Measured(None, "Spread is not measured: no source is known.")
    if len(names) == 1:
        return Measured(0.0, f"Seen in one source: {names[0]}.")
    shown = ", ".join(names[:4]) + (" and others" if len(names) > 4 else "")
    return Measured(1.0 - 0.5 ** (len(names) - 1), f"Seen in {len(names)} sources: {shown}.")


def language(candidate: CandidateFacts, niche: NicheFacts) -> Measured:
    """Whether it is in a language the niche asks for."""
    if not niche.languages:
        return Measured(None, "Language is not weighed: the niche takes any.")
    if candidate.language is None:
        return Measured(None, "Language is not measured: it is not known.")
    if candidate.language not in niche.languages:
        return Measured(OTHER_LANGUAGE, f"In another language ({truncate(candidate.language, 8)}) than you asked for.")
    is_first = candidate.language == niche.languages[0]
    return Measured(1.0 if is_first else LATER_LANGUAGE, f"In a language you asked for ({candidate.language}).")


def as_json(part: Part) -> dict[str, object]:
    """A part as it is stored: what is not measured is null."""
    value = None if part.value is None else amount(part.value)
    return {"value": value, "weight": amount(part.weight), "sentence": part.sentence}
