"""What each source with a machine interface asks, word for word as its documentation has it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ettametta.discovery.fetch.base import Answer
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources import REGISTRY, SourceConfig
from ettametta.discovery.sources.base import Wanted
from ettametta.discovery.sources.wire import MAX_ENTRIES, phrases, share
from ettametta.errors import EttamettaError, InvalidInput, NotFound, Refused, TransientError
from ettametta.kit.clock import utc_now
from tests.servers.source_payloads import REPLAYS
from tests.servers.source_payloads.base import Call, Story
from tests.servers.sources import DirectFetch

SINCE = datetime(2026, 5, 1, 10, tzinfo=UTC)
WANTED = Wanted(words=("rockets", "night sky"), languages=("en",), since=SINCE, limit=20)


async def asked(name: str, wanted: Wanted, stories: int = 3) -> tuple[list[Call], list[FoundItem]]:
    fetch = DirectFetch(name, [Story(1001 + number) for number in range(stories)])
    source = REGISTRY[name](SourceConfig(REPLAYS[name].keys, REPLAYS[name].places))
    items = [item async for item in source.find(wanted, fetch)]
    return fetch.calls, items


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("hacker_news", {"query": "rockets", "tags": "story", "hitsPerPage": "10"}),
        ("hacker_news", {"numericFilters": f"created_at_i>={int(SINCE.timestamp())}"}),
        ("gdelt", {"query": '("rockets" OR "night sky") sourcelang:english', "mode": "artlist", "format": "json"}),
        ("gdelt", {"maxrecords": "20", "sort": "hybridrel"}),
        ("bluesky", {"q": "rockets", "sort": "top", "since": "2026-05-01T10:00:00Z", "lang": "en", "limit": "10"}),
        ("internet_archive", {"rows": "20", "output": "json", "sort[]": "week desc"}),
        ("youtube_data", {"q": "rockets|night sky", "type": "video", "maxResults": "20", "order": "viewCount"}),
        ("youtube_data", {"publishedAfter": "2026-05-01T10:00:00Z", "relevanceLanguage": "en"}),
        ("newsapi", {"q": '"rockets" OR "night sky"', "language": "en", "from": "2026-05-01T10:00:00"}),
        ("x", {"query": '("rockets" OR "night sky") -is:retweet (lang:en)', "max_results": "20"}),
    ],
)
async def test_parameters(name: str, parameters: dict[str, str]) -> None:
    calls, _ = await asked(name, WANTED)
    assert {key: calls[0].query.get(key) for key in parameters} == parameters


async def test_internet_archive_asks_for_what_is_new() -> None:
    calls, _ = await asked("internet_archive", WANTED)
    assert calls[0].query["q"] == (
        '("rockets" OR "night sky") AND mediatype:(movies OR audio OR texts OR image) '
        "AND publicdate:[2026-05-01T10:00:00Z TO null]"
    )


async def test_reddit_searches_the_week() -> None:
    calls, _ = await asked("reddit_oauth", WANTED)
    assert (calls[0].method, calls[0].path) == ("POST", "/api/v1/access_token")
    assert {"q": '"rockets" OR "night sky"', "sort": "top", "t": "week"}.items() <= calls[1].query.items()


async def test_x_looks_back_seven_days_and_asks_for_ten_at_least() -> None:
    calls, items = await asked("x", Wanted(words=("rockets",), since=SINCE, limit=2), stories=12)
    assert len(items) == 2
    assert calls[0].query["max_results"] == "10"
    start = datetime.fromisoformat(calls[0].query["start_time"])
    assert timedelta(days=6, hours=23) < utc_now() - start < timedelta(days=7)


async def test_x_leaves_out_phrases_rather_than_send_too_long_a_query() -> None:
    calls, _ = await asked("x", Wanted(words=tuple(f"{letter * 118}" for letter in "abcdef")))
    query = calls[0].query["query"]
    assert len(query) <= 512
    assert "a" * 118 in query


async def test_tiktok_asks_for_at_most_thirty_days() -> None:
    calls, _ = await asked("tiktok_research", WANTED)
    question: dict[str, Any] = json.loads(calls[1].body)
    start, end = (
        datetime.strptime(question[name], "%Y%m%d").replace(tzinfo=UTC) for name in ("start_date", "end_date")
    )
    assert end - start <= timedelta(days=30)
    values = [condition["field_values"] for condition in question["query"]["or"]]
    assert values == [["rockets"], ["night sky"]]


async def test_youtube_asks_for_all_numbers_in_one_batch() -> None:
    calls, items = await asked("youtube_data", Wanted(words=("rockets",), limit=80), stories=60)
    assert [call.path for call in calls] == ["/youtube/v3/search", "/youtube/v3/videos"]
    assert len(calls[1].query["id"].split(",")) == 50
    assert len(items) == 50
    assert all(item.metrics["views"] > 0 for item in items)
    assert all("key" not in call.query for call in calls), "the key is in a header: addresses are logged"


async def test_hacker_news_top_asks_for_no_more_stories_than_are_wanted() -> None:
    calls, items = await asked("hacker_news", Wanted(limit=10), stories=40)
    assert len(items) == 10
    assert len(calls) == 11


async def test_wikipedia_asks_each_edition_and_the_portal_for_english_alone() -> None:
    calls, _ = await asked("wikipedia", Wanted(languages=("de", "fr")))
    assert [call.host for call in calls] == ["de.wikipedia.org", "fr.wikipedia.org"]
    calls, items = await asked("wikipedia", Wanted())
    today = utc_now().date()
    assert calls[0].path == f"/api/rest_v1/feed/featured/{today:%Y/%m/%d}"
    assert calls[1].path.endswith(f"Portal%3ACurrent_events%2F{today.year}_{today:%B}_{today.day}")
    event = next(item for item in items if item.url == "https://reports.example/ice")
    assert (event.title, event.author) == ("A probe finds ice near the pole.", "Reuters")
    news = next(item for item in items if "in the news" in item.tags)
    assert news.url == "https://en.wikipedia.org/wiki/Page_7", "the story's article is the one in bold letters"


async def test_without_words_a_search_asks_nobody() -> None:
    for name in ("gdelt", "x", "tiktok_research"):
        calls, items = await asked(name, Wanted())
        assert (calls, items) == ([], [])


async def test_one_story_that_cannot_be_had_costs_only_itself() -> None:
    def bend(body: bytes) -> bytes:
        return b"<html>" if b'"id": 1002' in body else body

    fetch = DirectFetch("hacker_news", [Story(1001 + number) for number in range(10)], bend)
    items = [item async for item in REGISTRY["hacker_news"](SourceConfig()).find(Wanted(limit=9), fetch)]
    assert [item.ref.removeprefix("hacker_news:") for item in items] == [
        str(1001 + number) for number in range(10) if number != 1
    ], "in their order, with the next in place of the lost one"


async def test_no_story_can_be_had() -> None:
    fetch = DirectFetch("hacker_news", [Story(1001)], lambda body: b"<html>" if b'"id"' in body else body)
    with pytest.raises(TransientError) as caught:
        [item async for item in REGISTRY["hacker_news"](SourceConfig()).find(Wanted(), fetch)]
    assert caught.value.code == "source.unreadable"


def test_phrases_are_no_commands_of_a_search_language() -> None:
    words = ('"rockets" OR (x)', "a:b*", "  ", "night \x07sky", "night sky", *"cdefgh", "y" * 500)
    assert phrases(Wanted(words=words)) == ("rockets OR x", "a b", "night sky", "c", "d")
    assert phrases(Wanted(words=("y" * 500,))) == ("y" * 120,)
    assert share(Wanted(words=("a", "b", "c"), limit=50), 100) == 17
    assert share(Wanted(words=("a",), limit=500), 100) == 100
    assert share(Wanted(limit=0), 100) == 1


async def test_more_entries_than_anybody_asked_for_are_not_looked_at() -> None:
    def bend(body: bytes) -> bytes:
        return json.dumps({"articles": [{"url": "x"}] * MAX_ENTRIES + json.loads(body)["articles"]}).encode()

    fetch = DirectFetch("gdelt", [Story(1001)], bend)
    assert [item async for item in REGISTRY["gdelt"](SourceConfig()).find(WANTED, fetch)] == []


async def test_a_page_says_what_it_is() -> None:
    _, (item,) = await asked("page", Wanted(address="https://stories.example/today"), stories=1)
    assert (item.ref, item.url) == ("page:https://stories.example/today", "https://stories.example/today")
    assert (item.author, item.language, item.licence) == ("Ada Lumen", "en", "CC BY 4.0")
    assert item.text.startswith("Rockets rise at dawn")
    assert item.published_at == Story(1001).at
    assert (item.aliases, item.tags) == (("https://stories.example/story",), ("rockets", "dawn"))
    assert item.image_url == "https://pictures.example/a.jpg"


async def test_a_page_names_no_pages_of_others() -> None:
    fetch = DirectFetch("page", [Story(1001)], lambda body: body.replace(b"/story", b"https://other.example/a"))
    found = REGISTRY["page"](SourceConfig()).find(Wanted(address="https://stories.example/today"), fetch)
    assert [item.aliases async for item in found] == [()]


class _Failing:
    """A Fetch that fails so."""

    def __init__(self, error: EttamettaError) -> None:
        self._error = error

    async def get(self, url: str, **_named: Any) -> Answer:  # noqa: ARG002  # the port names it
        raise self._error

    async def post(self, url: str, **_named: Any) -> Answer:  # noqa: ARG002  # the port names it
        raise self._error


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (NotFound("There is no host x.", code="http.no_such_host"), TransientError, "source.unreachable"),
        (NotFound("x has no such page (404).", code="http.not_found"), InvalidInput, "source.not_found"),
        (TransientError("x did not answer in time.", code="http.timeout"), TransientError, "source.timeout"),
        (TransientError("The time ended.", code="fetch.deadline"), TransientError, "source.timeout"),
        (TransientError("x is left alone.", code="fetch.resting", retry_after_s=9), TransientError, "source.resting"),
        (TransientError("x broke off.", code="http.truncated"), TransientError, "source.truncated"),
        (TransientError("x failed.", code="http.unreachable"), TransientError, "source.unavailable"),
        (InvalidInput("x sent too much.", code="http.too_large"), TransientError, "source.unreadable"),
        (Refused("x wants to be paid (402).", code="http.payment"), Refused, "source.refused"),
        (Refused("x is private.", code="http.private_address"), Refused, "http.private_address"),
    ],
)
async def test_failures_of_fetching_are_told_of_the_source(
    error: EttamettaError, kind: type[EttamettaError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        [item async for item in REGISTRY["mastodon"](SourceConfig()).find(Wanted(), _Failing(error))]
    assert caught.value.code == code
    if isinstance(error, TransientError) and isinstance(caught.value, TransientError):
        assert caught.value.retry_after_s == error.retry_after_s


async def test_failures_of_a_page_name_its_host() -> None:
    gone = NotFound("stories.example has no such page (404).", code="http.not_found")
    with pytest.raises(NotFound, match=r"stories\.example"):
        [item async for item in REGISTRY["page"](SourceConfig()).find(REPLAYS["page"].wanted, _Failing(gone))]
