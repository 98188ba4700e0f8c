"""The guard against private addresses: checks what a name resolves to, and again the address being connected."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from ettametta.kit.http.addresses import IpNetwork, is_public, parse_host


class AddressBlocked(OSError):
    """Raised inside the connector; an OSError, because that is what it lets through as a failed connection."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is not a public address")


class AddressGuard:
    """Decides which addresses may be connected to.

    Args:
        allow_private: let everything through (tests, closed networks).
        allow_networks: networks in CIDR notation that are let through although they are not public.
    """

    def __init__(self, *, allow_private: bool = False, allow_networks: Sequence[str] = ()) -> None:
        self._allow_private = allow_private
        self._networks: tuple[IpNetwork, ...] = tuple(ipaddress.ip_network(text) for text in allow_networks)

    def permits(self, host: str) -> bool:
        """Whether an IP literal may be connected to; a host that is no literal may not."""
        if self._allow_private:
            return True
        address = parse_host(host)
        if address is None:
            return False
        return is_public(address) or any(address in network for network in self._networks)

    def permits_url_host(self, host: str) -> bool:
        """Whether a URL's host may be looked up: names are judged by their answers, literals at once."""
        return parse_host(host) is None or self.permits(host)

    def open_socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """The connector's socket factory: refuses the address itself, so nothing after the check looks up again.

        Raises:
            AddressBlocked: the address is not public.
        """
        family, kind, proto, _, address = addr_info
        if not self.permits(str(address[0])):
            raise AddressBlocked(str(address[0]))
        return socket.socket(family=family, type=kind, proto=proto)


class GuardedResolver(AbstractResolver):
    """Looks names up and refuses the name when any one of its answers is not public.

    Args:
        guard: the rule.
        inner: who looks up; default: the system.
    """

    def __init__(self, guard: AddressGuard, inner: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host.

        Raises:
            AddressBlocked: an answer is not public.
        """
        answers = await self._inner.resolve(host, port, family)
        if any(not self._guard.permits(answer["host"]) for answer in answers):
            raise AddressBlocked(host)
        return answers

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._inner.close()
