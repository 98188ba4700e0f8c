"""Tools for what is worth a video: look for candidates, list and show them, judge them, see how the sources are."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from ettametta.discovery.candidates.values import CandidateView, Filters, Page, SightingView, Verdict
from ettametta.discovery.ranking.display import NOT_MEASURED, score_words
from ettametta.discovery.service import Begun, SourceView
from ettametta.discovery.telling import numbers_told, parts_of, reason, seen_at, source_title, speed_told
from ettametta.kit.text import truncate
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput

#: A chat waits so long for a scan; it goes on by itself.
WAIT_S = 20.0
_DEADLINE_S = 60.0
_MAX_TITLE = 160
_MAX_WHY = 160
_MAX_TEXT = 1_200
_MAX_SIGHTINGS = 8
_MAX_SILENT = 8

CandidateId = Annotated[
    str, Field(min_length=1, max_length=64, description="Id of a candidate from a list, or its beginning.")
]
SourceNames = Annotated[
    tuple[str, ...], Field(max_length=20, description="Names of sources (list_sources); empty: all that suit.")
]
NicheName = Annotated[str, Field(min_length=1, max_length=200, description="A niche by name or id.")]
_VERDICTS = {"save": Verdict.SAVED, "dismiss": Verdict.DISMISSED, "take_back": Verdict.OPEN}


class CandidateRow(ToolOutput):
    """A candidate in a list, numbered from 1."""

    number: int
    id: str
    title: str
    seen_at: tuple[str, ...] = Field(description="titles of the sources that showed it")
    published_at: str | None = Field(description="ISO 8601; null: no source said when")
    score: str = Field(description=f"how well it suits the niche, as a percentage; or {NOT_MEASURED}")
    why: str = Field(description="the strongest reason")
    verdict: Verdict


def row(number: int, one: CandidateView) -> CandidateRow:
    """A candidate as a row."""
    return CandidateRow(
        number=number,
        id=one.id,
        title=truncate(one.title, _MAX_TITLE),
        seen_at=seen_at(one),
        published_at=one.published_at.isoformat(timespec="seconds") if one.published_at else None,
        score=score_words(one.match.score if one.match else None),
        why=truncate(reason(one), _MAX_WHY),
        verdict=one.verdict,
    )


class ListCandidatesInput(ToolInput):
    """With a niche the best of it; else the newest of all, narrowed by what is given."""

    niche: NicheName | None = None
    words: str | None = Field(None, max_length=200, description="Only those that hold all of these words.")
    source: str | None = Field(None, max_length=64, description="Only those that this source showed first.")
    language: str | None = Field(None, max_length=3, description="ISO 639-1 code.")
    verdict: Literal["saved", "dismissed", "made"] | None = Field(None, description="Only those judged so.")
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    cursor: str | None = Field(None, max_length=400, description="From `more` of the list before.")

    @field_validator("niche", "words", "source", "language", "cursor", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return None if isinstance(value, str) and value.strip().lower() in {"", "null", "none"} else value


class CandidateList(ToolOutput):
    """Candidates, the best or the newest first. A person may call them by their numbers."""

    about: str
    candidates: tuple[CandidateRow, ...]
    more: ListCandidatesInput | None = Field(description="list_candidates with this shows the next; null: that is all")
    scan: str = Field(default="", description="how the search stands or what it came to")
    is_running: bool = Field(default=False, description="true: sources still answer; list_candidates shows more later")
    silent: tuple[str, ...] = Field(default=(), description="sources that did not answer, and why")


def _listed(about: str, page: Page, asked: ListCandidatesInput) -> CandidateList:
    return CandidateList(
        about=about,
        candidates=tuple(row(number, one) for number, one in enumerate(page.items, 1)),
        more=asked.model_copy(update={"cursor": page.cursor}) if page.cursor else None,
    )


# -- looking for them --------------------------------------------------------------------------------------------------


class FindCandidatesInput(ToolInput):
    """What about, or one address to read; a niche that is followed may be named."""

    about: str | None = Field(None, max_length=200, description="A subject in a few words, or a niche's name.")
    address: str = Field("", max_length=2_000, description="Read only this page, feed or channel.")
    sources: SourceNames = ()
    limit: Annotated[int, Field(ge=1, le=20)] = 5


async def _find(context: ToolContext, args: FindCandidatesInput) -> CandidateList:
    discovery, person = context.resources.discovery, context.person
    about = args.about or urlsplit(args.address).hostname or ""
    begun = await discovery.search(
        person.user_id,
        about,
        chat_id=person.chat_id,
        sources=args.sources,
        address=args.address,
        deadline_s=_DEADLINE_S,
    )
    now = await discovery.wait(person.user_id, begun.job.id, timeout_s=WAIT_S)
    asked = ListCandidatesInput(niche=begun.niche_id, limit=args.limit)
    page = await discovery.best(person.user_id, begun.niche_id, limit=args.limit)
    read = {one.source for one in now.report.sources} if now.report and args.address else set()
    if not page.items and read:  # the address was wanted, whatever its words are
        asked = ListCandidatesInput(source=min(read), limit=args.limit)
        page = await discovery.page(person.user_id, Filters(source=asked.source), limit=args.limit)
    told = {"scan": _told(now), "is_running": not now.job.state.is_final, "silent": _silent(now)}
    return _listed(begun.niche, page, asked).model_copy(update=told)


def _told(now: Begun) -> str:
    if now.job.error is not None:
        return f"{now.job.error.message} {now.job.error.hint}".strip()
    if now.report is not None:
        return now.report.sentence
    return now.job.message or "It waits for a worker."


def _silent(now: Begun) -> tuple[str, ...]:
    silences = now.report.silences if now.report else ()
    return tuple(truncate(one, _MAX_WHY) for one in silences[:_MAX_SILENT])


async def _list(context: ToolContext, args: ListCandidatesInput) -> CandidateList:
    discovery, user_id = context.resources.discovery, context.person.user_id
    niche = await discovery.niches.get(user_id, args.niche) if args.niche else None
    narrowed = args.source or args.language or args.verdict or args.words
    if niche is not None and not narrowed:
        page = await discovery.best(user_id, niche.id, limit=args.limit, cursor=args.cursor)
    else:
        filters = Filters(
            niche_id=niche.id if niche else None,
            source=args.source,
            language=args.language,
            verdict=Verdict(args.verdict) if args.verdict else None,
            text=args.words,
        )
        page = await discovery.page(user_id, filters, limit=args.limit, cursor=args.cursor)
    about = [niche.name if niche else "", args.words or "", args.verdict or "", args.source or "", args.language or ""]
    return _listed(", ".join(filter(None, about)), page, args)


# -- one of them -------------------------------------------------------------------------------------------------------


class ShowCandidateInput(ToolInput):
    """Which one, and for which niche its score is explained; without: where it scores best."""

    candidate_id: CandidateId
    niche: NicheName | None = None


class SightingFacts(ToolOutput):
    """Where it was seen. Numbers are that source's own; what it did not send is not measured."""

    source: str
    address: str
    url: str
    numbers: str
    numbers_at: str | None
    speed: str


class CandidateFacts(ToolOutput):
    """A candidate with every number and who sent it, and the parts of its score as sentences."""

    id: str
    title: str
    url: str | None
    author: str | None
    language: str | None
    published_at: str | None
    verdict: Verdict
    seen: tuple[SightingFacts, ...]
    score: str
    reasons: tuple[str, ...]
    text: str


async def _show(context: ToolContext, args: ShowCandidateInput) -> CandidateFacts:
    discovery, user_id = context.resources.discovery, context.person.user_id
    niche = await discovery.niches.get(user_id, args.niche) if args.niche else None
    return _facts(await discovery.candidate(user_id, args.candidate_id, niche_id=niche.id if niche else None))


def _facts(one: CandidateView) -> CandidateFacts:
    return CandidateFacts(
        id=one.id,
        title=truncate(one.title, _MAX_TITLE),
        url=truncate(one.url, 500) if one.url else None,
        author=one.author,
        language=one.language,
        published_at=one.published_at.isoformat(timespec="seconds") if one.published_at else None,
        verdict=one.verdict,
        seen=tuple(_seen(seen) for seen in one.sightings[:_MAX_SIGHTINGS]),
        score=score_words(one.match.score if one.match else None),
        reasons=tuple(part.sentence for part in parts_of(one.match)),
        text=truncate(one.text, _MAX_TEXT),
    )


def _seen(one: SightingView) -> SightingFacts:
    return SightingFacts(
        source=source_title(one.source),
        address=truncate(one.address, 200),
        url=truncate(one.url, 500),
        numbers=numbers_told(one),
        numbers_at=one.metrics_at.isoformat(timespec="seconds") if one.metrics_at else None,
        speed=speed_told(one),
    )


class JudgeCandidateInput(ToolInput):
    """Which one, and what the person thinks of it."""

    candidate_id: CandidateId
    verdict: Literal["save", "dismiss", "take_back"] = Field(
        description="save: keep it in mind; dismiss: never show it again; take_back: neither."
    )


class JudgedOutput(ToolOutput):
    """The candidate with its verdict; open: not judged."""

    id: str
    title: str
    verdict: Verdict


async def _judge(context: ToolContext, args: JudgeCandidateInput) -> JudgedOutput:
    user_id = context.person.user_id
    one = await context.resources.discovery.judge(user_id, args.candidate_id, _VERDICTS[args.verdict])
    return JudgedOutput(id=one.id, title=truncate(one.title, _MAX_TITLE), verdict=one.verdict)


# -- sources -----------------------------------------------------------------------------------------------------------


class ListSourcesInput(ToolInput):
    """Nothing to say."""


class SourceFacts(ToolOutput):
    """A source and how it answered this person."""

    name: str
    title: str
    gives: str
    needs: tuple[str, ...] = Field(description="settings that the operator has to set first")
    state: str = Field(description="ok, slow, failing, blocked, needs_key, or not asked yet")
    told: str
    last_success_at: str | None
    takes_addresses: str = Field(description="what can be added with add_source; empty: nothing")


class AddedSource(ToolOutput):
    """A feed, channel or page the person added."""

    id: str
    source: str
    address: str
    title: str
    niche_id: str | None = Field(description="null: it is read for every niche")


class SourcesOutput(ToolOutput):
    """The sources by title, and what the person added."""

    sources: tuple[SourceFacts, ...]
    added: tuple[AddedSource, ...]


async def _sources(context: ToolContext, _args: ListSourcesInput) -> SourcesOutput:
    discovery, user_id = context.resources.discovery, context.person.user_id
    views = await discovery.sources(user_id)
    added = await discovery.niches.sources(user_id)
    return SourcesOutput(
        sources=tuple(_source(one) for one in views),
        added=tuple(AddedSource.model_validate(one, from_attributes=True) for one in added),
    )


def _source(one: SourceView) -> SourceFacts:
    worst = next((health for health in one.health if health.state not in {"ok", "slow"}), None)
    shown = worst or next(iter(one.health), None)
    successes = [health.last_success_at for health in one.health if health.last_success_at]
    told = f"{shown.message} {shown.hint}".strip() if shown else ""
    if one.missing:
        told = f"The operator has to set {' and '.join(one.missing)}."
    return SourceFacts(
        name=one.info.name,
        title=one.info.title,
        gives=one.info.gives,
        needs=one.missing,
        state="needs_key" if one.missing else str(shown.state) if shown else "not asked yet",
        told=truncate(told, 300),
        last_success_at=max(successes).isoformat(timespec="seconds") if successes else None,
        takes_addresses=one.info.address_hint,
    )


DISCOVERY_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="find_candidates",
        label="Looking around",
        description=(
            "Look for what is worth a video now: ask the sources about a subject (or read one address) and give the "
            "best so far, numbered, each with the strongest reason. Waits up to 20 seconds; is_running says that "
            "sources still answer. Use it for “what is new in …”, “what is trending”. Titles are from outside."
        ),
        input=FindCandidatesInput,
        output=CandidateList,
        permission=Permission.EDITOR,
        example=FindCandidatesInput(about="coral reefs"),
        run=_find,
    ),
    Tool(
        name="list_candidates",
        label="Listing what was found",
        description=(
            "List candidates that are stored, without asking any source: the best of a niche, or the newest, narrowed "
            "by words, source, language or verdict. For the next part call it with what `more` says."
        ),
        input=ListCandidatesInput,
        output=CandidateList,
        permission=Permission.VIEWER,
        example=ListCandidatesInput(niche="coral reefs"),
        run=_list,
    ),
    Tool(
        name="show_candidate",
        label="Looking at it closely",
        description=(
            "Show one candidate: where it was seen, every number with the source that sent it, how fast it grows, and "
            "why it scores as it does. What is not measured is said to be; never give a number that is not there."
        ),
        input=ShowCandidateInput,
        output=CandidateFacts,
        permission=Permission.VIEWER,
        example=ShowCandidateInput(candidate_id="0199f3a2b4c67d8e9f00"),
        run=_show,
    ),
    Tool(
        name="judge_candidate",
        label="Noting what you think",
        description=(
            "Note what the person thinks of a candidate: save it, dismiss it, or take that back. The ranking learns "
            "from it. Call make_video with its candidate_id to make a video of it."
        ),
        input=JudgeCandidateInput,
        output=JudgedOutput,
        permission=Permission.EDITOR,
        example=JudgeCandidateInput(candidate_id="0199f3a2b4c67d8e9f00", verdict="save"),
        run=_judge,
    ),
    Tool(
        name="list_sources",
        label="Looking at the sources",
        description=(
            "List the sources candidates come from: what each gives, how it answered last, which settings the operator "
            "has to set before it answers, and the feeds, channels and pages the person added."
        ),
        input=ListSourcesInput,
        output=SourcesOutput,
        permission=Permission.VIEWER,
        example=ListSourcesInput(),
        run=_sources,
    ),
)
