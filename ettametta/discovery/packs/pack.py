"""An evidence pack: the texts about one story, their quotes and figures with pages, and what they contradict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from ettametta.discovery.packs.conflicts import Conflict, conflicts_among
from ettametta.discovery.packs.figures import Figure, figures_in
from ettametta.discovery.packs.quotes import Quote, quotes_in
from ettametta.evidence import Evidence, EvidenceItem

#: Of one page, so that a long one does not crowd out the others.
MAX_QUOTES = 12
MAX_FIGURES = 40
_MAX_CHARS = 40_000


@dataclass(frozen=True, slots=True)
class EvidencePack:
    """What several pages say of one story."""

    topic: str
    #: the story's own page first, then what corroborates it
    items: tuple[EvidenceItem, ...]
    quotes: tuple[Quote, ...]
    figures: tuple[Figure, ...]
    conflicts: tuple[Conflict, ...]
    #: what did not answer, in sentences
    notes: tuple[str, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """What scripts are written from; contradictions are told among the notes."""
        told = tuple(conflict.sentence for conflict in self.conflicts)
        return Evidence(topic=self.topic, items=self.items, notes=(*self.notes, *told))


def pack_of(topic: str, items: Sequence[EvidenceItem], notes: Sequence[str] = ()) -> EvidencePack:
    """The pack of some texts: with quotes, figures and contradictions. Long texts take time: use a thread."""
    quotes = [quote for item in items for quote in islice(_quotes(item), MAX_QUOTES)]
    figures = [figure for item in items for figure in islice(_figures(item), MAX_FIGURES)]
    return EvidencePack(topic, tuple(items), _once(quotes), tuple(figures), conflicts_among(figures), tuple(notes))


def _quotes(item: EvidenceItem) -> islice[Quote]:
    return islice(quotes_in(item.text[:_MAX_CHARS], item.citation.url), MAX_QUOTES)


def _figures(item: EvidenceItem) -> islice[Figure]:
    return islice(figures_in(item.text, item.citation.url, item.language), MAX_FIGURES)


def _once(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The same words on several pages are one quote: with its speaker, if any page names one."""
    found: dict[str, Quote] = {}
    for quote in quotes:
        kept = found.setdefault(quote.text.casefold(), quote)
        if kept.speaker is None and quote.speaker is not None:
            found[quote.text.casefold()] = quote
    return tuple(found.values())
