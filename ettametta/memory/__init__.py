"""What OpenClaw keeps of a person: durable facts about the creator, which they can see, correct and erase."""

from ettametta.memory.facts import MAX_FACT_CHARS, MAX_FACTS, Facts, FactView
from ettametta.memory.kinds import FactKind, fact_kind

__all__ = ["MAX_FACTS", "MAX_FACT_CHARS", "FactKind", "FactView", "Facts", "fact_kind"]
