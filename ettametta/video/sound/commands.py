"""Pure: the sound of a plan as ffmpeg arguments. Every input is a file we named, of a container we named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ettametta.video.plan import SAMPLE_RATE, ScenePlan, Timeline

_FILES_ONLY = ("-protocol_whitelist", "file,pipe")
#: Rumble goes, and loud and soft syllables come nearer to each other.
_POLISH = "highpass=f=70,acompressor=threshold=0.05:ratio=2.2:attack=8:release=160:knee=6"
_LOUDNESS = "ebur128=framelog=quiet"
_LOUDNESS_AND_PEAK = "ebur128=peak=true:framelog=quiet"


@dataclass(frozen=True, slots=True)
class Master:
    """How the mix is brought to level: a gain in dB, then a limiter that lets no sample over `ceiling_db`."""

    gain_db: float
    ceiling_db: float


def voice_argv(timeline: Timeline, wavs: Mapping[str, str], out: str) -> list[str]:
    """Arguments that lay the narrations on one mono track of the video's exact length and print its loudness.

    `wavs` are files by scene id; a scene that has none is silent. Each scene's sound is padded or cut to its scene's
    samples and they are put end to end, lightly polished (32-bit float). (Not made by ffmpeg-python: it takes two
    scenes with the same sound for one input.)
    """
    spoken = [scene for scene in timeline.scenes if scene.narration_at is not None]
    inputs = [part for scene in spoken for part in (*_FILES_ONLY, "-f", "wav", "-i", wavs[scene.scene_id])]
    numbers = {scene.scene_id: number for number, scene in enumerate(spoken)}
    scenes = [_scene_sound(at, scene, timeline, numbers) for at, scene in enumerate(timeline.scenes)]
    labels = "".join(f"[s{number}]" for number in range(len(scenes)))
    graph = ";".join([*scenes, f"{labels}concat=n={len(scenes)}:v=0:a=1,{_POLISH},{_LOUDNESS}[voice]"])
    return [
        *inputs, "-filter_complex", graph, "-map", "[voice]", "-c:a", "pcm_f32le", "-ac", "1", "-fflags", "+bitexact",
        "-f", "wav", out,
    ]  # fmt: skip


def _scene_sound(at: int, scene: ScenePlan, timeline: Timeline, numbers: Mapping[str, int]) -> str:
    samples = _samples(scene, timeline)
    if scene.narration_at is None:
        return f"anullsrc=r={SAMPLE_RATE}:cl=mono,atrim=end_sample={samples},asetpts=N/SR/TB[s{at}]"
    return (
        f"[{numbers[scene.scene_id]}:a:0]aformat=channel_layouts=mono,aresample={SAMPLE_RATE},"
        f"adelay=delays={scene.narration_at}S:all=1,apad=whole_len={samples},atrim=end_sample={samples},"
        f"asetpts=N/SR/TB[s{at}]"
    )


def _samples(scene: ScenePlan, timeline: Timeline) -> int:
    return timeline.sample_at(scene.start_frame + scene.frames) - timeline.sample_at(scene.start_frame)


def rehearse_argv(voice: str, bed: str | None, master: Master) -> list[str]:
    """Arguments that print how loud the mastered mix would be, without encoding it."""
    graph = f"{_mix(bed, master)},{_LOUDNESS}[out]"
    return [*_inputs(voice, bed), "-filter_complex", graph, "-map", "[out]", "-f", "null", "-"]


def master_argv(voice: str, bed: str | None, master: Master, samples: int, bitrate: str, out: str) -> list[str]:
    """Arguments that mix voice and bed, bring them to level and encode AAC, 48 kHz stereo, of exactly `samples`.

    The fast coder: at 128 kbit/s and more it is nearer to the original than the default one and takes two thirds of
    its time (docs/sound.md).
    """
    graph = f"{_mix(bed, master)},apad=whole_len={samples},atrim=end_sample={samples}[out]"
    return [
        *_inputs(voice, bed), "-filter_complex", graph, "-map", "[out]",
        "-c:a", "aac", "-aac_coder", "fast", "-b:a", bitrate, "-map_metadata", "-1", "-fflags", "+bitexact",
        "-f", "mp4", out,
    ]  # fmt: skip


def track_argv(track: str, container: str, start_s: float, longest_s: float, out: str) -> list[str]:
    """Arguments that unpack a piece of music (raw 16-bit stereo, 48 kHz) and print its loudness."""
    return [
        *_FILES_ONLY, "-f", container, "-ss", f"{start_s:.3f}", "-t", f"{longest_s:.3f}", "-i", track,
        "-map", "0:a:0", "-vn", "-sn", "-dn",
        "-af", f"aresample={SAMPLE_RATE},aformat=channel_layouts=stereo,{_LOUDNESS}",
        "-c:a", "pcm_s16le", "-f", "s16le", out,
    ]  # fmt: skip


def _inputs(voice: str, bed: str | None) -> list[str]:
    """The voice is a WAV file, the bed raw 32-bit float stereo."""
    raw = (*_FILES_ONLY, "-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", bed) if bed else ()
    return [*_FILES_ONLY, "-f", "wav", "-i", voice, *raw]


def _mix(bed: str | None, master: Master) -> str:
    limit = f"{10 ** (master.ceiling_db / 20):.5f}"
    level = (
        f"volume={master.gain_db:.3f}dB:precision=float,alimiter=limit={limit}:attack=4:release=60:level=0:latency=1"
    )
    voice = "[0:a:0]aformat=sample_fmts=flt:channel_layouts=stereo"
    if bed is None:
        return f"{voice},{level}"
    return f"{voice}[v];[v][1:a:0]amix=inputs=2:duration=first:normalize=0,{level}"


def loudness_argv(sound: str, container: str) -> list[str]:
    """Arguments that print integrated loudness and true peak (EBU R128) of a sound file to the log."""
    return [*_FILES_ONLY, "-f", container, "-i", sound, "-vn", "-af", _LOUDNESS_AND_PEAK, "-f", "null", "-"]
