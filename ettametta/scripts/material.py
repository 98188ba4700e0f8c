"""Text of strangers inside marked blocks: the mark is random and taken out of the text: none can close one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from ettametta.evidence import Evidence, EvidenceItem
from ettametta.kit.text import clean, truncate

#: Characters of evidence that are shown to the model, over all items.
MAX_MATERIAL_CHARS = 24_000


@dataclass(frozen=True, slots=True)
class Blocks:
    """Marked blocks of one request or one conversation about it."""

    boundary: str = field(default_factory=lambda: secrets.token_hex(12))

    def block(self, name: str, text: str) -> str:
        """A text between two lines that hold the mark."""
        body = text.replace(self.boundary, "")
        return f"<<<{self.boundary} {name}>>>\n{body}\n<<<{self.boundary} end of {name}>>>"

    def evidence(self, evidence: Evidence, wishes: str = "") -> str:
        """The topic, the wishes of the person who asked, and every source that has a text."""
        room = MAX_MATERIAL_CHARS // max(1, sum(bool(item.text) for item in evidence.items))
        blocks = [self.block("topic", evidence.topic)]
        if wishes:
            blocks.append(self.block("wishes", wishes))
        blocks += [
            self.block(f"source {number}", _source(item, room))
            for number, item in enumerate(evidence.items)
            if item.text
        ]
        return "\n\n".join(blocks)


def _source(item: EvidenceItem, room: int) -> str:
    facts = [item.citation.title, item.citation.publisher, item.citation.published]
    head = " | ".join(clean(fact) for fact in facts if fact)
    return f"{head}\n\n{truncate(item.text, room)}"
