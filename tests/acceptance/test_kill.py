"""Nothing is lost and nothing done twice: workers and Redis are killed, renders cancelled, workers doubled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import pytest
import structlog.testing

from ettametta.jobs import JobState
from ettametta.jobs import repository as job_rows
from ettametta.models import Asset, JobEvent, OutboxMessage, Usage, Video
from ettametta.productions.state import ProductionState
from tests.acceptance.workers import Worker, at_work_in, is_alive, seconds_until
from tests.integration.productions.harness import House, open_house, settings_for, small_storyboard, until
from tests.servers.redis_server import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

#: Most seconds that may pass until a dead worker's ffmpeg is gone, and until a cancel has reached everything.
SOON_S = 1.0
_WAIT_S = 60.0


@pytest.fixture(autouse=True)
def _logs() -> Iterator[list[MutableMapping[str, Any]]]:
    with structlog.testing.capture_logs() as entries:
        yield entries


@dataclass(frozen=True)
class Moment:
    """A place in a production's render, seen from outside by what lies in its folders."""

    name: str
    is_now: Callable[[Path], bool]


def in_work(data_dir: Path, pattern: str) -> list[Path]:
    return list((data_dir / "work").glob(f"*/{pattern}"))


def stored(data_dir: Path, suffix: str, folder: str) -> list[Path]:
    return list((data_dir / "files" / folder).rglob(f"*{suffix}"))


def narrated(count: int) -> Callable[[Path], bool]:
    return lambda data_dir: len(stored(data_dir, ".wav", "assets")) >= count


def encoding(scene: int) -> Callable[[Path], bool]:
    """Frames of that scene are being written."""

    def is_now(data_dir: Path) -> bool:
        return any(path.stat().st_size > 0 for path in in_work(data_dir, f"render/scene-{scene:03}.mp4"))

    return is_now


def kept(count: int) -> Callable[[Path], bool]:
    return lambda data_dir: len(pictures(data_dir)) >= count


def pictures(data_dir: Path) -> list[Path]:
    """Stored scenes: segments that are not the sound."""
    return [path for path in stored(data_dir, ".mp4", "segments") if not path.stem.endswith("-sound")]


MOMENTS = (
    Moment("claimed", lambda data_dir: bool(in_work(data_dir, ""))),
    Moment("first narration stored", narrated(1)),
    Moment("third narration stored", narrated(3)),
    Moment("rendering begins", lambda data_dir: bool(in_work(data_dir, "render"))),
    Moment("first segment half written", encoding(0)),
    Moment("first segment stored", kept(1)),
    Moment("third segment half written", encoding(2)),
    Moment("joining", lambda data_dir: any(path.stat().st_size > 0 for path in in_work(data_dir, "render/video.mp4"))),
    Moment("checking", lambda data_dir: bool(in_work(data_dir, "render/cover.jpg"))),
    Moment("storing", lambda data_dir: bool(in_work(data_dir, "credits.txt"))),
)


@asynccontextmanager
async def open_installation(data_dir: Path, url: str = "", **settings: Any) -> AsyncIterator[House]:
    """The installation as another process sees it: the worker is one of its own."""
    others = {"job_lease_s": 1.0, "job_sweep_s": 0.2, **settings}
    async with open_house(settings_for(data_dir, url, **others)) as house:
        yield house


async def planned(house: House, scenes: int, **changes: Any) -> str:
    """A production whose render waits, with the voice a real worker has."""
    board = small_storyboard(scenes, provider="hibari").model_copy(update=changes)
    return (await house.with_storyboard(board)).id


def inodes(data_dir: Path) -> dict[Path, tuple[int, int]]:
    """Stored segments, each with what changes when it is written again."""
    found = {path: path.stat() for path in pictures(data_dir)}
    return {path: (facts.st_ino, facts.st_mtime_ns) for path, facts in found.items()}


def kill_at(worker: Worker, moment: Moment, data_dir: Path) -> int:
    """Kill the worker at a moment; gives how many children it had then. All are gone soon."""
    seconds_until(lambda: moment.is_now(data_dir) or not worker.is_running, within_s=_WAIT_S)
    assert worker.is_running, worker.log.read_text()
    children = worker.kill()
    gone_s = seconds_until(
        lambda: not any(map(is_alive, children)) and not at_work_in(data_dir / "work"), within_s=SOON_S
    )
    print(f"  killed at: {moment.name}; children {len(children)}, gone after {gone_s * 1000:.0f} ms")  # noqa: T201 -- a figure for the report
    return len(children)


async def test_killed_at_ten_moments_it_finishes_and_redoes_nothing(tmp_path: Path) -> None:
    began, scenes = time.monotonic(), 4
    async with open_installation(tmp_path) as house:
        production_id = await planned(house, scenes, width=720, height=1280)
        segments: dict[Path, tuple[int, int]] = {}
        had_children = 0
        for moment in MOMENTS:
            with Worker(tmp_path) as worker:
                had_children += await asyncio.to_thread(kill_at, worker, moment, tmp_path)
            assert inodes(tmp_path).items() >= segments.items(), "a finished segment was made anew"
            segments = inodes(tmp_path)
            assert all(frames(path) > 0 for path in segments)
            assert (await house.see(production_id)).state is ProductionState.RENDERING
        with Worker(tmp_path):
            ended = await house.ended(production_id, within_s=_WAIT_S)
            await until(lambda: finished(house, production_id))
        assert ended.state is ProductionState.RENDERED
        assert ended.video is not None
        assert ended.video.checks_passed
        assert inodes(tmp_path).items() >= segments.items()
        assert len(inodes(tmp_path)) == scenes
        (job,) = await house.jobs(production_id)
        assert job.result is not None
        assert (job.result["segments_encoded"], job.result["segments_reused"]) == (0, scenes)
        assert await house.narrations(production_id) == scenes
        assert await house.count(Usage, Usage.production_id == production_id) == scenes
        assert await house.count(Video) == 1
        assert await house.count(OutboxMessage, OutboxMessage.kind == "video") == 1
        assert await house.count(OutboxMessage, OutboxMessage.kind == "failure") == 0
        lost = await house.count(JobEvent, JobEvent.name == "lease_lost")
        assert lost >= len(MOMENTS)  # on a crowded machine a worker may lose a lease of one second while it lives
        assert had_children > 0
        await until(lambda: work_is_empty(tmp_path))
        print(  # noqa: T201 -- figures for the report
            f"  {len(MOMENTS)} kills ({lost} leases lost), {scenes} scenes: "
            f"{await house.narrations(production_id)} narrations spoken, "
            f"{len(segments)} segments encoded, {job.result['segments_encoded']} encoded in the last run, "
            f"{time.monotonic() - began:.0f} s"
        )


def frames(path: Path) -> int:
    with av.open(str(path)) as file:
        return file.streams.video[0].frames


async def finished(house: House, production_id: str) -> bool:
    return all(job.state is JobState.SUCCEEDED for job in await house.jobs(production_id))


async def work_is_empty(data_dir: Path) -> bool:
    return not list((data_dir / "work").iterdir())


async def test_redis_killed_and_emptied_between_enqueue_and_claim(
    postgres_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    others = {"ETTAMETTA_DATABASE_URL": postgres_url, "ETTAMETTA_REDIS_URL": redis_server.url}
    async with open_installation(tmp_path, postgres_url, redis_url=redis_server.url) as house:
        production_id = await planned(house, 2)
        redis_server.kill()
        redis_server.start()
        with Worker(tmp_path, **others) as worker:
            await asyncio.to_thread(kill_at, worker, Moment("first segment stored", kept(1)), tmp_path)
        redis_server.kill()  # and it stays away: the ledger does without
        segments = inodes(tmp_path)
        with Worker(tmp_path, **others):
            ended = await house.ended(production_id, within_s=_WAIT_S)
        assert ended.state is ProductionState.RENDERED
        assert inodes(tmp_path).items() >= segments.items()
        assert await house.narrations(production_id) == 2
        assert await house.count(Video) == 1
        assert await house.count(OutboxMessage, OutboxMessage.kind == "video") == 1
        redis_server.start()


async def test_cancel_reaches_ffmpeg_within_a_second_and_leaves_nothing(tmp_path: Path) -> None:
    async with open_installation(tmp_path, job_lease_s=15.0) as house:
        production_id = await planned(house, 3, width=1080, height=1920)
        with Worker(tmp_path, ETTAMETTA_JOB_LEASE_S="15") as worker:
            half_way = lambda: kept(1)(tmp_path) and encoding(2)(tmp_path)  # noqa: E731 -- one scene stored, one at work
            await asyncio.to_thread(seconds_until, half_way, within_s=_WAIT_S)
            assert worker.children()
            began = time.monotonic()
            await house.resources.productions.cancel(production_id, user_id=None)
            await until(lambda: no_children(worker))
            ffmpeg_s = time.monotonic() - began
            await until(lambda: is_cancelled(house, production_id))
            state_s = time.monotonic() - began
            await until(lambda: work_is_empty(tmp_path))
            print(f"  ffmpeg gone after {ffmpeg_s:.2f} s, cancelled after {state_s:.2f} s")  # noqa: T201 -- figures
            assert max(ffmpeg_s, state_s) < SOON_S
            assert at_work_in(tmp_path / "work") == []
            files = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
            # whole scenes at the most: those that were finished before the cancel
            folders = {path.relative_to(tmp_path / "files").parts[0] for path in files}
            assert {"assets"} <= folders <= {"assets", "segments"}
            assert not [path for path in files if "#" in path.name]
            assert all(frames(path) > 0 for path in pictures(tmp_path))
            assert await house.count(Video) == 0
            (job,) = await house.jobs(production_id)
            assert job.state is JobState.CANCELLED
            done = len(inodes(tmp_path))
            await house.resources.productions.retry(production_id, user_id=None)
            ended = await house.ended(production_id, within_s=_WAIT_S)
            assert ended.state is ProductionState.RENDERED
            await until(lambda: finished(house, production_id))
        (job,) = await house.jobs(production_id)
        assert job.result is not None
        assert job.result["segments_reused"] >= done >= 1


async def no_children(worker: Worker) -> bool:
    return not worker.children()


async def is_cancelled(house: House, production_id: str) -> bool:
    return (await house.see(production_id)).state is ProductionState.CANCELLED


async def test_two_workers_do_each_job_once(postgres_url: str, redis_url: str, tmp_path: Path) -> None:
    others = {"ETTAMETTA_DATABASE_URL": postgres_url, "ETTAMETTA_REDIS_URL": redis_url, "ETTAMETTA_JOB_LEASE_S": "15"}
    async with open_installation(tmp_path, postgres_url, redis_url=redis_url) as house:
        with Worker(tmp_path, **others), Worker(tmp_path, **others):
            ids = [await planned(house, 2) for _ in range(3)]
            for production_id in ids:
                assert (await house.ended(production_id)).state is ProductionState.RENDERED
                await until(lambda which=production_id: finished(house, which))  # type: ignore[misc]  # bound early
        for production_id in ids:
            (job,) = await house.jobs(production_id)
            async with house.resources.database.read_scope() as session:
                history = [line.name for line in await job_rows.history(session, job.id)]
            assert (job.attempts, history.count("claimed"), history.count("succeeded")) == (1, 1, 1)
            assert len(await house.videos(production_id)) == 1
        assert await house.count(OutboxMessage, OutboxMessage.kind == "video") == len(ids)
        # the words are the same in all: they were spoken for one of them, or for two at the same moment
        assert 2 <= await house.count(Asset, Asset.kind == "narration") <= 4


async def test_folders_of_killed_workers_are_swept(tmp_path: Path) -> None:
    async with open_installation(tmp_path) as house:
        await planned(house, 1)
        with Worker(tmp_path) as worker:
            moment = Moment("claimed", lambda data_dir: bool(in_work(data_dir, "")))
            await asyncio.to_thread(kill_at, worker, moment, tmp_path)
        (left,) = (tmp_path / "work").iterdir()
        (tmp_path / "work" / "telegram").mkdir()
        assert await house.resources.studio.sweep() == 0  # its lease may still be good
        assert left.exists()
        await until(lambda: reaped(house))
        assert await house.resources.studio.sweep() == 1
        assert [path.name for path in (tmp_path / "work").iterdir()] == ["telegram"]


async def reaped(house: House) -> bool:
    return await house.resources.ledger.reap() == 1
