"""Finding what is worth a video: discover (a live table while results arrive), candidates, and the sources' health."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output
from cli.context import AsJson, DataDir, read_settings, run_async
from cli.failures import JOB_FAILED, say
from cli.following import work_here
from cli.look import with_resources

if TYPE_CHECKING:
    from rich.table import Table

    from cli.signals import Interrupts
    from ettametta.bootstrap import Resources
    from ettametta.discovery.candidates.values import CandidateView, Page
    from ettametta.discovery.service import Begun, SourceView
    from ettametta.jobs import JobView

_POLL_S = 0.5
_ROWS = 15
#: How often `--watch` scans again.
_AGAIN_S = 300.0
_MAX_TITLE = 90
#: Candidates of one batch have their first 12 digits in common.
_SHORT_ID = 20

Sources = Annotated[
    list[str] | None, typer.Option("--source", help="Only this source (`ettametta sources` lists them); repeatable.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (discover, candidates, candidate, sources):
        app.command()(command)


def discover(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="What about; or the name of a niche you follow.")],
    *,
    source: Sources = None,
    address: Annotated[str, typer.Option(help="Read only this page, feed or channel.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="Rows.")] = _ROWS,
    deadline: Annotated[float, typer.Option(min=1, max=600, help="Seconds for all sources together.")] = 60.0,
    watch: Annotated[bool, typer.Option("--watch", help="Scan again every five minutes until Ctrl-C.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Look for what is worth a video, and rank it; the table grows while sources answer."""

    async def body() -> int:
        from cli.signals import catch_signals
        from ettametta.bootstrap import build

        settings = read_settings(data_dir)
        async with (
            catch_signals() as interrupts,
            build(settings) as resources,
            work_here(resources, wanted=settings.redis_url is None),
        ):
            while True:
                person = await resources.users.local()
                begun = await resources.discovery.search(
                    person.user_id,
                    words,
                    chat_id=person.chat_id,
                    sources=source or (),
                    address=address,
                    deadline_s=deadline,
                )
                code = await _follow(resources, begun, interrupts, limit=limit, as_json=as_json)
                if not watch or interrupts.stop.is_set():
                    return interrupts.exit_code or code
                await _pause(interrupts)

    raise typer.Exit(run_async(body()))


async def _pause(interrupts: Interrupts) -> None:
    try:
        async with asyncio.timeout(_AGAIN_S):
            await interrupts.stop.wait()
    except TimeoutError:
        return


async def _follow(resources: Resources, begun: Begun, interrupts: Interrupts, *, limit: int, as_json: bool) -> int:
    """Show the scan until it ends; the first Ctrl-C ends it with what it has."""
    user_id = begun.job.user_id or ""
    with _Screen(begun.niche, silent=as_json) as screen:
        async with resources.events.subscribe() as events:
            while True:
                job = await _job(resources, begun.job.id)
                page = await resources.discovery.best(user_id, begun.niche_id, limit=limit)
                screen.show(job, page, final=job.state.is_final)
                if job.state.is_final:
                    break
                if interrupts.stop.is_set() and not job.cancel_requested:
                    async with resources.database.session_scope() as session:
                        await resources.ledger.request_cancel(session, job.id, user_id=None)
                await events.wait(_POLL_S)
    if as_json:
        output.print_json({"niche_id": begun.niche_id, "niche": begun.niche, "state": job.state, "report": job.result,
                           "candidates": [candidate_json(one) for one in page.items]})  # fmt: skip
        return 0 if job.error is None else JOB_FAILED
    return _say_end(job, page)


async def _job(resources: Resources, job_id: str) -> JobView:
    from ettametta.jobs import repository
    from ettametta.jobs.values import view

    async with resources.database.read_scope() as session:
        return view(await repository.find(session, job_id, user_id=None))


def _say_end(job: JobView, page: Page) -> int:
    if job.error is not None:
        say(job.error.message, job.error.hint)
        return JOB_FAILED
    if job.result is not None:
        from ettametta.discovery.scanning.request import ScanReport

        report = ScanReport.model_validate(job.result)
        typer.echo(report.sentence)
        for silence in report.silences:
            typer.echo(f"  {output.plain(silence)}")
    if not page.items:
        typer.echo("Nothing fits so far. Try other words, or `ettametta sources` to see who answers.")
    return 0


class _Screen:
    """A table that is drawn anew on a terminal, once elsewhere, never for scripts."""

    def __init__(self, niche: str, *, silent: bool) -> None:
        self._niche = niche
        self._silent = silent
        self._live: Any = None

    def __enter__(self) -> _Screen:
        console = output.console()
        if not self._silent and console.is_terminal:
            from rich.live import Live

            self._live = Live(console=console, refresh_per_second=4, transient=False)
            self._live.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, job: JobView, page: Page, *, final: bool) -> None:
        """The best so far, and how the scan gets on."""
        if self._silent or (self._live is None and not final):
            return
        title = f"{output.plain(self._niche)}: {output.plain(job.message) or str(job.state)}"
        made = candidate_table(page.items, title="" if final else title)
        if self._live is not None:
            self._live.update(made, refresh=True)
        elif page.items:
            output.console().print(made)


def candidate_table(found: tuple[CandidateView, ...], *, title: str = "") -> Table:
    """Candidates as rows: score, age, title, where from, and the strongest reason."""
    from ettametta.discovery.telling import reason

    made = output.table("id", "score", "age", "title", "seen at", "why")
    made.title = title or None
    for one in found:
        made.add_row(
            one.id[:_SHORT_ID],
            "-" if one.match is None else f"{one.match.score:.2f}",
            age(one.published_at or one.first_seen_at),
            output.plain(one.title)[:_MAX_TITLE],
            ", ".join(dict.fromkeys(seen.source for seen in one.sightings)) or one.source,
            output.plain(reason(one)),
        )
    return made


def age(since: datetime) -> str:
    """How long ago: 5 min, 3 h, 2 d."""
    from ettametta.kit.clock import utc_now

    passed = max(utc_now() - since, timedelta())
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min"
    return f"{passed // timedelta(hours=1)} h" if passed < timedelta(days=2) else f"{passed.days} d"


def candidate_json(one: CandidateView) -> dict[str, Any]:
    """A candidate for scripts; what is not known is null or absent."""
    return asdict(one)


def candidates(
    words: Annotated[str | None, typer.Argument(metavar="[WORDS]", help="Only those with all of these words.")] = None,
    *,
    source: Annotated[str | None, typer.Option(help="Only those this source showed first.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language: en, es, ...")] = None,
    verdict: Annotated[str | None, typer.Option(help="saved, dismissed or made.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List candidates, the newest first."""

    async def ask(resources: Resources) -> Page:
        from ettametta.discovery.candidates.values import Filters

        filters = Filters(source=source, language=language, verdict=_verdict(verdict), text=words)
        return await resources.discovery.page(await resources.users.owner_id(), filters, limit=limit)

    page = with_resources(data_dir, ask)
    if as_json:
        output.print_json({"candidates": [candidate_json(one) for one in page.items], "cursor": page.cursor})
    elif page.items:
        output.console().print(candidate_table(page.items))
    else:
        typer.echo('There are no such candidates. Look for some: ettametta discover "coral reefs"')


def _verdict(text: str | None) -> Any:
    from ettametta.discovery.candidates.values import Verdict
    from ettametta.errors import InvalidInput

    if text is None:
        return None
    try:
        return Verdict(text)
    except ValueError:
        raise InvalidInput(
            f"There is no verdict '{text[:20]}'.",
            hint=f"Say {', '.join(one.value for one in Verdict)}.",
            code="candidate.verdict",
        ) from None


def candidate(
    which: Annotated[str, typer.Argument(metavar="ID", help="A candidate's id, or its beginning.")],
    *,
    judge: Annotated[
        str | None, typer.Option(help="Write down what you think: saved, dismissed, or open again.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Show one candidate with where it was seen and every number that was sent; or judge it."""

    async def ask(resources: Resources) -> CandidateView:
        owner = await resources.users.owner_id()
        if judge is not None:
            return await resources.discovery.judge(owner, which, _verdict(judge))
        return await resources.discovery.candidate(owner, which)

    found = with_resources(data_dir, ask)
    if as_json:
        output.print_json(candidate_json(found))
    else:
        _show(found)


def _show(one: CandidateView) -> None:
    from ettametta.discovery.telling import numbers_told, parts_of, speed_told

    typer.echo(f"{one.id}  {output.plain(one.title)}")
    typer.echo(f"  {output.plain(one.url or '-')}")
    typer.echo(f"  {one.verdict}; first seen {output.moment(one.first_seen_at)}; {one.language or 'language unknown'}")
    for seen in one.sightings:
        at = f" at {output.plain(seen.address)}" if seen.address else ""
        typer.echo(f"  {seen.source}{at}: {numbers_told(seen)}; {speed_told(seen)}")
    for part in parts_of(one.match):
        typer.echo(f"  {part.name}: {output.plain(part.sentence)}")
    if one.text:
        typer.echo(f"  {output.plain(one.text)[:600]}")


def sources(*, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List the sources: what they give, whether they need a key, and how they answered."""

    async def ask(resources: Resources) -> tuple[SourceView, ...]:
        return await resources.discovery.sources(await resources.users.owner_id())

    found = with_resources(data_dir, ask)
    if as_json:
        output.print_json([asdict(one) for one in found])
        return
    made = output.table("source", "gives", "how it is")
    for one in found:
        made.add_row(one.info.name, output.plain(one.info.gives), _health(one))
    output.console().print(made)


def _health(one: SourceView) -> str:
    if one.missing:
        return f"needs a key: set {' and '.join(one.missing)}"
    told = (f"{health.state}: {output.plain(health.message)}" for health in one.health)
    return "\n".join(told) or "not asked yet"
