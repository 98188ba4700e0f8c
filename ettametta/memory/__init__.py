"""What OpenClaw keeps of a person: facts about the creator, minutes of older turns; seen, corrected, erased."""

from ettametta.memory.erasing import Erased, Erasure
from ettametta.memory.facts import MAX_FACT_CHARS, MAX_FACTS, Facts, FactView
from ettametta.memory.kinds import FactKind, fact_kind
from ettametta.memory.summaries import MAX_SUMMARY_CHARS, Summaries, SummaryView

__all__ = [
    "MAX_FACTS",
    "MAX_FACT_CHARS",
    "MAX_SUMMARY_CHARS",
    "Erased",
    "Erasure",
    "FactKind",
    "FactView",
    "Facts",
    "Summaries",
    "SummaryView",
    "fact_kind",
]
