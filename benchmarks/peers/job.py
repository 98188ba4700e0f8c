"""The render benchmark's inputs as a job for `moviepy_forms.py`: the same pictures, captions and sound.

A designed card is given as one still frame of ours, which the peer only has to hold: ours moves.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.render_inputs import FPS, HEIGHT, WIDTH, Inputs
from ettametta.storyboard import ClipVisual, PhotoVisual
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.plan import ScenePlan, Timeline, line_text
from ettametta.video.planner import plan_timeline

#: The Python of the peers' own environment, made by `make .venv-peers/.stamp`.
PEERS_PYTHON = Path(".venv-peers/bin/python")
_FRAME_BYTES = WIDTH * HEIGHT * 3 // 2


def write_job(inputs: Inputs, frames: Path, sound: Path, folder: Path, *, preset: str, crf: int) -> Path:
    """The job's file.

    Args:
        inputs: the benchmark's.
        frames: the composed frames of the whole video, raw yuv420p.
        sound: any file with the finished sound.
        folder: where the job and its stills go.
        preset: of x264, for the form that names one.
        crf: of x264, likewise.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    timeline = plan_timeline(inputs.storyboard, inputs.narration)
    job = {
        "width": WIDTH, "height": HEIGHT, "fps": FPS, "preset": preset, "crf": crf, "sound": str(sound),
        "font": str(next(iter(Fonts.locate().runs("a", Role.CAPTION))).face.path),
        "scenes": [_scene(scene, inputs, frames, folder) for scene in timeline.scenes],
        "captions": _captions(timeline),
    }  # fmt: skip
    path = folder / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    return path


def _scene(scene: ScenePlan, inputs: Inputs, frames: Path, folder: Path) -> dict[str, Any]:
    seconds = scene.frames / FPS
    visual = scene.visual
    if isinstance(visual, ClipVisual):
        return {"kind": "clip", "path": str(inputs.assets[visual.asset_key]), "duration_s": seconds}
    if isinstance(visual, PhotoVisual):
        path = inputs.assets[visual.asset_key]
        return {"kind": "still", "path": str(path), "duration_s": seconds, "moves": True}
    still = folder / f"{scene.scene_id}.png"
    _still(frames, scene.start_frame + scene.frames // 2).save(still)
    return {"kind": "still", "path": str(still), "duration_s": seconds, "moves": False}


def _still(frames: Path, number: int) -> Image.Image:
    """One frame of the raw file as RGB."""
    raw = np.fromfile(frames, dtype=np.uint8, count=_FRAME_BYTES, offset=number * _FRAME_BYTES)
    size = WIDTH * HEIGHT
    luma = raw[:size].reshape(HEIGHT, WIDTH).astype(np.float32)
    chroma = raw[size:].reshape(2, HEIGHT // 2, WIDTH // 2).repeat(2, axis=1).repeat(2, axis=2).astype(np.float32) - 128
    light, blue, red = (luma - 16) * (255 / 219), chroma[0] * (255 / 224), chroma[1] * (255 / 224)
    rgb = np.stack([light + 1.5748 * red, light - 0.1873 * blue - 0.4681 * red, light + 1.8556 * blue], axis=-1)
    return Image.fromarray(np.clip(rgb + 0.5, 0, 255).astype(np.uint8), "RGB")


def _captions(timeline: Timeline) -> list[dict[str, Any]]:
    return [
        {
            "text": " ".join(line_text(line) for line in cue.lines),
            "start_s": scene.start_frame / FPS + cue.start_ms / 1000,
            "end_s": scene.start_frame / FPS + cue.end_ms / 1000,
        }
        for scene in timeline.scenes
        for cue in scene.cues
    ]
