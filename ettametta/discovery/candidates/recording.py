"""One batch of found items into rows, in one transaction that no other batch of the same user shares.

The order of trust: a sighting's own ref, then a name (canonical address, platform id, alias), then the same story told
elsewhere. Batches of a user wait for one another (the user's row is locked), so that what one wrote the next one sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.discovery.candidates.grouping import is_same_story
from ettametta.discovery.candidates.preparing import Prepared, facet_words, story_of, with_title, words_of
from ettametta.discovery.candidates.simhash import simhash
from ettametta.discovery.candidates.values import Recorded
from ettametta.discovery.candidates.velocity import Snapshot, leading_metric, velocity
from ettametta.discovery.candidates.window import Window, load_window
from ettametta.discovery.items import Metric
from ettametta.errors import NotFound
from ettametta.kit.ids import new_id
from ettametta.models import Candidate, CandidateAlias, CandidateWords, MetricSnapshot, Sighting, User

#: Unchanged numbers are written down again after this time: standing still is a measurement too.
SNAPSHOT_EVERY = timedelta(hours=1)
#: Velocity is measured from snapshots this young.
_MEASURED_DAYS = timedelta(days=7)

#: A source and the feed, channel or instance within it.
Place = tuple[str, str]


class Forgotten(Exception):
    """An item that was known as the batch was made ready is not known any more: it was pruned meanwhile."""


@dataclass(slots=True)
class _Known:
    """A candidate with where it was seen and under which titles."""

    row: Candidate
    places: dict[Place, set[str]] = field(default_factory=dict)
    is_new: bool = False


class Batch:
    """The state of one batch while it is written."""

    def __init__(
        self, session: AsyncSession, user_id: str, address: str, leading: Mapping[str, Sequence[Metric]], now: datetime
    ) -> None:
        self._session = session
        self._user_id = user_id
        self._address = address
        self._leading = leading
        self._now = now
        self._known: dict[str, _Known] = {}
        self._names: dict[str, str] = {}
        self._sightings: dict[str, Sighting] = {}
        self._likes: dict[str, list[str]] = {}
        self._ids: Iterator[str] = iter(())
        self._completed: list[Candidate] = []
        self._candidates: list[Candidate] = []
        self._parts: list[CandidateAlias | CandidateWords | Sighting] = []
        self._snapshots: list[MetricSnapshot] = []
        self._measured: list[Sighting] = []

    async def write(self, items: Sequence[Prepared]) -> Recorded:
        """Store the items; those with a known ref need no fingerprints.

        Raises:
            NotFound: there is no such user.
            Forgotten: an item has no names, for it was known before; nothing was written.
        """
        if not await lock_user(self._session, self._user_id):
            raise NotFound("There is no such user.", hint="Candidates are recorded for a user of this installation.")
        await self._load(items)
        self._ids = iter(sorted(new_id() for _ in range(2 * len(items))))  # those of one moment are in no order
        result = Recorded()
        for item in items:
            sighting = self._sightings.get(item.ref)
            result += self._see_again(sighting, item) if sighting is not None else self._see_first(item)
        for rows in (self._candidates, self._parts, self._snapshots):  # what others point to first
            self._session.add_all(rows)
            await self._session.flush()
        for row in self._completed:
            await index_again(self._session, row)
        await self._measure()
        return result

    # -- reading ahead

    async def _load(self, items: Sequence[Prepared]) -> None:
        refs = [item.ref for item in items]
        rows = select(Sighting).where(Sighting.user_id == self._user_id, Sighting.ref.in_(refs))
        self._sightings = {row.ref: row for row in await self._session.scalars(rows)}
        new = [item for item in items if item.ref not in self._sightings]
        if any(not item.names for item in new):
            raise Forgotten
        wanted = {row.candidate_id for row in self._sightings.values()}
        if new:
            await self._load_names(new)
            window = await load_window(self._session, self._user_id, self._now)
            self._likes = {item.ref: window.like(item) for item in new}
            wanted |= {*self._names.values(), *(one for like in self._likes.values() for one in like)}
        await self._load_candidates(wanted)

    async def _load_names(self, items: Sequence[Prepared]) -> None:
        names = {name for item in items for name in (*item.names, with_title(item.names[0], item.title))}
        rows = select(CandidateAlias.alias, CandidateAlias.candidate_id).where(
            CandidateAlias.user_id == self._user_id, CandidateAlias.alias.in_(sorted(names))
        )
        self._names = {alias: candidate_id for alias, candidate_id in await self._session.execute(rows)}  # noqa: C416 -- rows are no pairs to mypy

    async def _load_candidates(self, ids: set[str]) -> None:
        wanted = sorted(ids)
        for row in await self._session.scalars(select(Candidate).where(Candidate.id.in_(wanted))):
            self._known[row.id] = _Known(row)
        seen = select(Sighting.candidate_id, Sighting.source, Sighting.address, Sighting.title)
        for candidate_id, source, address, title in await self._session.execute(
            seen.where(Sighting.candidate_id.in_(wanted))
        ):
            self._known[candidate_id].places.setdefault((source, address), set()).add(title)

    # -- a sighting that is known

    def _see_again(self, sighting: Sighting, item: Prepared) -> Recorded:
        known = self._known[sighting.candidate_id]
        sighting.last_seen_at = max(sighting.last_seen_at, self._now)
        known.row.last_seen_at = max(known.row.last_seen_at, self._now)
        is_news = self._take_numbers(sighting, item.metrics)
        return Recorded(updated=int(is_news), unchanged=int(not is_news), candidate_ids=(known.row.id,))

    def _take_numbers(self, sighting: Sighting, metrics: dict[str, int]) -> bool:
        """Keep the numbers when they say something new; a batch that comes late does not turn the time back."""
        before = sighting.metrics_at
        if not metrics or (before is not None and self._now <= before):
            return False
        if before is not None and metrics == sighting.metrics and self._now - before < SNAPSHOT_EVERY:
            return False
        self._snapshots.append(MetricSnapshot(sighting_id=sighting.id, metrics=metrics, at=self._now))
        sighting.metrics, sighting.metrics_at = metrics, self._now
        if before is not None:
            self._measured.append(sighting)
        return True

    # -- a sighting that is new

    def _see_first(self, item: Prepared) -> Recorded:
        place = (item.source, self._address)
        known = self._by_name(item, place) or self._by_story(item, place)
        is_new = known is None
        if known is None:
            known = self._add_candidate(item)
        self._add_names(item, known)
        self._add_sighting(item, known, place)
        return Recorded(new=int(is_new), grouped=int(not is_new), candidate_ids=(known.row.id,))

    def _by_name(self, item: Prepared, place: Place) -> _Known | None:
        found = next((self._names[name] for name in item.names if name in self._names), None)
        known = self._known.get(found) if found is not None else None
        if known is None or not place[1] or not known.places.get(place, set()) - {item.title}:
            return known
        # The same feed names two stories alike (all its items link to one page): the title tells them apart.
        own = self._names.get(with_title(item.names[0], item.title))
        return self._known.get(own) if own is not None else None

    def _by_story(self, item: Prepared, place: Place) -> _Known | None:
        story = item.story
        for known in self._alike(item):
            row = known.row
            # What one source shows twice it means twice.
            if place not in known.places and is_same_story(
                story, story_of(row.title, row.text, row.url, row.author, row.published_at)
            ):
                return known
        return None

    def _alike(self, item: Prepared) -> list[_Known]:
        stored = [self._known[one] for one in self._likes.get(item.ref, ()) if one in self._known]
        fresh = Window((one.row.id, one.row.simhash, one.row.title_key) for one in self._known.values() if one.is_new)
        return stored + [self._known[one] for one in fresh.like(item)]

    def _add_candidate(self, item: Prepared) -> _Known:
        identity = item.names[0]
        if identity in self._names:  # taken by another story of the same feed
            identity = with_title(identity, item.title)
        row = Candidate(
            id=next(self._ids), user_id=self._user_id, identity=identity, source=item.source, url=item.url or None,
            title=item.title, text=item.text, author=item.author, language=item.language,
            keywords=list(item.keywords) or None, image_url=item.image_url, simhash=item.simhash,
            title_key=item.title_key, source_count=0, published_at=item.published_at,
            first_seen_at=self._now, last_seen_at=self._now,
        )  # fmt: skip
        self._candidates.append(row)
        words = indexed_words(row, item.words)
        self._parts.append(CandidateWords(candidate_id=row.id, user_id=self._user_id, words=words))
        self._known[row.id] = known = _Known(row, is_new=True)
        self._names[identity] = row.id
        self._parts.append(CandidateAlias(user_id=self._user_id, alias=identity, candidate_id=row.id))
        return known

    def _add_names(self, item: Prepared, known: _Known) -> None:
        for name in item.names:
            if name not in self._names:
                self._names[name] = known.row.id
                self._parts.append(CandidateAlias(user_id=self._user_id, alias=name, candidate_id=known.row.id))

    def _add_sighting(self, item: Prepared, known: _Known, place: Place) -> None:
        sighting = Sighting(
            id=next(self._ids), user_id=self._user_id, candidate_id=known.row.id, source=item.source, address=place[1],
            ref=item.ref, url=item.seen_at_url, title=item.title, author=item.author, published_at=item.published_at,
            metrics={}, metrics_at=None, first_seen_at=self._now, last_seen_at=self._now,
        )  # fmt: skip
        self._parts.append(sighting)
        self._sightings[item.ref] = sighting
        self._take_numbers(sighting, item.metrics)
        known.places.setdefault(place, set()).add(item.title)
        known.row.source_count = len(known.places)
        known.row.last_seen_at = max(known.row.last_seen_at, self._now)
        self._complete(known, item)

    def _complete(self, known: _Known, item: Prepared) -> None:
        """Fill in what the first source did not say."""
        row = known.row
        row.image_url = row.image_url or item.image_url
        row.author = row.author or item.author
        row.published_at = row.published_at or item.published_at
        if item.text and not row.text:
            row.text, row.language = item.text, row.language or item.language
            row.simhash = simhash(f"{row.title} {row.text}")
            self._completed.append(row)

    # -- measuring

    async def _measure(self) -> None:
        """Velocities of the sightings that have a new snapshot after an earlier one."""
        if not self._measured:
            return
        ids = [sighting.id for sighting in self._measured]
        rows = select(MetricSnapshot.sighting_id, MetricSnapshot.at, MetricSnapshot.metrics).where(
            MetricSnapshot.sighting_id.in_(ids), MetricSnapshot.at >= self._now - _MEASURED_DAYS
        )
        taken: dict[str, list[Snapshot]] = {}
        for sighting_id, at, metrics in await self._session.execute(rows):
            taken.setdefault(sighting_id, []).append(Snapshot(at, metrics))
        for sighting in self._measured:
            metric = leading_metric(sighting.metrics, self._leading.get(sighting.source, ()))
            measured = velocity(taken.get(sighting.id, ()), metric) if metric is not None else None
            sighting.velocity = measured.per_hour if measured else None
            sighting.acceleration = measured.acceleration if measured else None


def indexed_words(row: Candidate, words: Sequence[str] | None = None) -> str:
    """The words of a candidate with its facets, as its row in `candidate_words` keeps them; None: out of its texts."""
    facets = facet_words(row.user_id, source=row.source, language=row.language, verdict=row.verdict)
    return " ".join([*facets, *(words or words_of(row.title, row.text, row.author, row.keywords or ()))])


async def index_again(session: AsyncSession, row: Candidate) -> None:
    """After a change of its texts, language or verdict."""
    theirs = update(CandidateWords).where(CandidateWords.candidate_id == row.id)
    await session.execute(theirs.values(words=indexed_words(row)))


async def lock_user(session: AsyncSession, user_id: str) -> bool:
    """Wait for other batches of this user, and for what prunes theirs; on SQLite the transaction itself is the lock.

    False: there is no such user.
    """
    found = await session.scalar(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    return found is not None


async def known_refs(session: AsyncSession, user_id: str, refs: Sequence[str]) -> set[str]:
    """Those of the refs that were seen before."""
    rows = select(Sighting.ref).where(Sighting.user_id == user_id, Sighting.ref.in_(list(refs)))
    return set(await session.scalars(rows))
