"""Discovery as every face calls it: searches and scans, candidates and verdicts, the health of sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ettametta.db import Database, storable
from ettametta.discovery.candidates.naming import named
from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.candidates.values import CandidateView, Filters, Page, Verdict
from ettametta.discovery.niches import Niches
from ettametta.discovery.ranking.ranker import Ranker
from ettametta.discovery.scanning.request import ScanReport, ScanRequest
from ettametta.discovery.scanning.scanner import Scanner
from ettametta.discovery.sources import Sources
from ettametta.discovery.sources.base import SourceInfo
from ettametta.discovery.sources.states import SourceHealth, SourceStates
from ettametta.errors import InvalidInput, NotFound
from ettametta.jobs import JobState, JobView, Ledger, NewJob
from ettametta.jobs import repository as jobs
from ettametta.jobs.values import view
from ettametta.jobs.waiting import until_ended
from ettametta.kit.ids import content_key
from ettametta.kit.text import clean, truncate
from ettametta.models import Job, Niche, NicheMatch, User

SCAN_JOB = "discovery.scan"
#: A niche in passing is called by the words.
MAX_WORDS_CHARS = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """A scan that was begun, or the one like it that runs already."""

    niche_id: str
    niche: str
    job: JobView

    @property
    def report(self) -> ScanReport | None:
        """What it gave; None: it has not ended well."""
        return None if self.job.result is None else ScanReport.model_validate(self.job.result)


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with its declared facts and how it answered this user."""

    info: SourceInfo
    #: settings that are not there
    missing: tuple[str, ...] = ()
    #: one for each address of it that was asked
    health: tuple[SourceHealth, ...] = ()


class Discovery:
    """What people do with sources and candidates.

    Args:
        database: where niches are.
        ledger: takes the scans.
        sources: every source.
        store: candidates.
        states: how sources answered.
        ranker: learns from verdicts.
        niches: what users follow.
        scanner: runs scans.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        sources: Sources,
        store: CandidateStore,
        states: SourceStates,
        ranker: Ranker,
        niches: Niches,
        scanner: Scanner,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._sources = sources
        self.store = store
        self._states = states
        self._ranker = ranker
        self.niches = niches
        self.scanner = scanner

    # -- scanning ------------------------------------------------------------------------------------------------------

    async def search(
        self,
        user_id: str,
        words: str,
        *,
        chat_id: str | None = None,
        sources: Sequence[str] = (),
        address: str = "",
        deadline_s: float = 60.0,
        per_source: int = 50,
        key: str | None = None,
    ) -> Begun:
        """Look for candidates about some words, without following them: a niche in passing keeps what is found.

        Args:
            user_id: who wants it.
            chat_id: the chat that is told.
            words: what about; or a followed niche's name.
            sources: names; empty: all that suit.
            address: read this address and nothing else.
            deadline_s: for all sources together, in seconds.
            per_source: most items of one source.
            key: the same one gives the same scan, however often it is asked.

        Raises:
            InvalidInput: no words, a source that does not exist, an address that none can read.
        """
        name = truncate(clean(storable(words)), MAX_WORDS_CHARS)
        if not any(char.isalnum() for char in name):
            raise InvalidInput(
                "There is nothing to look for.", hint="Name a subject: “coral reefs”.", code="discovery.no_words"
            )
        self._check(sources, address)
        niche = await self.niches.follow(user_id, name, is_followed=False)
        request = self._request(niche.id, sources, address=address, deadline_s=deadline_s, per_source=per_source)
        return Begun(niche.id, niche.name, await self._enqueue(user_id, chat_id, request, key))

    async def scan(
        self,
        user_id: str,
        niche_id: str,
        *,
        chat_id: str | None = None,
        sources: Sequence[str] = (),
        deadline_s: float = 60.0,
        per_source: int = 50,
        key: str | None = None,
    ) -> Begun:
        """Scan a niche's sources now. The same `key` gives the same scan.

        Raises:
            NotFound: there is no such niche for this user.
            InvalidInput: a source that does not exist.
        """
        self._check(sources)
        niche = await self.niches.get(user_id, niche_id)
        request = self._request(niche.id, sources, deadline_s=deadline_s, per_source=per_source)
        return Begun(niche.id, niche.name, await self._enqueue(user_id, chat_id, request, key))

    def _check(self, sources: Sequence[str], address: str = "") -> None:
        for name in sources:
            self._sources.get(name)
        if address and self._sources.claim(address) is None:
            raise InvalidInput(
                "None of the sources can read that address.",
                hint="Send the address of a page, a feed or a channel, with http:// or https://.",
                code="scan.address",
            )

    @staticmethod
    def _request(niche_id: str, sources: Sequence[str], *, address: str = "", **limits: float) -> ScanRequest:
        return ScanRequest.model_validate(
            {"niche_id": niche_id, "sources": tuple(dict.fromkeys(sources)), "address": address, **limits}
        )

    async def wait(self, user_id: str, job_id: str, *, timeout_s: float) -> Begun:
        """A scan once it has ended, or as it stands after `timeout_s` seconds; what it found so far is stored already.

        Raises:
            NotFound: there is no such scan for this user.
        """
        await self.scan_state(user_id, job_id)
        job = await until_ended(self._database, self.scanner.events, job_id, user_id=user_id, timeout_s=timeout_s)
        return await self.scan_state(user_id, job.id)

    async def scan_state(self, user_id: str, job_id: str) -> Begun:
        """How a scan stands, with its report once it has ended.

        Raises:
            NotFound: there is no such scan for this user.
        """
        async with self._database.read_scope() as session:
            job = view(await jobs.find(session, job_id, user_id=user_id))
            if job.kind != SCAN_JOB:
                raise NotFound("There is no such scan.", hint="Begin one first.", code="scan.not_found")
            niche = await session.get(Niche, str(job.payload.get("niche_id", "")))
        return Begun(str(job.payload.get("niche_id", "")), niche.name if niche else "", job)

    async def _enqueue(self, user_id: str, chat_id: str | None, request: ScanRequest, key: str | None) -> JobView:
        """With a key one scan for it; without, one unfinished scan for the same question, however often it is asked."""
        payload = request.model_dump(mode="json")
        own_key = None if key is None else content_key(scan=user_id, key=storable(key))
        new = NewJob(
            SCAN_JOB, payload=payload, user_id=user_id, chat_id=chat_id, max_attempts=2, idempotency_key=own_key
        )
        waiting = select(Job).where(
            Job.user_id == user_id, Job.kind == SCAN_JOB, Job.state.in_((JobState.QUEUED, JobState.RUNNING))
        )
        async with self._database.session_scope() as session:
            for job in await session.scalars(waiting) if key is None else ():
                if job.payload == payload and job.cancel_requested_at is None:
                    return view(job)
            return await self._ledger.enqueue(session, new)

    # -- candidates ----------------------------------------------------------------------------------------------------

    async def best(self, user_id: str, niche_id: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        """The best of a niche now, without what was dismissed or made.

        Raises:
            NotFound: there is no such niche for this user.
            InvalidInput: the cursor is none of this listing's.
        """
        niche = await self.niches.get(user_id, niche_id)
        return await self.store.ranked(user_id, niche.id, limit=limit, cursor=cursor)

    async def page(self, user_id: str, filters: Filters, *, limit: int = 20, cursor: str | None = None) -> Page:
        """Candidates that fit, the newest first, or by rank within a niche.

        Raises:
            InvalidInput: the cursor is none of this listing's, or a source that does not exist.
        """
        if filters.source is not None:
            self._sources.get(filters.source)
        return await self.store.page(user_id, filters, limit=limit, cursor=cursor)

    async def candidate(self, user_id: str, candidate_id: str, *, niche_id: str | None = None) -> CandidateView:
        """One candidate whole; an unambiguous prefix of its id will do.

        Without a niche it comes with the match that scores best.

        Raises:
            NotFound: there is none for this user.
        """
        whole = await self._whole_id(user_id, candidate_id)
        niches = [niche_id] if niche_id else await self._matched_niches(user_id, whole)
        return await self.store.get(user_id, whole, niche_id=next(iter(niches), None))

    async def judge(
        self, user_id: str, candidate_id: str, verdict: Verdict, *, niche_id: str | None = None
    ) -> CandidateView:
        """Save, dismiss or take back, and learn from it; the same verdict again changes nothing.

        Raises:
            NotFound: there is none for this user.
        """
        whole = await self._whole_id(user_id, candidate_id)
        before = await self.store.get(user_id, whole)
        judged = await self.store.judge(user_id, whole, verdict, niche_id)
        if judged.verdict != before.verdict:
            for niche in await self._matched_niches(user_id, whole) if niche_id is None else [niche_id]:
                await self._ranker.learn(user_id, niche)
        return await self.candidate(user_id, whole, niche_id=niche_id)

    async def _matched_niches(self, user_id: str, candidate_id: str) -> list[str]:
        """The best match first."""
        wanted = select(NicheMatch.niche_id).where(
            NicheMatch.candidate_id == candidate_id, NicheMatch.user_id == user_id
        )
        async with self._database.read_scope() as session:
            return list(await session.scalars(wanted.order_by(NicheMatch.score.desc(), NicheMatch.niche_id)))

    async def _whole_id(self, user_id: str, candidate_id: str) -> str:
        async with self._database.read_scope() as session:
            return (await named(session, user_id, candidate_id)).id

    async def prune(self) -> int:
        """Let go of what nobody judged and nobody shows any more, of all users; gives how many candidates went."""
        async with self._database.read_scope() as session:
            users = list(await session.scalars(select(User.id)))
        return sum([(await self.store.prune(user_id)).candidates for user_id in users])

    # -- sources -------------------------------------------------------------------------------------------------------

    async def sources(self, user_id: str) -> tuple[SourceView, ...]:
        """Every source with its facts and its health for this user, by title."""
        known: dict[str, list[SourceHealth]] = {}
        for health in await self._states.of(user_id):
            known.setdefault(health.source, []).append(health)
        views = (
            SourceView(one.info, self._sources.missing.get(one.info.name, ()), tuple(known.get(one.info.name, ())))
            for one in self._sources
        )
        return tuple(sorted(views, key=lambda view: view.info.title.lower()))
