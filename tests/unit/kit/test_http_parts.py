"""The parts of the outgoing client that need no server: addresses, Retry-After, bodies."""

from __future__ import annotations

import contextlib
import gzip
import ipaddress
import socket
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ettametta.errors import InvalidInput, TransientError
from ettametta.kit.http.addresses import is_public, parse_host
from ettametta.kit.http.bodies import read_body
from ettametta.kit.http.guard import AddressBlocked, AddressGuard
from ettametta.kit.http.problems import parse_retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2001:4860:4860::8888",
                                  "64:ff9b::808:808", "::ffff:8.8.8.8"])  # fmt: skip
def test_public_addresses(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["10.1.2.3", "127.8.8.8", "169.254.169.254", "172.31.0.1", "192.168.0.1", "100.64.1.1",
                                  "198.18.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255", "168.63.129.16", "::",
                                  "::1",
                                  "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "2001::1", "64:ff9b::a00:1",
                                  "64:ff9b:1::1", "2002:a00:1::1", "2002:808:808::1", "2002:100::", "::ffff:10.0.0.1",
                                  "::10.0.0.1", "3fff::1",
                                  "5f00::1",
                                  "fec0::1", "100::1"])  # fmt: skip
def test_closed_addresses(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@given(st.ip_addresses())
@example(ipaddress.ip_address("2002:100::"))
def test_nothing_python_calls_private_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    closed = (address.is_private, address.is_loopback, address.is_link_local, address.is_unspecified)
    assert not (is_public(address) and any(closed))


@given(st.ip_addresses(v=4))
def test_every_notation_means_the_same_address(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    octets = str(address).split(".")
    notations = [str(address), str(number), hex(number), f"0{number:o}", ".".join(hex(int(octet)) for octet in octets)]
    assert {parse_host(text) for text in notations} == {address}
    mapped = parse_host(f"[::ffff:{address}]")
    assert isinstance(mapped, ipaddress.IPv6Address)
    assert is_public(mapped) == is_public(address)


@pytest.mark.parametrize("name", ["example.org", "1.example.org", "", "localhost", "a1", "::g"])
def test_names_are_no_addresses(name: str) -> None:
    assert parse_host(name) is None


def test_the_socket_itself_is_refused() -> None:
    guard = AddressGuard()
    with pytest.raises(AddressBlocked):
        guard.open_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80)))
    with pytest.raises(AddressBlocked):
        guard.open_socket((socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::ffff:10.0.0.1", 80, 0, 0)))


def test_a_network_can_be_let_through() -> None:
    guard = AddressGuard(allow_networks=("10.1.0.0/16", "fd00::/8"))
    assert guard.permits("10.1.2.3")
    assert guard.permits("fd00::1")
    assert not guard.permits("10.2.0.1")
    assert not guard.permits("a.name")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("0", 0.0), ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0), ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
     ("", None), ("soon", None), ("-5", None), ("999999999", 86_400.0)],
)  # fmt: skip
def test_retry_after(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


async def _chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@given(st.binary(max_size=5_000), st.integers(1, 700), st.sampled_from(["gzip", "deflate", "identity"]))
async def test_what_was_packed_comes_out(data: bytes, size: int, coding: str) -> None:
    packed = {"gzip": gzip.compress(data), "deflate": zlib.compress(data), "identity": data}[coding]
    assert await read_body(_chunks(packed, size), encoding=coding, max_bytes=9_000, host="h") == data


@given(st.binary(max_size=3_000))
async def test_no_bytes_break_the_unpacking(data: bytes) -> None:
    for coding in ("gzip", "deflate"):
        with contextlib.suppress(InvalidInput, TransientError):
            await read_body(_chunks(data, 100), encoding=coding, max_bytes=5_000, host="h")


async def test_the_limit_counts_what_comes_out() -> None:
    with pytest.raises(InvalidInput) as caught:
        await read_body(_chunks(gzip.compress(b"ab" * 3_000), 50), encoding="gzip", max_bytes=5_000, host="h")
    assert caught.value.code == "http.too_large"
