"""Flood limits kept by a clock of our own."""

from __future__ import annotations

import pytest

from agent.telegram.pace import Held, Limits, Pace


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def times(pace: Pace, clock: Clock, chats: list[int]) -> list[float]:
    """When each call was made."""
    made = []
    for chat_id in chats:
        async with pace.slot(chat_id):
            made.append(round(clock.now_s - 100.0, 1))
    return made


async def test_a_chat_gets_three_in_three_seconds(clock: Clock) -> None:
    assert await times(Pace(clock=clock, sleep=clock.sleep), clock, [1] * 7) == [0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 6.0]


async def test_all_chats_together_have_a_limit(clock: Clock) -> None:
    made = await times(Pace(Limits(overall=2), clock=clock, sleep=clock.sleep), clock, [1, 2, 3, 4, 5])
    assert made == [0.0, 0.0, 1.0, 1.0, 2.0]


async def test_a_hold_is_of_one_chat_and_two_are_of_all(clock: Clock) -> None:
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.hold(1, 60)
    with pytest.raises(Held) as caught:
        async with pace.slot(1):
            pass
    assert 60 <= caught.value.wait_s < 60.1
    assert await times(pace, clock, [2]) == [0.0]
    pace.hold(2, 30)
    with pytest.raises(Held):
        async with pace.slot(3):
            pass
    clock.now_s += 61
    assert await times(pace, clock, [1, 3]) == [61.0, 61.0]


async def test_a_call_counts_from_its_end(clock: Clock) -> None:
    pace = Pace(clock=clock, sleep=clock.sleep)
    for _ in range(3):
        async with pace.slot(1):
            clock.now_s += 10.0
    before = clock.now_s
    async with pace.slot(1):
        pass
    assert clock.now_s - before == pytest.approx(0.0)
    assert (await times(pace, clock, [1, 1]))[-1] == pytest.approx(33.0, abs=0.1)


def test_progress_has_a_gap(clock: Clock) -> None:
    pace = Pace(clock=clock, sleep=clock.sleep)
    assert pace.edit_wait_s(1) == 0
    pace.note_edit(1)
    assert pace.edit_wait_s(1) == pytest.approx(1.5)
    assert pace.edit_wait_s(2) == 0
