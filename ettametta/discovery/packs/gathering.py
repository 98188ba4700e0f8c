"""Gathers a pack by a deadline: the story's page, others it was seen on, what news and encyclopaedia say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ettametta.discovery.packs.pack import EvidencePack, pack_of
from ettametta.discovery.ranking.words import features
from ettametta.discovery.subject import Story
from ettametta.errors import EttamettaError
from ettametta.evidence import EvidenceItem
from ettametta.kit.text import truncate
from ettametta.storyboard import Citation

#: Pages of the story itself, and pages of others on the same story, that are read at most.
MAX_OWN_PAGES = 5
MAX_NEWS_PAGES = 3
#: A headline that shares less of its words is another story.
_SAME_STORY = 0.4
#: Two texts that share more are one text on two pages.
_SAME_TEXT = 0.9

ReadPage = Callable[[str], Awaitable[EvidenceItem]]
LookUp = Callable[[str, str], Awaitable[Sequence[EvidenceItem]]]


@dataclass(frozen=True, slots=True)
class _Answered:
    items: Sequence[EvidenceItem]
    note: str = ""


class PackGatherer:
    """Reads and looks up at once.

    Args:
        read_page: gives the article of a page; raises what cannot be read as an `EttamettaError`.
        look_ups: by the name people know it by, what is asked for words and a language.
        deadline_s: after it what is there is all, in seconds.
    """

    def __init__(self, read_page: ReadPage, look_ups: Mapping[str, LookUp], *, deadline_s: float) -> None:
        self._read_page = read_page
        self._look_ups = look_ups
        self._deadline_s = deadline_s

    async def gather(self, story: Story, language: str) -> EvidencePack:
        """The pack of a story; without any item, when nothing answered and the story has no text of its own."""
        async with _Until(self._deadline_s) as until:
            own = [until.start(_host(url), self._page(url)) for url in _different(story.urls)[:MAX_OWN_PAGES]]
            asked = [
                until.start(name, self._asked(look_up, story, language)) for name, look_up in self._look_ups.items()
            ]
            answers = [await until.answer(one) for one in (*own, *asked)]
        items = _without_copies(item for answer in answers for item in answer.items)
        if not any(answer.items for answer in answers[: len(own)]) and story.text.strip():
            items = [_as_found(story), *items]
        notes = [answer.note for answer in answers if answer.note]
        return await asyncio.to_thread(pack_of, story.title, items, notes)

    async def _page(self, url: str) -> Sequence[EvidenceItem]:
        return (await self._read_page(url),)

    async def _asked(self, look_up: LookUp, story: Story, language: str) -> Sequence[EvidenceItem]:
        """What a look-up has on the story, each with its whole page where that can be read."""
        found = [item for item in await look_up(story.words, language) if _is_about(item, story)]
        others = [item for item in found if item.citation.url not in story.urls]
        short = [item for item in others if len(item.text) < 1_500][:MAX_NEWS_PAGES]
        pages = await asyncio.gather(*(self._whole(item) for item in short))
        return [*pages, *(item for item in others if item not in short)]

    async def _whole(self, item: EvidenceItem) -> EvidenceItem:
        """The page a headline leads to; the headline, if that cannot be read."""
        if item.citation.url is None:
            return item
        try:
            async with asyncio.timeout(self._deadline_s / 2):
                return await self._read_page(item.citation.url)
        except (EttamettaError, TimeoutError):
            return item


class _Until:
    """Tasks that share a deadline; those that are not done by then are ended."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._tasks: dict[asyncio.Task[Sequence[EvidenceItem]], str] = {}
        self._end = 0.0

    async def __aenter__(self) -> _Until:
        self._end = asyncio.get_running_loop().time() + self._deadline_s
        return self

    async def __aexit__(self, *_raised: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, name: str, work: Awaitable[Sequence[EvidenceItem]]) -> asyncio.Task[Sequence[EvidenceItem]]:
        task = asyncio.ensure_future(work)
        self._tasks[task] = name
        return task

    async def answer(self, task: asyncio.Task[Sequence[EvidenceItem]]) -> _Answered:
        """What a task found, or a sentence about why nothing came."""
        name = self._tasks[task]
        await asyncio.wait([task], timeout=max(self._end - asyncio.get_running_loop().time(), 0.0))
        if not task.done():
            return _Answered((), f"{name} did not answer in time.")
        try:
            return _Answered(task.result())
        except EttamettaError as error:
            return _Answered((), f"{name} could not be read: {error.message}")


def _different(urls: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(url for url in urls if url.startswith(("http://", "https://"))))


def _host(url: str) -> str:
    try:
        return truncate(urlsplit(url).hostname or "A page", 80).removeprefix("www.")
    except ValueError:
        return "A page"


def _is_about(item: EvidenceItem, story: Story) -> bool:
    wanted = features(" ".join((story.title, *story.keywords)))
    has = features(f"{item.citation.title} {item.text[:400]}")
    least = min(len(wanted), len(features(item.citation.title)))
    return least > 0 and len(wanted & has) >= max(min(2, least), _SAME_STORY * least)


def _without_copies(items: Iterable[EvidenceItem]) -> list[EvidenceItem]:
    """Each text once: an agency's report on three pages is one source."""
    kept: list[tuple[frozenset[str], EvidenceItem]] = []
    for item in items:
        words = features(item.text[:2_000])
        if all(len(words & other) < _SAME_TEXT * max(len(words), len(other), 1) for other, _ in kept):
            kept.append((words, item))
    return [item for _, item in kept]


def _as_found(story: Story) -> EvidenceItem:
    """What the source that found it said, for want of the page."""
    url = next(iter(_different(story.urls)), None)
    return EvidenceItem(
        citation=Citation(title=truncate(story.title, 200), url=url), text=story.text, language=story.language
    )
