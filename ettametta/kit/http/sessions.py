"""The guarded connection pool that every outgoing client stands on: no cookies, no proxies, no unpacking of its own."""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp.abc import AbstractResolver

from ettametta.kit.http.guard import AddressGuard, GuardedResolver


def open_session(
    guard: AddressGuard,
    tls: ssl.SSLContext,
    *,
    max_connections: int,
    max_per_host: int,
    resolver: AbstractResolver | None = None,
    timeout: aiohttp.ClientTimeout | None = None,
    dns_ttl_s: int = 10,
) -> aiohttp.ClientSession:
    """A session whose every connection goes to an address the guard has judged. Call it inside the running loop.

    Args:
        guard: judges what a name resolves to, and again the address that is connected to.
        tls: how certificates are checked.
        max_connections: most connections at once; 0: no limit.
        max_per_host: most connections to one host; 0: no limit.
        resolver: who looks names up; default: the system.
        timeout: for all requests of the session.
        dns_ttl_s: how long an answer of the resolver is used, in seconds; 0: once.
    """
    connector = aiohttp.TCPConnector(
        limit=max_connections,
        limit_per_host=max_per_host,
        resolver=GuardedResolver(guard, resolver),
        use_dns_cache=dns_ttl_s > 0,
        ttl_dns_cache=dns_ttl_s,
        socket_factory=guard.open_socket,
        ssl=tls,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=timeout or aiohttp.ClientTimeout(),
    )
