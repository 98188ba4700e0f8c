"""What the render benchmark renders: thirty seconds in eight scenes, with photos and clips made here.

Half the scenes are designed cards, a quarter photos, a quarter clips (one in the frame's shape, one wider than it), as
in a video about an article; every spoken word is lit in the captions. Nothing is tuned to be easy to encode: the photos
have detail at every scale and the clips move all over, at the bit rate of a stock site's clips (8 Mbit/s).
"""

from __future__ import annotations

import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from ettametta.providers.speech.base import Word
from ettametta.storyboard import CardVisual, ClipVisual, PhotoVisual, Scene, Storyboard, Style, Transition, Visual
from ettametta.video.plan import Narration

WIDTH, HEIGHT, FPS = 1080, 1920, 30
SPEECH_S = 3.3
_RATE = 24_000
#: Scenes that are faded into, as many as a plain video has.
_FADED = (3, 6)
_TEXTS = (
    "A lens the size of a door once guided every ship home.",
    "Each ring bends light a little more than the last one.",
    "Keepers wound the clockwork every four hours, all night long.",
    "One lamp and glass could be seen twenty one miles away.",
    "The first one was lit in eighteen twenty three in France.",
    "Most were broken up when electric beacons took their place.",
    "A few still turn today, floating on a bath of mercury.",
    "Go and stand beneath one, and you will never forget it.",
)
#: The text of the one scene that is edited.
EDITED = "Each ring bends light more"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a render needs, as files under one folder."""

    storyboard: Storyboard
    narration: dict[str, Narration]
    assets: dict[str, Path]


def make_inputs(folder: Path, scenes: int = 8) -> Inputs:
    """Make the files (or find them made) and the storyboard of the first so many scenes."""
    folder.mkdir(parents=True, exist_ok=True)
    assets = {
        "photo-wide": _photo(folder / "wide.jpg", (3000, 2000), seed=3),
        "photo-tall": _photo(folder / "tall.jpg", (2400, 3600), seed=4),
        "clip-tall": _clip(folder / "tall.mp4", "mandelbrot=s=1080x1920:r=30:start_scale=2:end_scale=0.3"),
        "clip-wide": _clip(folder / "wide.mp4", "testsrc2=s=1920x1080:r=25"),
    }
    whole = storyboard()
    board = whole.model_copy(update={"scenes": whole.scenes[:scenes]})
    narration = {scene.id: _narration(folder, number, scene) for number, scene in enumerate(board.scenes)}
    return Inputs(board, narration, assets)


def storyboard() -> Storyboard:
    """The eight scenes."""
    visuals: tuple[Visual, ...] = (
        CardVisual(kind="title", text="The lens that saved ships", note="Fresnel, 1823"),
        CardVisual(kind="statement", text="Each ring bends light a little more than the last"),
        PhotoVisual(asset_key="photo-wide", width=3000, height=2000),
        ClipVisual(asset_key="clip-tall", width=1080, height=1920, duration_s=5.0),
        CardVisual(kind="number", text="21 miles away at night", note="Logbook of Cordouan"),
        PhotoVisual(asset_key="photo-tall", width=2400, height=3600),
        ClipVisual(asset_key="clip-wide", width=1920, height=1080, duration_s=5.0),
        CardVisual(kind="closing", text="Go and stand beneath one", note="Links below"),
    )
    scenes = tuple(
        Scene(
            id=f"scene{number}",
            narration=text,
            visual=visual,
            transition=Transition(kind="fade", duration_s=0.4) if number in _FADED else None,
        )
        for number, (text, visual) in enumerate(zip(_TEXTS, visuals, strict=True))
    )
    return Storyboard(title="Lenses", language="en", width=WIDTH, height=HEIGHT, fps=FPS, style=Style(), scenes=scenes)


def edited(board: Storyboard) -> Storyboard:
    """The same with another text on the second card."""
    scenes = list(board.scenes)
    scenes[1] = scenes[1].model_copy(update={"visual": CardVisual(kind="statement", text=EDITED)})
    return board.model_copy(update={"scenes": tuple(scenes)})


def respoken(inputs: Inputs, folder: Path) -> dict[str, Narration]:
    """The same narration but for the second scene, which is spoken anew."""
    scene = inputs.storyboard.scenes[1]
    return {**inputs.narration, scene.id: _narration(folder, 1, scene, hertz=180.0)}


def _photo(path: Path, size: tuple[int, int], seed: int) -> Path:
    """Detail at every scale, as a landscape has: noise whose strength falls with its frequency."""
    if path.exists():
        return path
    rng = np.random.default_rng(seed)
    whole = np.zeros((size[1], size[0], 3), dtype=np.float32)
    for step in range(10):
        cells = (max(2, size[0] >> (9 - step)), max(2, size[1] >> (9 - step)))
        noise = rng.integers(0, 255, (cells[1], cells[0], 3), dtype=np.uint8)
        layer = Image.fromarray(noise, "RGB").resize(size, Image.Resampling.BICUBIC)
        whole += (np.asarray(layer, dtype=np.float32) - 127) * 0.5 ** (step * 0.8)
    Image.fromarray(np.clip(whole * 0.8 + 127, 0, 255).astype(np.uint8), "RGB").save(path, quality=92)
    return path


def _clip(path: Path, source: str) -> Path:
    if not path.exists():
        graph = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", source, "-t", "5"]
        encode = [
            "-c:v",
            "libx264",
            "-preset",
            "fast",
            "-crf",
            "20",
            "-maxrate",
            "8M",
            "-bufsize",
            "8M",
            "-pix_fmt",
            "yuv420p",
            "-an",
            str(path),
        ]
        subprocess.run([*graph, *encode], check=True)
    return path


def _narration(folder: Path, number: int, scene: Scene, hertz: float = 150.0) -> Narration:
    """A voice-like tone of a fixed length with its words evenly spread."""
    path = folder / f"voice-{number}-{hertz:.0f}.wav"
    if not path.exists():
        _speak(path, hertz + 7 * number)
    tokens = scene.narration.split()
    each = SPEECH_S / len(tokens)
    words = tuple(Word(token, at * each, (at + 0.85) * each) for at, token in enumerate(tokens))
    return Narration(path, SPEECH_S, words)


def _speak(path: Path, hertz: float) -> None:
    at = np.arange(round(SPEECH_S * _RATE)) / _RATE
    tone = sum(np.sin(2 * np.pi * hertz * part * at) / part for part in range(1, 9))
    swell = 0.15 + 0.85 * np.abs(np.sin(2 * np.pi * 2.1 * at)) ** 1.5
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((tone * swell * 5000).astype("<i2").tobytes())
