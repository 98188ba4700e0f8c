"""A video about a candidate: its page is the source, and the candidate counts as made from then on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.discovery.candidates import judging
from ettametta.discovery.candidates.naming import named
from ettametta.discovery.candidates.values import Verdict
from ettametta.discovery.subject import Story
from ettametta.models import Candidate, Sighting
from ettametta.productions.brief import Brief

#: Less text than this is no source; then its title is looked up as a topic.
_MIN_TEXT_CHARS = 400


async def with_candidate(session: AsyncSession, brief: Brief, *, user_id: str) -> tuple[Brief, str]:
    """The brief with the candidate's page as its source where it names none, and the candidate's title.

    Without a candidate: the brief as it is, and "".

    Raises:
        NotFound: there is no such candidate for this user.
    """
    if brief.candidate_id is None:
        return brief, ""
    row = await named(session, user_id, brief.candidate_id)
    whole = {"candidate_id": row.id}
    has_source = brief.text.strip() or brief.file_asset_id or brief.options.narration_asset_id
    return brief.model_copy(update=whole if has_source else {**whole, **_source(row)}), row.title


def _source(row: Candidate) -> dict[str, str]:
    if row.url:
        return {"kind": "url", "text": row.url}
    if len(row.text) >= _MIN_TEXT_CHARS:
        return {"kind": "text", "text": f"{row.title}\n\n{row.text}"}
    return {"kind": "topic", "text": row.title}


async def story_of(session: AsyncSession, candidate_id: str | None, brief: Brief, *, user_id: str) -> Story | None:
    """The candidate as the gatherer of evidence takes it; None: there is none, or the brief has its own source."""
    row = await session.get(Candidate, candidate_id) if candidate_id else None
    if row is None or row.user_id != user_id or _source(row) != {"kind": brief.kind, "text": brief.text}:
        return None
    seen = await session.scalars(
        select(Sighting.url).where(Sighting.candidate_id == row.id).order_by(Sighting.first_seen_at, Sighting.id)
    )
    urls = tuple(dict.fromkeys(url for url in (row.url, *seen) if url))
    return Story(row.title, urls, row.text, row.language, tuple(row.keywords or ()))


async def mark_made(session: AsyncSession, brief: Brief, *, user_id: str, now: datetime) -> None:
    """Write down that a video was begun about the brief's candidate."""
    if brief.candidate_id is not None:
        await judging.judge(session, user_id, brief.candidate_id, Verdict.MADE, now=now)
