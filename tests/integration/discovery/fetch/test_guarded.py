"""The crawler's guard: private addresses in all their forms, redirects, names that change their minds, odd schemes."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from ettametta.db import Database
from ettametta.discovery.fetch import Crawler
from ettametta.errors import EttamettaError
from ettametta.kit.http.wire import Wire
from tests.servers.pages import PageServer, Reply, page_server


class FakeResolver(AbstractResolver):
    """Answers from a list, one after the other; the last one stays."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002  # aiohttp's
    ) -> list[ResolveResult]:
        self.asked += 1
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        return None


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as pages:
        yield pages


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


async def refused(database: Database, wire: Wire, *urls: str) -> set[str]:
    """The codes with which a crawler refuses, with and without asking for robots.txt."""
    crawler = Crawler(database, wire)
    codes = set()
    for url in urls:
        for is_api in (True, False):
            with pytest.raises(EttamettaError) as caught:
                await crawler.get(url, is_api=is_api)
            codes.add(caught.value.code)
    await crawler.close()
    return codes


async def test_this_machine_is_refused_however_it_is_written(database: Database, server: PageServer) -> None:
    hosts = [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "127.0.0.1.", "localhost", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]",
        "①②⑦.⓪.⓪.①", "１２７.0.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "10.0.0.1",
    ]  # fmt: skip
    codes = await refused(database, Wire(user_agent="t"), *(f"http://{host}:{server.port}/" for host in hosts))
    assert codes <= {"http.private_address", "http.url"}
    assert server.connections == 0


async def test_what_is_no_web_address_is_refused(database: Database) -> None:
    urls = [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://example.org/",
        "data:text/html,x",
        "javascript:alert(1)",
    ]
    assert await refused(database, Wire(user_agent="t"), *urls) == {"http.scheme"}
    odd = ["", "nothing", "http://", "https:///p", "http://[::1", "http://a b/", "//h/x", "http://h:99999/"]
    assert await refused(database, Wire(user_agent="t"), *odd) == {"http.url"}


@pytest.mark.parametrize(
    "location", ["http://127.0.0.2:{port}/", "//127.0.0.2:{port}/", "http://other.example:{port}/"]
)
async def test_a_redirect_to_a_private_address_is_refused(
    database: Database, server: PageServer, location: str
) -> None:
    target = location.replace("{port}", str(server.port))
    server.routes["/start"] = Reply(status=302, headers=(("Location", target),))
    server.routes["/file"] = Reply(status=302, headers=(("Location", "file:///etc/passwd"),))
    wire = Wire(user_agent="t", allow_networks=("127.0.0.1/32",), resolver=FakeResolver("127.0.0.3"))
    assert await refused(database, wire, f"{server.url}/start") == {"http.private_address"}
    assert {request.path for request in server.requests} == {"/start", "/robots.txt"}


async def test_robots_do_not_lead_to_private_addresses(database: Database, server: PageServer) -> None:
    server.page("/", "ok")
    server.routes["/robots.txt"] = Reply(status=302, headers=(("Location", f"http://127.0.0.2:{server.port}/"),))
    crawler = Crawler(database, Wire(user_agent="t", allow_networks=("127.0.0.1/32",)))
    with pytest.raises(EttamettaError) as caught:
        await crawler.get(server.url)
    assert caught.value.code == "http.private_address"
    assert [request.path for request in server.requests] == ["/robots.txt"]
    await crawler.close()


async def test_a_name_that_turns_private_is_refused_at_its_second_look_up(
    database: Database, server: PageServer
) -> None:
    """Rebinding: each connection goes to an address that was judged for it, and the second look-up is judged too."""
    server.page("/", "ok")
    resolver = FakeResolver("127.0.0.1", "127.0.0.9")
    wire = Wire(user_agent="t", allow_networks=("127.0.0.1/32",), resolver=resolver, dns_ttl_s=0)
    crawler = Crawler(database, wire)
    url = f"http://rebind.example:{server.port}/"
    assert (await crawler.get(url, is_api=True)).body == b"ok"
    with pytest.raises(EttamettaError) as caught:
        await crawler.get(url, is_api=True)  # the server closes each connection, so a new one is made
    assert (caught.value.code, resolver.asked, server.connections) == ("http.private_address", 2, 1)
    await crawler.close()


async def test_the_address_that_was_judged_is_the_one_connected(
    database: Database, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that gets past the guard's first look changes nothing: the socket is judged again."""
    monkeypatch.setattr("ettametta.kit.http.sessions.GuardedResolver", lambda _guard, inner: inner)
    wire = Wire(user_agent="t", resolver=FakeResolver("127.0.0.1"))
    codes = await refused(database, wire, f"http://rebind.example:{server.port}/")
    assert (codes, server.connections) == ({"http.private_address"}, 0)


async def test_secrets_stay_with_their_origin_and_are_never_in_the_address(
    database: Database, server: PageServer
) -> None:
    server.page("/there", "ok")
    server.routes["/same"] = Reply(status=302, headers=(("Location", "/there"),))
    server.routes["/other"] = Reply(status=302, headers=(("Location", f"http://localhost:{server.port}/there"),))
    server.routes["/cookie"] = Reply(b"x", headers=(("Set-Cookie", "id=1; Path=/"),))
    crawler = Crawler(database, Wire(user_agent="t", allow_private=True))
    await crawler.get(f"{server.url}/cookie", is_api=True)
    base = f"http://user:secret@127.0.0.1:{server.port}"
    for path in ("/same", "/other"):
        answer = await crawler.get(base + path, is_api=True, headers={"Authorization": "Bearer x", "X-Kind": "k"})
        assert "secret" not in answer.url
    there = [request.headers for request in server.requests if request.path == "/there"]
    assert [(one.get("authorization"), one["x-kind"], "cookie" in one) for one in there] == [
        ("Bearer x", "k", False),
        (None, "k", False),
    ]
    await crawler.close()
