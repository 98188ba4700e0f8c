"""`make` from the request to the exit code, with jobs that are quick: success, failure, Ctrl-C, a proposal."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ettametta.bootstrap import Resources
from ettametta.errors import InvalidInput
from ettametta.jobs import JobContext, JobKind
from ettametta.kit.clock import utc_now
from ettametta.models import Production, Proposal, Revision, Video
from ettametta.productions.state import ProductionState
from tasks import registry
from tests.integration.cli.conftest import Call

Context = JobContext[Resources]
CONTENT = b"not really a video"
CHECKS = {"lines": [{"name": "size", "ok": True, "measured": "1080x1920", "wanted": "1080x1920"}]}


async def _finish(context: Context) -> None:
    """Leave a video behind, as the render does."""
    resources, production_id = context.resources, str(context.job.payload["production_id"])
    key = await resources.storage.put_content("videos", ".mp4", CONTENT, "video/mp4")
    async with resources.database.session_scope() as session:
        row = await session.get_one(Production, production_id, with_for_update=True)
        if row.current_revision_id is None:
            revision = Revision(production_id=row.id, user_id=row.user_id, number=1, storyboard={})
            session.add(revision)
            await session.flush()
            row.current_revision_id = revision.id
        row.title, row.state = "Why the sky is blue", ProductionState.RENDERED
        session.add(
            Video(
                production_id=row.id, revision_id=row.current_revision_id, user_id=row.user_id, storage_key=key,
                cover_key="o", thumbnail_key="t", captions_key="c", credits_key="r", sha256="0" * 64, width=1080,
                height=1920, duration_s=30.0, size_bytes=len(CONTENT), checks=CHECKS,
            )
        )  # fmt: skip
        payload = {"production_id": row.id}
        await resources.outbox.put(
            session, user_id=row.user_id, chat_id=row.chat_id, key=f"video:{row.id}", kind="video", payload=payload
        )


async def _succeed(context: Context) -> None:
    for step in range(1, 5):
        await context.progress(step / 5, f"stage {step}", f"Step {step}\x1b[2J of 4")
    await _finish(context)


async def _fail(_context: Context) -> None:
    raise InvalidInput("There is nothing to say about it.", hint="Say more.", code="script.empty")


async def _interrupted(context: Context) -> None:
    import asyncio

    await context.progress(0.2, "waiting", "Waiting for Ctrl-C")
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.Event().wait()


async def _propose(context: Context) -> None:
    async with context.resources.database.session_scope() as session:
        row = await session.get_one(Production, context.job.payload["production_id"], with_for_update=True)
        row.state = ProductionState.PROPOSED
        revision = Revision(production_id=row.id, user_id=row.user_id, number=1, storyboard={})
        session.add(revision)
        await session.flush()
        row.current_revision_id = revision.id
        session.add(
            Proposal(
                user_id=row.user_id, production_id=row.id, kind="render", summary="Narration costs $0.02.",
                estimate_microusd=20_000, expires_at=utc_now() + timedelta(hours=1),
            )
        )  # fmt: skip


Body = Callable[[Context], Awaitable[None]]


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Callable[[Body], None]:
    """`jobs(draft)`: what the draft job does; the render finishes at once."""

    def use(draft: Body) -> None:
        kinds: dict[str, JobKind[Any]] = {
            "production.draft": JobKind("production.draft", draft),
            "production.render": JobKind("production.render", _finish),
        }
        monkeypatch.setattr(registry, "KINDS", kinds)

    return use


def test_a_video_is_made_and_shown(call: Call, jobs: Callable[[Body], None]) -> None:
    jobs(_succeed)
    done = call("make", "why", "the", "sky", "is", "blue", "--seconds", "30")
    assert done.code == 0
    path = Path(next(line.split(maxsplit=1)[1] for line in done.out.splitlines() if line.startswith("File")))
    assert path.read_bytes() == CONTENT
    for shown in ("Why the sky is blue", "30.00 s", "1080x1920", "1 of 1 passed"):
        assert shown in done.out
    assert "stage 1" in done.err
    assert "\x1b[2J" not in done.err
    listed = call("status", "--json")
    assert json.loads(listed.out)[0]["state"] == "delivered"


def test_json_is_one_object_and_nothing_else(call: Call, jobs: Callable[[Body], None], tmp_path: Path) -> None:
    jobs(_succeed)
    copy = tmp_path / "copies" / "mine.mp4"
    done = call("make", "why the sky is blue", "--json", "--output", str(copy))
    result = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert (result["path"], result["duration_s"], result["checks_passed"]) == (str(copy), 30.0, True)
    assert copy.read_bytes() == CONTENT


def test_a_failure_is_its_sentence_and_exit_code_5(call: Call, jobs: Callable[[Body], None]) -> None:
    jobs(_fail)
    done = call("make", "nothing")
    assert done.code == 5
    assert "Error: There is nothing to say about it.\n  Say more." in done.err
    shown = call("status")
    assert "failed" in shown.out
    assert call("make", "nothing", "--json").code == 5


def test_ctrl_c_cancels_and_says_so(call: Call, jobs: Callable[[Body], None]) -> None:
    jobs(_interrupted)
    done = call("make", "something long")
    assert done.code == 130
    assert "Cancelling the video" in done.err
    assert "cancelled" in done.err
    assert json.loads(call("status", "--json").out)[0]["state"] == "cancelled"
    assert json.loads(call("jobs", "--json").out)[0]["state"] == "cancelled"


def test_a_proposal_waits_for_a_yes(call: Call, jobs: Callable[[Body], None]) -> None:
    jobs(_propose)
    done = call("make", "something dear", "--no-wait", "--json")
    assert done.code == 0
    waiting = call("make", "something dear")
    assert waiting.code == 2
    assert "Narration costs $0.02." in waiting.err
    (command,) = [line for line in waiting.err.splitlines() if "ettametta approve" in line]
    proposal = command.split("ettametta approve ")[1].split("`")[0]
    assert call("decline", proposal).code == 0
    assert call("approve", proposal).code == 2


def test_yes_accepts_it(call: Call, jobs: Callable[[Body], None]) -> None:
    jobs(_propose)
    done = call("make", "something dear", "--yes")
    assert done.code == 0
    assert "Accepted: Narration costs $0.02." in done.err
    assert "1 of 1 passed" in done.out


def test_a_cancelled_production_is_retried(call: Call, jobs: Callable[[Body], None]) -> None:
    jobs(_interrupted)
    call("make", "something long")
    job = json.loads(call("jobs", "--json").out)[0]["id"]
    assert "is drafting" in call("retry", job).out
    assert "is cancelled" in call("cancel", job[:12]).out or "Cancelling" in call("status").out
    history = call("job", job).out
    for event in ("queued", "claimed", "cancelled"):
        assert event in history
    assert call("cancel", "ffff").code == 2
    assert call("retry", "ffff").code == 2


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ((), b"", "nothing to make a video about"),
        (("-",), b"", "nothing to make a video about"),
        (("-",), bytes(range(256)) * 40, "not text"),
        (("-",), b"x" * 900_000, "characters; at most"),
        (("topic", "--seconds", "3"), b"", "3 seconds cannot be made"),
        (("topic", "--photo", "gone.jpg"), b"", "no file gone.jpg"),
        (("--file", "gone.md"), b"", "no file gone.md"),
    ],
)
def test_bad_requests_are_one_sentence(
    call: Call, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], stdin: bytes, says: str
) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    done = call("make", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) <= 2
    assert call("jobs", "--json").out.strip() == "[]"


def test_a_file_that_is_not_what_it_says(call: Call, tmp_path: Path) -> None:
    fake = tmp_path / "clip.mp4"
    fake.write_text("only text")
    done = call("make", "topic", "--clip", str(fake))
    assert (done.code, len(done.err.splitlines())) == (2, 2)
    text = tmp_path / "words.txt"
    text.write_text("words")
    assert "not a photo or a clip" in call("make", "topic", "--photo", str(text)).err


def test_a_list_becomes_several_videos(call: Call, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("A lamp was seen.\n---\nShips were safe.\n")
    begun = call("batch", "list.txt", "--option", "voice=silent", "--no-wait", "--json")
    assert begun.code == 0, begun.err
    assert [one["title"] for one in json.loads(begun.out)] == ["A lamp was seen.", "Ships were safe."]
    assert "There is no file" in call("batch", "none.txt").err
