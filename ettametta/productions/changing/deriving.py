"""The storyboard of a dub or a variant, made from that of its source when its draft runs."""

from __future__ import annotations

import asyncio

from ettametta.db import Database
from ettametta.edits import apply, parse
from ettametta.kit.ids import content_key
from ettametta.models import Production, Revision, StepResult
from ettametta.productions.changing.dubbing import lines_of, with_lines
from ettametta.productions.changing.siblings import Derivation
from ettametta.productions.steps import StepCache
from ettametta.productions.usage import metered
from ettametta.productions.voices import Voices
from ettametta.productions.writing import ScriptDesk
from ettametta.scripts.translate import SpokenLine
from ettametta.storyboard import Storyboard


class Deriver:
    """Makes storyboards from others."""

    def __init__(self, database: Database, voices: Voices, desk: ScriptDesk) -> None:
        self._database = database
        self._voices = voices
        self._desk = desk
        self._cache = StepCache(database)

    async def derive(self, production: Production) -> Storyboard | None:
        """The storyboard of a production that comes from another; None for one that does not.

        Raises:
            EttamettaError: as translating and operations do.
        """
        if production.derivation is None:
            return None
        how = Derivation.model_validate(production.derivation)
        async with self._database.read_scope() as session:
            source = await session.get_one(Revision, how.revision_id)
        board = Storyboard.model_validate(source.storyboard)
        if how.cover is not None:
            return board
        if how.language is None:
            return apply(board, parse(how.operations))
        lines = await self._translated(production, board, how.language)
        voice, _ = await asyncio.to_thread(self._voices.for_language, how.language)
        return with_lines(board, lines, how.language, (voice.provider, voice.voice))

    async def _translated(self, production: Production, board: Storyboard, language: str) -> list[SpokenLine]:
        """The lines in another language, asked for once."""
        lines = lines_of(board)
        key = content_key(
            step="translation",
            user=production.user_id,
            model=self._desk.name,
            to=language,
            lines=[[line.text, *line.shown] for line in lines],
        )
        kept = await self._cache.find(key)
        if kept is None:
            async with metered(self._database, production) as meter:
                done = await self._desk.translate(lines, language, from_language=board.language, meter=meter)
            kept = {"lines": [[line.text, *line.shown] for line in done]}
            await self._cache.keep(StepResult(key=key, user_id=production.user_id, step="translation", output=kept))
        return [SpokenLine(text, tuple(shown)) for text, *shown in kept["lines"]]
