"""Asking the picture sources: all at once, within a deadline, politely, each question once a day, partial results kept.

A source that fails is left alone for a while, so that one that is down, or a machine without network, costs little.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from ettametta.errors import EttamettaError, InvalidInput, OperatorError, TransientError
from ettametta.kit.http import HttpClient
from ettametta.kit.ids import content_key
from ettametta.models import StepResult
from ettametta.productions.steps import StepCache
from ettametta.providers.footage.base import (
    MAX_CLIP_BYTES,
    MAX_PHOTO_BYTES,
    FootageFacts,
    FootageProvider,
    FootageQuery,
    FoundAsset,
)
from ettametta.providers.footage.licences import Policy, allows

_log = structlog.get_logger(__name__)

#: Answers are kept for a day, as Pixabay asks, and no longer: addresses of files run out.
KEPT_S = 24 * 3600.0
#: How long a source that failed is left alone when it does not say.
_REST_S = 30.0
_LONGEST_REST_S = 600.0
_LOAD_TIMEOUT_S = 30.0
_PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream", "binary/octet-stream")
_CLIP_TYPES = ("video/mp4", "video/webm", "video/quicktime", "application/octet-stream", "binary/octet-stream")
_STEP = "pictures"
#: The provider of pictures that came with the article itself: no source has to be asked for them.
ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class Findings:
    """What came back.

    Attributes:
        found: in the order of the sources, each in its own order, licences within the policy.
        missed: a sentence for each source that did not answer.
        answered: how many sources did.
    """

    found: tuple[FoundAsset, ...] = ()
    missed: tuple[str, ...] = ()
    answered: int = 0


class Footage:
    """The picture sources that are set up.

    Args:
        sources: by name, best first.
        http: the outgoing client, for the files themselves.
        cache: keeps answers.
        deadline_s: the longest one search may take, in seconds.
        is_on: whether pictures may be loaded at all.
        is_patient: whether to keep the time between two questions that a source asks for.
        now_s: the time, in seconds since the epoch: answers are kept over restarts.
    """

    def __init__(
        self,
        sources: Mapping[str, FootageProvider],
        http: HttpClient,
        cache: StepCache,
        *,
        deadline_s: float = 8.0,
        is_on: bool = True,
        is_patient: bool = True,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._sources = sources
        self._http = http
        self._cache = cache
        self.is_on = is_on
        self._is_patient = is_patient
        self._deadline_s = deadline_s
        self._now_s = now_s
        self._rests_until: dict[str, tuple[float, str]] = {}
        self._asked_at: dict[str, float] = {}
        self._turns = {name: asyncio.Semaphore(1) for name in sources}

    @property
    def facts(self) -> tuple[FootageFacts, ...]:
        """What each source has, best first."""
        return tuple(source.facts for source in self._sources.values())

    def names(self, wanted: Sequence[str] = ()) -> tuple[str, ...]:
        """The sources to ask: those that are wanted, in their order, as far as they are set up; else all."""
        return tuple(name for name in wanted if name in self._sources) if wanted else tuple(self._sources)

    async def search(
        self, user_id: str, query: FootageQuery, *, policy: Policy, sources: Sequence[str] = ()
    ) -> Findings:
        """Ask the sources; whoever answers in time counts."""
        names = self.names(sources)
        answers = await asyncio.gather(*(self._ask(name, user_id, query) for name in names))
        found = [one for answer in answers if isinstance(answer, tuple) for one in answer]
        return Findings(
            found=tuple(one for one in found if allows(policy, one.licence)),
            missed=tuple(answer for answer in answers if isinstance(answer, str)),
            answered=sum(isinstance(answer, tuple) for answer in answers),
        )

    async def _ask(self, name: str, user_id: str, query: FootageQuery) -> tuple[FoundAsset, ...] | str:
        """What a source has, from the cache when it was asked today; or a sentence about why there is no answer."""
        key = _key(name, user_id, query)
        kept = await self._cache.find(key)
        if kept is not None and 0 <= self._now_s() - kept["at_s"] < KEPT_S:
            return tuple(FoundAsset.model_validate(one) for one in kept["found"])
        until_s, why = self._rests_until.get(name, (0.0, ""))
        if self._now_s() < until_s:
            return why
        found = await self._answer(name, query)
        if isinstance(found, tuple):
            output = {"at_s": self._now_s(), "found": [one.model_dump(mode="json") for one in found]}
            await self._cache.keep(StepResult(key=key, user_id=user_id, step=_STEP, output=output))
        return found

    async def _answer(self, name: str, query: FootageQuery) -> tuple[FoundAsset, ...] | str:
        source = self._sources[name]
        try:
            async with asyncio.timeout(self._deadline_s), self._turns[name]:
                await self._wait_turn(source.facts)
                return await source.search(query)
        except TimeoutError:
            return self._leave_alone(name, f"{source.facts.title} did not answer in time.", None)
        except EttamettaError as error:
            wait_s = error.retry_after_s if isinstance(error, TransientError) else None
            return self._leave_alone(name, error.message, wait_s, for_long=isinstance(error, OperatorError))
        except ValueError:  # an answer so odd that even careful reading trips: it must not cost the video
            _log.exception("pictures.unreadable", source=name)
            return self._leave_alone(name, f"{source.facts.title} gave an answer that cannot be read.", None)

    async def _wait_turn(self, facts: FootageFacts) -> None:
        """Until enough time has passed since the last question to a source."""
        if self._is_patient and facts.interval_s:
            since_s = self._now_s() - self._asked_at.get(facts.name, 0.0)
            await asyncio.sleep(max(0.0, min(facts.interval_s, facts.interval_s - since_s)))
        self._asked_at[facts.name] = self._now_s()

    def _leave_alone(self, name: str, why: str, wait_s: float | None, *, for_long: bool = False) -> str:
        rest_s = _LONGEST_REST_S if for_long else min(max(wait_s or 0.0, _REST_S), _LONGEST_REST_S)
        self._rests_until[name] = (self._now_s() + rest_s, why)
        _log.warning("pictures.source_failed", source=name, why=why, rest_s=rest_s)
        return why

    async def load(self, found: FoundAsset, query: FootageQuery, path: Path) -> FoundAsset:
        """Fetch the file of a found picture to `path`; a smaller rendition when the best is too large.

        Raises:
            InvalidInput: `footage.not_set_up`, no rendition is small enough, or it is no picture.
            EttamettaError: as the source and the client do.
        """
        if found.provider not in self._sources and found.provider != ARTICLE:
            raise InvalidInput(
                f"The picture source {found.provider[:40]} is not set up here.",
                hint="Search again with the sources there are.",
                code="footage.not_set_up",
            )
        if not found.file_url:
            found = await self._sources[found.provider].locate(found, query)
        urls = [found.file_url, *found.other_urls]
        for place, url in enumerate(urls):
            try:
                body = await self._fetch(url, found)
            except InvalidInput as error:
                if error.code != "http.too_large" or place == len(urls) - 1:
                    raise
                continue
            await asyncio.to_thread(path.write_bytes, body)
            break
        return found

    async def _fetch(self, url: str, found: FoundAsset) -> bytes:
        is_photo = found.kind == "photo"
        fetched = await self._http.get(
            url,
            max_bytes=MAX_PHOTO_BYTES if is_photo else MAX_CLIP_BYTES,
            timeout_s=_LOAD_TIMEOUT_S,
            accept=_PHOTO_TYPES if is_photo else _CLIP_TYPES,
        )
        return fetched.body


def _key(name: str, user_id: str, query: FootageQuery) -> str:
    return content_key(
        step=_STEP,
        user=user_id,
        source=name,
        text=query.text.lower(),
        kind=query.kind,
        orientation=query.orientation,
        frame=[query.min_width, query.min_height],
        language=query.language,
        limit=query.limit,
    )
