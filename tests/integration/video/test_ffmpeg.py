"""The one place that starts a process: cancel, death of the parent, limits, errors."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ettametta.errors import Bug, ConfigError, InvalidInput, NoSpace, OperatorError
from ettametta.video.ffmpeg import Ffmpeg, Limits, Progress

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=30", "-c:v", "libx264", "-f", "mp4", "out.mp4"]


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "ffmpeg" in child.name()]


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to be true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)


async def test_cancel_kills_within_a_second_and_leaves_no_file(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    running = asyncio.create_task(ffmpeg.run(ENDLESS, cwd=tmp_path, outputs=[out]))
    await until(lambda: out.exists() and out.stat().st_size > 0)
    (child,) = children()
    began = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - began < 1.0
    assert not psutil.pid_exists(child.pid)
    assert not out.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
async def test_killing_the_parent_kills_ffmpeg(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom ettametta.video.ffmpeg import Ffmpeg\n"
        f"asyncio.run(Ffmpeg.locate().run({ENDLESS!r}, cwd=Path({str(tmp_path)!r})))\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=Path(__file__).parents[3])
    try:
        await until((tmp_path / "out.mp4").exists)
        (child,) = psutil.Process(parent.pid).children()
        parent.send_signal(signal.SIGKILL)
        await parent.wait()
        await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 2)
    finally:
        if parent.returncode is None:
            parent.kill()
            await parent.wait()


async def test_a_time_limit_stops_it(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="longer than 1 seconds") as caught:
        await ffmpeg.run(ENDLESS, cwd=tmp_path, limits=Limits(timeout_s=0.6))
    assert caught.value.code == "video.timeout"
    assert children() == []


async def test_a_full_disk_is_named(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    full = ["-f", "lavfi", "-i", "testsrc2=d=2", "-c:v", "libx264", "-f", "mpegts", "/dev/full"]
    with pytest.raises(NoSpace, match="disk is full"):
        await ffmpeg.run(full, cwd=tmp_path)


async def test_a_file_may_not_grow_for_ever(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with pytest.raises(NoSpace, match="larger than a file may be"):
        await ffmpeg.run(ENDLESS, cwd=tmp_path, limits=Limits(max_file_bytes=100_000), outputs=[out])
    assert not out.exists()


async def test_an_unreadable_input_and_our_own_mistakes_are_told_apart(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    (tmp_path / "in.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42 and then nonsense" * 40)
    with pytest.raises(InvalidInput, match="could not be read"):
        await ffmpeg.run(["-f", "mp4", "-i", "in.mp4", "-f", "null", "-"], cwd=tmp_path)
    with pytest.raises(Bug, match=r"reference [0-9a-f]{8}"):
        await ffmpeg.run(["-f", "lavfi", "-i", "nosuchfilter", "-f", "null", "-"], cwd=tmp_path)


async def test_progress_goes_to_one(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    seen: list[Progress] = []

    async def watch(progress: Progress) -> None:
        seen.append(progress)

    argv = ["-f", "lavfi", "-i", "testsrc2=d=2:r=30", "-f", "null", "-"]
    await ffmpeg.run(argv, cwd=tmp_path, total_s=2.0, on_progress=watch)
    assert seen[-1].fraction == 1.0
    assert all(0 <= progress.fraction <= 1 for progress in seen)


async def test_a_failing_listener_stops_it(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    async def fail(_progress: Progress) -> None:
        raise InvalidInput("Stop.")

    with pytest.raises(InvalidInput, match="Stop"):
        await ffmpeg.run(ENDLESS, cwd=tmp_path, on_progress=fail, outputs=[tmp_path / "out.mp4"])
    assert children() == []
    assert not (tmp_path / "out.mp4").exists()


async def test_the_child_sees_no_secrets(ffmpeg: Ffmpeg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    running = asyncio.create_task(ffmpeg.run(ENDLESS, cwd=tmp_path))
    await until((tmp_path / "out.mp4").exists)
    (child,) = children()
    names = set(child.environ())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert "OPENAI_API_KEY" not in names
    assert names <= {"PATH", "LD_LIBRARY_PATH", "TZ", "HOME", "LC_ALL", "AV_LOG_FORCE_NOCOLOR"}


async def test_the_wheels_ffmpeg_has_all_we_need(ffmpeg: Ffmpeg) -> None:
    findings = await ffmpeg.inspect()
    assert [finding.ok for finding in findings] == [True, True, True], findings
    assert (await ffmpeg.version()).startswith("ffmpeg version")


async def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ETTAMETTA_FFMPEG"):
        Ffmpeg.locate(str(tmp_path / "nothing"))
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho hello\n", encoding="utf-8")
    fake.chmod(0o755)
    findings = await Ffmpeg.locate(str(fake)).inspect()
    assert not any(finding.ok for finding in findings)
    assert all(finding.fix for finding in findings)
