"""Single frames of a finished video of ours, one a scene, found by seeking: what is between them is not decoded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.video.plan import Timeline

#: By now a scene's text has entered; later frames cost more, for decoding begins with the scene.
SETTLED_S = 1.3


def scene_moments(timeline: Timeline) -> tuple[float, ...]:
    """For each scene, seconds of the video at which to look at it: when its text stands, at the latest its middle."""
    fps = timeline.canvas.fps
    return tuple((scene.start_frame + min(scene.frames / 2, SETTLED_S * fps)) / fps for scene in timeline.scenes)


def frames_at(video: Path, moments: Sequence[float], width: int | None = None) -> tuple[Image.Image, ...]:
    """RGB frames at these seconds of a video, `width` pixels wide (the video's own unless given).

    Blocking: about 0.1 s of CPU a frame at 1080x1920. A moment past the end gives the last frame.

    Raises:
        InvalidInput: the file is not a whole video.
    """
    try:
        with av.open(str(video), options={"protocol_whitelist": "file"}) as file:
            return tuple(_frame(file, moment, width) for moment in moments)
    except (av.error.FFmpegError, OSError, IndexError) as problem:
        raise InvalidInput(
            "The video has no picture that can be read.", hint="Render it again.", code="video.no_frames"
        ) from problem


def _frame(file: InputContainer, moment: float, width: int | None) -> Image.Image:
    stream = file.streams.video[0]
    base = float(stream.time_base or 1)
    file.seek(round(max(0.0, moment) / base), stream=stream)
    found = None
    for frame in file.decode(stream):
        found = frame
        if (frame.time or 0.0) >= moment - 1e-3:
            break
    if found is None:
        raise IndexError("no frame")
    high = round(found.height * width / found.width) if width else found.height
    pixels = found.to_ndarray(format="rgb24", width=width or found.width, height=high)
    return Image.fromarray(pixels, "RGB")
