"""The outgoing client against a real server that behaves and misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import socket
import ssl
import subprocess
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from ettametta.errors import EttamettaError, InvalidInput, NotFound, Refused, TransientError
from ettametta.kit.http import HttpClient
from tests.servers.pages import PageServer, Reply, page_server

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as pages:
        yield pages


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    http = HttpClient(user_agent="Ettametta/test", allow_private=True, clock=lambda: NOW)
    yield http
    await http.close()


@pytest.fixture
async def guarded() -> AsyncIterator[HttpClient]:
    http = HttpClient(user_agent="Ettametta/test")
    yield http
    await http.close()


class FakeResolver(AbstractResolver):
    """Answers from a list, one after the other, and counts."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002  # aiohttp's
    ) -> list[ResolveResult]:
        self.asked.append(host)
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        return None


async def failing(
    client: HttpClient, url: str, kind: type[EttamettaError], code: str, **options: Any
) -> EttamettaError:
    with pytest.raises(kind) as caught:
        await client.get(url, **options)
    error = caught.value
    assert error.code == code, f"{error.code}: {error}"
    assert error.message.endswith(".")
    return error


async def test_a_page_comes_back_with_its_facts(client: HttpClient, server: PageServer) -> None:
    server.routes["/page"] = Reply(b"<p>hi</p>", 'Text/HTML; Charset="UTF-8"', headers=(("ETag", '"1"'),))
    fetched = await client.get(f"{server.url}/page#part", accept=("text/html",))
    assert (fetched.url, fetched.status, fetched.content_type, fetched.charset, fetched.body) == (
        f"{server.url}/page", 200, "text/html", "utf-8", b"<p>hi</p>"
    )  # fmt: skip
    assert dict(fetched.headers) == {"etag": '"1"'}
    sent = server.requests[0].headers
    assert (sent["user-agent"], sent["accept"], sent["accept-encoding"]) == (
        "Ettametta/test", "text/html", "gzip, deflate"
    )  # fmt: skip


@pytest.mark.parametrize("coding", ["gzip", "deflate", "bare", "identity"])
async def test_packed_bodies_are_unpacked(client: HttpClient, server: PageServer, coding: str) -> None:
    text = b"the same words again. " * 2000
    bare = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "bare": bare.compress(text) + bare.flush(),
        "identity": text,
    }[coding]
    name = "deflate" if coding == "bare" else coding
    server.routes["/"] = Reply(packed, headers=(("Content-Encoding", name),))
    assert (await client.get(server.url)).body == text


PRIVATE_HOSTS = [  # every notation a resolver would read
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "0.0.0.0", "0", "127.0.0.1.", "localhost", "[::1]", "[::]",  # noqa: S104  # nothing is bound here
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    "[::127.0.0.1]", "①②⑦.⓪.⓪.①", "１２７.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
async def test_this_machine_is_refused_however_it_is_written(
    guarded: HttpClient, server: PageServer, host: str
) -> None:
    with pytest.raises((Refused, InvalidInput)) as caught:
        await guarded.get(f"http://{host}:{server.port}/")
    assert caught.value.code in ("http.private_address", "http.url")
    assert server.connections == 0


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "172.16.5.5", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]"]
)
async def test_private_networks_are_refused_without_a_connection(guarded: HttpClient, host: str) -> None:
    error = await failing(guarded, f"http://user:secret@{host}/?token=hidden", Refused, "http.private_address")
    assert "secret" not in str(error)
    assert "hidden" not in str(error)


async def test_a_name_with_one_private_answer_is_refused(server: PageServer) -> None:
    http = HttpClient(user_agent="t", resolver=FakeResolver("127.0.0.1"))
    await failing(http, f"http://rebind.example:{server.port}/", Refused, "http.private_address")
    assert server.connections == 0
    await http.close()


async def test_a_redirect_to_a_private_address_is_refused(server: PageServer) -> None:
    server.routes["/start"] = Reply(status=302, headers=(("Location", f"http://127.0.0.2:{server.port}/secret"),))
    server.routes["/name"] = Reply(status=301, headers=(("Location", f"http://other.example:{server.port}/"),))
    http = HttpClient(user_agent="t", allow_networks=("127.0.0.1/32",), resolver=FakeResolver("127.0.0.3"))
    await failing(http, f"{server.url}/start", Refused, "http.private_address")
    await failing(http, f"{server.url}/name", Refused, "http.private_address")
    assert [request.path for request in server.requests] == ["/start", "/name"]
    await http.close()


async def test_what_was_resolved_is_what_is_connected(server: PageServer) -> None:
    """Rebinding: the first answer is permitted, the second private; only one look-up is made for the connection."""
    server.page("/", "ok")
    resolver = FakeResolver("127.0.0.1", "127.0.0.9")
    http = HttpClient(user_agent="t", allow_networks=("127.0.0.1/32",), resolver=resolver)
    assert (await http.get(f"http://rebind.example:{server.port}/")).body == b"ok"
    assert resolver.asked == ["rebind.example"]
    await failing(http, f"http://again.example:{server.port}/", Refused, "http.private_address")
    assert server.connections == 1
    await http.close()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://example.org/", "data:text/html,x", "javascript:alert(1)"],
)
async def test_other_schemes_are_refused(guarded: HttpClient, url: str) -> None:
    await failing(guarded, url, Refused, "http.scheme")


async def test_a_redirect_to_another_scheme_is_refused(client: HttpClient, server: PageServer) -> None:
    server.routes["/"] = Reply(status=302, headers=(("Location", "file:///etc/passwd"),))
    await failing(client, server.url, Refused, "http.scheme")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "http://",
        "https:///path",
        "http://[::1",
        "http://a b/",
        "http://exa\nmple.org/",
        "//host/x",
        "http://" + "a" * 5000,
    ],
)
async def test_what_is_no_address_is_said_to_be_none(guarded: HttpClient, url: str) -> None:
    await failing(guarded, url, InvalidInput, "http.url")


async def test_user_and_password_are_never_sent(client: HttpClient, server: PageServer) -> None:
    server.page("/", "ok")
    fetched = await client.get(f"http://user:secret@127.0.0.1:{server.port}/")
    assert "authorization" not in server.requests[0].headers
    assert "secret" not in fetched.url


async def test_redirects_are_followed_and_end(client: HttpClient, server: PageServer) -> None:
    server.page("/end", "ok")
    for number in range(5):
        target = f"/{number + 1}" if number < 4 else "/end"
        server.routes[f"/{number}"] = Reply(status=307, headers=(("Location", target),))
    fetched = await client.get(f"{server.url}/0")
    assert fetched.url == f"{server.url}/end"
    server.routes["/loop"] = Reply(status=302, headers=(("Location", "/loop"),))
    await failing(client, f"{server.url}/loop", InvalidInput, "http.redirects")


async def test_secret_headers_stay_with_their_origin(client: HttpClient, server: PageServer) -> None:
    server.page("/there", "ok")
    server.routes["/same"] = Reply(status=302, headers=(("Location", "/there"),))
    server.routes["/other"] = Reply(status=302, headers=(("Location", f"http://localhost:{server.port}/there"),))
    await client.get(f"{server.url}/same", headers={"Authorization": "Bearer x", "X-Kind": "k"})
    await client.get(f"{server.url}/other", headers={"Authorization": "Bearer x", "X-Kind": "k"})
    sent = [request.headers for request in server.requests if request.path == "/there"]
    assert [("authorization" in one, one["x-kind"]) for one in sent] == [(True, "k"), (False, "k")]


async def test_cookies_are_not_kept(client: HttpClient, server: PageServer) -> None:
    server.routes["/"] = Reply(b"x", headers=(("Set-Cookie", "id=1; Path=/"),))
    await client.get(server.url)
    await client.get(server.url)
    assert all("cookie" not in request.headers for request in server.requests)


async def test_an_endless_body_is_cut_off(client: HttpClient, server: PageServer) -> None:
    ended = asyncio.Event()

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 16_384)
                await writer.drain()
        except ConnectionError:
            ended.set()

    server.routes["/"] = endless
    await failing(client, server.url, InvalidInput, "http.too_large", max_bytes=200_000)
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_declared_size_over_the_limit_is_not_read(client: HttpClient, server: PageServer) -> None:
    server.routes["/"] = Reply(b"x" * 300)
    await failing(client, server.url, InvalidInput, "http.too_large", max_bytes=200)


async def test_a_slow_drip_ends_at_the_time_limit(client: HttpClient, server: PageServer) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    server.routes["/"] = drip
    await failing(client, server.url, TransientError, "http.timeout", timeout_s=0.4)


async def test_silence_ends_at_the_read_limit(server: PageServer) -> None:
    server.routes["/"] = Reply(b"late", delay_s=30)
    http = HttpClient(user_agent="t", allow_private=True, read_timeout_s=0.2)
    await failing(http, server.url, TransientError, "http.timeout", timeout_s=20)
    await http.close()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_bomb_is_not_unpacked(client: HttpClient, server: PageServer, coding: str) -> None:
    zeros = bytes(40_000_000)
    body = gzip.compress(zeros, 9) if coding == "gzip" else zlib.compress(zeros, 9)
    server.routes["/"] = Reply(body, headers=(("Content-Encoding", coding),))
    await failing(client, server.url, InvalidInput, "http.bomb", max_bytes=100_000_000)
    await failing(client, server.url, InvalidInput, "http.too_large", max_bytes=200_000)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip, br", "compress"])
async def test_other_packings_are_refused(client: HttpClient, server: PageServer, coding: str) -> None:
    server.routes["/"] = Reply(gzip.compress(gzip.compress(b"x")), headers=(("Content-Encoding", coding),))
    await failing(client, server.url, InvalidInput, "http.encoding")


async def test_damaged_and_truncated_bodies_are_told_apart(client: HttpClient, server: PageServer) -> None:
    packed = gzip.compress(bytes(range(256)) * 400)
    server.routes["/damaged"] = Reply(packed[:30] + b"\xff" * 60 + packed[90:], headers=(("Content-Encoding", "gzip"),))
    server.routes["/short"] = Reply(packed[:200], headers=(("Content-Encoding", "gzip"),))
    server.routes["/cut"] = Reply(b"x" * 1000, close_after=100)
    await failing(client, f"{server.url}/damaged", InvalidInput, "http.damaged")
    await failing(client, f"{server.url}/short", TransientError, "http.truncated")
    await failing(client, f"{server.url}/cut", TransientError, "http.truncated")


@pytest.mark.parametrize("media", ["application/pdf", "image/png", "", "text/htmlx"])
async def test_a_type_that_is_of_no_use_is_refused(client: HttpClient, server: PageServer, media: str) -> None:
    server.routes["/"] = Reply(b"%PDF", media)
    await failing(client, server.url, InvalidInput, "http.content_type", accept=("text/html", "application/x-*"))


async def test_type_families_are_accepted(client: HttpClient, server: PageServer) -> None:
    server.routes["/"] = Reply(b"x", "text/markdown")
    assert (await client.get(server.url, accept=("text/*",))).content_type == "text/markdown"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, Refused, "http.forbidden"),
        (403, Refused, "http.forbidden"),
        (451, Refused, "http.forbidden"),
        (404, NotFound, "http.not_found"),
        (410, NotFound, "http.not_found"),
        (429, TransientError, "http.busy"),
        (500, TransientError, "http.server"),
        (503, TransientError, "http.server"),
        (418, InvalidInput, "http.status"),
        (304, InvalidInput, "http.status"),
    ],
)
async def test_statuses(
    client: HttpClient, server: PageServer, status: int, kind: type[EttamettaError], code: str
) -> None:
    server.routes["/"] = Reply(b"", status=status, headers=(("Retry-After", "7"),))
    error = await failing(client, server.url, kind, code)
    assert isinstance(error, TransientError) is (getattr(error, "retry_after_s", None) == 7.0)


async def test_retry_after_may_be_a_date(client: HttpClient, server: PageServer) -> None:
    server.routes["/"] = Reply(status=503, headers=(("Retry-After", "Sun, 22 Nov 2026 12:01:30 GMT"),))
    error = await failing(client, server.url, TransientError, "http.server")
    assert isinstance(error, TransientError)
    assert error.retry_after_s == 90.0


async def test_nobody_there_and_no_such_name(client: HttpClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    await failing(client, f"http://127.0.0.1:{port}/", TransientError, "http.unreachable")
    await failing(client, "http://no-such-host.example/", NotFound, "http.no_such_host")


async def test_what_is_no_http_is_said_to_be_none(client: HttpClient, server: PageServer) -> None:
    async def nonsense(writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        await writer.drain()

    server.routes["/"] = nonsense
    await failing(client, server.url, InvalidInput, "http.not_http")


async def test_many_at_once_share_one_client(client: HttpClient, server: PageServer) -> None:
    server.page("/", "ok")
    answers = await asyncio.gather(*(client.get(server.url) for _ in range(60)))
    assert {answer.body for answer in answers} == {b"ok"}


def _certificate(folder: Path) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    assert openssl is not None, "openssl is needed for the TLS test"
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=secure.example", "-addext", "subjectAltName=DNS:secure.example", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


async def test_credentials_are_not_sent_from_https_to_http(
    tmp_path: Path, server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over real TLS: the certificate is checked against the name although the address was pinned."""
    cert, key = await asyncio.to_thread(_certificate, tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 302 F\r\nLocation: {server.url}/\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server.page("/", "ok")
    secure = await asyncio.start_server(redirect, "127.0.0.1", 0, ssl=tls)
    port = secure.sockets[0].getsockname()[1]
    trust = ssl.create_default_context(cafile=str(cert))
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: trust)
    http = HttpClient(user_agent="t", allow_private=True, resolver=FakeResolver("127.0.0.1"))
    async with secure:
        url = f"https://secure.example:{port}/"
        await failing(http, url, Refused, "http.downgrade", headers={"Authorization": "Bearer x"})
        assert (await http.get(url)).body == b"ok"
        await failing(http, f"https://wrong.example:{port}/", Refused, "http.certificate")
        await http.close()
