"""Evidence packs over HTTP: several pages, what does not answer, the deadline, and hostile pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ettametta.discovery.evidence import EvidenceGatherer
from ettametta.discovery.subject import Story
from ettametta.errors import NotFound
from ettametta.kit.http import HttpClient
from tests.servers.pages import PageServer, Reply, page_server

_FIRST = (
    "The storm killed 40 people in the coastal town of Vell, police said on Monday. Houses near the harbour lost their "
    "roofs, and the old lighthouse stood dark for the first time since it was built by the fishermen of the town."
)
_SECOND = (
    "Police in Vell said the storm killed 52 people in the coastal town, many of them at the harbour. “We never saw it "
    "coming at all,” said Ada Byron, who keeps the lighthouse. Boats were thrown on the pier and the school is closed."
)
_FEED = """<rss version="2.0"><channel><title>n</title>
<item><title>Storm in Vell: harbour closed</title><link>{url}/news/closed</link></item>
<item><title>Cake fair opens</title><link>{url}/news/cake</link></item></channel></rss>"""
_EMPTY = b'{"query": {"pages": []}}'


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as pages:
        pages.routes["/wiki/en/w/api.php"] = Reply(_EMPTY, "application/json")
        pages.routes["/news"] = Reply(_FEED.replace("{url}", pages.url).encode(), "application/rss+xml")
        pages.page("/a", _page("Storm hits Vell", _FIRST))
        pages.page("/b", _page("Vell after the storm", _SECOND))
        yield pages


@pytest.fixture
async def gatherer(server: PageServer) -> AsyncIterator[EvidenceGatherer]:
    http = HttpClient(user_agent="Ettametta/test", allow_private=True)
    yield _gatherer(http, server, deadline_s=30.0)
    await http.close()


def _gatherer(http: HttpClient, server: PageServer, *, deadline_s: float) -> EvidenceGatherer:
    return EvidenceGatherer(
        http,
        encyclopaedia_url=f"{server.url}/wiki/{{language}}",
        news_url=f"{server.url}/news?q={{query}}",
        pack_deadline_s=deadline_s,
    )


def _page(title: str, text: str) -> str:
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    )


def _story(server: PageServer, *paths: str, text: str = "") -> Story:
    return Story("Storm in Vell", tuple(server.url + path for path in paths), text, "en")


async def test_pages_agree_on_a_pack_with_contradictions_marked(gatherer: EvidenceGatherer, server: PageServer) -> None:
    evidence = await gatherer.gather(_story(server, "/a", "/b", "/gone"))
    assert [item.citation.url for item in evidence.items] == [
        f"{server.url}/a", f"{server.url}/b", f"{server.url}/news/closed"
    ]  # fmt: skip
    assert evidence.items[2].text == "Storm in Vell: harbour closed"
    assert evidence.notes[0].startswith("127.0.0.1 could not be read:")
    assert evidence.notes[1] == (f"Sources disagree: “40 people” ({server.url}/a) and “52 people” ({server.url}/b).")
    pack = await gatherer.pack(_story(server, "/a", "/b"))
    assert [(quote.text, quote.speaker) for quote in pack.quotes] == [("We never saw it coming at all", "Ada Byron")]
    assert {figure.url for figure in pack.figures} == {f"{server.url}/a", f"{server.url}/b"}


async def test_the_same_report_on_two_pages_is_one_source(gatherer: EvidenceGatherer, server: PageServer) -> None:
    server.page("/b", _page("Storm hits Vell", _FIRST))
    pack = await gatherer.pack(_story(server, "/a", "/b"))
    assert [item.citation.url for item in pack.items] == [f"{server.url}/a", f"{server.url}/news/closed"]
    assert pack.conflicts == ()


async def test_without_a_page_what_the_source_said_stands_in(gatherer: EvidenceGatherer, server: PageServer) -> None:
    server.routes["/news"] = Reply(b"", status=404)
    evidence = await gatherer.gather(_story(server, "/gone", text="A storm hit Vell."))
    assert [(item.text, item.citation.url) for item in evidence.items] == [("A storm hit Vell.", f"{server.url}/gone")]
    with pytest.raises(NotFound) as caught:
        await gatherer.gather(_story(server, "/gone"))
    assert caught.value.code == "evidence.nothing_found"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/1", "javascript:alert(1)", "http://[bad", ""])
async def test_addresses_that_are_none_are_not_asked(gatherer: EvidenceGatherer, server: PageServer, url: str) -> None:
    pack = await gatherer.pack(Story("Storm in Vell", (url, f"{server.url}/a"), "", "en"))
    assert [item.citation.url for item in pack.items] == [f"{server.url}/a", f"{server.url}/news/closed"]


async def test_a_private_address_is_refused_and_told(server: PageServer) -> None:
    http = HttpClient(user_agent="Ettametta/test")
    gatherer = EvidenceGatherer(http, encyclopaedia_url="", news_url="", pack_deadline_s=30.0)
    pack = await gatherer.pack(_story(server, "/a"))
    await http.close()
    assert pack.items == ()
    assert len(pack.notes) == 1
    assert server.requests == []
