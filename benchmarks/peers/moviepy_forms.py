"""What a MoviePy studio does with the same pictures, captions and sound, in two forms; run by the peers' own Python.

    python moviepy_forms.py one_pass|three_stages JOB.json OUT.mp4

`one_pass` is MoviePy at its best: every scene and caption in one composite, encoded once with the preset and CRF of the
job. `three_stages` is the way of MoneyPrinterTurbo, written anew from its description: each clip is written by itself
with libx264 at its defaults, ffmpeg's concat re-encodes them all, and a composite with one TextClip a caption is
written once more. Stills are zoomed slowly in both, as it does; captions are plain (no word is lit), which is less
work than ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from moviepy import (
    AudioFileClip,
    CompositeVideoClip,
    ImageClip,
    TextClip,
    VideoFileClip,
    concatenate_videoclips,
)

THREADS = 2
ZOOM_PER_S = 0.03
CAPTION_AT = 0.66


def main(form: str, job_path: str, out: str) -> None:
    """Make the video of a job in one of the forms."""
    job = json.loads(Path(job_path).read_text(encoding="utf-8"))
    {"one_pass": one_pass, "three_stages": three_stages}[form](job, Path(out))


def one_pass(job: dict[str, Any], out: Path) -> None:
    """Everything in one composite, encoded once."""
    clips = [scene_clip(scene, job) for scene in job["scenes"]]
    body = concatenate_videoclips(clips, method="chain")
    whole = CompositeVideoClip([body, *captions(job)], size=(job["width"], job["height"]))
    encode = ["-crf", str(job["crf"]), "-pix_fmt", "yuv420p"]
    with_sound(whole, job).write_videofile(
        str(out), fps=job["fps"], codec="libx264", preset=job["preset"], ffmpeg_params=encode, audio_codec="aac",
        audio_bitrate="192k", threads=THREADS, logger=None, temp_audiofile_path=str(out.parent),
    )  # fmt: skip


def three_stages(job: dict[str, Any], out: Path) -> None:
    """Clips to files, the files re-encoded into one, and the captions composed over that."""
    parts = []
    for number, scene in enumerate(job["scenes"]):
        part = out.with_name(f"part-{number}.mp4")
        scene_clip(scene, job).write_videofile(str(part), fps=job["fps"], codec="libx264", logger=None)
        parts.append(part)
    combined = joined(parts, out.with_name("combined.mp4"))
    with VideoFileClip(str(combined)) as body:
        whole = CompositeVideoClip([body.without_audio(), *captions(job)])
        with_sound(whole, job).write_videofile(
            str(out), fps=job["fps"], codec="libx264", audio_codec="aac", audio_bitrate="192k", threads=THREADS,
            logger=None, temp_audiofile_path=str(out.parent),
        )  # fmt: skip


def joined(parts: list[Path], out: Path) -> Path:
    """One file of all parts, encoded again by ffmpeg's concat."""
    listing = out.with_suffix(".txt")
    listing.write_text("".join(f"file '{part}'\n" for part in parts), encoding="utf-8")
    argv = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-y",
        "-loglevel",
        "error",
        "-f",
        "concat",
        "-safe",
        "0",
        "-i",
        str(listing),
    ]
    subprocess.run(
        [*argv, "-c:v", "libx264", "-threads", str(THREADS), "-pix_fmt", "yuv420p", "-an", str(out)], check=True
    )
    return out


def scene_clip(scene: dict[str, Any], job: dict[str, Any]) -> Any:
    """One scene without its captions: a clip cut to the frame, or a still that is zoomed slowly."""
    size = (job["width"], job["height"])
    if scene["kind"] == "clip":
        moving = VideoFileClip(scene["path"], audio=False).subclipped(0, scene["duration_s"])
        return CompositeVideoClip([covering(moving, size)], size=size).with_duration(scene["duration_s"])
    still = covering(ImageClip(scene["path"]).with_duration(scene["duration_s"]), size)
    if scene["moves"]:
        still = still.resized(lambda at_s: 1 + ZOOM_PER_S * at_s).with_position("center")
    return CompositeVideoClip([still], size=size).with_duration(scene["duration_s"])


def covering(clip: Any, size: tuple[int, int]) -> Any:
    """Scaled and cropped to fill the frame."""
    scale = max(size[0] / clip.w, size[1] / clip.h)
    if scale != 1:
        clip = clip.resized(scale)
    return clip.cropped(x_center=clip.w / 2, y_center=clip.h / 2, width=size[0], height=size[1])


def captions(job: dict[str, Any]) -> list[Any]:
    """One TextClip for each caption."""
    width, height = job["width"], job["height"]
    texts = []
    for cue in job["captions"]:
        text = TextClip(
            text=cue["text"], font=job["font"], font_size=round(70 * min(width, height) / 1080), color="white",
            stroke_color="black", stroke_width=3, method="caption", size=(round(width * 0.85), None), margin=(8, 8),
        )  # fmt: skip
        text = text.with_start(cue["start_s"]).with_duration(cue["end_s"] - cue["start_s"])
        texts.append(text.with_position(("center", round(height * CAPTION_AT))))
    return texts


def with_sound(clip: Any, job: dict[str, Any]) -> Any:
    """With the narration of the whole video, as one file."""
    return clip.with_audio(AudioFileClip(job["sound"]).with_duration(clip.duration))


if __name__ == "__main__":
    main(*sys.argv[1:])
