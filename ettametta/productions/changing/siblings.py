"""Dubs and variants: new productions from the storyboard of another; what stays the same is not made again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.edits import Operation, Restyle, SetVoice, as_json
from ettametta.errors import InvalidInput
from ettametta.jobs import Ledger
from ettametta.kit.ids import content_key
from ettametta.models import Production, Revision
from ettametta.productions import repository
from ettametta.productions.changing.hooks import other_openings
from ettametta.productions.course import draft_job
from ettametta.productions.ground import Ground
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProductionView
from ettametta.productions.voices import Voices
from ettametta.productions.writing import ScriptDesk
from ettametta.scripts.script import Script
from ettametta.storyboard import Storyboard
from ettametta.users import audit
from ettametta.video.themes import THEMES

VariantBy = Literal["hook", "voice", "theme", "thumbnail"]
MAX_SIBLINGS = 10

_LANGUAGE = re.compile(r"[a-z]{2,3}")
#: The name of a variant, and what makes it of its source.
_Other = tuple[str, tuple[Operation, ...]]


class Derivation(BaseModel):
    """How a production comes from another: translated, by operations on its storyboard, or under another cover.

    `cover` is the number of a thumbnail candidate, counted from 0.
    """

    model_config = ConfigDict(frozen=True)

    revision_id: str
    kind: Literal["dub", "variant"]
    language: str | None = None
    operations: list[dict[str, Any]] = Field(default_factory=list)
    cover: int | None = None
    label: str = ""


class Siblings:
    """Makes dubs and variants."""

    def __init__(self, ground: Ground, voices: Voices, desk: ScriptDesk) -> None:
        self._database = ground.database
        self._ledger: Ledger = ground.ledger
        self._voices = voices
        self._desk = desk

    async def dub(
        self, production_id: str, languages: Sequence[str], *, user_id: str | None, channel: str = "", key: str = ""
    ) -> list[ProductionView]:
        """The same video in other languages: one production each, with the same pictures.

        Raises:
            NotFound: there is no such production for this user, or it has no storyboard yet.
            InvalidInput: a language is none, is the video's own, or no voice here speaks it.
            MissingPart: no language model is set up that could translate.
        """
        row, revision, board = await self._source(production_id, user_id)
        wanted = list(dict.fromkeys(one.strip().lower() for one in languages))[:MAX_SIBLINGS]
        for language in wanted:
            _check_language(language, board)
            await asyncio.to_thread(self._voices.for_language, language)
        if not wanted:
            raise InvalidInput("No language was named.", hint="Name one, such as es.", code="brief.language")
        self._desk.check_translates()
        made = [Derivation(revision_id=revision.id, kind="dub", language=one, label=one) for one in wanted]
        return await self._begin(row, made, channel, key)

    async def variants(
        self, production_id: str, by: VariantBy, count: int, *, user_id: str | None, channel: str = "", key: str = ""
    ) -> list[ProductionView]:
        """Versions that differ in one thing: the opening, the voice, the theme, or the thumbnail.

        A version with another thumbnail is the same video file under another cover.

        Raises:
            NotFound: there is no such production for this user, or it has no storyboard yet.
            InvalidInput: there is nothing else to choose from.
        """
        row, revision, board = await self._source(production_id, user_id)
        found = await self._others(by, row, revision, board)
        if not found:
            raise InvalidInput(f"There is no other {by} here.", hint=_MORE[by], code="siblings.no_other")
        return await self._begin(row, found[: max(1, min(count, MAX_SIBLINGS))], channel, key)

    async def _source(self, production_id: str, user_id: str | None) -> tuple[Production, Revision, Storyboard]:
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            revision = await repository.current_revision(session, row)
            return row, revision, Storyboard.model_validate(revision.storyboard)

    async def _others(self, by: VariantBy, row: Production, revision: Revision, board: Storyboard) -> list[Derivation]:
        """What could be instead."""
        if by == "thumbnail":
            return await self._covers(revision)
        if by == "theme":
            others: list[_Other] = [(name, (Restyle(theme=name),)) for name in THEMES if name != board.style.theme]
        elif by == "hook":
            others = _hooks(row, board)
        else:
            others = await self._other_voices(board)
        return [
            Derivation(revision_id=revision.id, kind="variant", operations=as_json(operations), label=label)
            for label, operations in others
        ]

    async def _covers(self, revision: Revision) -> list[Derivation]:
        async with self._database.read_scope() as session:
            video = await repository.video_of(session, revision.id)
        return [
            Derivation(revision_id=revision.id, kind="variant", cover=number, label=f"cover {number + 1}")
            for number, key in enumerate((video.cover_keys if video else None) or ())
            if video is not None and key != video.cover_key
        ]

    async def _other_voices(self, board: Storyboard) -> list[_Other]:
        facts = await asyncio.to_thread(self._voices.facts)
        now = (board.speech_provider, board.voice)
        return [
            (f"{name}:{voice}", (SetVoice(provider=name, voice=voice),))
            for name, one in facts.items()
            if board.language in one.languages or "*" in one.languages
            for voice in one.voices
            if (name, voice) != now and voice != "default"
        ]

    async def _begin(
        self, source: Production, made: Sequence[Derivation], channel: str, key: str
    ) -> list[ProductionView]:
        async with self._database.session_scope() as session:
            await session.get(Production, source.id, with_for_update=True)  # the same request at this moment waits
            audit(session, source.user_id, f"production.{made[0].kind}", channel=channel, subject=source.id)
            return [await self._begin_one(session, source, one, key) for one in made]

    async def _begin_one(self, session: AsyncSession, source: Production, how: Derivation, key: str) -> ProductionView:
        own_key = content_key(source=source.id, key=key, label=how.label, kind=how.kind) if key else None
        if own_key is not None:
            known = await session.scalar(select(Production).where(Production.idempotency_key == own_key))
            if known is not None:
                return await repository.view(session, known)
        brief = {**source.brief, "language": how.language or source.brief.get("language")}
        row = Production(
            user_id=source.user_id,
            chat_id=source.chat_id,
            candidate_id=source.candidate_id,
            idempotency_key=own_key,
            title=f"{source.title[:150]} ({how.label[:40]})",
            brief=brief,
            state=ProductionState.DRAFTING,
            source_production_id=source.id,
            derivation=how.model_dump(mode="json"),
        )
        session.add(row)
        await session.flush()
        await self._ledger.enqueue(session, draft_job(row))
        return await repository.view(session, row)


_MORE = {
    "hook": "Ask for the video with several openings (hooks=3), then for its variants.",
    "voice": "Set up more voices; `ettametta voices` lists those there are.",
    "theme": "Ask for another look with an edit.",
    "thumbnail": "Wait until the video is ready: its covers are made with it.",
}


def _check_language(language: str, board: Storyboard) -> None:
    if not _LANGUAGE.fullmatch(language):
        raise InvalidInput(
            f"“{language[:40]}” is not a language code.", hint="Use a code such as en, es or fr.", code="brief.language"
        )
    if language == board.language:
        raise InvalidInput(
            f"The video is in '{language}' already.", hint="Choose another language.", code="siblings.same_language"
        )


def _hooks(row: Production, board: Storyboard) -> list[_Other]:
    return other_openings(Script.model_validate(row.script), board) if row.script is not None else []
