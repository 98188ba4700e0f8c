"""Every picture source against a server that speaks its wire format: what it finds, and every way it can fail."""

from __future__ import annotations

import ssl
import traceback
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from ettametta.errors import ConfigError, EttamettaError, NotFound, OperatorError, TransientError
from ettametta.kit.http import HttpClient
from ettametta.providers.footage import FACTS, REGISTRY, FootageConfig, build_footage
from ettametta.providers.footage.base import FootageProvider, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import allows
from tests.servers.footage import KEY, Fault, FootageServer, Item

PHOTO = Item(11, "Lighthouse at night", ("sea", "light"), licence="by-sa 3.0")
CLIP = Item(12, "Lighthouse in a storm", ("sea", "waves"), kind="clip", width=640, height=360, licence="cc0")
QUERY = FootageQuery("lighthouse", orientation="portrait", min_width=270, min_height=480)


@pytest.fixture
async def server() -> AsyncIterator[FootageServer]:
    async with FootageServer() as running:
        for name in REGISTRY:
            running.has(name, PHOTO, CLIP, Item(13, "A bowl of soup"))
        yield running


@pytest.fixture
async def build(
    server: FootageServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., FootageProvider]]:
    # The servers speak plain HTTP: to load the certificate authorities would be most of the time of these tests.
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    http = HttpClient(user_agent="tests", allow_private=True)

    def builder(name: str, **changes: Any) -> FootageProvider:
        config: dict[str, Any] = {"api_key": SecretStr(KEY), "base_url": server.url, "timeout_s": 10.0}
        return build_footage(name, FootageConfig(http, **{**config, **changes}))

    yield builder
    await http.close()


@pytest.fixture(params=list(REGISTRY))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(name: str, build: Callable[..., FootageProvider]) -> FootageProvider:
    return build(name)


async def failure(source: FootageProvider) -> EttamettaError:
    with pytest.raises(EttamettaError) as caught:
        await source.search(QUERY)
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error.__dict__)
    assert "SECRET" not in shown, "a key must not be seen in an error"
    assert error.message.startswith(source.facts.title)
    assert error.message.endswith(".")
    assert error.hint.endswith(".")
    return error


async def test_finds_and_describes(source: FootageProvider, server: FootageServer) -> None:
    found = await source.search(QUERY)
    assert {one.kind for one in found} == set(source.facts.kinds)
    assert len(found) == len(source.facts.kinds), "the soup is no lighthouse"
    assert len({one.identity for one in found}) == len(found)
    for one in found:
        assert one.provider == source.facts.name
        assert "lighthouse" in one.title.lower()
        assert one.author is not None
        assert one.author.endswith("Ada Lumen") or one.author.startswith("Ada Lumen")
        assert one.page_url.startswith("https://")
        assert one.licence.is_known
        assert one.licence.url.startswith("https://")
        assert allows("open", one.licence)
        assert FoundAsset.model_validate_json(one.model_dump_json()) == one
    assert len(server.requests) <= len(source.facts.kinds)


@pytest.mark.parametrize("kind", ["photo", "clip"])
async def test_gives_one_kind_alone(source: FootageProvider, kind: Any) -> None:
    found = await source.search(FootageQuery("lighthouse", kind=kind))
    wanted = {kind} if kind in source.facts.kinds else set()
    assert {one.kind for one in found} == wanted


async def test_locates_a_file_that_is_there(source: FootageProvider, server: FootageServer) -> None:
    http = HttpClient(user_agent="tests", allow_private=True)
    for one in await source.search(QUERY):
        located = await source.locate(one, QUERY)
        fetched = await http.get(located.file_url)
        assert fetched.content_type == ("image/jpeg" if one.kind == "photo" else "video/mp4")
        assert located.identity == one.identity
    await http.close()


async def test_nothing_found_is_no_error(source: FootageProvider) -> None:
    assert await source.search(FootageQuery("zzzz")) == ()


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault(401), ConfigError, "footage.refused"),
        (Fault(402), OperatorError, "footage.quota"),
        (Fault(403), ConfigError, "footage.refused"),
        (Fault(500), TransientError, "footage.unavailable"),
        (Fault(503, raw=b"<html>down</html>", content_type="text/html"), TransientError, "footage.unavailable"),
        (Fault(truncated=True), TransientError, "footage.truncated"),
        (Fault(raw=b"<html>Sign in</html>", content_type="text/html"), TransientError, "footage.malformed"),
        (Fault(raw=b"[1, 2"), TransientError, "footage.malformed"),
        (Fault(raw=b"[]"), TransientError, "footage.malformed"),
        (Fault(raw=b'"ok"'), TransientError, "footage.malformed"),
        (Fault(raw=b"{" + b" " * 5_000_000 + b"}"), TransientError, "footage.malformed"),
    ],
)
async def test_failures(
    source: FootageProvider, server: FootageServer, fault: Fault, kind: type[EttamettaError], code: str
) -> None:
    server.fail(fault)
    error = await failure(source)
    assert (type(error), error.code) == (kind, code)
    if source.facts.key_setting and isinstance(error, OperatorError):
        assert source.facts.key_setting in error.hint


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("soon", None), (None, None)])
async def test_too_many_requests(
    source: FootageProvider, server: FootageServer, said: str | None, seconds: float | None
) -> None:
    server.fail(Fault(429, retry_after=said))
    error = await failure(source)
    assert error.code == "footage.rate"
    assert isinstance(error, TransientError)
    assert error.retry_after_s == seconds


async def test_slow(name: str, build: Callable[..., FootageProvider], server: FootageServer) -> None:
    server.fail(Fault(delay_s=30))
    assert (await failure(build(name, timeout_s=0.2))).code == "footage.timeout"


async def test_nobody_there(name: str, build: Callable[..., FootageProvider], free_port: int) -> None:
    error = await failure(build(name, base_url=f"http://127.0.0.1:{free_port}"))
    assert (type(error), error.code) == (TransientError, "footage.unavailable")


async def test_no_network(name: str, build: Callable[..., FootageProvider]) -> None:
    error = await failure(build(name, base_url="https://pictures.invalid"))
    assert (type(error), error.code) == (TransientError, "footage.unavailable")


@pytest.mark.parametrize("name", [name for name, facts in FACTS.items() if facts.needs_key])
async def test_a_wrong_key_and_none(name: str, build: Callable[..., FootageProvider]) -> None:
    wrong = build(name, api_key=SecretStr("other-SECRET"))
    error = await failure(wrong)
    assert (type(error), error.code) == (ConfigError, "footage.refused")
    assert str(FACTS[name].key_setting) in error.hint
    with pytest.raises(ConfigError, match=str(FACTS[name].key_setting)):
        build(name, api_key=None)


async def test_a_bad_entry_costs_only_itself(source: FootageProvider, server: FootageServer) -> None:
    """Sources hold millions of entries, some of them odd: the others still count."""
    whole = await source.search(QUERY)
    server.has(source.facts.name, Item(99, "Lighthouse", width=0, height=0, licence="?? 9"))
    again = {one.identity for one in await source.search(QUERY)}
    assert {one.identity for one in whole} <= again


async def test_what_belongs_to_others_is_left_out(build: Callable[..., FootageProvider], server: FootageServer) -> None:
    server.has("nasa", Item(50, "Lighthouse nebula", about="Lighthouse. Copyright ESA, all rights reserved."))
    assert "as17-50" not in {one.provider_id for one in await build("nasa").search(QUERY)}


async def test_commons_tells_of_failures_with_200(build: Callable[..., FootageProvider], server: FootageServer) -> None:
    server.fail(Fault(raw=b'{"error": {"code": "ratelimited", "info": "You are too fast."}}'))
    assert (await failure(build("commons"))).code == "footage.malformed"


@pytest.mark.parametrize(("name", "raw"), [("nasa", b'{"collection": {"items": []}}'), ("archive", b"{}")])
async def test_no_file_to_use(
    name: str, raw: bytes, build: Callable[..., FootageProvider], server: FootageServer
) -> None:
    source = build(name)
    found = (await source.search(QUERY))[0]
    server.fail(Fault(raw=raw))
    with pytest.raises(NotFound) as caught:
        await source.locate(found, QUERY)
    assert caught.value.code == "footage.no_file"


async def test_renditions_near_the_frame(build: Callable[..., FootageProvider], server: FootageServer) -> None:
    """A clip twice the frame's size is loaded in half its size; a still fills the frame without being enlarged."""
    server.has("pexels", Item(60, "Lighthouse tower", kind="clip", width=1080, height=1920))
    small = FootageQuery("tower", kind="clip", min_width=540, min_height=960)
    (clip,) = await build("pexels").search(small)
    assert (clip.width, clip.height) == (540, 960)
    server.has("pixabay", Item(61, "Lighthouse tower", width=3000, height=2000))
    (photo,) = await build("pixabay").search(FootageQuery("tower", kind="photo", min_width=540, min_height=960))
    assert (photo.width, photo.height) == (1280, 853)


def test_the_facts_are_whole() -> None:
    assert list(FACTS) == list(REGISTRY)
    for name, facts in FACTS.items():
        assert facts.name == name
        assert facts.terms_url.startswith("https://")
        assert facts.licence_note
        assert facts.rate_limit
