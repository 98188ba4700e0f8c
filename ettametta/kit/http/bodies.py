"""Reading a response body under limits: bytes on the wire, bytes after decompression, and their ratio."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from ettametta.errors import InvalidInput, TransientError

#: What we ask for and can undo; other codings need packages we do not ship.
ACCEPT_ENCODING = "gzip, deflate"

#: HTML compresses about 5 to 20 times; what grows more than this is made to do so.
MAX_RATIO = 100
#: Small bodies may compress extremely well by honest chance.
_RATIO_FREE_BYTES = 256 * 1024
_STEP_BYTES = 64 * 1024


async def read_body(chunks: AsyncIterator[bytes], *, encoding: str, max_bytes: int, host: str) -> bytes:
    """The decoded body.

    Args:
        chunks: raw bytes as they come from the wire.
        encoding: the Content-Encoding header.
        max_bytes: the most that may come over the wire, and the most after decompression.
        host: named in errors.

    Raises:
        InvalidInput: too large, a decompression bomb, an unknown or nested coding, damaged data.
        TransientError: the compressed data ended early.
    """
    decoder = _decoder(encoding, max_bytes, host)
    wire = 0
    body = bytearray()
    async for chunk in chunks:
        wire += len(chunk)
        if wire > max_bytes:
            raise too_large(host, max_bytes)
        body += decoder.feed(chunk)
    decoder.finish()
    return bytes(body)


def is_packed(encoding: str) -> bool:
    """Whether a Content-Encoding says that there is something to unpack."""
    return bool(encoding) and encoding.strip().lower() != "identity"


def unpack(packed: bytes, encoding: str, max_bytes: int, host: str, *, is_cut: bool = False) -> bytes:
    """The decoded form of a body that is all here, in bounded memory.

    Args:
        packed: as it came.
        encoding: the Content-Encoding header.
        max_bytes: the most after decompression.
        host: named in errors.
        is_cut: give the first `max_bytes` of a longer body, and what there is of one that ends early.

    Raises:
        InvalidInput: too large, a decompression bomb, an unknown or nested coding, damaged data.
        TransientError: the data ended early.
    """
    decoder = _decoder(encoding, max_bytes, host)
    if is_cut:
        return decoder.feed_some(packed)[:max_bytes]
    body = decoder.feed(packed)
    decoder.finish()
    return body


def too_large(host: str, max_bytes: int) -> InvalidInput:
    """The error for a body over the limit."""
    return InvalidInput(
        f"What {host} sent is larger than the limit of {_megabytes(max_bytes)}.",
        hint="Use a smaller page, or paste the part of the text that matters.",
        code="http.too_large",
    )


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:g} MB" if count >= 10_000 else f"{count} bytes"


class _Plain:
    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def feed_some(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> None:
        return None


class _Inflate:
    """gzip or deflate (zlib-wrapped or, as some servers send it, bare), one member, bounded at every step."""

    def __init__(self, *, window_bits: int, max_bytes: int, host: str) -> None:
        self._zlib = zlib.decompressobj(window_bits)
        self._may_be_bare = window_bits == zlib.MAX_WBITS
        self._max_bytes = max_bytes
        self._host = host
        self._in = 0
        self._out = 0

    def feed(self, chunk: bytes) -> bytes:
        self._in += len(chunk)
        out = bytearray()
        pending = chunk
        while pending and not self._zlib.eof:
            piece = self._step(pending)
            out += piece
            self._count(len(piece))
            pending = self._zlib.unconsumed_tail
        return bytes(out)

    def feed_some(self, chunk: bytes) -> bytes:
        """What the first bytes unpack to, up to the limit: what is beyond it is not looked at."""
        return self._step(chunk, self._max_bytes)

    def finish(self) -> None:
        if self._in and not self._zlib.eof:
            raise TransientError(f"{self._host} broke off before the end of the page.", code="http.truncated")

    def _step(self, data: bytes, most: int = _STEP_BYTES) -> bytes:
        try:
            return self._zlib.decompress(data, most)
        except zlib.error:
            if not self._may_be_bare or self._out:
                raise _damaged(self._host) from None
        self._may_be_bare = False
        self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
        return self._step(data, most)

    def _count(self, count: int) -> None:
        self._out += count
        if self._out > self._max_bytes:
            raise too_large(self._host, self._max_bytes)
        if self._out > _RATIO_FREE_BYTES and self._out > self._in * MAX_RATIO:
            raise InvalidInput(
                f"What {self._host} sent unpacks to more than {MAX_RATIO} times its size, so it was not read.",
                hint="Use another page, or paste the text.",
                code="http.bomb",
            )


def _damaged(host: str) -> InvalidInput:
    return InvalidInput(
        f"What {host} sent is damaged and cannot be unpacked.",
        hint="Use another page, or paste the text.",
        code="http.damaged",
    )


def _decoder(encoding: str, max_bytes: int, host: str) -> _Plain | _Inflate:
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return _Plain()
    if names in (["gzip"], ["x-gzip"]):
        return _Inflate(window_bits=16 + zlib.MAX_WBITS, max_bytes=max_bytes, host=host)
    if names == ["deflate"]:
        return _Inflate(window_bits=zlib.MAX_WBITS, max_bytes=max_bytes, host=host)
    raise InvalidInput(
        f"{host} packed its answer in a way that was not asked for and is not read.",
        hint="Use another page, or paste the text.",
        code="http.encoding",
    )
