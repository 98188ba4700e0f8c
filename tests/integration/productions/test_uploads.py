"""What people send along: told apart by what it holds, kept once, under a name that is only shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.models import Asset
from ettametta.providers.speech.audio import encode_wav
from ettametta.testing import tones
from tests.integration.productions.harness import House, make_clip, open_house, settings_for


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(settings_for(tmp_path / "data", sqlite_url)) as opened:
        yield opened


def sound(path: Path) -> Path:
    path.write_bytes(encode_wav(tones("Two words.")[0]))
    return path


def song(path: Path, container: str, codec: str) -> Path:
    """A second of sound without a picture."""
    with av.open(str(path), "w", format=container) as file:
        stream: Any = file.add_stream(codec, rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44_100
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


async def row_of(house: House, asset_id: str) -> Asset:
    async with house.resources.database.read_scope() as session:
        return await session.get_one(Asset, asset_id)


async def test_a_sound_is_kept_with_its_length(house: House, tmp_path: Path) -> None:
    upload = await house.resources.uploads.add(house.person, sound(tmp_path / "x"), name="../../me/voice.wav")
    assert (upload.kind, upload.name) == ("audio", "voice.wav")
    row = await row_of(house, upload.id)
    assert (row.media_type, row.licence, row.origin) == ("audio/wav", None, "upload")
    assert row.duration_s == pytest.approx(tones("Two words.")[0].duration_s, abs=0.01)
    assert row.storage_key == upload.key
    assert upload.key.endswith(".wav")


async def test_a_film_without_pictures_is_a_sound(house: House, tmp_path: Path) -> None:
    """An M4A begins like a film: what it holds decides, not its first bytes or its name."""
    upload = await house.resources.uploads.add(house.person, song(tmp_path / "x", "mp4", "aac"), name="song.mp4")
    assert upload.kind == "audio"
    assert upload.key.endswith(".m4a")
    clip = await house.resources.uploads.add(house.person, make_clip(tmp_path / "c.mp4"), name="c.m4a")
    assert clip.kind == "clip"


async def test_the_same_file_is_kept_once_for_a_person(house: House, tmp_path: Path) -> None:
    uploads, path = house.resources.uploads, sound(tmp_path / "x")
    first = await uploads.add(house.person, path, name="one.wav")
    again = await uploads.add(house.person, path, name="two.wav")
    assert (again.id, again.name) == (first.id, "two.wav")
    assert (await row_of(house, first.id)).name == "two.wav"
    theirs = await uploads.add(await house.stranger(), path, name="one.wav")
    assert theirs.id != first.id, "nobody sees another's rows"
    assert theirs.key == first.key, "but the bytes are there once"


async def test_a_logo(house: House, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (40, 20), (200, 0, 0, 128)).save(path)
    upload = await house.resources.uploads.add_logo(house.person, path, name="logo.png")
    assert upload.kind == "logo"
    photo = await house.resources.uploads.add(house.person, path, name="logo.png")
    assert (photo.kind, photo.key) == ("photo", upload.key)
    assert photo.id != upload.id


@pytest.mark.parametrize("kind", ["sound", "huge", "text"])
async def test_what_is_no_logo(house: House, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "sound":
        sound(path)
    elif kind == "huge":
        Image.new("L", (5000, 10)).save(path, "PNG")
    else:
        path.write_text("words")
    with pytest.raises(InvalidInput) as caught:
        await house.resources.uploads.add_logo(house.person, path, name="x.txt" if kind == "text" else "x")
    assert caught.value.code == "upload.not_logo"


@pytest.mark.parametrize("head", [b"RIFF\x24\x00\x00\x00WAVEfmt ", b"ID3\x03", b"OggS", b"fLaC", b"\x00" * 8 + b"x"])
async def test_broken_sounds_are_refused(house: House, tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(head + b"\x01" * 500)
    with pytest.raises(InvalidInput):
        await house.resources.uploads.add(house.person, path, name="song.mp3")
    assert await house.count(Asset) == 0
