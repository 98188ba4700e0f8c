"""A real ffmpeg, small media made by it, and a cache in memory."""

from __future__ import annotations

import asyncio
import math
import struct
import wave
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from ettametta.providers.speech.base import Word
from ettametta.storyboard import CardVisual, ClipVisual, PhotoVisual, Scene, Storyboard, Style
from ettametta.video.commands import EncoderSettings
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Narration
from ettametta.video.render import Renderer, RenderInput

RATE = 24_000


class MemoryCache:
    """A SegmentCache that counts."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def fetch(self, key: str, to_path: Path) -> bool:
        if key not in self.kept:
            return False
        await asyncio.to_thread(to_path.write_bytes, self.kept[key])
        return True

    async def store(self, key: str, path: Path) -> None:
        self.kept[key] = await asyncio.to_thread(path.read_bytes)


def write_tone(path: Path, seconds: float, *, level: float = 0.2, hertz: float = 220.0) -> Path:
    """A mono 16-bit tone that swells four times a second, a little like speech."""
    count = round(seconds * RATE)
    samples = (
        level * math.sin(2 * math.pi * hertz * n / RATE) * (0.55 + 0.45 * math.sin(2 * math.pi * 4 * n / RATE))
        for n in range(count)
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", round(32767 * sample)) for sample in samples))
    return path


def narration(path: Path, text: str, seconds: float) -> Narration:
    """A tone spoken as these words, evenly spread."""
    tokens = text.split()
    each = seconds / len(tokens)
    words = tuple(Word(token, n * each, (n + 0.8) * each) for n, token in enumerate(tokens))
    return Narration(write_tone(path, seconds), seconds, words)


def storyboard(*, first_text: str = "Why honey never spoils", theme: str = "midnight") -> Storyboard:
    """A card, a photo and a clip, small."""
    visuals = (
        CardVisual(kind="title", text=first_text, note="A note"),
        PhotoVisual(asset_key="photo", width=800, height=600),
        ClipVisual(asset_key="clip", width=320, height=240, duration_s=1.0, start_s=0.4),
    )
    texts = ("Honey never spoils at all.", "Look at this jar.", "And see it flow.")
    scenes = tuple(
        Scene(id=f"scene{n}", narration=text, visual=visual)
        for n, (text, visual) in enumerate(zip(texts, visuals, strict=True))
    )
    return Storyboard(title="Honey", language="en", width=270, height=480, style=Style(theme=theme), scenes=scenes)


@pytest.fixture(scope="session")
def ffmpeg() -> Ffmpeg:
    return Ffmpeg.locate()


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return Fonts.locate()


@pytest.fixture
def renderer(ffmpeg: Ffmpeg, fonts: Fonts) -> Renderer:
    return Renderer(ffmpeg, EncoderSettings(preset="ultrafast", crf=24, threads=1), fonts, parallel=2)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = Image.new("RGB", (800, 600), "#996633")
    pen = ImageDraw.Draw(picture)
    for n in range(0, 800, 40):
        pen.ellipse((n, n * 3 // 4, n + 120, n * 3 // 4 + 120), fill=(n % 255, 120, 255 - n % 255))
    picture.save(tmp_path / "photo.jpg", quality=90)
    return tmp_path / "photo.jpg"


@pytest.fixture
async def clip(tmp_path: Path, ffmpeg: Ffmpeg) -> Path:
    """One second at 25 frames a second, with sound that must not be heard."""
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    await ffmpeg.run([*source, "-c:v", "libx264", "-pix_fmt", "yuv420p", "clip.mp4"], cwd=tmp_path)
    return tmp_path / "clip.mp4"


@pytest.fixture
def job(tmp_path: Path, photo: Path, clip: Path) -> RenderInput:
    board = storyboard()
    lengths = (2.013, 1.507, 1.7)
    speech = {
        scene.id: narration(tmp_path / f"{scene.id}.wav", scene.narration, length)
        for scene, length in zip(board.scenes, lengths, strict=True)
    }
    return RenderInput(board, speech, {"photo": photo, "clip": clip})
