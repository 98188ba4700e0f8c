"""The deadline of a pack: what stalls is named, what answered is kept, nothing goes on in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ettametta.discovery.packs.gathering import PackGatherer
from ettametta.discovery.subject import Story
from ettametta.errors import TransientError
from ettametta.evidence import EvidenceItem
from ettametta.storyboard import Citation

_STORY = Story("Storm in Vell", ("https://a.example/1", "https://slow.example/2", "https://deaf.example/3"), "", "en")


def _item(title: str, text: str, url: str) -> EvidenceItem:
    return EvidenceItem(citation=Citation(title=title, url=url), text=text)


class _Web:
    """One page answers, one never does, one is down."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def read(self, url: str) -> EvidenceItem:
        if "deaf" in url:
            raise TransientError("It does not answer.")
        if "slow" in url:
            await self._for_ever(url)
        return _item("Storm", f"The storm came at night to {url}.", url)

    async def news(self, words: str, language: str) -> Sequence[EvidenceItem]:
        assert (words, language) == ("Storm in Vell", "en")
        return [
            _item("Vell storm: the harbour", "Short.", "https://slow.example/news"),
            _item("Cake fair", "Cake.", "https://c.example/cake"),
        ]

    async def background(self, _words: str, _language: str) -> Sequence[EvidenceItem]:
        await self._for_ever("background")
        return ()

    async def _for_ever(self, name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append(name)


async def test_what_stalls_is_named_and_the_rest_is_kept() -> None:
    web = _Web()
    look_ups = {"The encyclopaedia": web.background, "The news feed": web.news}
    pack = await PackGatherer(web.read, look_ups, deadline_s=0.4).gather(_STORY, "en")
    assert [item.citation.url for item in pack.items] == ["https://a.example/1", "https://slow.example/news"]
    assert pack.notes == (
        "slow.example did not answer in time.",
        "deaf.example could not be read: It does not answer.",
        "The encyclopaedia did not answer in time.",
    )
    assert sorted(web.ended) == ["background", "https://slow.example/2", "https://slow.example/news"]
