"""For tests of the faces: stories as if a scan had found them, and a worker that finds them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from ettametta.bootstrap import Resources
from ettametta.discovery.items import FoundItem
from ettametta.discovery.scanning.request import ScanReport, SourceReport
from ettametta.kit.clock import utc_now

_SUBJECTS = ("turtle", "storm", "anchor", "lagoon", "shark", "diver", "island", "sponge", "current")


def stories(count: int = 3, *, words: str = "Coral reefs") -> list[FoundItem]:
    """Stories of Hacker News: points are sent, comments are not."""
    return [
        FoundItem(
            source="hacker_news",
            ref=f"hacker_news:{words}:{number}",
            url=f"https://example.org/{subject}",
            title=f"{words} meet a {subject}",
            text=f"{words} and a {subject} were seen together by people who count such things. <script>",
            language="en",
            published_at=utc_now() - timedelta(hours=number + 1),
            metrics={"points": 100 + number},
        )
        for number, subject in enumerate(_SUBJECTS[:count])
    ]


async def keep(resources: Resources, user_id: str, niche: str, items: Sequence[FoundItem]) -> str:
    """Keep and rank stories for a niche that is followed; its id."""
    followed = await resources.discovery.niches.follow(user_id, niche)
    await resources.discovery.scanner.shelf.keep(user_id, followed.id, items, address="")
    return followed.id


@asynccontextmanager
async def scans_find(resources: Resources, items: Sequence[FoundItem]) -> AsyncIterator[None]:
    """While this lasts, every scan finds these stories and one source that does not answer."""
    task = asyncio.create_task(_work(resources, items))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _work(resources: Resources, items: Sequence[FoundItem]) -> None:
    async with resources.events.subscribe() as heard:
        while True:
            job = await resources.ledger.claim("tests", ["discovery.scan"])
            if job is None:
                await heard.wait(0.2)
                continue
            niche_id = str(job.payload["niche_id"])
            kept = await resources.discovery.scanner.shelf.keep(job.user_id or "", niche_id, items, address="")
            quiet = SourceReport(source="gdelt", outcome="failing", message="GDELT does not answer.")
            heard_of = SourceReport(source="hacker_news", outcome="ok", items=len(items), new=kept.new)
            report = ScanReport(niche_id=niche_id, sources=(heard_of, quiet), items=len(items), new=kept.new)
            await resources.ledger.succeed(job, report.model_dump(mode="json"))
