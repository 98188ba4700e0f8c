"""The pooled client itself: one GET under limits, its own redirect loop, every hop through the guard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport

from ettametta.errors import Refused
from ettametta.kit.clock import utc_now
from ettametta.kit.http import problems
from ettametta.kit.http.bodies import ACCEPT_ENCODING, read_body, too_large
from ettametta.kit.http.guard import AddressGuard
from ettametta.kit.http.sessions import open_session
from ettametta.kit.http.wire import (
    MAX_URL_CHARS,
    REDIRECTS,
    SECRET_HEADERS,
    is_acceptable,
    read_content_type,
    unsuitable,
)

MAX_REDIRECTS = 5
_KEPT_HEADERS = ("content-language", "date", "etag", "last-modified", "link")


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `url` is the final one after redirects, without user, password and fragment."""

    url: str
    status: int
    #: Media type in lower case without parameters; empty when the server named none.
    content_type: str
    #: The charset parameter as the server gave it; None when it gave none.
    charset: str | None
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class HttpClient:
    """The one way out.

    Args:
        user_agent: how we name ourselves.
        allow_private: let fetches reach private addresses (tests, closed networks).
        allow_networks: private networks (CIDR) that may be reached all the same.
        connect_timeout_s: longest wait for a connection, in seconds.
        read_timeout_s: longest silence while reading, in seconds.
        max_connections: most connections at once, over all hosts.
        resolver: who looks names up before the guard judges the answers; default: the system.
        clock: the time, for Retry-After dates.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: bool = False,
        allow_networks: Sequence[str] = (),
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 10.0,
        max_connections: int = 50,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._guard = AddressGuard(allow_private=allow_private, allow_networks=allow_networks)
        self._resolver = resolver
        self._max_connections = max_connections
        self._clock = clock
        self._ssl = httpx.create_ssl_context(trust_env=False)
        self._http = httpx.AsyncClient(
            transport=AiohttpTransport(client=self._session, trust_env=False),
            timeout=httpx.Timeout(read_timeout_s, connect=connect_timeout_s),
            headers={"user-agent": user_agent, "accept-encoding": ACCEPT_ENCODING},
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
        )

    def _session(self) -> aiohttp.ClientSession:
        """Built on first use, inside the running loop."""
        return open_session(
            self._guard, self._ssl, max_connections=self._max_connections, max_per_host=8, resolver=self._resolver
        )

    async def get(
        self,
        url: str,
        *,
        max_bytes: int = 5_000_000,
        timeout_s: float = 20.0,
        accept: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Fetch one address, following at most five redirects.

        Args:
            url: http or https; a user and password in it are dropped.
            max_bytes: most bytes of the body, on the wire and unpacked.
            timeout_s: for everything together, in seconds.
            accept: media types that are of use ("text/html", "text/*"); empty: any.
            headers: more request headers; secret ones are not sent to another origin.

        Raises:
            InvalidInput: not a web address, not http(s), unsuitable type, too large, a bomb, too many redirects.
            Refused: a private address, 401, 403, 451, a bad certificate, a downgrade that would leak credentials.
            NotFound: 404 and 410.
            TransientError: time-outs, 429, 5xx, a lost connection.
        """
        target = _parse(url)
        sent = httpx.Headers({"accept": ", ".join(accept) or "*/*", **(headers or {})})
        try:
            async with asyncio.timeout(timeout_s):
                for _ in range(MAX_REDIRECTS + 1):
                    answer = await self._hop(target, sent, accept, max_bytes)
                    if isinstance(answer, Fetched):
                        return answer
                    sent = _headers_for(sent, target, answer)
                    target = answer
        except TimeoutError:
            raise problems.timed_out(target.host) from None
        raise problems.too_many_redirects(target.host)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _hop(
        self, target: httpx.URL, headers: httpx.Headers, accept: Sequence[str], max_bytes: int
    ) -> Fetched | httpx.URL:
        """One request: the page, or where it has gone."""
        if not self._guard.permits_url_host(target.host):
            raise problems.private_address(target.host)
        try:
            async with self._http.stream("GET", target, headers=headers) as response:
                if response.status_code in REDIRECTS and "location" in response.headers:
                    return _redirected(target, response.headers["location"])
                return await self._read(target, response, accept, max_bytes)
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise problems.from_exception(error, target.host) from error

    async def _read(
        self, target: httpx.URL, response: httpx.Response, accept: Sequence[str], max_bytes: int
    ) -> Fetched:
        host = target.host
        problem = problems.from_status(
            response.status_code, host, response.headers.get("retry-after", ""), self._clock()
        )
        if problem is not None:
            raise problem
        content_type, charset = read_content_type(response.headers.get("content-type", ""))
        if not is_acceptable(content_type, accept):
            raise unsuitable(host, content_type)
        if _declared_length(response.headers) > max_bytes:
            raise too_large(host, max_bytes)
        encoding = response.headers.get("content-encoding", "")
        body = await read_body(response.aiter_raw(), encoding=encoding, max_bytes=max_bytes, host=host)
        kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        return Fetched(str(target), response.status_code, content_type, charset, body, MappingProxyType(kept))


def _parse(url: str) -> httpx.URL:
    text = url.strip()
    if not text or len(text) > MAX_URL_CHARS or re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise problems.not_a_url()
    try:
        parsed = httpx.URL(text)
        host = parsed.host
    except (httpx.InvalidURL, ValueError):
        raise problems.not_a_url() from None
    if parsed.scheme and parsed.scheme not in ("http", "https"):
        raise Refused(
            f"Addresses that begin with {parsed.scheme[:20]}: are not fetched.",
            hint="Only http:// and https:// are; attach a file to use one of your own.",
            code="http.scheme",
        )
    if not parsed.scheme or not host:
        raise problems.not_a_url()
    return parsed.copy_with(userinfo=b"", fragment=None)


def _redirected(origin: httpx.URL, location: str) -> httpx.URL:
    try:
        joined = str(origin.join(location))
    except (httpx.InvalidURL, ValueError):
        raise problems.not_a_url() from None
    return _parse(joined)


def _headers_for(headers: httpx.Headers, before: httpx.URL, after: httpx.URL) -> httpx.Headers:
    """What may be sent on to the next hop.

    Raises:
        Refused: credentials would go from https to http.
    """
    secret = [name for name in SECRET_HEADERS if name in headers]
    if secret and before.scheme == "https" and after.scheme == "http":
        raise problems.downgrade(before.host)
    if (before.scheme, before.host, before.port) == (after.scheme, after.host, after.port):
        return headers
    return httpx.Headers([(name, value) for name, value in headers.items() if name not in secret])


def _declared_length(headers: httpx.Headers) -> int:
    text = headers.get("content-length", "")
    return int(text) if re.fullmatch(r"\d{1,18}", text) else 0
