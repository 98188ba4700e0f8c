"""What every job body stands on."""

from __future__ import annotations

from dataclasses import dataclass

from ettametta.db import Database
from ettametta.delivery.outbox import Outbox
from ettametta.jobs import Ledger
from ettametta.storage import Storage


@dataclass(frozen=True, slots=True)
class Ground:
    """Rows, files, jobs, and what must reach people."""

    database: Database
    storage: Storage
    ledger: Ledger
    outbox: Outbox
