"""Renders the storyboards of `examples/storyboards/` and puts a sheet of stills beside each video.

    .venv/bin/python examples/gallery.py OUT_DIR [NAME ...]

Stills are taken where faults show: at the start, middle and end of every scene. Their pictures are in
`examples/pictures/`; nothing is fetched.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import av
from PIL import Image

from ettametta.kit.log import configure_logging
from ettametta.providers.speech import build_speech
from ettametta.providers.speech.base import SpeechProvider, SpeechRequest
from ettametta.storyboard import Storyboard, is_from_file
from ettametta.video.commands import EncoderSettings
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Narration, Timeline
from ettametta.video.planner import plan_timeline
from ettametta.video.render import RenderedVideo, Renderer, RenderInput

HERE = Path(__file__).parent
STILL_HEIGHT = 480


class NoCache:
    """Keeps no segments: every run renders all."""

    async def fetch(self, _key: str, _to_path: Path) -> bool:
        """Nothing is there."""
        return False

    async def store(self, _key: str, _path: Path) -> None:
        """Nothing is kept."""


async def narrate(board: Storyboard, voices: dict[str, SpeechProvider], folder: Path) -> dict[str, Narration]:
    """Every spoken scene's narration, as files in the folder."""
    spoken = {}
    for scene in board.scenes:
        if not scene.narration:
            continue
        if board.speech_provider not in voices:
            voices[board.speech_provider] = build_speech(board.speech_provider)
        request = SpeechRequest(scene.narration, board.language, board.voice, board.pace)
        speech = await voices[board.speech_provider].speak(request)
        path = folder / f"voice-{scene.id}.wav"
        path.write_bytes(speech.wav)
        spoken[scene.id] = Narration(path, speech.duration_s, speech.words)
    return spoken


def opened(path: Path, out: Path) -> tuple[Storyboard, Path]:
    """A storyboard from its file, and a folder for what is made of it."""
    folder = out / path.stem
    folder.mkdir(parents=True, exist_ok=True)
    return Storyboard.model_validate_json(path.read_text(encoding="utf-8")), folder


async def render(path: Path, out: Path, voices: dict[str, SpeechProvider]) -> tuple[RenderedVideo, Timeline]:
    """Render one storyboard into a folder of its own."""
    board, folder = await asyncio.to_thread(opened, path, out)
    narration = await narrate(board, voices, folder)
    keys = {scene.visual.asset_key for scene in board.scenes if is_from_file(scene.visual)}
    job = RenderInput(board, narration, {key: HERE / key for key in keys})
    renderer = Renderer(Ffmpeg.locate(), EncoderSettings(threads=1), Fonts.locate(), parallel=2)

    async def quiet(_fraction: float, _doing: str) -> None:
        return

    return await renderer.render(job, folder, cache=NoCache(), on_progress=quiet), plan_timeline(board, narration)


def sheet(video: Path, timeline: Timeline, out: Path) -> None:
    """One row a scene: its first frame, one early, one in the middle, its last."""
    wanted: list[int] = []
    for scene in timeline.scenes:
        first, last = scene.start_frame, scene.start_frame + scene.frames - 1
        wanted += [first, min(first + 12, last), (first + last) // 2, last]
    stills = dict(zip(wanted, frames(video, wanted), strict=True))
    width = round(STILL_HEIGHT * timeline.canvas.width / timeline.canvas.height)
    page = Image.new("RGB", (4 * (width + 8), len(timeline.scenes) * (STILL_HEIGHT + 8)), "white")
    for number, at in enumerate(wanted):
        still = stills[at].resize((width, STILL_HEIGHT), Image.Resampling.LANCZOS)
        page.paste(still, (number % 4 * (width + 8), number // 4 * (STILL_HEIGHT + 8)))
    page.save(out)


def frames(video: Path, wanted: Sequence[int]) -> list[Image.Image]:
    """Frames of a video by their numbers, in that order."""
    found: dict[int, Image.Image] = {}
    with av.open(str(video)) as file:
        for number, frame in enumerate(file.decode(video=0)):
            if number in wanted:
                found[number] = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV is not typed
    return [found[number] for number in wanted]


async def main(out: Path, names: Sequence[str]) -> None:
    """Render the named storyboards, or all."""
    voices: dict[str, SpeechProvider] = {}
    for path in sorted((HERE / "storyboards").glob("*.json")):
        if names and path.stem not in names:
            continue
        began = time.monotonic()
        video, timeline = await render(path, out, voices)
        sheet(video.video, timeline, out / f"{path.stem}.png")
        failed = "; ".join(f"{line.name}: {line.measured}, wanted {line.wanted}" for line in video.checks.failed)
        took_s = time.monotonic() - began
        sys.stdout.write(
            f"{path.stem}: {video.duration_s:.1f} s of {video.width}x{video.height} in {took_s:.0f} s,"
            f" {video.size_bytes / 1e6:.1f} MB, checks: {failed or 'all passed'}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    configure_logging("WARNING", "text")
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
