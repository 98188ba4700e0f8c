"""Which internet addresses are public, in every notation a host may be written in."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

#: IANA IPv4 special-purpose registry (RFC 6890 and successors), without what is globally reachable.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "168.63.129.16/32",  # a public address that one cloud serves its host agent on
    )
)
#: Only this part of IPv6 is handed out as global unicast; everything else is closed.
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
        "2002::/16",  # 6to4: its relays are gone (RFC 7526), and it can carry a private address
    )
)
_MAPPED_V6 = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@lru_cache(maxsize=1_024)
def parse_host(host: str) -> IpAddress | None:
    """The address a host means when it is an IP literal, else None for a name.

    Reads what `getaddrinfo` would: dotted, decimal, octal, hexadecimal and short IPv4 (`127.1`, `0x7f000001`,
    `2130706433`), IPv6 with or without brackets and zone.
    """
    text = host.strip("[]").split("%", 1)[0].rstrip(".")
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text)) if text and not text.isspace() else None
    except OSError:
        return None


@lru_cache(maxsize=1_024)
def is_public(address: IpAddress) -> bool:
    """Whether an address belongs to the public internet, also looking inside IPv6 forms that carry an IPv4 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    inner = _inner_v4(address)
    if inner is not None:
        return is_public(inner)
    return address in _GLOBAL_V6 and not any(address in network for network in _CLOSED_V6)


def _inner_v4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    value = int(address)
    if address in _MAPPED_V6 or address in _NAT64:
        return ipaddress.IPv4Address(value & 0xFFFFFFFF)
    return None
