"""The body of `production.draft`: evidence, script, storyboard; then the render, or a proposal if it costs money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.discovery.evidence import EvidenceGatherer
from ettametta.discovery.subject import Link, PastedText, Subject, TextFile, Topic
from ettametta.errors import NotFound
from ettametta.evidence import Evidence
from ettametta.jobs import JobContext
from ettametta.kit.ids import content_key
from ettametta.models import Asset, Production, Proposal, Revision, StepResult, Usage
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.productions.ground import Ground
from ettametta.productions.narrating import Narrator
from ettametta.productions.progress import show_progress
from ettametta.productions.service import render_job
from ettametta.productions.state import ProductionState, check_move
from ettametta.productions.steps import StepCache
from ettametta.productions.voices import Voice, Voices
from ettametta.productions.writing import ScriptDesk, Use
from ettametta.providers.speech.base import SpeechFacts
from ettametta.scripts.scenes import script_to_storyboard
from ettametta.scripts.script import Script, ScriptWanted
from ettametta.storyboard import ClipVisual, PhotoVisual, Storyboard

#: How long a proposal can be answered.
PROPOSAL_LIFETIME = timedelta(days=7)

_MAX_FILE_BYTES = 2_000_000


class Drafting:
    """Drafts a production."""

    def __init__(
        self,
        ground: Ground,
        gatherer: EvidenceGatherer,
        writer: ScriptDesk,
        narrator: Narrator,
        voices: Voices,
        *,
        auto_approve_usd: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = ground.database
        self._storage = ground.storage
        self._ledger = ground.ledger
        self._outbox = ground.outbox
        self._gatherer = gatherer
        self._writer = writer
        self._narrator = narrator
        self._voices = voices
        self._cache = StepCache(ground.database)
        self._auto_approve_usd = auto_approve_usd
        self._now = clock

    async def run(self, context: JobContext[Any]) -> dict[str, Any]:
        """Write the storyboard of a production.

        Raises:
            EttamettaError: as its steps do; the ledger records it.
        """
        async with self._database.read_scope() as session:
            production = await session.get_one(Production, context.job.payload["production_id"])
        brief = Brief.model_validate(production.brief)
        await context.progress(0.05, "evidence", "Reading up")
        evidence = await self._evidence(production, brief)
        await context.progress(0.4, "script", "Writing the script")
        script = await self._script(production, brief, evidence)
        await context.progress(0.8, "storyboard", "Drawing up the storyboard")
        voice, _ = self._voices.for_language(script.language)
        storyboard = await self._storyboard(production, brief, script, voice)
        cost_usd = await self._narrator.cost_usd(production.user_id, storyboard)
        return await self._conclude(production.id, storyboard, script, cost_usd)

    async def _evidence(self, production: Production, brief: Brief) -> Evidence:
        key = content_key(step="evidence", production=production.id, brief=brief.model_dump(mode="json"))
        kept = await self._cache.find(key)
        if kept is not None:
            return Evidence.model_validate(kept)
        subject = await self._subject(production, brief)
        evidence = await self._gatherer.gather(
            subject, language=brief.language, may_be_empty=self._writer.can_do_without_evidence
        )
        output = evidence.model_dump(mode="json")
        await self._cache.keep(StepResult(key=key, user_id=production.user_id, step="evidence", output=output))
        return evidence

    async def _subject(self, production: Production, brief: Brief) -> Subject:
        if brief.kind == "url":
            return Link(brief.text.strip())
        if brief.kind == "text":
            return PastedText(brief.text)
        if brief.kind == "topic" or brief.file_asset_id is None:
            return Topic(brief.text)
        async with self._database.read_scope() as session:
            asset = await repository.find_asset(session, brief.file_asset_id, user_id=production.user_id)
        return TextFile(asset.name, await self._storage.get_bytes(asset.storage_key, _MAX_FILE_BYTES))

    async def _script(self, production: Production, brief: Brief, evidence: Evidence) -> Script:
        facts = self._likely_voice(brief, evidence)
        wanted = ScriptWanted(
            duration_s=brief.duration_s, language=brief.language, words_per_minute=facts.words_per_minute
        )
        key = content_key(
            step="script",
            production=production.id,
            writer=self._writer.name,
            evidence=evidence.model_dump(mode="json"),
            wanted=wanted.model_dump(mode="json"),
        )
        kept = await self._cache.find(key)
        if kept is not None:
            return Script.model_validate(kept)
        written = await self._writer.write(evidence, wanted)
        result = StepResult(
            key=key, user_id=production.user_id, step="script", output=written.script.model_dump(mode="json")
        )
        await self._cache.keep(result, *_usage(production, key, written.uses))
        return written.script

    def _likely_voice(self, brief: Brief, evidence: Evidence) -> SpeechFacts:
        """The voice of the language the script will be in; refuses early what no voice here can speak."""
        declared = next((item.language for item in evidence.items if item.language), None)
        return self._voices.for_language(brief.language or declared or "en")[1]

    async def _storyboard(self, production: Production, brief: Brief, script: Script, voice: Voice) -> Storyboard:
        media = await self._media(production, brief)
        board = script_to_storyboard(script, media=media)
        return board.model_copy(update={"speech_provider": voice.provider, "voice": voice.voice})

    async def _media(self, production: Production, brief: Brief) -> list[PhotoVisual | ClipVisual]:
        async with self._database.read_scope() as session:
            rows = [
                await repository.find_asset(session, asset_id, user_id=production.user_id)
                for asset_id in brief.media_asset_ids
            ]
        return [_visual(row) for row in rows]

    async def _conclude(
        self, production_id: str, storyboard: Storyboard, script: Script, cost_usd: float
    ) -> dict[str, Any]:
        async with self._database.session_scope() as session:
            row = await repository.find(session, production_id, user_id=None, lock=True)
            revision = await self._revision(session, row, storyboard, " ".join(script.notes))
            row.title = storyboard.title[:200]
            row.estimate_microusd = round(cost_usd * 1e6)
            if cost_usd > self._auto_approve_usd:
                await self._propose(session, row, storyboard)
            else:
                check_move(ProductionState(row.state), ProductionState.RENDERING)
                row.state = ProductionState.RENDERING
                await self._ledger.enqueue(session, render_job(row))
            return {"revision_id": revision.id, "scenes": len(storyboard.scenes), "state": str(row.state)}

    @staticmethod
    async def _revision(session: AsyncSession, row: Production, storyboard: Storyboard, note: str) -> Revision:
        """The first revision; a job that is run again finds the one it wrote before."""
        if row.current_revision_id is not None:
            return await repository.current_revision(session, row)
        return await repository.add_revision(session, row, storyboard, note)

    async def _propose(self, session: AsyncSession, row: Production, storyboard: Storyboard) -> None:
        check_move(ProductionState(row.state), ProductionState.PROPOSED)
        row.state = ProductionState.PROPOSED
        cost = (row.estimate_microusd or 0) / 1e6
        letters = sum(len(scene.narration) for scene in storyboard.scenes)
        summary = f"Narration of {letters:,} characters by {storyboard.speech_provider}: about ${cost:.4f}."
        proposal = Proposal(
            user_id=row.user_id,
            chat_id=row.chat_id,
            production_id=row.id,
            kind="render",
            summary=summary,
            estimate_microusd=row.estimate_microusd,
            expires_at=self._now() + PROPOSAL_LIFETIME,
        )
        session.add(proposal)
        await session.flush()
        waiting = "Waiting for your yes."
        await show_progress(
            session, self._outbox, row, fraction=repository.DRAFT_SHARE, stage="proposal", message=waiting
        )
        payload = {"proposal_id": proposal.id, "production_id": row.id, "title": row.title, "summary": summary,
                   "estimate_usd": cost}  # fmt: skip
        await self._outbox.put(
            session,
            user_id=row.user_id,
            chat_id=row.chat_id,
            key=f"proposal:{proposal.id}",
            kind="proposal",
            payload=payload,
        )


def _visual(row: Asset) -> PhotoVisual | ClipVisual:
    if row.width is None or row.height is None:
        raise NotFound("That file is neither a photo nor a clip.", hint="Send a photo or a video.")
    if row.kind == "clip" and row.duration_s:
        return ClipVisual(asset_key=row.storage_key, width=row.width, height=row.height, duration_s=row.duration_s)
    return PhotoVisual(asset_key=row.storage_key, width=row.width, height=row.height)


def _usage(production: Production, key: str, uses: Sequence[Use]) -> list[Usage]:
    """Rows for what was asked of a model: its cost stands with the tokens that went in; unknown is NULL."""
    return [
        Usage(
            user_id=production.user_id,
            production_id=production.id,
            idempotency_key=f"script:{key}:{number}:{unit}",
            provider="llm",
            model=use.model,
            unit=unit,
            quantity=quantity,
            cost_microusd=cost,
        )
        for number, use in enumerate(uses)
        for unit, quantity, cost in (
            ("tokens_in", use.input_tokens, None if use.cost_usd is None else round(use.cost_usd * 1e6)),
            ("tokens_out", use.output_tokens, None if use.cost_usd is None else 0),
        )
    ]
