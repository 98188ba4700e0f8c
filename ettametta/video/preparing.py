"""The files a scene's picture is put together from: drawn or read once a render, raw, gone when nothing needs them."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.kit.memory import give_back
from ettametta.storyboard import Brand, ClipVisual, DesignedVisual, PhotoVisual, Scene, is_from_file
from ettametta.storyboard.visuals import Fit, Motion
from ettametta.video.design.backdrop import travel_pixels
from ettametta.video.design.cards import Layer, draw_card
from ettametta.video.design.overlays import card_room, draw_overlays
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.motion import Pan, auto_motion, backdrop_pan, photo_pan, photo_zoom, still_pan
from ettametta.video.pictures import MIN_KEPT, Framing, frame_still, kept_share, natural_room, upright_rgb
from ettametta.video.plan import Box, Canvas, SafeAreas, ScenePlan
from ettametta.video.probing.probe import ClipFacts, open_photo, probe_clip
from ettametta.video.scene_graph import (
    ClipInput,
    LayerInput,
    PannedInput,
    SceneInput,
    ZoomedInput,
    enter_frames,
    zoomed_size,
)
from ettametta.video.stills import write_pan, write_raw
from ettametta.video.themes import Theme

#: Cards share so many painted backgrounds (of a theme and a canvas), so that few have to be painted.
_BACKDROPS = 3
#: Layers over a picture are numbered from here, after those of a card.
_OVERLAYS = 60


@dataclass(frozen=True, slots=True)
class SceneJob:
    """All one scene's picture is made from. `shown` is the scene as it was written, for its heading."""

    scene: ScenePlan
    shown: Scene
    canvas: Canvas
    areas: SafeAreas
    theme: Theme
    fit: Fit
    language: str
    asset: Path | None
    brand: Brand | None = None
    logo: Path | None = None
    #: The picture before shines through this one where it begins: text that stood there would cover the other's.
    dissolves: bool = False


class Parts:
    """The folders of the scenes' parts. A scene is prepared when it is first asked for; `done` counts its users off."""

    def __init__(self, folder: Path, fonts: Fonts, users: Iterable[str]) -> None:
        self.folder = folder
        self._fonts = fonts
        self._left = Counter(users)
        self._made: dict[str, asyncio.Task[SceneInput]] = {}
        #: the pixels that layers over the pictures ink, by the scenes that were prepared
        self.drawn: dict[str, tuple[Box, ...]] = {}

    async def of(self, job: SceneJob) -> SceneInput:
        """The prepared files of a scene, named from this folder.

        Raises:
            InvalidInput: its photo or clip cannot be used.
            MissingPart: no font covers a letter of its text.
        """
        name = job.scene.scene_id
        if name not in self._made:
            self._made[name] = asyncio.create_task(prepare(job, self._fonts, self.folder))
        made = await asyncio.shield(self._made[name])
        self.drawn[name] = tuple(layer.box for layer in made.layers)
        return made

    async def done(self, names: Iterable[str]) -> None:
        """One user of these scenes is done: after the last, the files go."""
        for name in names:
            self._left[name] -= 1
            if self._left[name] <= 0 and name in self._made:
                await asyncio.to_thread(shutil.rmtree, self.folder / _folder_name(name), ignore_errors=True)

    async def close(self) -> None:
        """Wait for what is being prepared and remove everything."""
        for task in self._made.values():
            task.cancel()
        await asyncio.gather(*self._made.values(), return_exceptions=True)
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


async def prepare(job: SceneJob, fonts: Fonts, folder: Path) -> SceneInput:
    """Make a scene's files in a folder of its own under `folder`."""
    own = folder / _folder_name(job.scene.scene_id)
    await asyncio.to_thread(own.mkdir, parents=True, exist_ok=True)
    visual = job.scene.visual
    if not is_from_file(visual):
        picture = await asyncio.to_thread(_prepare_card, job, visual, fonts, own)
    elif job.asset is None:
        raise InvalidInput(
            f"The file of scene {job.scene.scene_id} is not there.", hint="Send it again.", code="video.no_asset"
        )
    elif isinstance(visual, PhotoVisual):
        picture = await asyncio.to_thread(_prepare_photo, job, visual, job.asset, own)
    else:
        picture = await _prepare_clip(job, visual, job.asset)
    layers = (*picture.layers, *await asyncio.to_thread(_overlays, job, fonts, own))
    await asyncio.to_thread(give_back)
    return replace(picture, layers=layers)


def _overlays(job: SceneJob, fonts: Fonts, own: Path) -> tuple[LayerInput, ...]:
    """Heading, lower third and logo over the picture."""
    logo = open_photo(job.logo) if job.logo else None
    opening = job.scene.index == 0
    areas = job.areas
    layers = draw_overlays(
        job.shown, job.brand, logo, job.theme, job.canvas, areas, fonts, opening=opening, language=job.language
    )
    return tuple(_write_layer(job, layer, _OVERLAYS + at, own) for at, layer in enumerate(layers))


def _folder_name(scene_id: str) -> str:
    return f"parts-{scene_id}"


# -- cards -----------------------------------------------------------------------------------------------------------


def _prepare_card(job: SceneJob, card: DesignedVisual, fonts: Fonts, own: Path) -> SceneInput:
    number = _seed(job)
    room = card_room(job.areas.card, job.brand, job.canvas, opening=job.scene.index == 0)
    art = draw_card(card, job.theme, job.canvas, room, number % _BACKDROPS, fonts, job.language)
    travel = travel_pixels(job.canvas) - 2
    pan = backdrop_pan(job.canvas, travel, number)
    width, height = write_pan(art.backdrop, pan, own / "ground.raw")
    layers = tuple(_write_layer(job, _begun(job, layer), at, own) for at, layer in enumerate(art.layers))
    return SceneInput(PannedInput(f"{own.name}/ground.raw", width, height, pan), layers)


def _begun(job: SceneJob, layer: Layer) -> Layer:
    return replace(layer, enter="fade") if job.dissolves and layer.enter == "none" else layer


def _write_layer(job: SceneJob, layer: Layer, at: int, own: Path) -> LayerInput:
    path = own / f"layer-{at:02}.raw"
    # The video's first frame is what a feed shows before it plays: there the text stands from the start.
    frame = round(layer.enter_s * job.canvas.fps) if job.scene.index and layer.enter != "none" else None
    enter = layer.enter
    picture = layer.picture.convert("RGBA")
    if enter in {"wipe_right", "wipe_up"} and frame is not None:
        _write_wipe(picture, enter_frames(job.canvas), path, across=enter == "wipe_right")
    else:
        write_raw(picture, path)
        enter = enter if frame is not None else "none"
    return LayerInput(f"{own.name}/{path.name}", layer.box, frame, enter)


def _write_wipe(picture: Image.Image, frames: int, path: Path, *, across: bool) -> None:
    """The picture uncovered in so many steps, slower towards the end, as one picture after another."""
    pixels = np.asarray(picture)
    with path.open("wb") as file:
        for frame in range(frames + 1):
            part = 1 - (1 - frame / frames) ** 3
            shown = pixels.copy()
            if across:
                shown[:, round(picture.width * part) :, 3] = 0
            else:
                shown[: picture.height - round(picture.height * part), :, 3] = 0
            file.write(shown.tobytes())


def _seed(job: SceneJob) -> int:
    return int.from_bytes(hashlib.sha256(job.scene.scene_id.encode()).digest()[:4])


# -- photos ----------------------------------------------------------------------------------------------------------


def _prepare_photo(job: SceneJob, visual: PhotoVisual, asset: Path, own: Path) -> SceneInput:
    canvas, frames = job.canvas, job.scene.frames
    photo = open_photo(asset)
    motion = _motion(visual.motion, photo.size, canvas, _seed(job))
    fit = visual.fit if visual.fit != "auto" else job.fit
    captions = job.areas.caption if job.scene.cues and job.theme.light_captions else None
    path = own / "ground.raw"
    name = f"{own.name}/{path.name}"
    if motion in {"push_in", "pull_out"}:
        large = zoomed_size(canvas)
        picture = upright_rgb(photo, min(large.width, large.height))
        del photo  # tens of megabytes
        framing = Framing(large, fit=fit, focus=visual.focus, captions=_scaled(captions, large.width // canvas.width))
        write_raw(frame_still(picture, framing), path)
        zoom = photo_zoom(canvas, frames, closer=motion == "push_in")
        return SceneInput(ZoomedInput(name, large.width, large.height, zoom))
    pan = _pan(motion, canvas, frames)
    longer = pan.room_px + 2 if pan.room else 0
    framing = Framing(canvas, 0 if pan.vertical else longer, longer if pan.vertical else 0, fit, visual.focus, captions)
    picture = upright_rgb(photo, min(canvas.width, canvas.height))
    del photo  # tens of megabytes
    width, height = write_pan(frame_still(picture, framing), pan, path)
    return SceneInput(PannedInput(name, width, height, pan))


def _motion(motion: Motion, size: tuple[int, int], canvas: Canvas, seed: int) -> Motion:
    if motion != "auto":
        return motion
    if kept_share(size, canvas) < MIN_KEPT:  # shown whole: it drifts along the side where it leaves room
        wider = size[0] * canvas.height > size[1] * canvas.width
        return auto_motion(0, 1, seed) if wider else auto_motion(1, 0, seed)
    return auto_motion(*natural_room(size, canvas), seed)


def _pan(motion: Motion, canvas: Canvas, frames: int) -> Pan:
    if motion == "still":
        return still_pan()
    vertical = motion in {"pan_up", "pan_down"}
    return photo_pan(canvas, frames, vertical=vertical, reverse=motion in {"pan_left", "pan_up"})


def _scaled(box: Box | None, by: int) -> Box | None:
    return Box(box.left * by, box.top * by, box.width * by, box.height * by) if box else None


# -- clips -----------------------------------------------------------------------------------------------------------


async def _prepare_clip(job: SceneJob, visual: ClipVisual, asset: Path) -> SceneInput:
    """Start where asked when enough is left from there, earlier when not, and repeat what is too short altogether."""
    facts = await probe_clip(asset)
    needed = job.scene.frames / job.canvas.fps * visual.speed
    start = max(0.0, min(visual.start_s, facts.duration_s - needed))
    path = await asyncio.to_thread(asset.resolve)
    fit = visual.fit if visual.fit != "auto" else job.fit
    return SceneInput(
        ClipInput(
            f"file:{path}",
            facts.container,
            start,
            loop=facts.duration_s < needed,
            crop=_clip_crop(facts, job.canvas, fit, visual.focus),
            speed=visual.speed,
            fps=facts.fps,
            blurred=fit != "contain",
            untagged=facts.untagged,
        )
    )


def _clip_crop(facts: ClipFacts, canvas: Canvas, fit: Fit, focus: tuple[float, float] | None) -> Box | None:
    """The part of a clip that fills the frame, on even places as its chroma is; None: it is shown whole."""
    size = (facts.width, facts.height)
    if fit in {"contain", "blur"} or (fit == "auto" and kept_share(size, canvas) < MIN_KEPT / 2):
        return None
    width = min(facts.width, facts.height * canvas.width / canvas.height)
    height = min(facts.height, facts.width * canvas.height / canvas.width)
    wide, tall = max(2, round(width) // 2 * 2), max(2, round(height) // 2 * 2)
    across, down = focus or (0.5, 0.5)
    left = min(max(round(across * facts.width - wide / 2), 0), facts.width - wide) // 2 * 2
    top = min(max(round(down * facts.height - tall / 2), 0), facts.height - tall) // 2 * 2
    return Box(left, top, wide, tall)
