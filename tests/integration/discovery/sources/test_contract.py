"""Every source of the registry against a server that replays its documented format, well and in every bad way.

A new source needs a module in tests/servers/source_payloads and a line in its `REPLAYS`; nothing here.
"""

from __future__ import annotations

import json
import random
import ssl
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import MAX_TEXT_CHARS, MAX_TITLE_CHARS, FoundItem, Metric
from ettametta.discovery.sources import INFOS, REGISTRY, SourceConfig, set_up
from ettametta.discovery.sources.base import Source, Takes, Wanted
from ettametta.errors import EttamettaError, InvalidInput, Refused, TransientError
from tests.servers.source_payloads import REPLAYS
from tests.servers.source_payloads.base import NOW, Replay, Story, story_number
from tests.servers.sources import DirectFetch, Fault, SourceServer

STORIES = [Story(1001 + number, age=timedelta(hours=1 + number)) for number in range(6)]
KEYED = [name for name, info in INFOS.items() if info.keys]


@pytest.fixture(params=list(REGISTRY))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def replay(name: str) -> Replay:
    return REPLAYS[name]


@pytest.fixture
def source(name: str) -> Source:
    return built(name)


def built(name: str) -> Source:
    return REGISTRY[name](SourceConfig(REPLAYS[name].keys, REPLAYS[name].places))


@pytest.fixture
async def server(name: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SourceServer]:
    # The server speaks plain HTTP: to load the certificate authorities would be most of the time of these tests.
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    async with SourceServer(name, STORIES) as running:
        yield running


async def found(source: Source, wanted: Wanted, fetch: Fetch) -> list[FoundItem]:
    items = [item async for item in source.find(wanted, fetch)]
    check(items, source, wanted)
    return items


async def attempt(source: Source, wanted: Wanted, fetch: Fetch) -> tuple[list[FoundItem], EttamettaError | None]:
    """What came before the search ended or failed; anything but an EttamettaError ends the test."""
    items: list[FoundItem] = []
    error = None
    try:
        async for item in source.find(wanted, fetch):
            items.append(item)  # noqa: PERF401  # what came before the failure counts
    except EttamettaError as caught:
        error = caught
        check_error(error)
    check(items, source, wanted)
    return items, error


def check(items: list[FoundItem], source: Source, wanted: Wanted) -> None:
    """What holds for all items of all sources, however odd the answer was."""
    info = source.info
    assert len(items) <= wanted.limit
    assert len({item.ref for item in items}) == len(items), "an item comes once"
    for item in items:
        assert item.source == info.name
        assert item.ref.startswith(f"{info.name}:")
        assert len(f"{info.name}:") < len(item.ref) <= 400
        for address in filter(None, (item.url, item.discussion_url, item.image_url)):
            assert urlsplit(address).scheme in ("http", "https")
            assert urlsplit(address).hostname
        check_text(item)
        check_wish(item, wanted)
        assert set(item.metrics) <= set(info.metrics), "only declared numbers"
        assert all(type(value) is int and value >= 0 for value in item.metrics.values())


def check_text(item: FoundItem) -> None:
    assert 0 < len(item.title) <= MAX_TITLE_CHARS
    assert len(item.text) <= MAX_TEXT_CHARS
    assert "\n" not in item.title
    for text in (item.title, item.text, item.author or "", item.licence or "", *item.tags):
        assert "<p>" not in text
        assert "<b>" not in text
        assert not any(ord(char) < 32 and char != "\n" for char in text)
        text.encode()  # no lone surrogates


def check_wish(item: FoundItem, wanted: Wanted) -> None:
    assert item.language is None or (len(item.language) == 2 and item.language.islower())
    if wanted.languages and item.language is not None:
        assert item.language in wanted.languages
    if item.published_at is not None:
        assert item.published_at.utcoffset() == timedelta(0)
        assert item.published_at.year >= 1995
        assert item.published_at <= NOW + timedelta(days=2)
        if wanted.since is not None:
            assert item.published_at >= wanted.since


def check_error(error: EttamettaError) -> None:
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error.__dict__)
    assert "zqzq" not in shown, "a key must not be seen in an error"
    assert error.message.endswith(".")
    assert error.message.count(". ") == 0, "one sentence"
    assert not error.hint or error.hint.endswith(".")


def test_every_source_has_a_replay() -> None:
    assert set(REPLAYS) == set(REGISTRY)


def test_the_facts_are_whole(name: str, source: Source, replay: Replay) -> None:
    info = source.info
    assert info.name == name
    assert name.replace("_", "").isalnum()
    assert name.islower()
    for sentence in (info.gives, info.licence, info.terms):
        assert sentence.endswith(".")
    assert info.title
    assert info.documentation_url.startswith("https://")
    assert info.requests_per_minute > 0
    assert set(info.metrics) <= set(get_args(Metric))
    assert set(info.keys) == set(replay.keys)
    assert bool(info.address_hint) or info.takes is not Takes.ADDRESS
    assert not info.address_hint.endswith(".")
    assert info == INFOS[name]


def test_addresses(source: Source, replay: Replay) -> None:
    for address, kept in replay.addresses.items():
        assert source.owns(address) == kept, address
    for nonsense in ("", " ", "::", "http://", "https://[", "javascript:alert(1)", "\x00", "x" * 5_000, "file:///etc"):
        assert source.owns(nonsense) is None or len(source.owns(nonsense) or "") <= 500


async def test_finds_what_is_there(source: Source, replay: Replay, server: SourceServer) -> None:
    items = await found(source, replay.wanted, server.fetch)
    numbers = [story_number(item.title) for item in items]
    known = {number for number in numbers if number is not None}
    assert known, "the stories are recognised by the numbers in their titles"
    if replay.is_one_to_one:
        assert sorted(filter(None, numbers)) == [one.number for one in STORIES]
        assert len(items) == len(STORIES)
    assert {call.host for call in server.calls} <= set(replay.hosts), "it asks its own hosts only"
    if replay.has_dates:
        dated = {story_number(item.title): item.published_at for item in items if item.published_at}
        assert dated
        for one in STORIES:
            assert dated.get(one.number) in (None, one.at.replace(microsecond=0))


async def test_numbers_are_those_the_source_sent(source: Source, replay: Replay, server: SourceServer) -> None:
    items = await found(source, replay.wanted, server.fetch)
    by_number = {one.number: one for one in STORIES}
    for item in items:
        story = by_number.get(story_number(item.title) or 0)
        for metric, value in item.metrics.items():
            assert story is not None
            assert value == story.count(metric)
    assert {metric for item in items for metric in item.metrics} == set(source.info.metrics), "each is shown once"
    server.stories = [replace(one, has_numbers=False) for one in STORIES]
    for item in await found(source, replay.wanted, server.fetch):
        assert dict(item.metrics) == {}, "what was not sent is absent"


async def test_other_questions(source: Source, replay: Replay, server: SourceServer) -> None:
    for wanted in replay.also:
        assert await found(source, wanted, server.fetch), wanted
        assert {call.host for call in server.calls} <= set(replay.hosts)


async def test_asks_for_the_words(source: Source, replay: Replay, server: SourceServer) -> None:
    if source.info.takes is not Takes.WORDS:
        return
    await found(source, replace(replay.wanted, words=("tall ships", 'night "sky" OR (')), server.fetch)
    asked = " ".join(call.text for call in server.calls)
    assert "ships" in asked
    assert "night" in asked


async def test_honours_the_wish(source: Source, replay: Replay, server: SourceServer) -> None:
    server.stories = [*STORIES, *(Story(1101 + number, age=timedelta(days=20)) for number in range(3))]
    recent = await found(source, replace(replay.wanted, since=NOW - timedelta(days=2)), server.fetch)
    assert recent
    few = await found(source, replace(replay.wanted, limit=2), server.fetch)
    assert len(few) <= 2
    server.stories = [replace(one, language="de" if one.number % 2 else "en") for one in STORIES]
    await found(source, replace(replay.wanted, languages=("en",)), server.fetch)
    assert await found(source, replace(replay.wanted, limit=0), server.fetch) == []


async def test_duplicates_and_disorder(source: Source, replay: Replay, server: SourceServer) -> None:
    straight = {item.ref for item in await found(source, replay.wanted, server.fetch)}
    server.stories = [*reversed(STORIES), *STORIES]
    again = {item.ref for item in await found(source, replay.wanted, server.fetch)}
    assert again == straight, "the same stories have the same ids, whatever their order"


async def test_nothing_there(source: Source, replay: Replay, server: SourceServer) -> None:
    server.stories = []
    items, _ = await attempt(source, replay.wanted, server.fetch)
    assert [item for item in items if story_number(item.title)] == []


async def test_odd_stories(source: Source, replay: Replay, server: SourceServer) -> None:
    server.stories = [
        Story(1001, own_title="1001 " + "long " * 2_000, text="word " * 20_000),
        Story(1002, own_title="1002 <b>bold</b> &amp; <script>alert(1)</script>", text="<p>One</p><p>Two &lt;3</p>"),
        Story(1003, own_title="1003 \u202eright\u202c \u0007bell 🚀", author="x" * 3_000),
        Story(1004, age=timedelta(days=-400)),
        Story(1005, age=timedelta(days=365 * 40)),
        Story(1006, text="", author=""),
    ]
    items = await found(source, replay.wanted, server.fetch)
    assert items
    for item in items:
        assert "alert(1)" not in item.title
        assert story_number(item.title) not in (1004, 1005) or item.published_at is None


REFUSALS = [(Fault(401), Refused), (Fault(403), Refused), (Fault(500), TransientError), (Fault(503), TransientError)]


async def test_refusals_and_outages(source: Source, replay: Replay, server: SourceServer) -> None:
    for fault, kind in REFUSALS:
        server.fail(fault)
        items, error = await attempt(source, replay.wanted, server.fetch)
        assert items == []
        assert isinstance(error, kind), (fault, error)
        assert error is not None
        if source.info.keys and kind is Refused:
            assert any(key in error.hint for key in source.info.keys)


async def test_too_many_requests(source: Source, replay: Replay, server: SourceServer) -> None:
    for said, seconds in (("7", 7.0), ("soon", None)):
        server.fail(Fault(429, retry_after=said))
        _, error = await attempt(source, replay.wanted, server.fetch)
        assert isinstance(error, TransientError)
        assert error.retry_after_s == seconds


BROKEN = [
    Fault(raw=b""),
    Fault(raw=b"\x00\x01\x02\xff"),
    Fault(raw=b"[1, 2"),
    Fault(raw=b'"ok"'),
    Fault(raw=b"[" * 50_000),
    Fault(raw=b"<rss><channel><item>", content_type="application/rss+xml"),
    Fault(raw=b"<html><body>Please sign in</body></html>", content_type="text/html"),
    Fault(raw=b"{" + b" " * 5_200_000 + b"}"),
    Fault(raw=None, truncated=True, content_type=None),
    Fault(raw=b"\xff\xd8\xff\xe0 a picture", content_type="image/jpeg"),
]


async def test_broken_answers(source: Source, replay: Replay, server: SourceServer) -> None:
    for fault in BROKEN:
        server.fail(fault)
        items, _ = await attempt(source, replay.wanted, server.fetch)
        assert [item for item in items if story_number(item.title)] == [], fault
    for empty in (b"{}", b"[]", b"null"):
        server.fail(Fault(raw=empty))
        items, _ = await attempt(source, replay.wanted, server.fetch)
        assert items == []


async def test_breaks_off_later(source: Source, replay: Replay, server: SourceServer) -> None:
    """What came before the failure stays; only a source with one question has none."""
    for fault in (Fault(500), Fault(raw=b"{"), Fault(401)):
        server.fail(fault, from_call=2)
        items, error = await attempt(source, replay.wanted, server.fetch)
        assert items or error is not None


async def test_wrong_charsets(source: Source, replay: Replay, server: SourceServer) -> None:
    server.stories = [Story(1001, own_title="1001 Zoë à Nîmes"), Story(1002, own_title="1002 naïve café")]
    for charset, declared in (("latin-1", "utf-8"), ("utf-16", "utf-8"), ("utf-8", "no-such-charset")):
        kind = f"{{}}; charset={declared}"
        server.fail(Fault(bent=lambda body, charset=charset: body.decode().encode(charset, "replace")))  # type: ignore[misc]
        await attempt(source, replay.wanted, server.fetch)
        server.fail(Fault(raw=None, content_type=kind.format("application/json")))
        await attempt(source, replay.wanted, server.fetch)


@pytest.mark.parametrize("name", KEYED)
async def test_needs_a_key(name: str, server: SourceServer) -> None:
    bare = REGISTRY[name](SourceConfig())
    with pytest.raises(Refused) as caught:
        [item async for item in bare.find(REPLAYS[name].wanted, server.fetch)]
    assert server.calls == [], "nobody is asked without a key"
    assert caught.value.code == "source.no_key"
    assert all(key in caught.value.hint for key in INFOS[name].keys)
    assert set_up().missing[name] == INFOS[name].keys


@pytest.mark.parametrize("name", KEYED)
async def test_a_wrong_key(name: str, server: SourceServer) -> None:
    wrong = {key: SecretStr("other-zqzq") for key in INFOS[name].keys}
    items, error = await attempt(REGISTRY[name](SourceConfig(wrong)), REPLAYS[name].wanted, server.fetch)
    assert items == []
    assert isinstance(error, Refused)
    assert error.code == "source.key"
    assert all(key in error.hint for key in INFOS[name].keys)


@pytest.mark.parametrize("name", [name for name, info in INFOS.items() if info.takes is Takes.ADDRESS])
async def test_bad_addresses(name: str, source: Source, server: SourceServer) -> None:
    for address in ("", "::", "ftp://files.example/x", "\x00"):
        with pytest.raises(InvalidInput) as caught:
            [item async for item in source.find(Wanted(address=address), server.fetch)]
        check_error(caught.value)
    assert server.calls == []


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1e400,
    2**70,
    "",
    "x" * 400,
    "\ud800",
    "<b>",
    [],
    {},
    [None],
    {"a": []},
    "//",
)


#: For one answer; each run of the same code draws the same.
MOST_ODD = 40


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all values in JSON, at most two entries of each list."""
    yield at
    inner = (
        list(data.items()) if isinstance(data, dict) else list(enumerate(data))[:2] if isinstance(data, list) else []
    )
    for key, value in inner:
        yield from places(value, (*at, key))


def put(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value in one place."""
    if not at:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[at[0]] = put(data[at[0]], at[1:], value)
    return copy


async def test_any_odd_value_anywhere(name: str, source: Source, replay: Replay) -> None:
    """Each value of each answer replaced by odd ones: good items or one error, never another exception."""
    stories = STORIES[:2]
    bodies: list[bytes] = []

    def watched(body: bytes) -> bytes:
        bodies.append(body)
        return body

    for wanted in (replay.wanted, *replay.also[:1]):
        bodies.clear()
        await attempt(source, wanted, DirectFetch(name, stories, watched))
        for number, body in enumerate(list(bodies)[:4]):
            for odd in oddities(body, random.Random(number)):
                calls = iter(range(1_000))
                bend = bender(odd, number, calls)
                await attempt(source, wanted, DirectFetch(name, stories, bend))


def bender(odd: bytes, number: int, calls: Iterator[int]) -> Callable[[bytes], bytes]:
    """Gives the odd answer to one call, and the good one to the others."""
    return lambda body: odd if next(calls) == number else body


def oddities(body: bytes, chance: random.Random) -> Iterator[bytes]:
    try:
        data = json.loads(body)
    except ValueError:
        yield from torn(body, chance)
        return
    every = [(at, value) for at in places(data) for value in chance.sample(ODD, 2)]
    for at, value in chance.sample(every, min(len(every), MOST_ODD)):
        yield json.dumps(put(data, at, value)).encode()


def torn(body: bytes, chance: random.Random) -> Iterator[bytes]:
    """Markup cut off, with a piece lost, and with a piece doubled."""
    for _ in range(8):
        start, end = sorted(chance.sample(range(len(body)), 2)) if len(body) > 2 else (0, 0)
        yield body[:start]
        yield body[:start] + body[end:]
        yield body[:end] + body[start:]
