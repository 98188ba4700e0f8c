"""The body of `production.draft`: evidence, script, storyboard; then the render, or a proposal if it costs money."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import storable
from ettametta.discovery.evidence import EvidenceGatherer
from ettametta.discovery.subject import Link, PastedText, Subject, TextFile, Topic
from ettametta.errors import Conflict, InvalidInput, OperatorError
from ettametta.evidence import Evidence
from ettametta.jobs import JobContext, JobView
from ettametta.kit.ids import content_key
from ettametta.models import Production, StepResult
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.productions.changing.deriving import Deriver
from ettametta.productions.chosen import story_of
from ettametta.productions.costing import Costing
from ettametta.productions.course import Course, render_job
from ettametta.productions.files import visual_of
from ettametta.productions.ground import Ground
from ettametta.productions.holding import last_word
from ettametta.productions.pictures.finding import Filled, Picturing
from ettametta.productions.recordings import recorded_script
from ettametta.productions.state import ProductionState, check_move
from ettametta.productions.steps import StepCache
from ettametta.productions.style_notes import caption_notes
from ettametta.productions.telling import script_text, storyboard_text
from ettametta.productions.usage import metered
from ettametta.productions.voices import SILENT, Voice, Voices
from ettametta.productions.wishes import apply_options, wishes_text, with_clip_speed
from ettametta.productions.writing import ScriptDesk
from ettametta.providers.speech.base import SpeechFacts
from ettametta.scripts.own import own_script
from ettametta.scripts.pacing import script_s
from ettametta.scripts.scenes import script_to_storyboard
from ettametta.scripts.script import Script, ScriptWanted
from ettametta.storyboard import ClipVisual, PhotoVisual, Storyboard

_MAX_FILE_BYTES = 2_000_000
#: A script that fills less of the wanted length than this had no more to say.
_LEAST_OF_TARGET = 0.8
#: The share of a draft that is done when pictures are looked for.
_PICTURES_FROM = 0.85
#: What a script is written for, whatever the voice and pace.
_SLOWEST_WPM, _FASTEST_WPM = 41.0, 399.0


class Drafting:
    """Drafts a production."""

    def __init__(
        self,
        ground: Ground,
        gatherer: EvidenceGatherer,
        writer: ScriptDesk,
        costing: Costing,
        voices: Voices,
        picturing: Picturing,
        *,
        auto_approve_usd: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = ground.database
        self._storage = ground.storage
        self._ledger = ground.ledger
        self._gatherer = gatherer
        self._writer = writer
        self._costing = costing
        self._voices = voices
        self._picturing = picturing
        self._deriver = Deriver(ground.database, voices, writer)
        self._recordings = costing.narrator.recordings
        self._cache = StepCache(ground.database)
        self._course = Course(ground.ledger, ground.outbox, clock=clock)
        self._auto_approve_usd = auto_approve_usd

    async def run(self, context: JobContext[Any]) -> dict[str, Any]:
        """Write the storyboard of a production.

        Raises:
            EttamettaError: as its steps do; the ledger records it.
        """
        async with self._database.read_scope() as session:
            production = await session.get_one(Production, context.job.payload["production_id"])
        if production.state != ProductionState.DRAFTING:
            return _earlier(production)
        brief = Brief.model_validate(production.brief)
        storyboard = await self._begun(production)
        script: Script | None = None
        notes: tuple[str, ...] = ()
        if storyboard is None:
            script = await self._written(context, production, brief)
            notes = script.notes
            if production.stop_after == "script":
                return await self._stop(context.job, script, None, notes)
            await context.progress(0.8, "storyboard", "Drawing up the storyboard")
            storyboard = await self._storyboard(production, brief, script)
            if production.stop_after == "storyboard":
                return await self._stop(context.job, script, storyboard, notes)
        filled = Filled(storyboard)
        if production.derivation is None:
            filled = await self._pictured(context, production, brief, storyboard)
        storyboard = with_clip_speed(filled.storyboard, brief.options.clip_speed)
        notes = (*notes, *caption_notes(storyboard))
        if production.stop_after == "visuals":
            return await self._stop(context.job, script, storyboard, (*notes, *filled.notes))
        cost_usd = await self._costing.cost_usd(production.user_id, storyboard)
        return await self._conclude(context.job, storyboard, script, (*notes, *filled.notes), cost_usd)

    async def _begun(self, production: Production) -> Storyboard | None:
        """The storyboard there is already (it stopped after that), or that of the video this one is made from."""
        if production.current_revision_id is None:
            return await self._deriver.derive(production)
        async with self._database.read_scope() as session:
            return Storyboard.model_validate((await repository.current_revision(session, production)).storyboard)

    async def _written(self, context: JobContext[Any], production: Production, brief: Brief) -> Script:
        if production.script is not None:
            return Script.model_validate(production.script)
        if brief.options.narration_asset_id is not None:
            await context.progress(0.05, "recording", "Listening to your recording")
            return await self._dictated(production, brief, brief.options.narration_asset_id)
        if brief.kind == "script":
            return await asyncio.to_thread(self._own, brief)
        await context.progress(0.05, "evidence", "Reading up")
        evidence = await self._evidence(production, brief)
        await context.progress(0.4, "script", "Writing the script")
        return await self._script(production, brief, evidence)

    def _own(self, brief: Brief) -> Script:
        """The person's own words; refused early when no voice here can say them."""
        script = own_script(brief.text, language=brief.language)
        facts = self._voices.choose(brief.options.voice, script.language)[1]
        return own_script(
            brief.text, language=script.language, words_per_minute=facts.words_per_minute * brief.options.pace
        )

    async def _recording_key(self, production: Production, asset_id: str) -> str:
        async with self._database.read_scope() as session:
            return (await repository.find_asset(session, asset_id, user_id=production.user_id)).storage_key

    async def _dictated(self, production: Production, brief: Brief, asset_id: str) -> Script:
        """A script of the words the person recorded; of a pasted text, when it was that they read aloud."""
        asset_key = await self._recording_key(production, asset_id)
        transcript = await self._recordings.heard(production.user_id, asset_key, brief.language)
        return recorded_script(transcript, brief.text if brief.kind in ("text", "script") else "", title=brief.subject)

    async def _pictured(
        self, context: JobContext[Any], production: Production, brief: Brief, storyboard: Storyboard
    ) -> Filled:
        async def looked(done: int, wanted: int) -> None:
            fraction = _PICTURES_FROM + (1 - _PICTURES_FROM) * done / wanted
            await context.progress(fraction, "pictures", f"Looking for pictures: {done + 1} of {wanted}")

        filled = await self._picturing.fill(production, brief.options, storyboard, looked)
        imaging = self._costing.imaging
        planned = imaging.plan(filled.storyboard, brief.options)
        wishes = imaging.wishes(planned)
        told = (f"The image model {imaging.model} is to make {wishes} pictures once the cost is approved.",)
        return Filled(planned, (*filled.notes, *told) if wishes else filled.notes)

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
        async with self._database.read_scope() as session:
            story = await story_of(session, production.candidate_id, brief, user_id=production.user_id)
        if story is not None:
            return story
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
        facts = await asyncio.to_thread(self._likely_voice, brief, evidence)
        wanted = ScriptWanted(
            duration_s=brief.duration_s,
            language=brief.language,
            words_per_minute=min(_FASTEST_WPM, max(_SLOWEST_WPM, facts.words_per_minute * brief.options.pace)),
            tone=brief.options.tone,
            instructions=wishes_text(brief.options),
            hooks=brief.options.hooks,
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
        async with metered(self._database, production) as meter:
            script = await self._writer.write(evidence, wanted, meter=meter)
        output = script.model_dump(mode="json")
        await self._cache.keep(StepResult(key=key, user_id=production.user_id, step="script", output=output))
        return script

    def _likely_voice(self, brief: Brief, evidence: Evidence) -> SpeechFacts:
        """The voice of the language the script will be in; refuses early what no voice here can speak."""
        declared = next((item.language for item in evidence.items if item.language), None)
        return self._voices.choose(brief.options.voice, brief.language or declared or "en")[1]

    async def _storyboard(self, production: Production, brief: Brief, script: Script) -> Storyboard:
        voice, facts = await asyncio.to_thread(self._voice, brief, script.language)
        media = await self._media(production, brief)
        board = script_to_storyboard(script, media=media, speech_provider=voice.provider, voice=voice.voice)
        board = apply_options(
            board,
            brief.options,
            words_per_minute=facts.words_per_minute,
            length_target_s=_length_target_s(brief, script, facts),
        )
        if brief.options.narration_asset_id is None:
            return board
        asset_key = await self._recording_key(production, brief.options.narration_asset_id)
        return await self._recordings.narrated(production.user_id, board, asset_key, brief.language)

    def _voice(self, brief: Brief, language: str) -> tuple[Voice, SpeechFacts]:
        """The voice that speaks; a recording needs none, so there a language no voice has is no hindrance."""
        if brief.options.narration_asset_id is None:
            return self._voices.choose(brief.options.voice, language)
        try:
            return self._voices.choose(brief.options.voice, language)
        except (InvalidInput, OperatorError):
            return self._voices.choose(SILENT, language)

    async def _media(self, production: Production, brief: Brief) -> list[PhotoVisual | ClipVisual]:
        async with self._database.read_scope() as session:
            rows = [
                await repository.find_asset(session, asset_id, user_id=production.user_id)
                for asset_id in brief.media_asset_ids
            ]
        if brief.options.order == "random":
            random.Random(production.id).shuffle(rows)  # noqa: S311 -- no secret: the same for the same production
        return [visual_of(row) for row in rows]

    async def _stop(
        self, job: JobView, script: Script | None, storyboard: Storyboard | None, notes: Sequence[str]
    ) -> dict[str, Any]:
        """Wait where the person asked to, with what was made."""
        async with last_word(self._database, job) as (session, row):
            if row.state != ProductionState.DRAFTING:
                return _earlier(row)
            await _keep(session, row, script, storyboard, notes)
            made = script_text(row.script) if storyboard is None and row.script else ""
            await self._course.wait(session, row, storyboard_text(storyboard) if storyboard else made)
            return _outcome(row)

    async def _conclude(
        self, job: JobView, storyboard: Storyboard, script: Script | None, notes: Sequence[str], cost_usd: float
    ) -> dict[str, Any]:
        async with last_word(self._database, job) as (session, row):
            if row.state != ProductionState.DRAFTING:
                return _earlier(row)
            await _keep(session, row, script, storyboard, notes)
            row.estimate_microusd = round(cost_usd * 1e6)
            if cost_usd > self._auto_approve_usd:
                await self._course.proposer.propose(session, row, self._costing.summary(storyboard, cost_usd))
            else:
                await self._begin_render(session, row)
            return _outcome(row)

    async def _begin_render(self, session: AsyncSession, row: Production) -> None:
        check_move(ProductionState(row.state), ProductionState.RENDERING)
        row.state = ProductionState.RENDERING
        await self._ledger.enqueue(session, render_job(row))


async def _keep(
    session: AsyncSession,
    row: Production,
    script: Script | None,
    storyboard: Storyboard | None,
    notes: Sequence[str],
) -> None:
    """Write down what was made: the script, and the storyboard as a revision when it is new."""
    if script is not None:
        row.script = script.model_dump(mode="json")
        row.title = storable(script.title, max_chars=200)
    if storyboard is None:
        return
    row.title = storable(storyboard.title, max_chars=200)
    current = await repository.current_revision(session, row) if row.current_revision_id is not None else None
    if current is None or current.storyboard != storyboard.model_dump(mode="json"):
        await repository.add_revision(session, row, storyboard, storable(" ".join(notes)))


def _length_target_s(brief: Brief, script: Script, facts: SpeechFacts) -> float | None:
    """The length to hold the video to; none for a person's own words, or when the source has fewer (a note says so)."""
    has_less = script_s(script, facts.words_per_minute) < _LEAST_OF_TARGET * brief.duration_s
    return None if brief.kind == "script" or has_less else brief.duration_s


def _earlier(row: Production) -> dict[str, Any]:
    """What an earlier run came to, which died before it could say so."""
    if row.current_revision_id is None and row.state != ProductionState.WAITING:
        raise Conflict(
            f"The production is {row.state} and is not being drafted.",
            hint="Retry the production to take it up again.",
            code="production.not_wanted",
        )
    return _outcome(row)


def _outcome(row: Production) -> dict[str, Any]:
    return {"revision_id": row.current_revision_id, "state": str(row.state)}
