"""One exchange with a server, straight on the pool: what `HttpClient` guards and limits, at a fifth of its cost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from yarl import URL

from ettametta.errors import InvalidInput, Refused
from ettametta.kit.http import problems
from ettametta.kit.http.bodies import ACCEPT_ENCODING, is_packed, too_large, unpack
from ettametta.kit.http.guard import AddressGuard
from ettametta.kit.http.sessions import open_session

MAX_URL_CHARS = 4_096
REDIRECTS = frozenset((301, 302, 303, 307, 308))
SECRET_HEADERS = frozenset(("authorization", "cookie", "proxy-authorization", "x-api-key", "x-goog-api-key"))
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f\\]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
#: Larger packed bodies are unpacked in a thread, so that others are not kept waiting.
_THREAD_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back for one request; redirects and refusals are answers like others."""

    status: int
    headers: Mapping[str, str]
    #: media type in lower case without parameters; empty: none named
    content_type: str
    charset: str | None
    #: unpacked; empty unless the status is 2xx
    body: bytes
    #: the body as it came, when it came as gzip
    gzipped: bytes | None = None


class Wire:
    """Sends one request at a time over a guarded pool. Follows nothing, retries nothing, judges no status.

    Args:
        user_agent: how we name ourselves.
        allow_private: let requests reach private addresses (tests, closed networks).
        allow_networks: private networks (CIDR) that may be reached all the same.
        connect_timeout_s: longest wait for a connection, in seconds.
        read_timeout_s: longest silence while reading, in seconds.
        resolver: who looks names up before the guard judges the answers; default: the system.
        dns_ttl_s: how long an answer of the resolver is used, in seconds.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: bool = False,
        allow_networks: Sequence[str] = (),
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 10.0,
        resolver: AbstractResolver | None = None,
        dns_ttl_s: int = 10,
    ) -> None:
        #: how we name ourselves
        self.user_agent = user_agent
        self._guard = AddressGuard(allow_private=allow_private, allow_networks=allow_networks)
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout_s, sock_read=read_timeout_s)
        self._resolver = resolver
        self._dns_ttl_s = dns_ttl_s
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING}
        self._session: aiohttp.ClientSession | None = None

    async def exchange(
        self,
        method: str,
        target: URL,
        *,
        headers: Mapping[str, str],
        accept: Sequence[str] = (),
        max_bytes: int,
        data: bytes | None = None,
        is_cut: bool = False,
    ) -> Exchange:
        """Send one request and read its answer.

        Args:
            method: GET or POST.
            target: from `parse_url`.
            headers: of the request.
            accept: media types of 2xx answers that are read; empty: any.
            max_bytes: most bytes of the body, on the wire and unpacked.
            data: the body to send.
            is_cut: keep the first `max_bytes` of a longer body, instead of refusing it.

        Raises:
            InvalidInput: unsuitable type, too large, a bomb, no HTTP.
            Refused: a private address, a bad certificate.
            NotFound: no such host.
            TransientError: time-outs, a lost connection.
        """
        host = target.host or ""
        if not self._guard.permits_url_host(host):
            raise problems.private_address(host)
        sent = {**self._headers, **headers}
        try:
            async with self._pool().request(method, target, headers=sent, data=data, allow_redirects=False) as answer:
                return await _read(answer, host, accept, max_bytes, is_cut=is_cut)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise problems.from_exception(error, host) from error

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _pool(self) -> aiohttp.ClientSession:
        """Built on first use, inside the running loop. Who calls keeps the limits, so the pool has none."""
        if self._session is None:
            self._session = open_session(
                self._guard,
                self._tls,
                max_connections=0,
                max_per_host=0,
                resolver=self._resolver,
                timeout=self._timeout,
                dns_ttl_s=self._dns_ttl_s,
            )
        return self._session


async def _read(
    answer: aiohttp.ClientResponse, host: str, accept: Sequence[str], max_bytes: int, *, is_cut: bool
) -> Exchange:
    headers = answer.headers
    content_type, charset = read_content_type(headers.get("Content-Type", ""))
    if not 200 <= answer.status < 300:
        return Exchange(answer.status, headers, content_type, charset, b"")
    if not is_acceptable(content_type, accept):
        raise unsuitable(host, content_type)
    coding = headers.get("Content-Encoding", "")
    raw = await _collect(answer, host, max_bytes, is_cut=is_cut)
    if not is_packed(coding):
        return Exchange(answer.status, headers, content_type, charset, raw)
    if len(raw) > _THREAD_BYTES:
        body = await asyncio.to_thread(unpack, raw, coding, max_bytes, host, is_cut=is_cut)
    else:
        body = unpack(raw, coding, max_bytes, host, is_cut=is_cut)
    gzipped = raw if coding.strip().lower() == "gzip" and not is_cut else None
    return Exchange(answer.status, headers, content_type, charset, body, gzipped)


async def _collect(answer: aiohttp.ClientResponse, host: str, max_bytes: int, *, is_cut: bool) -> bytes:
    declared = answer.content_length
    if declared is not None and declared <= max_bytes:
        return await answer.content.read()  # the parser ends the body at its declared length
    if declared is not None and not is_cut:
        raise too_large(host, max_bytes)
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            if not is_cut:
                raise too_large(host, max_bytes)
            answer.close()  # the rest is not waited for
            break
    return bytes(body[:max_bytes])


def parse_url(url: str) -> URL:
    """A web address, without user, password and fragment.

    Raises:
        InvalidInput: it is none.
        Refused: it is not http(s).
    """
    text = url.strip()
    if not text or len(text) > MAX_URL_CHARS or _UNFIT.search(text):
        raise problems.not_a_url()
    try:
        parsed = URL(text)
        host = parsed.host
    except ValueError:
        raise problems.not_a_url() from None
    return _checked(parsed, host)


def _checked(parsed: URL, host: str | None) -> URL:
    if parsed.scheme not in ("http", "https"):
        if not parsed.scheme:
            raise problems.not_a_url()
        raise Refused(
            f"Addresses that begin with {parsed.scheme[:20]}: are not fetched.",
            hint="Only http:// and https:// are; attach a file to use one of your own.",
            code="http.scheme",
        )
    if not host:
        raise problems.not_a_url()
    if parsed.raw_user is not None or parsed.raw_password is not None:
        parsed = parsed.with_user(None)
    return parsed.with_fragment(None) if parsed.raw_fragment else parsed


def redirected(origin: URL, location: str) -> URL:
    """Where a Location header leads.

    Raises:
        InvalidInput: to no web address.
        Refused: to one that is not http(s).
    """
    text = location.strip()
    if len(text) > MAX_URL_CHARS or _UNFIT.search(text):
        raise problems.not_a_url()
    try:
        joined = origin.join(URL(text))
        host = joined.host
    except ValueError:
        raise problems.not_a_url() from None
    return _checked(joined, host)


def forwarded(headers: Mapping[str, str], before: URL, after: URL) -> Mapping[str, str]:
    """The headers that may be sent on to the next hop: secret ones stay with their origin.

    Raises:
        Refused: credentials would go from https to http.
    """
    secret = [name for name in headers if name.lower() in SECRET_HEADERS]
    if secret and before.scheme == "https" and after.scheme == "http":
        raise problems.downgrade(before.host or "")
    if not secret or before.origin() == after.origin():
        return headers
    return {name: value for name, value in headers.items() if name not in secret}


def read_content_type(header: str) -> tuple[str, str | None]:
    """The media type in lower case, and the charset if one is named."""
    media, _, rest = header.partition(";")
    found = _CHARSET.search(rest) if rest else None
    return media.strip().lower()[:100], found.group(1).lower() if found else None


def is_acceptable(content_type: str, accept: Sequence[str]) -> bool:
    """Whether a media type is among those wanted; `text/*` stands for a family, none for all."""
    if not accept or content_type in accept:
        return True
    return any(wanted.endswith("/*") and content_type.startswith(wanted[:-1]) for wanted in accept)


def unsuitable(host: str, content_type: str) -> InvalidInput:
    """The error for an answer of a kind that is of no use."""
    return InvalidInput(
        f"{host} sent {content_type or 'something of no named kind'}, which cannot be used here.",
        hint="Send the address of a page with text, or attach the text as a file.",
        code="http.content_type",
    )
