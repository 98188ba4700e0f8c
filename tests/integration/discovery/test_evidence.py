"""Gathering evidence over HTTP from a server that plays the web, the encyclopaedia and the news feed."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ettametta.discovery.evidence import EvidenceGatherer
from ettametta.discovery.subject import Link, PastedText, Subject, TextFile, Topic
from ettametta.errors import EttamettaError, InvalidInput, NotFound, Refused, TransientError
from ettametta.kit.http import HttpClient
from tests.servers.pages import PageServer, Reply, Request, page_server
from tests.unit.discovery.test_lookups import RSS

PAGES = Path(__file__).parents[2] / "unit" / "discovery" / "pages"


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as pages:
        yield pages


@pytest.fixture
async def gatherer(server: PageServer) -> AsyncIterator[EvidenceGatherer]:
    http = HttpClient(user_agent="Ettametta/test", allow_private=True)
    yield EvidenceGatherer(
        http,
        encyclopaedia_url=f"{server.url}/wiki/{{language}}",
        news_url=f"{server.url}/news?q={{query}}&hl={{language}}",
        lookup_timeout_s=3.0,
        page_timeout_s=2.0,
    )
    await http.close()


def encyclopaedia(request: Request) -> Reply:
    """The Action API in format version 2, as MediaWiki documents it."""
    if "gsrsearch" in request.query:
        pages = """[
          {"pageid": 2, "ns": 0, "title": "Lens", "index": 1, "extract": "Lens may refer to:",
           "pageprops": {"disambiguation": ""}},
          {"pageid": 1, "ns": 0, "title": "Fresnel lens", "index": 2, "extract": "A Fresnel lens is a composite lens."},
          {"pageid": 3, "ns": 0, "title": "Something else", "index": 3, "extract": "Of no use."}]"""
    else:
        assert request.query["titles"] == ["Fresnel lens"]
        pages = """[{"pageid": 1, "ns": 0, "title": "Fresnel lens",
          "canonicalurl": "https://en.wikipedia.org/wiki/Fresnel_lens",
          "extract":
          "A Fresnel lens is a composite lens.\\nIt was built for lighthouses.\\n\\n== See also ==\\nLens"}]"""
    return Reply(
        f'{{"batchcomplete": true, "query": {{"pages": {pages}}}}}'.encode(), "application/json; charset=utf-8"
    )


def both(server: PageServer) -> None:
    server.routes["/wiki/en/w/api.php"] = encyclopaedia
    server.routes["/news"] = Reply(RSS.encode(), "application/rss+xml; charset=utf-8")


async def refused(
    gatherer: EvidenceGatherer, subject: Subject, kind: type[EttamettaError], code: str
) -> EttamettaError:
    with pytest.raises(kind) as caught:
        await gatherer.gather(subject)
    assert caught.value.code == code
    assert caught.value.message.endswith((".", "”."))
    assert caught.value.hint
    return caught.value


async def test_a_topic_is_looked_up(gatherer: EvidenceGatherer, server: PageServer) -> None:
    both(server)
    evidence = await gatherer.gather(Topic("fresnel lenses"))
    article, *news = evidence.items
    assert article.citation.model_dump(exclude_none=True) == {
        "title": "Fresnel lens", "url": "https://en.wikipedia.org/wiki/Fresnel_lens", "publisher": "Wikipedia",
        "licence": "CC BY-SA 4.0",
    }  # fmt: skip
    assert article.text == "A Fresnel lens is a composite lens.\n\nIt was built for lighthouses."
    assert [item.citation.title for item in news] == ["Old lamp lit again", "Bees & flowers"]
    assert evidence.notes == ()
    asked = next(request for request in server.requests if request.path == "/news")
    assert asked.query == {"q": ["fresnel lenses"], "hl": ["en"]}


async def test_the_language_picks_the_edition(gatherer: EvidenceGatherer, server: PageServer) -> None:
    both(server)
    server.routes["/wiki/ja/w/api.php"] = encyclopaedia
    await gatherer.gather(Topic("灯台のレンズ"), may_be_empty=True)
    assert any(request.path == "/wiki/ja/w/api.php" for request in server.requests)


async def test_a_slow_encyclopaedia_is_named_and_not_waited_for(gatherer: EvidenceGatherer, server: PageServer) -> None:
    both(server)
    server.routes["/wiki/en/w/api.php"] = Reply(b"{}", "application/json", delay_s=30)
    evidence = await gatherer.gather(Topic("fresnel lenses"))
    assert evidence.notes == ("The encyclopaedia did not answer in time.",)
    assert len(evidence.items) == 2


async def test_a_broken_feed_is_named(gatherer: EvidenceGatherer, server: PageServer) -> None:
    both(server)
    server.routes["/news"] = Reply(b"busy", status=503)
    evidence = await gatherer.gather(Topic("fresnel lenses"))
    assert evidence.notes == ("The news feed could not be asked: 127.0.0.1 cannot answer right now (503).",)
    assert len(evidence.items) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"query": 5}', b'{"error": {"code": "x"}}', b"[" * 10_000])
async def test_an_odd_answer_is_survived(gatherer: EvidenceGatherer, server: PageServer, body: bytes) -> None:
    both(server)
    server.routes["/wiki/en/w/api.php"] = Reply(body, "application/json")
    assert len((await gatherer.gather(Topic("fresnel lenses"))).items) == 2


async def test_nothing_found_says_what_to_add(gatherer: EvidenceGatherer, server: PageServer) -> None:
    server.json("/wiki/en/w/api.php", {"batchcomplete": True})
    server.routes["/news"] = Reply(b"<rss><channel></channel></rss>", "text/xml")
    error = await refused(gatherer, Topic("qwxz plorf"), NotFound, "evidence.nothing_found")
    assert "link" in error.hint
    evidence = await gatherer.gather(Topic("qwxz plorf"), may_be_empty=True)
    assert (evidence.topic, evidence.items) == ("qwxz plorf", ())


async def test_nobody_answers(gatherer: EvidenceGatherer) -> None:
    error = await refused(gatherer, Topic("fresnel lenses"), NotFound, "evidence.nothing_found")
    assert "The encyclopaedia could not be asked" in error.message


async def test_what_is_found_must_speak_of_the_topic(gatherer: EvidenceGatherer, server: PageServer) -> None:
    server.routes["/wiki/en/w/api.php"] = encyclopaedia
    await refused(gatherer, Topic("medieval falconry"), NotFound, "evidence.nothing_found")


async def test_a_page_is_read(gatherer: EvidenceGatherer, server: PageServer) -> None:
    server.routes["/old"] = Reply(status=301, headers=(("Location", "/new"),))
    body = gzip.compress((PAGES / "news.html").read_bytes())
    server.routes["/new"] = Reply(body, headers=(("Content-Encoding", "gzip"),))
    evidence = await gatherer.gather(Link(f"{server.url}/old"))
    assert evidence.topic == "Harbour lamp shines again after forty years"
    assert evidence.items[0].citation.url == f"{server.url}/new"


async def test_a_page_in_another_charset(gatherer: EvidenceGatherer, server: PageServer) -> None:
    text = (PAGES / "blog.html").read_text(encoding="utf-8")
    server.routes["/"] = Reply(text.encode("cp1252"), "text/html")
    evidence = await gatherer.gather(Link(server.url))
    assert "in its own way – with its own height" in evidence.items[0].text


async def test_a_plain_text_page(gatherer: EvidenceGatherer, server: PageServer) -> None:
    url = server.page("/a.txt", "Bees dance for one another. Every dance is a map.", "text/plain")
    evidence = await gatherer.gather(Link(url))
    assert evidence.items[0].citation.url == url


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply((PAGES / "application.html").read_bytes()), InvalidInput, "evidence.no_article"),
        (Reply(b"", "text/html"), InvalidInput, "evidence.no_article"),
        (Reply(b"\x00\x01\x02\x03", "text/html"), InvalidInput, "text.binary"),
        (Reply(b"%PDF", "application/pdf"), InvalidInput, "http.content_type"),
        (Reply(b"", status=404), NotFound, "http.not_found"),
        (Reply(b"", status=403), Refused, "http.forbidden"),
        (Reply(b"", status=500), TransientError, "http.server"),
        (Reply(b"x" * 6_000_000), InvalidInput, "http.too_large"),
        (Reply(b"", delay_s=30), TransientError, "http.timeout"),
    ],
)
async def test_pages_that_cannot_be_read(
    gatherer: EvidenceGatherer, server: PageServer, reply: Reply, kind: type[EttamettaError], code: str
) -> None:
    server.routes["/"] = reply
    await refused(gatherer, Link(server.url), kind, code)


async def test_a_private_page_is_not_fetched(server: PageServer) -> None:
    http = HttpClient(user_agent="Ettametta/test")
    gatherer = EvidenceGatherer(http, encyclopaedia_url="", news_url="")
    await refused(gatherer, Link(server.url), Refused, "http.private_address")
    assert server.connections == 0
    await http.close()


async def test_texts_and_files_need_no_network(gatherer: EvidenceGatherer, server: PageServer) -> None:
    text = "Bees dance for one another, and every dance is a map. " * 8
    for subject in (PastedText(text), Topic(text), TextFile("bees.txt", text.encode())):
        evidence = await gatherer.gather(subject)
        assert evidence.items[0].text == text.strip()
    assert server.connections == 0


async def test_without_look_ups_a_topic_needs_a_model() -> None:
    http = HttpClient(user_agent="Ettametta/test")
    gatherer = EvidenceGatherer(http, encyclopaedia_url="", news_url="")
    await refused(gatherer, Topic("bees"), NotFound, "evidence.nothing_found")
    await http.close()
