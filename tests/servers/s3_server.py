"""An S3-compatible server for tests: path-style, checks every signature (SigV4), pages its lists, and fails on demand.

Written from the Amazon S3 API reference; enough of it for any client that reads, writes (in parts too) and lists.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import parse_qsl, quote, unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from aiohttp import web

ACCESS_KEY = "test-access-key"
SECRET_KEY = "test-secret-key"
BUCKET = "videos"
_MIN_PART = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a bucket keeps under a key."""

    body: bytes
    media_type: str
    modified_at: datetime

    @property
    def etag(self) -> str:
        """The quoted MD5, as S3 gives it for objects of one part."""
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


class S3Error(Exception):
    """An answer in S3's error format."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass
class S3Server:
    """One bucket on a loopback port, as an async context manager."""

    page_size: int = 3
    objects: dict[str, StoredObject] = field(default_factory=dict)
    #: answers to give instead of the right ones, next first: (status, code)
    failures: deque[tuple[int, str]] = field(default_factory=deque)
    #: method and key (or operation) of each request, in order
    requests: list[str] = field(default_factory=list)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    port: int = 0

    @property
    def endpoint(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> S3Server:
        app = web.Application(client_max_size=1024**3)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            self._fail_on_demand()
            check_signature(request, body)
            return self._dispatch(request, body)
        except S3Error as error:
            text = f"<?xml version='1.0'?><Error><Code>{error.code}</Code><Message>{error.code}</Message></Error>"
            return web.Response(status=error.status, text=text, content_type="application/xml")

    def _fail_on_demand(self) -> None:
        if self.failures:
            raise S3Error(*self.failures.popleft())

    def _dispatch(self, request: web.Request, body: bytes) -> web.Response:
        bucket, _, key = unquote(request.raw_path.partition("?")[0]).lstrip("/").partition("/")
        self.requests.append(f"{request.method} {key or '?'.join(request.query)}")
        if bucket != BUCKET:
            raise S3Error(404, "NoSuchBucket")
        if not key:
            return self._list(request) if request.method == "GET" else self._delete_many(body)
        if request.method == "POST" or "uploadId" in request.query:
            return self._multipart(request, key, body)
        if request.method == "PUT":
            return self._put(key, body, request.headers.get("Content-Type", ""))
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        return self._get(request, key)

    def _put(self, key: str, body: bytes, media_type: str) -> web.Response:
        self.objects[key] = StoredObject(body, media_type, datetime.now(UTC))
        return web.Response(headers={"ETag": self.objects[key].etag})

    def _get(self, request: web.Request, key: str) -> web.Response:
        if key not in self.objects:
            raise S3Error(404, "NoSuchKey")
        found = self.objects[key]
        headers = {
            "ETag": found.etag,
            "Last-Modified": found.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "Content-Type": found.media_type or "binary/octet-stream",
            "Accept-Ranges": "bytes",
        }
        wanted = request.headers.get("Range")
        if wanted is None:
            headers["Content-Length"] = str(len(found.body))  # by itself it is left out of a HEAD of nothing
            return web.Response(body=found.body, headers=headers)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, stop = int(first), min(int(last or len(found.body) - 1), len(found.body) - 1)
        if start >= len(found.body):
            raise S3Error(416, "InvalidRange")
        headers["Content-Range"] = f"bytes {start}-{stop}/{len(found.body)}"
        return web.Response(status=206, body=found.body[start : stop + 1], headers=headers)

    def _delete_many(self, body: bytes) -> web.Response:
        keys = [node.text or "" for node in ET.fromstring(body).iter() if node.tag.endswith("Key")]  # noqa: S314 -- our own client wrote it
        for key in keys:
            self.objects.pop(key, None)
        deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        return _xml(f"<DeleteResult>{deleted}</DeleteResult>")

    def _list(self, request: web.Request) -> web.Response:
        prefix = request.query.get("prefix", "")
        after = request.query.get("continuation-token", "")
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        page, more = keys[: self.page_size], len(keys) > self.page_size
        rows = "".join(_row(key, self.objects[key]) for key in page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        truncated = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        return _xml(f"<ListBucketResult><Name>{BUCKET}</Name>{truncated}{token}{rows}</ListBucketResult>")

    def _multipart(self, request: web.Request, key: str, body: bytes) -> web.Response:
        if "uploads" in request.query:
            upload = f"upload-{len(self.requests)}"
            self.uploads[upload] = {}
            answer = f"<Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key><UploadId>{upload}</UploadId>"
            return _xml(f"<InitiateMultipartUploadResult>{answer}</InitiateMultipartUploadResult>")
        upload = request.query["uploadId"]
        if upload not in self.uploads:
            raise S3Error(404, "NoSuchUpload")
        if request.method == "PUT":
            self.uploads[upload][int(request.query["partNumber"])] = body
            return web.Response(headers={"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'})
        parts = self.uploads.pop(upload)
        if request.method == "DELETE":
            return web.Response(status=204)
        return self._complete(key, [parts[number] for number in sorted(parts)])

    def _complete(self, key: str, parts: list[bytes]) -> web.Response:
        if any(len(part) < _MIN_PART for part in parts[:-1]):
            raise S3Error(400, "EntityTooSmall")
        self._put(key, b"".join(parts), "")
        etag = escape(self.objects[key].etag)
        return _xml(f"<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>")


def _row(key: str, found: StoredObject) -> str:
    moment = found.modified_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    parts = f"<Key>{escape(key)}</Key><LastModified>{moment}</LastModified><Size>{len(found.body)}</Size>"
    return f"<Contents>{parts}<ETag>{escape(found.etag)}</ETag></Contents>"


def _xml(text: str) -> web.Response:
    return web.Response(text=f"<?xml version='1.0' encoding='UTF-8'?>{text}", content_type="application/xml")


def check_signature(request: web.Request, body: bytes) -> None:
    """Work the request's SigV4 signature out anew and refuse what differs.

    Source: Amazon S3 API reference, "Signature Calculations for the Authorization Header".
    """
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if scheme != "AWS4-HMAC-SHA256" or not fields.get("Credential", "").startswith(f"{ACCESS_KEY}/"):
        raise S3Error(403, "InvalidAccessKeyId")
    claimed = request.headers["x-amz-content-sha256"]
    if claimed not in {"UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()}:
        raise S3Error(400, "XAmzContentSHA256Mismatch")
    scope = fields["Credential"].split("/", 1)[1]
    canonical = _canonical_request(request, fields["SignedHeaders"].split(";"), claimed)
    to_sign = "\n".join([scheme, request.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + SECRET_KEY.encode()
    for part in [*scope.split("/"), to_sign]:
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(key.hex(), fields["Signature"]):
        raise S3Error(403, "SignatureDoesNotMatch")


def _canonical_request(request: web.Request, signed: list[str], payload: str) -> str:
    path, _, query = request.raw_path.partition("?")
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(query, keep_blank_values=True))
    headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in signed)
    return "\n".join(
        [
            request.method,
            quote(unquote(path), safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            headers,
            ";".join(signed),
            payload,
        ]
    )
