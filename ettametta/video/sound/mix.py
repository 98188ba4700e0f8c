"""The sound of a video: narration on one timeline, brought to loudness by measuring what was really encoded.

The sound depends on the narration, the timeline and the settings only, and is kept under their hash: an edit of a
picture makes no sound anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ettametta.errors import Bug
from ettametta.kit.ids import content_key
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.plan import Narration, Timeline
from ettametta.video.probing.mp4 import add_note, read_note
from ettametta.video.segments import SegmentCache
from ettametta.video.sound.bed import MAX_TRACK_S, Bed, MusicBed, write_bed
from ettametta.video.sound.commands import Master, loudness_argv, master_argv, rehearse_argv, track_argv, voice_argv
from ettametta.video.sound.ducking import Span, speech_spans

#: Part of every sound's key: raise it when the same inputs would give another sound.
SOUND_VERSION = 1
#: We aim inside the tolerance people are promised (1 LU), for meters differ.
TOLERANCE_LU = 0.3
#: Below this there is nothing to bring to level (the absolute gate of BS.1770).
SILENCE_LUFS = -69.0

#: The coder adds up to this much to a peak, and the meter prints tenths.
_PEAK_ROOM_DB = 1.0
_PEAK_MARGIN_DB = 0.1
#: Music a little longer than the video, for a loop needs what follows it to compare.
_SPARE_S = 20.0
_MAX_REHEARSALS = 4
_MAX_ENCODES = 4
_MAX_GAIN_DB = 60.0
_INTEGRATED = re.compile(r"\bI:\s+(-?[\d.]+|-inf) LUFS")
_PEAK = re.compile(r"\bPeak:\s+(-?[\d.]+|-inf) dBFS")


@dataclass(frozen=True, slots=True)
class SoundWanted:
    """What the sound should be.

    Attributes:
        target_lufs: integrated loudness (ITU-R BS.1770).
        ceiling_dbtp: highest true peak.
        bitrate: of the AAC, as ffmpeg writes it.
        music: what is played under the voice.
        whooshes_s: the middles of the transitions that are to be heard, in seconds of the video.
    """

    target_lufs: float = -14.0
    ceiling_dbtp: float = -1.0
    bitrate: str = "160k"
    music: MusicBed | None = None
    whooshes_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP, as ffmpeg's ebur128 measures them."""

    integrated_lufs: float
    peak_dbtp: float


@dataclass(frozen=True, slots=True)
class Sound:
    """A finished sound file (AAC in MP4), what its decoded samples measure, and whether the cache had it."""

    path: Path
    loudness: Loudness
    reused: bool


async def make_sound(
    ffmpeg: Ffmpeg,
    timeline: Timeline,
    narration: Mapping[str, Narration],
    wanted: SoundWanted,
    folder: Path,
    cache: SegmentCache,
    *,
    fresh: bool = False,
) -> Sound:
    """Make or fetch (unless it has to be `fresh`) the video's sound, 48 kHz stereo, at the target loudness.

    Silence stays silence.

    Raises:
        InvalidInput: a narration cannot be read.
        NoSpace: the disk is full.
    """
    wavs = {
        scene.scene_id: await asyncio.to_thread(narration[scene.scene_id].wav_path.resolve)
        for scene in timeline.scenes
        if scene.narration_at is not None
    }
    out = folder / "sound.m4a"
    key = await asyncio.to_thread(_sound_key, timeline, wavs, narration, wanted, await ffmpeg.version())
    if not fresh and await cache.fetch(key, out) and (kept := await asyncio.to_thread(_read_loudness_note, out)):
        return Sound(out, kept, reused=True)
    mixing = _Mixing(ffmpeg, timeline, speech_spans(timeline, narration), wanted, folder)
    loudness = await mixing.run(wavs, out)
    await asyncio.to_thread(add_note, out, {"lufs": loudness.integrated_lufs, "dbtp": loudness.peak_dbtp})
    await cache.store(key, out)
    return Sound(out, loudness, reused=False)


def _sound_key(
    timeline: Timeline, wavs: Mapping[str, Path], narration: Mapping[str, Narration], wanted: SoundWanted, engine: str
) -> str:
    scenes = [
        [timeline.sample_at(scene.start_frame), scene.narration_at, _file_hash(wavs.get(scene.scene_id))]
        for scene in timeline.scenes
    ]
    music = wanted.music
    under = [_file_hash(music.path), repr(replace(music, path=Path()))] if music else []
    key = content_key(
        sound=SOUND_VERSION,
        engine=engine,
        scenes=scenes,
        samples=timeline.samples,
        music=under,
        spans=repr(speech_spans(timeline, narration)) if music else "",
        wanted=repr(replace(wanted, music=None)),
    )
    return f"{key}-sound"


def _file_hash(path: Path | None) -> str:
    if path is None:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_loudness_note(path: Path) -> Loudness | None:
    note = read_note(path)
    return Loudness(float(note["lufs"]), float(note["dbtp"])) if {"lufs", "dbtp"} <= note.keys() else None


class _Mixing:
    """One sound in the making, in its folder."""

    def __init__(
        self, ffmpeg: Ffmpeg, timeline: Timeline, spans: Sequence[Span], wanted: SoundWanted, folder: Path
    ) -> None:
        self._ffmpeg = ffmpeg
        self._timeline = timeline
        self._spans = spans
        self._wanted = wanted
        self._folder = folder

    async def run(self, wavs: Mapping[str, Path], out: Path) -> Loudness:
        """Lay the voice, put the bed under it, find the gain, encode; what the result measures when decoded again."""
        voice = self._folder / "voice.wav"
        argv = voice_argv(self._timeline, {name: str(path) for name, path in wavs.items()}, voice.name)
        spoken = _integrated(await self._run(argv, voice))
        bed, bed_lufs = await self._bed(spoken)
        under = bed.name if bed else None
        loudest = max(spoken, bed_lufs)
        silent = loudest <= SILENCE_LUFS
        gain = 0.0 if silent else self._wanted.target_lufs - loudest
        master = Master(_clamped(gain), self._wanted.ceiling_dbtp - _PEAK_ROOM_DB)
        if not silent:
            master = await self._rehearse(voice.name, under, master)
        loudness = await self._encode(voice.name, under, master, out, silent=silent)
        await asyncio.to_thread(_remove, voice, bed)
        return loudness

    async def _bed(self, spoken_lufs: float) -> tuple[Path | None, float]:
        """The bed's file and how loud it is; without a voice the music keeps its own level."""
        wanted = self._wanted
        if wanted.music is None and not wanted.whooshes_s:
            return None, -math.inf
        decoded, track_lufs = await self._track(wanted.music) if wanted.music else (None, -math.inf)
        alone = spoken_lufs <= SILENCE_LUFS
        voice_lufs = wanted.target_lufs if alone else spoken_lufs
        gain = 0.0
        if wanted.music and track_lufs > SILENCE_LUFS:
            gain = voice_lufs - track_lufs - (0.0 if alone else wanted.music.below_voice_lu)
        plan = Bed(self._timeline.samples, self._spans, wanted.music, gain, voice_lufs, wanted.whooshes_s)
        bed = self._folder / "bed.f32"
        await asyncio.to_thread(write_bed, plan, decoded, bed)
        await asyncio.to_thread(_remove, decoded)
        return bed, track_lufs + gain

    async def _track(self, music: MusicBed) -> tuple[Path, float]:
        """The music unpacked and its loudness; from its beginning when it is not long enough to start where asked."""
        decoded = self._folder / "track.s16"
        longest_s = min(MAX_TRACK_S, self._timeline.duration_s + _SPARE_S)
        path = str(await asyncio.to_thread(music.path.resolve))
        for start_s in dict.fromkeys((music.start_s, 0.0)):
            argv = track_argv(f"file:{path}", music.container, start_s, longest_s, decoded.name)
            lines = await self._run(argv, decoded)
            if (await asyncio.to_thread(decoded.stat)).st_size:
                return decoded, _integrated(lines)
        return decoded, -math.inf

    async def _run(self, argv: Sequence[str], *outputs: Path) -> tuple[str, ...]:
        return (await self._ffmpeg.run(argv, cwd=self._folder, outputs=outputs)).log_lines

    async def _rehearse(self, voice: str, bed: str | None, master: Master) -> Master:
        """Find the gain at which the limited mix is as loud as wanted: a run without encoder costs a fifth of one."""
        for _ in range(_MAX_REHEARSALS):
            off = self._wanted.target_lufs - _integrated(await self._run(rehearse_argv(voice, bed, master)))
            master = Master(_clamped(master.gain_db + off), master.ceiling_db)
            if abs(off) <= TOLERANCE_LU:
                break
        return master

    async def _encode(self, voice: str, bed: str | None, master: Master, out: Path, *, silent: bool) -> Loudness:
        """Encode and measure; again with another gain or ceiling when the coder moved it out of what is wanted."""
        attempts: list[tuple[float, int, Loudness]] = []
        for turn in range(_MAX_ENCODES):
            attempt = self._folder / f"sound-{turn}.m4a"
            await self._run(
                master_argv(voice, bed, master, self._timeline.samples, self._wanted.bitrate, attempt.name), attempt
            )
            measured = await measure_loudness(self._ffmpeg, attempt, "mp4")
            attempts.append((_missed(measured, self._wanted), turn, measured))
            if silent or attempts[-1][0] == 0:
                break
            master = _corrected(master, measured, self._wanted)
        _, best, measured = min(attempts)
        await asyncio.to_thread((self._folder / f"sound-{best}.m4a").replace, out)
        await asyncio.to_thread(_remove, *(self._folder / f"sound-{turn}.m4a" for _, turn, _ in attempts))
        return measured


def _remove(*paths: Path | None) -> None:
    for path in paths:
        if path is not None:
            path.unlink(missing_ok=True)


def _clamped(gain_db: float) -> float:
    return max(-_MAX_GAIN_DB, min(_MAX_GAIN_DB, gain_db))


def _corrected(master: Master, measured: Loudness, wanted: SoundWanted) -> Master:
    over = max(0.0, measured.peak_dbtp - wanted.ceiling_dbtp + _PEAK_MARGIN_DB)
    gain = master.gain_db + wanted.target_lufs - measured.integrated_lufs
    return Master(_clamped(gain), master.ceiling_db - (over + 0.1 if over else 0.0))


def _missed(measured: Loudness, wanted: SoundWanted) -> float:
    """How far outside our tolerances a sound is; 0 when inside."""
    off = abs(measured.integrated_lufs - wanted.target_lufs) - TOLERANCE_LU
    over = measured.peak_dbtp - wanted.ceiling_dbtp + _PEAK_MARGIN_DB
    return max(0.0, round(off, 3)) + max(0.0, round(over, 3))  # the meter prints tenths: no dust from subtraction


async def measure_loudness(ffmpeg: Ffmpeg, sound: Path, container: str) -> Loudness:
    """Measure a sound file."""
    finished = await ffmpeg.run(loudness_argv(sound.name, container), cwd=sound.parent)
    return read_loudness(finished.log_lines)


def read_loudness(lines: Sequence[str]) -> Loudness:
    """The summary ebur128 writes at the end of a log.

    Raises:
        Bug: there is none.
    """
    return Loudness(_integrated(lines), _found(_PEAK, lines))


def _integrated(lines: Sequence[str]) -> float:
    return _found(_INTEGRATED, lines)


def _found(pattern: re.Pattern[str], lines: Sequence[str]) -> float:
    text = "\n".join(lines)
    found = pattern.search(text[text.rfind("Summary:") :])
    if found is None:
        raise Bug("The loudness could not be measured.", hint="Please report this with the log.")
    return float(found.group(1))
