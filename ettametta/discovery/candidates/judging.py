"""Verdicts: what a person decided about a candidate, with the parts of its score at that moment to learn from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.discovery.candidates.reading import not_found
from ettametta.discovery.candidates.recording import index_again
from ettametta.discovery.candidates.values import Verdict
from ettametta.models import Candidate, Feedback, NicheMatch


async def judge(
    session: AsyncSession,
    user_id: str,
    candidate_id: str,
    verdict: Verdict,
    *,
    niche_id: str | None = None,
    now: datetime,
) -> Candidate:
    """Write a verdict down in the caller's transaction; the same again changes nothing, `Verdict.OPEN` takes it back.

    Raises:
        NotFound: there is no such candidate for this user.
    """
    row = await session.scalar(
        select(Candidate).where(Candidate.user_id == user_id, Candidate.id == candidate_id).with_for_update()
    )
    if row is None:
        raise not_found(candidate_id)
    if Verdict(row.verdict or Verdict.OPEN) != verdict:
        row.verdict = None if verdict == Verdict.OPEN else verdict.value
        row.verdict_at = None if verdict == Verdict.OPEN else now
        await index_again(session, row)
        if verdict != Verdict.OPEN:
            session.add(await _feedback(session, row, verdict, niche_id, now))
    return row


async def _feedback(
    session: AsyncSession, row: Candidate, verdict: Verdict, niche_id: str | None, now: datetime
) -> Feedback:
    """With the match in that niche, or the best match when none is named; no match: no parts."""
    matches = select(NicheMatch).where(NicheMatch.candidate_id == row.id, NicheMatch.user_id == row.user_id)
    if niche_id is not None:
        matches = matches.where(NicheMatch.niche_id == niche_id)
    match = await session.scalar(matches.order_by(NicheMatch.score.desc()).limit(1))
    return Feedback(
        user_id=row.user_id,
        candidate_id=row.id,
        niche_id=match.niche_id if match else None,
        verdict=verdict.value,
        parts=match.parts if match else {},
        at=now,
    )
