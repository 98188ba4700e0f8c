"""Narration of a storyboard: each scene spoken once, kept with its word times, and never paid for twice."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ettametta.kit.ids import content_key
from ettametta.models import Asset, Production, StepResult, Usage
from ettametta.productions.hearing import Hearing
from ettametta.productions.recordings import Recordings
from ettametta.productions.steps import StepCache
from ettametta.productions.voices import Voices
from ettametta.providers.speech.audio import decode_wav, encode_wav, levelled
from ettametta.providers.speech.base import Speech, SpeechRequest, Word
from ettametta.storage import Storage
from ettametta.storyboard import Scene, Storyboard
from ettametta.video.plan import Narration

_STEP = "narration"

#: Told how many scenes have been spoken, and whether the last of them was spoken just now.
OnSpoken = Callable[[int, bool], Awaitable[None]]


class Narrator:
    """Speaks scenes."""

    def __init__(
        self, voices: Voices, cache: StepCache, storage: Storage, recordings: Recordings, hearing: Hearing
    ) -> None:
        self._voices = voices
        self._hearing = hearing
        self._cache = cache
        self._storage = storage
        #: The person's own recordings, which narrate scenes as well.
        self.recordings = recordings

    async def cost_usd(self, user_id: str, storyboard: Storyboard) -> float:
        """What the narration of a storyboard will cost, without what is spoken already."""
        provider = await asyncio.to_thread(self._voices.provider, storyboard.speech_provider)
        price = provider.facts.usd_per_million_chars
        scenes = [scene for scene in storyboard.scenes if scene.narration.strip() and scene.recording is None]
        keys = {self._key(user_id, storyboard, scene, provider.facts.manner): scene for scene in scenes}
        known = await self._cache.known(list(keys))
        return price * sum(len(scene.narration) for key, scene in keys.items() if key not in known) / 1e6

    async def is_free(self, storyboard: Storyboard) -> bool:
        """Whether the voice of a storyboard costs nothing."""
        provider = await asyncio.to_thread(self._voices.provider, storyboard.speech_provider)
        return provider.facts.usd_per_million_chars == 0

    async def narrate(
        self, production: Production, storyboard: Storyboard, workdir: Path, on_spoken: OnSpoken
    ) -> tuple[dict[str, Narration], int]:
        """Narration by scene id for every scene that has words, as files in `workdir`, and how many were spoken anew.

        Raises:
            InvalidInput: the voice cannot speak the text.
            TransientError: the voice does not answer now.
        """
        spoken: dict[str, Narration] = {}
        anew = 0
        for scene in (scene for scene in storyboard.scenes if scene.narration.strip()):
            kept, is_new = await self._one(production, storyboard, scene)
            spoken[scene.id] = await self._as_file(kept, workdir / f"voice-{scene.id}.wav")
            anew += is_new
            await on_spoken(len(spoken), is_new)
        return spoken, anew

    @staticmethod
    def _key(user_id: str, storyboard: Storyboard, scene: Scene, manner: str) -> str:
        more = {"manner": manner} if manner and scene.recording is None else {}
        return content_key(
            step=_STEP,
            user=user_id,
            provider=storyboard.speech_provider,
            voice=storyboard.voice,
            pace=storyboard.pace,
            language=storyboard.language,
            text=scene.narration,
            pronunciations=_pronounced(storyboard, scene),
            recording=scene.recording.model_dump(mode="json") if scene.recording else None,
            **more,
        )

    async def _one(self, production: Production, storyboard: Storyboard, scene: Scene) -> tuple[dict[str, Any], bool]:
        key = self._key(production.user_id, storyboard, scene, await self._manner(storyboard, scene))
        kept = await self._cache.find(key)
        if kept is not None and await self._storage.exists(kept["storage_key"]):
            return kept, False
        speech = await asyncio.to_thread(_at_one_level, await self._spoken(production, storyboard, scene))
        return await self._keep(key, production, storyboard, scene, speech), True

    async def _manner(self, storyboard: Storyboard, scene: Scene) -> str:
        if scene.recording is not None:
            return ""
        return (await asyncio.to_thread(self._voices.provider, storyboard.speech_provider)).facts.manner

    async def _spoken(self, production: Production, storyboard: Storyboard, scene: Scene) -> Speech:
        if scene.recording is not None:
            return await self.recordings.speech(
                production.user_id, scene.recording, scene.narration, storyboard.language
            )
        provider = await asyncio.to_thread(self._voices.provider, storyboard.speech_provider)
        request = SpeechRequest(
            scene.narration, storyboard.language, storyboard.voice, storyboard.pace, _pronounced(storyboard, scene)
        )
        return await self._hearing.timed(await provider.speak(request), storyboard.language)

    async def _keep(
        self, key: str, production: Production, storyboard: Storyboard, scene: Scene, speech: Speech
    ) -> dict[str, Any]:
        stored = await self._storage.put_content("assets", ".wav", speech.wav, "audio/wav")
        words = [[word.text, round(word.start_s, 4), round(word.end_s, 4)] for word in speech.words]
        output = {"storage_key": stored, "duration_s": speech.duration_s, "words": words, "from": speech.words_from}
        cost = round(speech.cost_usd * 1e6)
        origin = "recording" if scene.recording is not None else storyboard.speech_provider
        asset = Asset(
            user_id=production.user_id,
            production_id=production.id,
            kind=_STEP,
            origin=origin,
            storage_key=stored,
            sha256=hashlib.sha256(speech.wav).hexdigest(),
            media_type="audio/wav",
            size_bytes=len(speech.wav),
            duration_s=speech.duration_s,
            cost_microusd=cost,
        )
        usage = Usage(
            user_id=production.user_id,
            production_id=production.id,
            idempotency_key=f"{_STEP}:{key}:{asset.sha256[:16]}",
            provider=origin,
            model="" if scene.recording else storyboard.voice,
            unit="characters",
            quantity=len(scene.narration),
            cost_microusd=cost,
        )
        result = StepResult(key=key, user_id=production.user_id, step=_STEP, output=output)
        await self._cache.keep(result, asset, usage)
        return output

    async def _as_file(self, kept: dict[str, Any], path: Path) -> Narration:
        local = self._storage.local_path(kept["storage_key"])
        if local is None:
            await self._storage.fetch_to(kept["storage_key"], path)
            local = path
        words = tuple(Word(text, start, end) for text, start, end in kept["words"])
        return Narration(await asyncio.to_thread(local.resolve), kept["duration_s"], words)


def _pronounced(storyboard: Storyboard, scene: Scene) -> tuple[tuple[str, str], ...]:
    """The pronunciations this scene has need of, so that a new one has only its own scenes spoken again."""
    text = " ".join(scene.narration.split())
    return tuple(
        (item.word, item.say)
        for item in storyboard.pronunciations
        if re.search(rf"(?<!\w){re.escape(' '.join(item.word.split()))}(?!\w)", text, re.IGNORECASE)
    )


def _at_one_level(speech: Speech) -> Speech:
    return replace(speech, wav=encode_wav(levelled(decode_wav(speech.wav))))
