"""Hostile media, made on the fly: refused in under five seconds with a sentence and a hint, in little memory."""

from __future__ import annotations

import asyncio
import io
import os
import struct
import time
import wave
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.probing.probe import probe_clip, probe_media, probe_photo
from ettametta.video.probing.probe_sound import SoundFacts, probe_sound
from tests.integration.video.conftest import write_tone

_MOST_RSS = 700_000_000


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*extra: bytes, width: int = 8, height: int = 8, data: bytes | None = None) -> bytes:
    rows = zlib.compress(bytes((width + 1) * height)) if data is None else data
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_bomb(kind: bytes) -> bytes:
    packed = zlib.compress(bytes(200_000_000), 9)
    middle = b"\0\0" if kind in {b"zTXt", b"iCCP"} else b"\0\1\0\0\0"
    return png(*[chunk(kind, b"Comment" + middle + packed)] * 3)


def webp(width: int, height: int) -> bytes:
    """An animated WebP that says it is huge."""
    head = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (width - 1).to_bytes(3, "little")
    body = b"WEBP" + head + (height - 1).to_bytes(3, "little") + b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif(width: int, height: int, frames: int) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame * frames + b"\x3b"


def many_scans() -> bytes:
    """A progressive JPEG whose last scan is repeated two hundred times."""
    stream = io.BytesIO()
    Image.radial_gradient("L").save(stream, "JPEG", progressive=True)
    whole = stream.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 200 + whole[-2:]


def wav_head(channels: int, rate: int, size: int) -> bytes:
    head = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * 2 & 0xFFFFFFFF, channels * 2 & 0xFFFF, 16)
    return b"RIFF\xff\xff\xff\xffWAVEfmt " + head + b"data" + struct.pack("<I", size)


PICTURES: dict[str, Callable[[], bytes]] = {
    "idat-bomb": lambda: png(width=60_000, height=60_000, data=zlib.compress(bytes(50_000_000), 9)),
    "ztxt-bomb": lambda: text_bomb(b"zTXt"),
    "itxt-bomb": lambda: text_bomb(b"iTXt"),
    "gif-bomb": lambda: gif(65_535, 65_535, 500),
    "webp-bomb": lambda: webp(16_383, 16_383),
    "jpeg-scans": many_scans,
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
    "pdf": lambda: b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n",
    "m3u8": lambda: b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "ffconcat": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "mpd": lambda: b'<?xml version="1.0"?><MPD><Period><BaseURL>file:///etc/</BaseURL></Period></MPD>',
    "sdp": lambda: b"v=0\no=- 0 0 IN IP4 10.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "subtitles": lambda: b"1\n00:00:00,000 --> 00:00:01,000\n{\\fs9999}x\n",
    "mp4-then-playlist": lambda: b"\x00\x00\x00\x10ftypisom\0\0\0\0" + b"#EXTM3U\nfile:///etc/passwd\n" * 99,
}


async def refused(look: Callable[[Path], Awaitable[object]], path: Path) -> InvalidInput:
    """The refusal, which came quickly, in a sentence with a hint, without taking much memory."""
    began, before = time.monotonic(), psutil.Process().memory_info().rss
    with pytest.raises(InvalidInput) as caught:
        await look(path)
    assert time.monotonic() - began < 5
    assert psutil.Process().memory_info().rss - before < _MOST_RSS
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize("name", ["film.mp4"])
async def test_hostile_pictures_and_lists_are_refused(tmp_path: Path, make: Callable[[], bytes], name: str) -> None:
    (tmp_path / name).write_bytes(make())
    await refused(probe_media, tmp_path / name)


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x14ftypisom", b"\x1a\x45\xdf\xa3\x01", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]
)
async def test_a_sparse_file_of_a_terabyte_is_refused(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "huge.mp4"
    path.write_bytes(head)
    os.truncate(path, 1_000_000_000_000)
    await refused(probe_media, path)


async def test_a_polyglot_is_read_as_what_it_begins_as(tmp_path: Path) -> None:
    path = tmp_path / "both.png"
    path.write_bytes(png() + b"#EXTM3U\nfile:///etc/passwd\n" + b"ffconcat version 1.0\nfile /etc/passwd\n")
    assert (await probe_photo(path)).format == "PNG"
    await refused(probe_clip, path)


async def test_subtitles_and_attachments_in_a_film_are_refused(tmp_path: Path, clip: Path, ffmpeg: Ffmpeg) -> None:
    (tmp_path / "s.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nx\n")
    (tmp_path / "f.ttf").write_bytes(bytes(100))
    muxed = ["-i", clip.name, "-i", "s.srt", "-map", "0:v", "-map", "1", "-c:v", "copy"]
    await ffmpeg.run([*muxed, "subs.mkv"], cwd=tmp_path)
    attached = ["-i", clip.name, "-attach", "f.ttf", "-metadata:s:t", "mimetype=font/ttf", "-map", "0:v", "-c", "copy"]
    await ffmpeg.run([*attached, "attached.mkv"], cwd=tmp_path)
    for name in ("subs.mkv", "attached.mkv"):
        assert (await refused(probe_media, tmp_path / name)).code == "video.extra_streams"


async def test_a_film_that_points_to_another_file_is_refused(tmp_path: Path, clip: Path) -> None:
    whole = await asyncio.to_thread(clip.read_bytes)
    own = b"\0\0\0\x0curl \0\0\0\x01"
    assert own in whole
    (tmp_path / "outside.mov").write_bytes(whole.replace(own, b"\0\0\0\x0curl \0\0\0\0"))
    assert (await refused(probe_media, tmp_path / "outside.mov")).code == "video.outside"


async def test_too_many_streams_and_strange_codecs_are_refused(tmp_path: Path, clip: Path, ffmpeg: Ffmpeg) -> None:
    await ffmpeg.run(["-i", clip.name, *["-map", "0:v"] * 20, "-c", "copy", "many.mkv"], cwd=tmp_path)
    await refused(probe_media, tmp_path / "many.mkv")
    await ffmpeg.run(["-i", clip.name, "-an", "-c:v", "ffv1", "odd.mkv"], cwd=tmp_path)
    assert (await refused(probe_media, tmp_path / "odd.mkv")).code == "video.codec"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"just words",
        b"#EXTM3U\nfile:///etc/passwd\n",
        wav_head(2, 48_000, 0xFFFFFF00),
        wav_head(60_000, 48_000, 9),
        wav_head(1, 4_000_000_000, 4) + bytes(4),
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(400),
        b"OggS" + b"\xff" * 4000,
        b"fLaC" + b"\xff" * 4000,
        b"\xff\xfb\x90\x00" + b"\xff" * 50,
        b"\0\0\0\x20ftypM4A " + b"\xff" * 900,
    ],
    ids=["empty", "text", "playlist", "wav-6h", "wav-channels", "wav-rate", "id3", "ogg", "flac", "mp3", "m4a"],
)  # fmt: skip
async def test_hostile_sounds_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "song.mp3").write_bytes(data)
    await refused(probe_sound, tmp_path / "song.mp3")


async def test_a_sound_of_ten_hours_and_a_film_without_sound_are_refused(
    tmp_path: Path, ffmpeg: Ffmpeg, clip: Path
) -> None:
    tone = write_tone(tmp_path / "t.wav", 0.5)
    (tmp_path / "long.wav").write_bytes(tone.read_bytes())
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setparams((1, 1, 8_000, 0, "NONE", ""))
        file.writeframes(b"")
    with (tmp_path / "long.wav").open("r+b") as raw:
        raw.seek(40)
        raw.write(struct.pack("<I", 36_000 * 8_000))
    os.truncate(tmp_path / "long.wav", 44 + 36_000 * 8_000)
    assert "10.0 hours" in (await refused(probe_sound, tmp_path / "long.wav")).message
    await ffmpeg.run(["-i", clip.name, "-an", "-c", "copy", "mute.mp4"], cwd=tmp_path)
    assert (await refused(probe_sound, tmp_path / "mute.mp4")).code == "video.not_sound"


@pytest.mark.parametrize(("suffix", "codec"), [("mp3", "mp3float"), ("ogg", "opus"), ("m4a", "aac"), ("flac", "flac")])
async def test_sounds_that_people_send_are_read(tmp_path: Path, ffmpeg: Ffmpeg, suffix: str, codec: str) -> None:
    write_tone(tmp_path / "t.wav", 1.5)
    coder = ["-c:a", "libopus"] if suffix == "ogg" else []
    await ffmpeg.run(["-i", "t.wav", *coder, f"t.{suffix}"], cwd=tmp_path)
    facts = await probe_sound(tmp_path / f"t.{suffix}")
    assert isinstance(facts, SoundFacts)
    assert (facts.codec, facts.channels) == (codec, 1)
    assert facts.duration_s == pytest.approx(1.5, abs=0.1)
