"""Files by key: in a local folder, or in an S3-compatible bucket.

Keys are made by our code from ids and hashes, never from what a person typed. A file is visible whole or not at all.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store
from pydantic import SecretStr

from ettametta.errors import Bug, ConfigError, EttamettaError, InvalidInput, NoSpace, NotFound, TransientError
from ettametta.kit.ids import new_id

_log = structlog.get_logger(__name__)

_KEY = re.compile(r"[a-z0-9][a-z0-9/_.-]*")
#: As long as the columns that hold keys.
_MAX_KEY = 300
_CHUNK = 1024 * 1024
_PART = 8 * 1024 * 1024
#: How obstore names a file it is still writing; it never lists one.
_STAGED = re.compile(r".+#\d+")

_FULL_ERRNO = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: What a full disk or bucket looks like in obstore's messages: the system's errors, and codes of S3-like servers.
_FULL = re.compile(
    r"os error (?:{})\b|InsufficientStorage|StorageFull|QuotaExceeded|status: 507".format(
        "|".join(map(str, _FULL_ERRNO))
    )
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file in storage.

    Attributes:
        size_bytes: its length.
        modified_at: when it was written, aware.
    """

    key: str
    size_bytes: int
    modified_at: datetime


class Storage(Protocol):
    """Files by key.

    All methods raise Bug for a key that breaks the rules, NoSpace when there is no room, TransientError when the store
    does not answer, and ConfigError when it does not let us in.
    """

    async def put_bytes(self, key: str, data: bytes, media_type: str) -> None:
        """Write a file whole, over what was there."""
        ...

    async def put_file(self, key: str, path: Path, media_type: str) -> None:
        """Copy a local file in, over what was there. Raises NotFound when `path` is not a file."""
        ...

    async def put_content(self, prefix: str, suffix: str, content: bytes | Path, media_type: str) -> str:
        """Store content under its SHA-256 (`prefix/ab/abcdef....suffix`) unless it is there, and give the key."""
        ...

    async def get_bytes(self, key: str, max_bytes: int) -> bytes:
        """Read a file whole. Raises NotFound, and InvalidInput when it is longer than `max_bytes`."""
        ...

    async def fetch_to(self, key: str, path: Path) -> None:
        """Copy a file out to `path`, which appears whole or not at all. Raises NotFound."""
        ...

    def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Read from byte `start` up to and without byte `end`. Raises NotFound, and InvalidInput for an empty range."""
        ...

    async def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        ...

    async def size(self, key: str) -> int:
        """Its length in bytes. Raises NotFound."""
        ...

    async def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""
        ...

    def list(self, prefix: str) -> AsyncIterator[StoredFile]:
        """All files under a folder (`assets/ab` does not include `assets/abc`)."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Where the file lies on this machine, to be read in place; None when it is elsewhere."""
        ...

    async def sweep(self, older_than_s: float = 3600.0) -> int:
        """Remove what a killed process left half-written, and give how many. A bucket does this by its own rules."""
        ...


class ObjectStorage:
    """Storage over obstore. `folder` is given for a local one, `label` names the store in errors."""

    def __init__(self, store: LocalStore | S3Store, *, folder: Path | None, label: str) -> None:
        # obstore's own types need a package that is not installed; its two stores have the same methods.
        self._store: Any = store
        self._folder = folder
        self._label = label

    async def put_bytes(self, key: str, data: bytes, media_type: str) -> None:
        """See Storage."""
        await self._put(key, data, media_type)

    async def put_file(self, key: str, path: Path, media_type: str) -> None:
        """See Storage."""
        if not await asyncio.to_thread(path.is_file):
            raise NotFound(f"The file {path.name} is not there.", code="user.not_found.file")
        await self._put(key, path, media_type)

    async def _put(self, key: str, content: bytes | Path, media_type: str) -> None:
        check_key(key)
        # A folder keeps no media types.
        attributes = None if self._folder else {"Content-Type": media_type}
        with self._translated(key, writing=True):
            await self._store.put_async(key, content, attributes=attributes, chunk_size=_PART, max_concurrency=4)

    async def put_content(self, prefix: str, suffix: str, content: bytes | Path, media_type: str) -> str:
        """See Storage."""
        digest = await asyncio.to_thread(_sha256, content)
        key = check_key(f"{prefix}/{digest[:2]}/{digest}{suffix}")
        if not await self.exists(key):
            await self._put(key, content, media_type)
        return key

    async def get_bytes(self, key: str, max_bytes: int) -> bytes:
        """See Storage."""
        with self._translated(check_key(key)):
            found = await self._store.get_async(key)
            if found.meta["size"] > max_bytes:
                raise InvalidInput(
                    f"The file has {found.meta['size']} bytes; at most {max_bytes} are read here.",
                    code="user.invalid_input.file_too_large",
                )
            return bytes(await found.bytes_async())

    async def fetch_to(self, key: str, path: Path) -> None:
        """See Storage."""
        check_key(key)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        part = path.with_name(f".{path.name[:100]}.{new_id()}.part")
        try:
            with self._translated(key, writing=True):
                await self._copy_out(key, part)
                await asyncio.to_thread(part.replace, path)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def _copy_out(self, key: str, path: Path) -> None:
        if (local := self.local_path(key)) is not None:
            await asyncio.to_thread(shutil.copyfile, local, path)
            return
        found = await self._store.get_async(key)
        with await asyncio.to_thread(path.open, "wb") as file:
            async for chunk in found.stream(_CHUNK):
                await asyncio.to_thread(file.write, chunk)

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See Storage."""
        check_key(key)
        with self._translated(key):
            size = (await self._store.head_async(key))["size"]
            if start < 0 or start > size or (end is not None and end < start):
                raise InvalidInput(
                    f"The file has {size} bytes; there is none to read from byte {start}.",
                    code="user.invalid_input.range",
                )
            stop = size if end is None else min(end, size)
            if start == stop:
                return
            found = await self._store.get_async(key, options={"range": (start, stop)})
            async for chunk in found.stream(_CHUNK):
                yield bytes(chunk)

    async def exists(self, key: str) -> bool:
        """See Storage."""
        try:
            await self.size(key)
        except NotFound:
            return False
        return True

    async def size(self, key: str) -> int:
        """See Storage."""
        with self._translated(check_key(key)):
            size: int = (await self._store.head_async(key))["size"]
            return size

    async def delete(self, key: str) -> None:
        """See Storage."""
        check_key(key)
        try:
            with self._translated(key):
                await self._store.delete_async(key)
        except NotFound:
            return

    async def list(self, prefix: str) -> AsyncIterator[StoredFile]:
        """See Storage."""
        check_key(prefix)
        with self._translated(prefix):
            async for page in self._store.list(prefix):
                for item in page:
                    yield StoredFile(item["path"], item["size"], item["last_modified"])

    def local_path(self, key: str) -> Path | None:
        """See Storage."""
        check_key(key)
        return None if self._folder is None else self._folder / key

    async def sweep(self, older_than_s: float = 3600.0) -> int:
        """See Storage."""
        if self._folder is None:
            return 0
        swept = await asyncio.to_thread(_remove_staged, self._folder, time.time() - older_than_s)
        if swept:
            _log.info("storage.swept", files=swept)
        return swept

    @contextmanager
    def _translated(self, key: str, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise self._translate(error, key, writing=writing) from error

    def _translate(self, error: Exception, key: str, *, writing: bool) -> EttamettaError:
        text = str(error)
        if _FULL.search(text) or getattr(error, "errno", None) in _FULL_ERRNO:
            return NoSpace(f"There is no room left in {self._label}.", hint="Make room there, then try again.")
        if isinstance(error, PermissionError | PermissionDeniedError | UnauthenticatedError):
            return self._not_let_in("does not let us in")
        if isinstance(error, FileNotFoundError):
            if "NoSuchBucket" in text or (writing and "NoSuchKey" not in text and self._folder is None):
                return self._not_let_in("does not exist")
            return NotFound(f"There is no file {key}.", code="user.not_found.file")
        if self._folder is not None:
            return self._not_let_in("cannot be used")
        return TransientError(f"The {self._label} did not answer as it should.", code="transient.storage")

    def _not_let_in(self, what: str) -> ConfigError:
        if self._folder is not None:
            hint = "Check the folder named by ETTAMETTA_DATA_DIR: it must be ours to write."
        else:
            hint = "Check ETTAMETTA_STORAGE_URL, ETTAMETTA_S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        return ConfigError(f"The {self._label} {what}.", hint=hint, code="operator.config.storage")


def check_key(key: str) -> str:
    """Give a well-formed key back: lower-case ASCII, no `..`, no empty or hidden part, at most 300 characters.

    Raises:
        Bug: it is not; keys are made by our code.
    """
    well_formed = _KEY.fullmatch(key) and len(key) <= _MAX_KEY and ".." not in key
    if not well_formed or any(part == "" or part.startswith(".") for part in key.split("/")):
        raise Bug(f"The storage key {key[:_MAX_KEY]!r} is malformed.", code="bug.storage_key")
    return key


def build_storage(
    url: str,
    *,
    folder: Path,
    endpoint: str = "",
    region: str = "us-east-1",
    access_key: SecretStr | None = None,
    secret_key: SecretStr | None = None,
) -> ObjectStorage:
    """The storage that settings ask for: `folder` when `url` is empty, else the bucket of `s3://bucket/prefix`.

    Raises:
        ConfigError: the URL, the endpoint or the keys cannot be used, or the folder cannot be made.
    """
    if not url:
        return _build_local(folder)
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise ConfigError("The storage URL cannot be read.", hint="Set ETTAMETTA_STORAGE_URL to s3://bucket/prefix.")
    if endpoint and urlsplit(endpoint).scheme not in {"http", "https"}:
        raise ConfigError(
            "The endpoint of the bucket cannot be read.",
            hint="Set ETTAMETTA_S3_ENDPOINT to an address such as https://storage.example.",
        )
    if access_key is None or secret_key is None:
        raise ConfigError(
            "The bucket needs an access key and a secret key.", hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    own: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        region=region,
        access_key_id=access_key.get_secret_value(),
        secret_access_key=secret_key.get_secret_value(),
        # An endpoint of one's own seldom has a name for each bucket.
        virtual_hosted_style_request=not endpoint,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=10),
            "timeout": timedelta(seconds=120),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        **own,
    )
    return ObjectStorage(store, folder=None, label=f"bucket {parts.netloc}")


def _build_local(folder: Path) -> ObjectStorage:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        store = LocalStore(folder)
    except (OSError, BaseError) as error:
        raise ConfigError(
            f"The folder for files cannot be made: {getattr(error, 'strerror', None) or 'it cannot be used'}.",
            hint="Set ETTAMETTA_DATA_DIR to a folder that is ours to write.",
        ) from error
    return ObjectStorage(store, folder=folder, label="folder for files")


def _sha256(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    try:
        with content.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise NotFound(f"The file {content.name} is not there.", code="user.not_found.file") from error


def _remove_staged(folder: Path, before: float) -> int:
    removed = 0
    for root, _, names in os.walk(folder):
        for path in (Path(root, name) for name in names if _STAGED.fullmatch(name)):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue  # it was finished just now
    return removed
