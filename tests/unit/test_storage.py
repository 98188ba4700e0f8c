"""Storage, the same for a local folder and a bucket over HTTP: whole files only, well-formed keys, clear errors."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.exceptions import GenericError
from pydantic import SecretStr

from ettametta.errors import Bug, ConfigError, EttamettaError, InvalidInput, NoSpace, NotFound, TransientError
from ettametta.storage import ObjectStorage, Storage, build_storage, check_key
from tests.servers.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, S3Server

#: More than one part of a multipart upload.
_BIG = bytes(range(256)) * (70 * 1024)


def _bucket(server: S3Server, *, name: str = BUCKET, secret: str = SECRET_KEY) -> ObjectStorage:
    return build_storage(
        f"s3://{name}/some/prefix",
        folder=Path("unused"),
        endpoint=server.endpoint,
        access_key=SecretStr(ACCESS_KEY),
        secret_key=SecretStr(secret),
    )


@pytest.fixture
async def s3_server() -> AsyncIterator[S3Server]:
    async with S3Server() as server:
        yield server


@pytest.fixture
def local(tmp_path: Path) -> ObjectStorage:
    return build_storage("", folder=tmp_path / "files")


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, local: ObjectStorage, s3_server: S3Server) -> Storage:
    return local if request.param == "local" else _bucket(s3_server)


async def _read(storage: Storage, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in storage.stream(key, start, end)])


async def _keys(storage: Storage, prefix: str) -> list[str]:
    return sorted([file.key async for file in storage.list(prefix)])


@pytest.mark.parametrize("data", [b"", b"x", _BIG], ids=["empty", "one byte", "several parts"])
async def test_what_is_put_comes_back(storage: Storage, data: bytes, tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(data)
    await storage.put_bytes("a/bytes.bin", data, "application/octet-stream")
    await storage.put_file("a/file.bin", source, "application/octet-stream")
    for key in ("a/bytes.bin", "a/file.bin"):
        assert await storage.get_bytes(key, max_bytes=len(data)) == data
        assert await _read(storage, key) == data
        assert await storage.size(key) == len(data)
        await storage.fetch_to(key, tmp_path / "new" / "folder" / "copy.bin")
        assert (tmp_path / "new" / "folder" / "copy.bin").read_bytes() == data
    assert os.listdir(tmp_path / "new" / "folder") == ["copy.bin"]  # noqa: PTH208 -- hidden files too


async def test_a_later_put_replaces(storage: Storage) -> None:
    await storage.put_bytes("a.txt", b"first", "text/plain")
    await storage.put_bytes("a.txt", b"second", "text/plain")
    assert await storage.get_bytes("a.txt", 100) == b"second"


async def test_ranges(storage: Storage) -> None:
    await storage.put_bytes("a.bin", _BIG, "video/mp4")
    assert await _read(storage, "a.bin", 10, 20) == _BIG[10:20]
    assert await _read(storage, "a.bin", len(_BIG) - 5) == _BIG[-5:]
    assert await _read(storage, "a.bin", 5, 10**12) == _BIG[5:]
    assert await _read(storage, "a.bin", len(_BIG)) == b""
    for start, end in ((-1, None), (len(_BIG) + 1, None), (10, 9)):
        with pytest.raises(InvalidInput):
            await _read(storage, "a.bin", start, end)


async def test_a_file_longer_than_allowed_is_not_read(storage: Storage) -> None:
    await storage.put_bytes("a.bin", b"12345", "text/plain")
    with pytest.raises(InvalidInput, match="at most 4"):
        await storage.get_bytes("a.bin", max_bytes=4)


async def test_what_is_not_there(storage: Storage, tmp_path: Path) -> None:
    assert not await storage.exists("no/such.bin")
    await storage.delete("no/such.bin")
    assert await _keys(storage, "no") == []
    for reading in (
        storage.get_bytes("no/such.bin", 10),
        storage.size("no/such.bin"),
        storage.fetch_to("no/such.bin", tmp_path / "out" / "copy.bin"),
        _read(storage, "no/such.bin"),
        storage.put_file("a.bin", tmp_path / "no source", "text/plain"),
        storage.put_content("a", ".bin", tmp_path / "no source", "text/plain"),
    ):
        with pytest.raises(NotFound):
            await reading
    assert list((tmp_path / "out").iterdir()) == []


async def test_delete_and_list(storage: Storage) -> None:
    names = [f"assets/ab/{number}.png" for number in range(7)]
    for name in [*names, "assets/abc.png", "other.png"]:
        await storage.put_bytes(name, b"x", "image/png")
    assert await _keys(storage, "assets/ab") == names
    await storage.delete(names[0])
    assert not await storage.exists(names[0])
    assert await _keys(storage, "assets") == [*names[1:], "assets/abc.png"]
    file = [file async for file in storage.list("other.png")] or [file async for file in storage.list("assets")]
    assert file[0].size_bytes == 1
    assert abs(file[0].modified_at.timestamp() - time.time()) < 60


async def test_content_is_stored_once_under_its_hash(storage: Storage, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"picture").hexdigest()
    (tmp_path / "picture.png").write_bytes(b"picture")
    first = await storage.put_content("assets", ".png", b"picture", "image/png")
    second = await storage.put_content("assets", ".png", tmp_path / "picture.png", "image/png")
    assert first == second == f"assets/{digest[:2]}/{digest}.png"
    assert await _keys(storage, "assets") == [first]


async def test_many_writers_of_one_key_leave_one_whole_file(storage: Storage) -> None:
    contents = [bytes([number]) * 300_000 for number in range(8)]
    await asyncio.gather(*(storage.put_bytes("a.bin", content, "text/plain") for content in contents))
    assert await storage.get_bytes("a.bin", 10**6) in contents


BAD_KEYS = ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "a/.", "a/.hidden", ".x", "A.png", "a b", "ä", "a\n"]
BAD_KEYS += ["a\x00", "a#1", "a%2e", "a\\b", "c:a", "x" * 301, "-a"]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_malformed_key_goes_nowhere(local: ObjectStorage, key: str, tmp_path: Path) -> None:
    for using in (
        local.put_bytes(key, b"x", "text/plain"),
        local.get_bytes(key, 1),
        local.fetch_to(key, tmp_path / "out"),
        local.size(key),
        local.delete(key),
        _read(local, key),
        _keys(local, key),
    ):
        with pytest.raises(Bug):
            await using
    with pytest.raises(Bug):
        local.local_path(key)
    assert list((tmp_path / "files").iterdir()) == []


@given(st.text(max_size=40))
def test_an_accepted_key_stays_inside_its_folder(text: str) -> None:
    try:
        key = check_key(text)
    except Bug:
        return
    folder = Path("/files")
    assert Path(os.path.normpath(folder / key)).is_relative_to(folder)
    assert key.isascii()
    assert key == key.lower()


async def test_only_a_local_file_can_be_read_in_place(local: ObjectStorage, s3_server: S3Server) -> None:
    await local.put_bytes("a/b.mp4", b"x", "video/mp4")
    path = local.local_path("a/b.mp4")
    assert path is not None
    assert path.read_bytes() == b"x"
    assert _bucket(s3_server).local_path("a/b.mp4") is None


async def test_a_sweep_removes_what_a_killed_writer_left(local: ObjectStorage, tmp_path: Path) -> None:
    await local.put_bytes("a/b.mp4", b"x", "video/mp4")
    old, fresh = tmp_path / "files" / "a" / "c.mp4#1", tmp_path / "files" / "a" / "d.mp4#2"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    assert await _keys(local, "a") == ["a/b.mp4"]
    assert await local.sweep() == 1
    assert fresh.exists()
    assert sorted(path.name for path in fresh.parent.iterdir()) == ["b.mp4", "d.mp4#2"]


_WRITE_WITH_A_LIMIT = """
import asyncio, resource, sys
from pathlib import Path
from ettametta.errors import NoSpace
from ettametta.storage import build_storage

async def main():
    folder = Path(sys.argv[1])
    storage = build_storage("", folder=folder / "files")
    (folder / "big").write_bytes(bytes(3_000_000))
    await storage.put_file("whole.bin", folder / "big", "text/plain")
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    for using in (
        lambda: storage.put_bytes("a/bytes.bin", bytes(2_000_000), "text/plain"),
        lambda: storage.put_file("a/file.bin", folder / "big", "text/plain"),
        lambda: storage.put_content("a", ".bin", folder / "big", "text/plain"),
        lambda: storage.fetch_to("whole.bin", folder / "out.bin"),
    ):
        try:
            await using()
        except NoSpace:
            continue
        raise SystemExit("no error")

asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="NOT TESTED: no limit on the size of files on this platform")
def test_no_room_leaves_no_half_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITE_WITH_A_LIMIT, str(tmp_path)]
    subprocess.run(command, check=True, timeout=60, cwd=Path(__file__).parents[2])
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"big", "files/whole.bin"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_named(local: ObjectStorage, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        async def put_async(self, *_arguments: object, **_named: object) -> None:
            raise GenericError(f"Unable to write to file: {os.strerror(number)} (os error {number})")

    monkeypatch.setattr(local, "_store", Full())
    with pytest.raises(NoSpace, match="folder for files"):
        await local.put_bytes("a.bin", b"x", "text/plain")


async def test_a_full_bucket_is_named(s3_server: S3Server) -> None:
    s3_server.failures.extend([(507, "XMinioStorageFull")] * 10)
    with pytest.raises(NoSpace, match=BUCKET):
        await _bucket(s3_server).put_bytes("a.bin", b"x", "text/plain")


async def test_a_bucket_keeps_media_types_and_its_prefix(s3_server: S3Server) -> None:
    await _bucket(s3_server).put_bytes("a/b.mp4", b"x", "video/mp4")
    assert s3_server.objects["some/prefix/a/b.mp4"].media_type == "video/mp4"


async def test_a_big_file_goes_up_in_parts_and_appears_whole(s3_server: S3Server) -> None:
    await _bucket(s3_server).put_bytes("a.bin", _BIG, "video/mp4")
    assert sum("PUT" in request for request in s3_server.requests) > 1
    assert s3_server.objects["some/prefix/a.bin"].body == _BIG
    assert s3_server.uploads == {}


async def test_a_part_that_fails_for_good_leaves_nothing(s3_server: S3Server) -> None:
    storage = _bucket(s3_server)
    s3_server.failures.append((200, ""))  # the upload cannot even begin: no id in the answer
    with pytest.raises(TransientError):
        await storage.put_bytes("a.bin", _BIG, "video/mp4")
    assert s3_server.objects == {}


async def test_a_hiccup_of_the_bucket_is_ridden_out(s3_server: S3Server) -> None:
    s3_server.failures.extend([(503, "SlowDown"), (500, "InternalError")])
    storage = _bucket(s3_server)
    await storage.put_bytes("a.bin", b"x", "text/plain")
    assert await storage.get_bytes("a.bin", 1) == b"x"


async def test_a_bucket_that_does_not_answer_is_tried_again_later(s3_server: S3Server) -> None:
    s3_server.failures.extend([(503, "SlowDown")] * 50)
    with pytest.raises(TransientError) as caught:
        await _bucket(s3_server).put_bytes("a.bin", b"x", "text/plain")
    assert SECRET_KEY not in str(caught.value)


async def test_nobody_listens(free_port: int) -> None:
    with pytest.raises(TransientError):
        await _bucket(S3Server(port=free_port)).size("a.bin")


async def test_wrong_keys_or_bucket_name_the_settings(s3_server: S3Server) -> None:
    for storage in (_bucket(s3_server, secret="wrong"), _bucket(s3_server, name="elsewhere")):
        for using in (storage.put_bytes("a.bin", b"x", "text/plain"), storage.get_bytes("a.bin", 1)):
            with pytest.raises(ConfigError, match="bucket") as caught:
                await using
            assert "AWS_SECRET_ACCESS_KEY" in caught.value.hint
            assert SECRET_KEY not in str(caught.value)


def _refused(url: str = "s3://bucket", endpoint: str = "", keys: str | None = "k") -> EttamettaError:
    secret = SecretStr(keys) if keys else None
    with pytest.raises(ConfigError) as caught:
        build_storage(url, folder=Path("unused"), endpoint=endpoint, access_key=secret, secret_key=secret)
    return caught.value


def test_what_cannot_be_built_names_its_setting(tmp_path: Path) -> None:
    assert "ETTAMETTA_STORAGE_URL" in _refused("gs://bucket").hint
    assert "ETTAMETTA_STORAGE_URL" in _refused("s3://").hint
    assert "ETTAMETTA_S3_ENDPOINT" in _refused(endpoint="localhost:9000").hint
    assert "AWS_SECRET_ACCESS_KEY" in _refused(keys=None).hint
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError) as caught:
        build_storage("", folder=tmp_path / "file" / "files")
    assert "ETTAMETTA_DATA_DIR" in caught.value.hint
