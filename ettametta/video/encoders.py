"""Which encoder makes the pictures: a hardware one when it is present and proven, else x264.

A build of ffmpeg lists encoders whose hardware is not there, and drivers lie. So one is believed only when it has
encoded a few frames that decode again to the right number, size and colours.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import av.error
import structlog

from ettametta.errors import EttamettaError
from ettametta.video.ffmpeg import Ffmpeg, Limits

log = structlog.get_logger()

SOFTWARE = "libx264"

_PROOF_FRAMES, _PROOF_WIDTH, _PROOF_HEIGHT = 12, 320, 240
_PROOF_LIMITS = Limits(timeout_s=20, max_file_bytes=10_000_000, nice=0)
_RENDER_NODE = "/dev/dri/renderD128"


@dataclass(frozen=True, slots=True)
class Coder:
    """How one hardware encoder is run.

    Attributes:
        name: as ffmpeg calls it.
        devices: files of which one is there when the hardware may be; none: it needs no file.
        platforms: where it exists (`sys.platform`).
        options: of the output, besides those all encoders share; `{q}` is the quality on its scale.
        quality_offset: what is added to a CRF to reach its scale.
        before: options in front of all inputs.
        upload: filters that hand the frames over.
        pixel_format: of what it takes.
    """

    name: str
    platforms: tuple[str, ...]
    options: dict[str, str]
    devices: tuple[str, ...] = ()
    quality_offset: int = 0
    before: tuple[str, ...] = ()
    upload: tuple[tuple[str, ...], ...] = ()
    pixel_format: str = "yuv420p"
    worst: int = field(default=51)


#: Tried in this order.
HARDWARE: tuple[Coder, ...] = (
    Coder(
        "h264_nvenc", ("linux", "win32"),
        {"preset": "p4", "rc": "vbr", "cq": "{q}", "b:v": "0", "spatial-aq": "1", "bf": "2"},
        ("/dev/nvidiactl", "/dev/dxg"), quality_offset=4,
    ),
    Coder(
        "h264_qsv", ("linux", "win32"), {"preset": "medium", "global_quality": "{q}", "bf": "2"}, (_RENDER_NODE,),
        quality_offset=3, pixel_format="nv12",
    ),
    Coder(
        "h264_vaapi", ("linux",), {"rc_mode": "CQP", "qp": "{q}", "bf": "0"}, (_RENDER_NODE,), quality_offset=3,
        before=("-vaapi_device", _RENDER_NODE), upload=(("format", "nv12"), ("hwupload",)), pixel_format="",
    ),
    Coder("h264_videotoolbox", ("darwin",), {"q:v": "{q}", "allow_sw": "0"}, quality_offset=45, worst=95),
    Coder(
        "h264_amf", ("win32",), {"quality": "balanced", "rc": "cqp", "qp_i": "{q}", "qp_p": "{q}"}, quality_offset=2,
        pixel_format="nv12",
    ),
)  # fmt: skip
BY_NAME = {coder.name: coder for coder in HARDWARE}


def coder_options(codec: str, preset: str, crf: int, threads: int) -> dict[str, Any]:
    """The output options that depend on the encoder. `preset` and `threads` are x264's."""
    coder = BY_NAME.get(codec)
    if coder is None:
        return {
            "c:v": SOFTWARE, "preset": preset, "crf": crf, "pix_fmt": "yuv420p", "threads": threads,
            "x264-params": "aq-mode=3:8x8dct=1",
        }  # fmt: skip
    quality = str(_quality(coder, crf))
    options = {name: value.replace("{q}", quality) for name, value in coder.options.items()}
    return {"c:v": coder.name, **({"pix_fmt": coder.pixel_format} if coder.pixel_format else {}), **options}


def _quality(coder: Coder, crf: int) -> int:
    """A CRF on the encoder's own scale; VideoToolbox's runs the other way, from 1 to 100."""
    if coder.name == "h264_videotoolbox":
        return max(1, min(coder.worst, 100 - round(1.7 * crf)))
    return min(coder.worst, crf + coder.quality_offset)


def input_options(codec: str) -> list[str]:
    """Options that stand in front of all inputs."""
    coder = BY_NAME.get(codec)
    return list(coder.before) if coder else []


def upload_filters(codec: str) -> tuple[tuple[str, ...], ...]:
    """Filters at the end of the graph that hand frames to the hardware."""
    coder = BY_NAME.get(codec)
    return coder.upload if coder else ()


def proof_argv(codec: str, out: str) -> list[str]:
    """Arguments that encode a few moving frames as segments are encoded."""
    steps = ["format=yuv420p", "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"]
    steps += ["=".join(step) for step in upload_filters(codec)]
    source = f"testsrc2=s={_PROOF_WIDTH}x{_PROOF_HEIGHT}:r=30"
    options = {**coder_options(codec, "veryfast", 20, 1), "profile:v": "high", "g": 60, "f": "mp4"}
    tags = dict.fromkeys(("colorspace", "color_primaries", "color_trc"), "bt709")
    options |= {"color_range": "tv", **tags, "frames:v": _PROOF_FRAMES}
    flat = [part for name, value in options.items() for part in (f"-{name}", str(value))]
    return [*input_options(codec), "-f", "lavfi", "-i", source, "-vf", ",".join(steps), *flat, out]


async def prove(ffmpeg: Ffmpeg, codec: str) -> str:
    """Encode a few frames and decode them again: an empty string when all is right, else what was wrong."""
    with tempfile.TemporaryDirectory(prefix="ettametta-proof-") as name:
        out = Path(name) / "proof.mp4"
        try:
            await ffmpeg.run(proof_argv(codec, out.name), cwd=out.parent, outputs=[out], limits=_PROOF_LIMITS)
            return await asyncio.to_thread(_fault, out)
        except EttamettaError as error:
            return f"it does not run ({error.code})"
        except (av.error.FFmpegError, OSError) as error:
            return f"what it made cannot be read ({error})"


def _fault(path: Path) -> str:
    with av.open(str(path), format="mp4", options={"protocol_whitelist": "file"}) as file:
        stream = file.streams.video[0]
        frames = list(file.decode(stream))
        codec = stream.codec_context
        found = (codec.name, str(codec.pix_fmt), codec.width, codec.height, len(frames))
    wanted = ("h264", "yuv420p", _PROOF_WIDTH, _PROOF_HEIGHT, _PROOF_FRAMES)
    if found != wanted:
        return f"it made {found} of {wanted}"
    if any(int(value) != 1 for frame in frames for value in (frame.colorspace, frame.color_range)):
        return "its colours are not tagged as BT.709 in studio range"
    levels = {round(float(frame.to_ndarray()[:_PROOF_HEIGHT].std())) for frame in frames}
    return "its pictures are empty" if max(levels) < 20 else ""


def may_be_here(coder: Coder) -> bool:
    """Whether this machine may have the hardware, by its system and device files: a look that costs nothing."""
    if sys.platform not in coder.platforms:
        return False
    return sys.platform != "linux" or any(Path(device).exists() for device in coder.devices)


async def choose_encoder(ffmpeg: Ffmpeg, wanted: str = "auto", coders: Sequence[Coder] = HARDWARE) -> str:
    """The encoder to use: x264, or one of the hardware that was proven just now.

    `wanted` is `auto` (the first that is proven), x264's name, or a hardware encoder's, for which x264 stands in when
    it fails.
    """
    if wanted == SOFTWARE:
        return SOFTWARE
    for coder in coders:
        if wanted not in {"auto", coder.name} or (wanted == "auto" and not may_be_here(coder)):
            continue
        fault = await prove(ffmpeg, coder.name)
        if not fault:
            return coder.name
        log.info("encoder.not_used", encoder=coder.name, reason=fault)
    return SOFTWARE
