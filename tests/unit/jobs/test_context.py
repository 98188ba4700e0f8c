"""Progress as a body reports it: thinned out within a stage, never across stages, refused once the lease is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ettametta.jobs import JobContext, JobState, NewJob
from ettametta.jobs.context import LeaseLostError
from ettametta.jobs.values import new_row, view


class _Ledger:
    def __init__(self) -> None:
        self.written: list[tuple[float, str, str, bool]] = []
        self.answer: bool | Exception = True

    async def record_progress(
        self, _job: object, fraction: float, stage: str, message: str, *, got_further: bool
    ) -> bool:
        self.written.append((fraction, stage, message, got_further))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def ledger() -> _Ledger:
    return _Ledger()


@pytest.fixture
def context(ledger: Any) -> JobContext[None]:
    return JobContext(view(_row()), None, ledger)


def _row() -> Any:
    row = new_row(NewJob("test.work"), datetime(2026, 5, 1, tzinfo=UTC))
    row.progress, row.stage, row.message = 0.2, "script", "Writing."
    return row


async def test_within_a_stage_it_is_thinned_out(
    ledger: _Ledger, context: JobContext[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 100.0
    monkeypatch.setattr("ettametta.jobs.context.time", SimpleNamespace(monotonic=lambda: moment))
    for step in range(100):
        await context.progress(step / 100, "voice")
        moment += 1 / 16
    assert len(ledger.written) == 15  # each 7/16 s, the first moment after 0.4 s
    await context.progress(0.99, "render")
    assert ledger.written[-1] == (0.99, "render", "", False)


async def test_a_finished_step_is_always_written(ledger: _Ledger, context: JobContext[None]) -> None:
    await context.progress(0.3, "voice", "Speaking.")
    await context.got_further(0.4, "voice", "Spoken.")
    await context.checkpoint()
    assert ledger.written[1:] == [(0.4, "voice", "Spoken.", True)] * 2


async def test_a_checkpoint_before_all_progress_keeps_what_was_shown(
    ledger: _Ledger, context: JobContext[None]
) -> None:
    await context.checkpoint()
    assert ledger.written == [(0.2, "script", "Writing.", True)]


async def test_who_lost_the_lease_is_told(ledger: _Ledger, context: JobContext[None]) -> None:
    ledger.answer = False
    for report in (context.progress(0.5, "a"), context.got_further(0.5, "b"), context.checkpoint()):
        with pytest.raises(LeaseLostError):
            await report


async def test_a_lost_connection_is_no_reason_to_stop_and_a_bug_is(ledger: _Ledger, context: JobContext[None]) -> None:
    ledger.answer = ConnectionResetError()
    await context.progress(0.5, "a")
    ledger.answer = KeyError("x")
    with pytest.raises(KeyError):
        await context.progress(0.5, "b")


def test_final_states_are_final() -> None:
    assert {state for state in JobState if state.is_final} == {
        JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED,
    }  # fmt: skip
