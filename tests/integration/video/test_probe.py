"""Hostile and odd media: each is refused in under five seconds with one sentence and a hint."""

from __future__ import annotations

import asyncio
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.probing.probe import ClipFacts, PhotoFacts, open_photo, probe_clip, probe_media


def png_bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")  # Pillow says so, then refuses the file
@pytest.mark.parametrize(
    "data",
    [
        b"", b"Just some words, not a film.\n" * 50, PLAYLIST, CONCAT, SVG, b"\x00" * 4096,
        b"\xff\xd8\xff\xe0" + b"\x00" * 50, png_bomb(9000, 9000), png_bomb(60000, 60000), png_bomb(100, 100),
        b"\x00\x00\x00\x20ftypisom" + b"\xff" * 4000, b"\x1a\x45\xdf\xa3" + b"\x01" * 4000,
        b"RIFF\x00\x01\x00\x00AVI LIST" + b"\x00" * 500, b"GIF89a" + b"\xff" * 20,
        b"II*\x00" + b"\x08\x00\x00\x00" + b"\xff" * 400,
    ],
    ids=[
        "empty", "text", "playlist", "concat", "svg", "zeros", "jpeg-head", "png-81MP", "png-3600MP", "png-short",
        "mp4-head", "mkv-head", "avi-head", "gif-head", "tiff-head",
    ],
)  # fmt: skip
async def test_hostile_bytes_are_refused_quickly(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    began = time.monotonic()
    with pytest.raises(InvalidInput) as caught:
        await probe_media(path)
    assert time.monotonic() - began < 5
    assert caught.value.message.endswith(".")
    assert caught.value.hint


async def test_a_truncated_video_is_refused(tmp_path: Path, clip: Path) -> None:
    whole = await asyncio.to_thread(clip.read_bytes)
    for share in (0.3, 0.6, 0.95):
        part = tmp_path / "part.mp4"
        part.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InvalidInput, match="damaged or incomplete"):
            await probe_media(part)


async def test_a_ten_hour_video_is_refused(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    source = ["-f", "lavfi", "-i", "color=s=32x32:r=1/600:d=36000", "-c:v", "libx264", "long.mp4"]
    await ffmpeg.run(source, cwd=tmp_path)
    with pytest.raises(InvalidInput, match=r"10\.\d hours long"):
        await probe_media(tmp_path / "long.mp4")


async def test_a_huge_frame_is_refused(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    source = ["-f", "lavfi", "-i", "color=s=8200x64:r=1:d=1", "-c:v", "libx264", "-preset", "ultrafast", "wide.mp4"]
    await ffmpeg.run(source, cwd=tmp_path)
    with pytest.raises(InvalidInput, match="8200x64"):
        await probe_media(tmp_path / "wide.mp4")


async def test_sound_alone_is_no_clip(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    await ffmpeg.run(["-f", "lavfi", "-i", "sine=d=1", "sound.mp4"], cwd=tmp_path)
    with pytest.raises(InvalidInput, match="no moving picture"):
        await probe_media(tmp_path / "sound.mp4")


async def test_a_clip_is_described_upright(tmp_path: Path, clip: Path, ffmpeg: Ffmpeg) -> None:
    facts = await probe_clip(clip)
    assert facts == ClipFacts(320, 240, facts.duration_s, 25.0, "mov", "h264")
    assert facts.duration_s == pytest.approx(1.0, abs=0.05)
    await ffmpeg.run(["-display_rotation", "90", "-i", str(clip), "-c", "copy", "turned.mp4"], cwd=tmp_path)
    turned = await probe_clip(tmp_path / "turned.mp4")
    assert (turned.width, turned.height) == (240, 320)


@pytest.mark.parametrize(
    ("name", "options"), [("a.mkv", ["-c:v", "libx264"]), ("a.webm", ["-c:v", "libvpx"]), ("a.ts", [])]
)
async def test_other_containers_are_read(tmp_path: Path, ffmpeg: Ffmpeg, name: str, options: list[str]) -> None:
    await ffmpeg.run(["-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.5", *options, name], cwd=tmp_path)
    facts = await probe_media(tmp_path / name)
    assert isinstance(facts, ClipFacts)
    assert (facts.width, facts.height) == (64, 64)


async def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40), "red").save(tmp_path / "p.jpg", exif=exif)
    assert await probe_media(tmp_path / "p.jpg") == PhotoFacts(40, 60, "JPEG")
    assert open_photo(tmp_path / "p.jpg").size == (40, 60)


async def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        await probe_media(tmp_path / "nothing")
