"""Pictures made by an image model, for scenes for which none was found: planned in the draft, made after the yes.

A storyboard says what is to be made (`Scene.generate`); the picture is made once for its words, model and shape, and
never paid for twice. A picture the model refuses leaves the scene as it was designed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from ettametta.db import storable
from ettametta.errors import ModelError
from ettametta.kit.ids import content_key
from ettametta.models import Asset, Production, StepResult, Usage
from ettametta.productions.options import VideoOptions
from ettametta.productions.pictures.finding import wants_picture
from ettametta.productions.scratch import scratch
from ettametta.productions.steps import StepCache, StepHolds
from ettametta.providers.images.base import ImageMaker, ImageRequest, MadeImage
from ettametta.scripts.credits import GENERATED
from ettametta.storage import Storage
from ettametta.storyboard import PhotoVisual, Scene, Storyboard, is_from_file
from ettametta.video.probing.probe import PhotoFacts, probe_photo
from prompts import load

_log = structlog.get_logger(__name__)

_STEP = "image"
_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}

#: Told how many pictures are made, of how many, and whether the last was made just now.
OnMade = Callable[[int, int, bool], Awaitable[None]]


class Imaging:
    """Has pictures made; without a maker it plans none and makes none."""

    def __init__(
        self, maker: ImageMaker | None, cache: StepCache, holds: StepHolds, storage: Storage, work_dir: Path
    ) -> None:
        self._maker = maker
        self._holds = holds
        self._cache = cache
        self._storage = storage
        self._work_dir = work_dir

    @property
    def model(self) -> str:
        """The name of the image model; empty when there is none."""
        return self._maker.facts.model if self._maker is not None else ""

    def plan(self, board: Storyboard, options: VideoOptions) -> Storyboard:
        """The storyboard with a wish for a picture in every scene that wants one and has none."""
        is_wanted = options.pictures == "auto" and (not options.sources or GENERATED in options.sources)
        if self._maker is None or not is_wanted:
            return board
        scenes = [_with_wish(scene) if wants_picture(scene, options) else scene for scene in board.scenes]
        return board.model_copy(update={"scenes": tuple(scenes)})

    async def cost_usd(self, user_id: str, board: Storyboard) -> float:
        """What the pictures of a storyboard will cost, without those that are made already."""
        if self._maker is None:
            return 0.0
        return self._maker.facts.usd_per_image * await self.new_wishes(user_id, board)

    async def new_wishes(self, user_id: str, board: Storyboard) -> int:
        """How many pictures are to be made that were not made before."""
        if self._maker is None:
            return 0
        keys = {self._key(user_id, board, scene) for scene in _to_make(board)}
        return len(keys - await self._cache.known(list(keys)))

    def wishes(self, board: Storyboard) -> int:
        """How many scenes of a storyboard want a picture made."""
        return len(_to_make(board)) if self._maker is not None else 0

    async def make(self, production: Production, board: Storyboard, on_made: OnMade) -> Storyboard:
        """The storyboard with its wishes fulfilled, as far as the model does not refuse.

        Raises:
            EttamettaError: as the maker does, but for a refusal.
        """
        wanting = _to_make(board) if self._maker is not None else []
        visuals: dict[str, PhotoVisual] = {}
        for done, scene in enumerate(wanting):
            await on_made(done, len(wanting), False)
            key = self._key(production.user_id, board, scene)
            kept = await self._kept(key)
            output = kept or await self._made_once(production, board, scene, key)
            if output["visual"] is not None:
                visuals[scene.id] = PhotoVisual.model_validate(output["visual"])
            await on_made(done + 1, len(wanting), kept is None)
        scenes = [
            scene.model_copy(update={"visual": visuals[scene.id]}) if scene.id in visuals else scene
            for scene in board.scenes
        ]
        return board.model_copy(update={"scenes": tuple(scenes)})

    async def _kept(self, key: str) -> dict[str, Any] | None:
        """What was made before, when its file is still here."""
        kept = await self._cache.find(key)
        is_here = kept is not None and (
            kept["visual"] is None or await self._storage.exists(kept["visual"]["asset_key"])
        )
        return kept if is_here else None

    async def _made_once(self, production: Production, board: Storyboard, scene: Scene, key: str) -> dict[str, Any]:
        """Make it, unless another production makes the same at this moment: then that picture is taken."""
        async with self._holds.held(key, owner=production.id, user_id=production.user_id):
            return await self._kept(key) or await self._one(production, board, scene, key)

    def _key(self, user_id: str, board: Storyboard, scene: Scene) -> str:
        shape = (board.width > board.height) - (board.width < board.height)
        return content_key(step=_STEP, user=user_id, model=self.model, prompt=scene.generate, shape=shape)

    async def _one(self, production: Production, board: Storyboard, scene: Scene, key: str) -> dict[str, Any]:
        assert self._maker is not None  # noqa: S101 - `make` asks for none without one
        try:
            made = await self._maker.make(ImageRequest(scene.generate, board.width, board.height))
        except ModelError as error:
            if error.code != "images.refused":
                raise
            _log.warning("image.refused", production_id=production.id, scene=scene.id, model=self.model)
            output: dict[str, Any] = {"visual": None, "why": error.message}
            await self._cache.keep(StepResult(key=key, user_id=production.user_id, step=_STEP, output=output))
            return output
        return await self._keep(production, board, scene, key, made)

    async def _keep(
        self, production: Production, board: Storyboard, scene: Scene, key: str, made: MadeImage
    ) -> dict[str, Any]:
        facts = await self._look(made)
        stored = await self._storage.put_content("assets", _ENDINGS[made.media_type], made.data, made.media_type)
        visual = PhotoVisual(asset_key=stored, width=facts.width, height=facts.height, fit=board.style.fit)
        output = {"visual": visual.model_dump(mode="json")}
        cost = round(made.cost_usd * 1e6)
        digest = hashlib.sha256(made.data).hexdigest()
        asset = Asset(
            user_id=production.user_id,
            production_id=production.id,
            kind="photo",
            origin=GENERATED,
            storage_key=stored,
            sha256=digest,
            name=storable(scene.query or "Picture", max_chars=200),
            media_type=made.media_type,
            size_bytes=len(made.data),
            width=facts.width,
            height=facts.height,
            licence=f"made by the image model {made.model}"[:200],
            cost_microusd=cost,
        )
        usage = Usage(
            user_id=production.user_id,
            production_id=production.id,
            idempotency_key=f"{_STEP}:{key}:{digest[:16]}",
            provider="images",
            model=made.model,
            unit="images",
            quantity=1,
            cost_microusd=cost,
        )
        result = StepResult(key=key, user_id=production.user_id, step=_STEP, output=output)
        await self._cache.keep(result, asset, usage)
        return output

    async def _look(self, made: MadeImage) -> PhotoFacts:
        """Its size, once it is sure to be a whole picture: what a model's endpoint sends is from outside too."""
        async with scratch(self._work_dir) as folder:
            path = folder / "made"
            await asyncio.to_thread(path.write_bytes, made.data)
            return await probe_photo(path)


def _with_wish(scene: Scene) -> Scene:
    wish = load("picture", query=scene.query or scene.narration[:120], narration=scene.narration)
    return scene.model_copy(update={"generate": " ".join(wish.split())[:1_500]})


def _to_make(board: Storyboard) -> list[Scene]:
    """Scenes whose wish still counts: a picture that was found, sent or chosen since stands."""
    return [scene for scene in board.scenes if scene.generate and not scene.pinned and not is_from_file(scene.visual)]
