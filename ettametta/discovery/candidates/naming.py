"""Which candidate is meant: by its id, or its beginning when that names one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import storable
from ettametta.errors import NotFound
from ettametta.models import Candidate


async def named(session: AsyncSession, user_id: str, candidate_id: str) -> Candidate:
    """A user's candidate.

    Raises:
        NotFound: there is none for this user, or the beginning names several.
    """
    prefix = storable(candidate_id.strip().lower())
    wanted = select(Candidate).where(Candidate.user_id == user_id)
    begun = wanted.where(Candidate.id.startswith(prefix, autoescape=True)).limit(2)
    found = (await session.scalars(begun)).all() if prefix else []
    if len(found) != 1:
        raise NotFound(
            "There is no such candidate.", hint="Ask for the list of candidates.", code="candidate.not_found"
        )
    return found[0]
