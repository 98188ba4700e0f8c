"""Every job there is, by its wire name."""

from __future__ import annotations

from ettametta.bootstrap import Resources
from ettametta.jobs import JobKind
from tasks import discovery, memory, productions

_ALL: tuple[JobKind[Resources], ...] = (
    JobKind("production.draft", productions.draft, timeout_s=15 * 60),
    JobKind("conversation.summarise", memory.summarise, timeout_s=5 * 60),
    JobKind("discovery.scan", discovery.scan, timeout_s=15 * 60),
    JobKind("production.render", productions.render, timeout_s=2 * 3600),
)

#: What a worker can run.
KINDS: dict[str, JobKind[Resources]] = {kind.name: kind for kind in _ALL}
