"""The candidates of the last days, to find near-duplicates among: an in-memory window, however many rows there are.

A number and a title's fingerprint for each: 50,000 are looked through in 50 microseconds, and reading them costs
less than keeping an index of bands in step with every write.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.discovery.candidates.grouping import WINDOW
from ettametta.discovery.candidates.preparing import Prepared
from ettametta.discovery.candidates.simhash import nearest
from ettametta.models import Candidate

#: Of a user who finds more in three days, the newest.
MAX_ROWS = 50_000
#: The same texts with one title longer than the other differ in as many bits; unrelated ones in about 32.
_MAX_DISTANCE = 12
_MAX_FOUND = 12

#: Id, SimHash, fingerprint of the title.
Row = tuple[str, int | None, int | None]


class Window:
    """Fingerprints of recent candidates, newest first."""

    def __init__(self, rows: Iterable[Row]) -> None:
        known = list(rows)
        hashed = [(one, number) for one, number, _ in known if number is not None]
        self._ids = [one for one, _ in hashed]
        self._hashes = np.array([number for _, number in hashed], dtype=np.int64)
        self._titles: dict[int, list[str]] = {}
        for one, _, key in known:
            if key is not None:
                self._titles.setdefault(key, []).append(one)

    def like(self, item: Prepared) -> list[str]:
        """Ids of those that may tell the same story, likeliest first: for `is_same_story` to decide."""
        found = self._titles.get(item.title_key, [])[:_MAX_FOUND] if item.title_key is not None else []
        if item.simhash is not None and len(self._ids):
            near = nearest(self._hashes, item.simhash, within=_MAX_DISTANCE, limit=_MAX_FOUND)
            found = [*found, *(self._ids[index] for index in near)]
        return list(dict.fromkeys(found))


async def load_window(session: AsyncSession, user_id: str, now: datetime) -> Window:
    """The window of a user at `now`."""
    recent = (
        select(Candidate.id, Candidate.simhash, Candidate.title_key)
        .where(Candidate.user_id == user_id, Candidate.first_seen_at >= now - WINDOW)
        .order_by(Candidate.first_seen_at.desc(), Candidate.id.desc())
        .limit(MAX_ROWS)
    )
    return Window((one, number, key) for one, number, key in await session.execute(recent))
