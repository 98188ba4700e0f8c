"""What people do with productions: start, look, cancel, retry, answer. On SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from ettametta.errors import Conflict, EttamettaError, InvalidInput, NotFound
from ettametta.jobs import JobError, JobState
from ettametta.jobs.context import LeaseLostError
from ettametta.models import AuditEntry, Job, OutboxMessage, Production, Proposal
from ettametta.productions.brief import MAX_TEXT_CHARS, Brief
from ettametta.productions.service import Productions
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProductionView
from tests.integration.productions.harness import TEXT, House, MovedClock, PricedTones, open_house, run, settings_for

WRONG = JobError("test.wrong", "It went wrong.", "Mend it.")


async def propose(house: House) -> ProductionView:
    """A production that waits for a yes."""
    started = await house.start()
    await house.run_next()
    view = await house.see(started.id)
    assert view.state is ProductionState.PROPOSED
    assert view.proposal is not None
    return view


# -- starting --------------------------------------------------------------------------------------------------------


async def test_the_same_key_gives_the_same_production(house: House) -> None:
    first = await house.start(key="call:1")
    again = await house.start("Something else entirely.", key="call:1")
    assert again.id == first.id
    assert await house.count(Production) == 1
    assert await house.count(Job) == 1
    other = await house.start(key="call:2")
    assert other.id != first.id


async def test_the_same_key_at_the_same_moment_gives_one_production(house: House) -> None:
    views = await asyncio.gather(*(house.start(key="k" * 500) for _ in range(8)))
    assert len({view.id for view in views}) == 1
    assert await house.count(Job) == 1


async def test_a_key_of_somebody_else_shows_nothing_of_theirs(house: House) -> None:
    mine = await house.start(key="call:1")
    stranger = await house.stranger()
    theirs = await house.resources.productions.start(stranger, Brief(kind="topic", text="tea"), key="call:1")
    assert theirs.id != mine.id
    assert theirs.user_id == stranger.user_id


@pytest.mark.parametrize(
    ("brief", "code"),
    [
        (Brief(kind="topic", text=" \n\t "), "brief.empty"),
        (Brief(kind="text", text="a" * (MAX_TEXT_CHARS + 1)), "brief.too_long"),
        (Brief(kind="text", text="\x00\x00"), "brief.empty"),
        (Brief(kind="topic", text="tea", duration_s=9.9), "brief.duration"),
        (Brief(kind="topic", text="tea", duration_s=180.5), "brief.duration"),
        (Brief(kind="topic", text="tea", duration_s=float("nan")), "brief.duration"),
        (Brief(kind="file"), "brief.no_file"),
        (Brief(kind="topic", text="tea", language="English"), "brief.language"),
    ],
)
async def test_briefs_that_cannot_be_worked_with(sqlite_house: House, brief: Brief, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await sqlite_house.resources.productions.start(sqlite_house.person, brief)
    assert refused.value.code == code
    assert refused.value.hint
    assert await sqlite_house.count(Production) == 0


async def test_letters_that_no_database_takes_do_no_harm(house: House) -> None:
    view = await house.start(TEXT + " It burns\x00 to this\ud800 day.")
    assert "\x00" not in view.title
    assert (await house.run_next())["state"] == "rendering"


async def test_files_must_be_ones_own_and_of_the_right_kind(house: House, tmp_path: Path) -> None:
    uploads, stranger = house.resources.uploads, await house.stranger()
    (tmp_path / "a.txt").write_text("A lamp in Paris was lit.")
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    theirs = await uploads.add(stranger, tmp_path / "a.txt", name="a.txt")
    text = await uploads.add(house.person, tmp_path / "a.txt", name="a.txt")
    photo = await uploads.add(house.person, tmp_path / "a.png", name="a.png")
    with pytest.raises(NotFound):
        await house.start("", kind="file", file_asset_id=theirs.id)
    with pytest.raises(NotFound):
        await house.start(media_asset_ids=(theirs.id,))
    with pytest.raises(InvalidInput, match="holds no text"):
        await house.start("", kind="file", file_asset_id=photo.id)
    with pytest.raises(InvalidInput, match="neither a photo nor a clip"):
        await house.start(media_asset_ids=(text.id,))
    assert await house.count(Production) == 0
    assert (await house.start("", kind="file", file_asset_id=text.id)).title == "a.txt"


# -- looking ---------------------------------------------------------------------------------------------------------


async def test_a_beginning_of_the_id_will_do_when_it_says_which(house: House) -> None:
    first, second = await house.start(), await house.start()
    productions = house.resources.productions
    assert (await productions.get(first.id[:-1], user_id=house.person.user_id)).id == first.id
    common = first.id[:2]
    assert second.id.startswith(common)
    for wrong in (common, "", "%", "_" * 32, "\x00", "nothing"):
        with pytest.raises(NotFound):
            await productions.get(wrong, user_id=house.person.user_id)


async def test_nobody_sees_or_moves_what_is_somebody_elses(house: House) -> None:
    mine = await house.start()
    stranger, productions = await house.stranger(), house.resources.productions
    for ask in (productions.get, productions.cancel, productions.retry):
        with pytest.raises(NotFound):
            await ask(mine.id, user_id=stranger.user_id)
    assert await productions.recent(user_id=stranger.user_id) == []
    assert [view.id for view in await productions.recent(user_id=house.person.user_id)] == [mine.id]


# -- cancelling ------------------------------------------------------------------------------------------------------


async def test_cancel_before_anybody_began(house: House) -> None:
    started = await house.start()
    view = await house.resources.productions.cancel(started.id, user_id=house.person.user_id, channel="telegram")
    assert view.state is ProductionState.CANCELLED
    assert await house.no_job_waits()
    (progress,) = await house.parcels()
    assert (progress.payload["state"], progress.payload["message"]) == ("cancelled", "Cancelled.")
    assert await house.count(AuditEntry, AuditEntry.action == "production.cancelled") == 1


async def test_cancel_while_it_is_drafted_or_rendered_asks_the_worker(house: House) -> None:
    started = await house.start()
    for stage in (ProductionState.DRAFTING, ProductionState.RENDERING):
        context = await house.claim()
        view = await house.resources.productions.cancel(started.id, user_id=None)
        assert view.state is stage
        assert await house.resources.ledger.cancel_requests("ann") == {context.job.id}
        assert await house.resources.ledger.mark_cancelled(context.job)
        assert (await house.see(started.id)).state is ProductionState.CANCELLED
        assert (await house.resources.productions.retry(started.id, user_id=None)).state is stage
        if stage is ProductionState.DRAFTING:
            await house.run_next()


async def test_cancel_of_what_has_ended_is_refused(sqlite_house: House) -> None:
    house = sqlite_house
    started = await house.planned(1)
    await house.run_next()
    with pytest.raises(Conflict, match="already rendered"):
        await house.resources.productions.cancel(started.id, user_id=None)
    other = await house.start()
    await house.resources.productions.cancel(other.id, user_id=None)
    with pytest.raises(Conflict, match="already cancelled"):
        await house.resources.productions.cancel(other.id, user_id=None)


async def test_cancel_reaches_a_production_that_no_job_works_on(house: House) -> None:
    started = await house.start()
    async with house.resources.database.session_scope() as session:
        for job in await house.jobs(started.id):
            (await session.get_one(Job, job.id)).state = "succeeded"
    view = await house.resources.productions.cancel(started.id, user_id=None)
    assert view.state is ProductionState.CANCELLED


# -- retrying --------------------------------------------------------------------------------------------------------


async def test_retry_takes_up_where_it_failed(house: House) -> None:
    started = await house.start()
    for state in (ProductionState.DRAFTING, ProductionState.RENDERING):
        context = await house.claim()
        await house.resources.ledger.fail(context.job, WRONG)
        failed = await house.see(started.id)
        assert failed.state is ProductionState.FAILED
        assert failed.error is not None
        assert (failed.error.code, failed.error.hint) == ("test.wrong", "Mend it.")
        again = await house.resources.productions.retry(started.id, user_id=None)
        assert (again.state, again.error) == (state, None)
        assert [job.state for job in await house.jobs(started.id)].count(JobState.QUEUED) == 1
        if state is ProductionState.DRAFTING:
            await house.run_next()
    failures = [parcel for parcel in await house.parcels() if parcel.kind == "failure"]
    assert len(failures) == 2
    assert all(parcel.payload["message"] == "It went wrong." for parcel in failures)


async def test_the_same_job_may_fail_twice_and_is_told_twice(sqlite_house: House) -> None:
    house = sqlite_house
    started = await house.start()
    for _ in range(2):
        await house.resources.ledger.fail((await house.claim()).job, WRONG)
        await house.resources.productions.retry(started.id, user_id=None)
    assert await house.count(OutboxMessage, OutboxMessage.kind == "failure") == 2


async def test_retry_of_what_has_not_failed_is_refused(house: House) -> None:
    started = await house.start()
    with pytest.raises(Conflict) as refused:
        await house.resources.productions.retry(started.id, user_id=None)
    assert refused.value.code == "production.not_failed"
    await house.resources.productions.cancel(started.id, user_id=None)
    answers = await asyncio.gather(
        *(house.resources.productions.retry(started.id, user_id=None) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(answer, ProductionView) for answer in answers) == 1
    assert all(isinstance(answer, ProductionView | Conflict) for answer in answers)


# -- answering -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", [True, False])
async def test_a_question_is_answered_once(database_url: str, tmp_path: Path, *, accept: bool) -> None:
    async with open_house(settings_for(tmp_path, database_url), voice=PricedTones()) as house:
        view = await propose(house)
        assert view.proposal is not None
        assert view.proposal.estimate_usd == pytest.approx(_cost(house, await _letters(house, view.id)))
        (progress, question) = await house.parcels()
        assert (progress.payload["state"], question.kind) == ("proposed", "proposal")
        assert question.payload["proposal_id"] == view.proposal.id
        assert question.payload["estimate_usd"] == view.proposal.estimate_usd
        assert await house.no_job_waits()
        productions, mine = house.resources.productions, house.person.user_id
        with pytest.raises(NotFound):
            await productions.answer(
                view.proposal.id, user_id=(await house.stranger()).user_id, accept=True, channel=""
            )
        first, second = await asyncio.gather(
            *(productions.answer(view.proposal.id, user_id=mine, accept=accept, channel="api") for _ in range(2))
        )
        wanted = ProductionState.RENDERING if accept else ProductionState.CANCELLED
        assert first.state is second.state is wanted
        with pytest.raises(Conflict, match="already answered"):
            await productions.answer(view.proposal.id, user_id=mine, accept=not accept, channel="api")
        assert await house.count(Job, Job.kind == "production.render") == int(accept)
        action = f"proposal.{'accepted' if accept else 'declined'}"
        assert await house.count(AuditEntry, AuditEntry.action == action) == 1


def _cost(house: House, letters: int) -> float:
    return house.voice.facts.usd_per_million_chars * letters / 1e6


async def _letters(house: House, production_id: str) -> int:
    board = (await house.revision(production_id)).storyboard
    return sum(len(scene["narration"]) for scene in board["scenes"])


async def test_no_way_round_a_no(database_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, database_url), voice=PricedTones()) as house:
        view = await propose(house)
        assert view.proposal is not None
        await house.resources.productions.answer(
            view.proposal.id, user_id=house.person.user_id, accept=False, channel="telegram"
        )
        again = await house.resources.productions.retry(view.id, user_id=None)
        assert again.state is ProductionState.PROPOSED
        assert again.proposal is not None
        assert again.proposal.id != view.proposal.id
        assert again.proposal.estimate_usd == view.proposal.estimate_usd
        assert await house.no_job_waits()
        await house.resources.productions.answer(
            again.proposal.id, user_id=house.person.user_id, accept=True, channel="telegram"
        )
        assert not await house.no_job_waits()


async def test_a_cancelled_question_is_closed(database_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, database_url), voice=PricedTones()) as house:
        view = await propose(house)
        assert view.proposal is not None
        cancelled = await house.resources.productions.cancel(view.id, user_id=None)
        assert (cancelled.state, cancelled.proposal) == (ProductionState.CANCELLED, None)
        with pytest.raises(Conflict, match="already answered"):
            await house.resources.productions.answer(
                view.proposal.id, user_id=house.person.user_id, accept=True, channel=""
            )


async def test_cancel_and_yes_at_the_same_moment(database_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, database_url), voice=PricedTones()) as house:
        productions, mine = house.resources.productions, house.person.user_id
        for _ in range(5):
            view = await propose(house)
            assert view.proposal is not None
            answers = await asyncio.gather(
                productions.answer(view.proposal.id, user_id=mine, accept=True, channel=""),
                productions.cancel(view.id, user_id=mine),
                productions.expire(),
                return_exceptions=True,
            )
            assert all(isinstance(one, ProductionView | EttamettaError | int) for one in answers), answers
            assert (await house.see(view.id)).state is ProductionState.CANCELLED
            assert await house.no_job_waits()


async def test_questions_grow_too_old(database_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, database_url), voice=PricedTones()) as house:
        old, other = await propose(house), await propose(house)
        assert old.proposal is not None
        assert other.proposal is not None
        clock = MovedClock()
        later = Productions(house.resources.database, house.resources.ledger, house.resources.outbox, clock=clock)
        assert await later.expire() == 0
        await later.answer(other.proposal.id, user_id=house.person.user_id, accept=True, channel="")
        clock.moment += timedelta(days=8)
        with pytest.raises(Conflict) as refused:
            await later.answer(old.proposal.id, user_id=house.person.user_id, accept=True, channel="")
        assert refused.value.code == "proposal.expired"
        assert await later.expire() == 1
        assert await later.expire() == 0
        view = await house.see(old.id)
        assert (view.state, view.proposal) == (ProductionState.CANCELLED, None)
        assert await house.count(Proposal, Proposal.state == "expired") == 1
        assert (await house.see(other.id)).state is ProductionState.RENDERING
        asked_again = await later.retry(old.id, user_id=None)
        assert asked_again.proposal is not None
        assert asked_again.proposal.expires_at > clock.moment


# -- jobs that end when their production has moved on ----------------------------------------------------------------


async def test_a_draft_that_comes_back_after_its_storyboard_changes_nothing(house: House) -> None:
    started = await house.start()
    context = await house.claim()
    first = await run(context)
    assert (await house.see(started.id)).state is ProductionState.RENDERING
    assert await run(context) == first
    # its worker dies again and again until the ledger gives it up: the render goes on
    await house.resources.ledger.fail(context.job, WRONG)
    view = await house.see(started.id)
    assert (view.state, view.error) == (ProductionState.RENDERING, None)
    assert await house.count(Job, Job.kind == "production.render") == 1


async def test_a_worker_that_lost_its_job_writes_nothing(house: House) -> None:
    started = await house.start()
    context = await house.claim()
    context.job = replace(context.job, lease_owner="ann/another")
    with pytest.raises(LeaseLostError):
        await run(context)
    view = await house.see(started.id)
    assert view.state is ProductionState.DRAFTING
    assert await house.count(Job) == 1


async def test_a_cancel_that_comes_before_the_last_word_wins(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ettametta.productions.holding._INTERRUPT_S", 0.01)
    started = await house.start()
    context = await house.claim()
    await house.resources.productions.cancel(started.id, user_id=None)
    with pytest.raises(Conflict):
        await run(context)
    assert (await house.see(started.id)).state is ProductionState.DRAFTING
    await house.resources.ledger.mark_cancelled(context.job)
    assert (await house.see(started.id)).state is ProductionState.CANCELLED


async def test_a_job_of_a_cancelled_production_does_nothing(house: House) -> None:
    started = await house.start()
    await house.resources.productions.cancel(started.id, user_id=None)
    async with house.resources.database.session_scope() as session:
        await house.resources.ledger.retry_dead(session, (await house.jobs(started.id))[0].id, user_id=None)
    with pytest.raises(Conflict):
        await house.run_next()
    assert (await house.see(started.id)).state is ProductionState.CANCELLED


async def test_cancels_and_claims_do_not_wait_for_each_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ettametta.productions.holding._INTERRUPT_S", 0.01)

    async def cancel_soon(production_id: str, delay_s: float) -> ProductionView:
        await asyncio.sleep(delay_s)  # so that it falls on another line of the draft each time
        return await house.resources.productions.cancel(production_id, user_id=None)

    for turn in range(8):
        started = await house.start()
        draft = await house.claim()
        _, answer, claimed = await asyncio.gather(
            run(draft),
            cancel_soon(started.id, turn * 0.015),
            house.resources.ledger.claim("bob", ["production.render"]),
            return_exceptions=True,
        )
        assert isinstance(answer, ProductionView), answer
        assert claimed is None or not isinstance(claimed, BaseException), claimed
        for job in await house.jobs(started.id):
            if job.state is JobState.RUNNING:
                await house.resources.ledger.mark_cancelled(job)
        assert (await house.see(started.id)).state is ProductionState.CANCELLED
