"""The body of `production.render`: narration, pictures, encoding, checks, storage, and the parcel for the chat."""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select

from ettametta.errors import Conflict, NoSpace, NotFound
from ettametta.jobs import JobContext, JobState, JobView
from ettametta.models import Asset, Job, Production, Revision, Video
from ettametta.productions import repository
from ettametta.productions.changing.covers import Twin, cover_of, find_twin
from ettametta.productions.course import Course
from ettametta.productions.crediting import credited_assets, lettered_text
from ettametta.productions.filing import file_video, video_row
from ettametta.productions.fitting import LengthFitting
from ettametta.productions.ground import Ground
from ettametta.productions.holding import last_word
from ettametta.productions.pictures.making import Imaging
from ettametta.productions.progress import show_progress
from ettametta.productions.scoring import prepare_music
from ettametta.productions.state import ProductionState, check_move
from ettametta.productions.steps import SegmentStore
from ettametta.productions.telling import storyboard_text
from ettametta.scripts.credits import CreditedAsset, credits_text, description_text
from ettametta.storyboard import Storyboard, is_from_file
from ettametta.video.lettering.emoji import emoji_credit
from ettametta.video.render import Renderer, RenderInput

#: Below this much free room a render is not begun.
MIN_FREE_BYTES = 300_000_000

_NARRATION_SHARE = 0.12
_STORE_SHARE = 0.98
#: A work folder is named by its job and by the run of it, so that a run that lost its job disturbs no other.
_WORK_FOLDER = re.compile(r"[0-9a-f]{32}\.[0-9a-z]+")


class RendererBuilder(Protocol):
    """Gives the renderer, built at first use."""

    def __call__(self) -> Renderer:
        """The renderer."""
        ...


@dataclass(frozen=True, slots=True)
class _Counts:
    """What one run really did."""

    scenes_narrated: int
    segments_encoded: int
    segments_reused: int
    sound_reused: bool


class Rendering:
    """Renders the current revision of a production."""

    def __init__(
        self,
        ground: Ground,
        fitting: LengthFitting,
        imaging: Imaging,
        renderer: RendererBuilder,
        *,
        work_dir: Path,
    ) -> None:
        self._database = ground.database
        self._storage = ground.storage
        self._outbox = ground.outbox
        self._course = Course(ground.ledger, ground.outbox)
        self._fitting = fitting
        self._imaging = imaging
        self._renderer = renderer
        self._work_dir = work_dir

    async def run(self, context: JobContext[Any]) -> dict[str, Any]:
        """Make the video of the revision named in the job; a resumed job redoes only what was not finished.

        Raises:
            EttamettaError: as its steps do; the ledger records it.
        """
        production, revision = await self._load(context)
        if not _is_wanted(production, revision):
            return await self._earlier(production, revision)
        async with self._database.read_scope() as session:
            twin = await find_twin(session, self._storage, production, revision)
        if twin is not None:
            return await self._as_twin(context.job, revision, twin)
        storyboard = Storyboard.model_validate(revision.storyboard)
        workdir = self._work_dir / _folder_name(context.job.id, context.job.lease_owner)
        try:
            await asyncio.to_thread(self._prepare, workdir, context.job.id)
            return await self._make(context, production, revision, storyboard, workdir)
        finally:
            await asyncio.to_thread(shutil.rmtree, workdir, ignore_errors=True)

    async def sweep(self) -> int:
        """Remove the work folders of runs that are over (their workers were killed), and give how many."""
        folders = await asyncio.to_thread(_work_folders, self._work_dir)  # first: a folder is younger than its lease
        jobs = select(Job.id, Job.lease_owner).where(Job.id.in_([path.name[:32] for path in folders]))
        async with self._database.read_scope() as session:
            running = (await session.execute(jobs.where(Job.state == JobState.RUNNING))).all()
        alive = {_folder_name(job_id, owner) for job_id, owner in running}
        gone = [path for path in folders if path.name not in alive]
        for path in gone:
            await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
        return len(gone)

    async def _earlier(self, production: Production, revision: Revision) -> dict[str, Any]:
        """What an earlier run came to, which died before it could say so."""
        async with self._database.read_scope() as session:
            row = await session.scalar(select(Video).where(Video.revision_id == revision.id))
        if row is None:
            raise _not_wanted(production)
        return _outcome(row, _Counts(0, 0, 0, sound_reused=True))

    async def _load(self, context: JobContext[Any]) -> tuple[Production, Revision]:
        async with self._database.read_scope() as session:
            production = await session.get_one(Production, context.job.payload["production_id"])
            revision = await session.get_one(Revision, context.job.payload["revision_id"])
            return production, revision

    def _prepare(self, workdir: Path, job_id: str) -> None:
        # What a killed worker left of this job is of no use: finished segments are in storage.
        for left in _work_folders(self._work_dir):
            if left.name.startswith(job_id):
                shutil.rmtree(left, ignore_errors=True)
        workdir.mkdir(parents=True)
        if shutil.disk_usage(workdir).free < MIN_FREE_BYTES:
            raise NoSpace(
                f"Less than {MIN_FREE_BYTES // 1_000_000} MB are free on the disk, too little to make a video.",
                hint="Free some space in ETTAMETTA_DATA_DIR, then retry the production.",
            )

    async def _make(
        self,
        context: JobContext[Any],
        production: Production,
        revision: Revision,
        storyboard: Storyboard,
        workdir: Path,
    ) -> dict[str, Any]:
        scenes = len(storyboard.scenes)
        before = context.job.progress  # what an earlier run finished is not redone: a bar need not go back

        async def spoken(done: int, is_new: bool) -> None:
            told = context.got_further if is_new else context.progress
            fraction = max(before, _NARRATION_SHARE * done / scenes)
            await told(fraction, "narration", f"Narration: scene {done} of {scenes}")

        async def pictured(done: int, wanted: int, is_new: bool) -> None:
            told = context.got_further if is_new else context.progress
            await told(max(before, _NARRATION_SHARE), "pictures", f"Making pictures: {done} of {wanted}")

        async def rendered(fraction: float, doing: str) -> None:
            done = _NARRATION_SHARE + (_STORE_SHARE - _NARRATION_SHARE) * fraction
            await context.progress(max(before, done), "render", doing)

        await spoken(0, is_new=False)
        fitted = await self._fitting.narrate(production, storyboard, workdir, spoken)
        narration, anew = fitted.narration, fitted.anew
        if fitted.told:
            await self._tell(revision, fitted.told)
        if production.stop_after == "narration":
            return await self._stop(context.job, revision, storyboard, anew)
        storyboard = await self._imaging.make(production, storyboard, pictured)
        assets = await self._asset_files(production.user_id, storyboard, workdir)
        cache = _CountingStore(SegmentStore(self._storage, production.user_id), context)
        own = assets.get(storyboard.music.asset_key) if storyboard.music else None
        score = await prepare_music(storyboard, production.id, own, workdir)
        is_draft = _is_draft(production)
        job = RenderInput(storyboard, narration, assets, music=score.bed if score else None)
        renderer = await asyncio.to_thread(self._renderer)
        video = await renderer.render(job, workdir / "render", cache=cache, on_progress=rendered, draft=is_draft)
        previews = await renderer.previews(job, video)
        await context.progress(_STORE_SHARE, "store", "Putting it away")
        credited = await self._credited(production.user_id, storyboard)
        credited += [score.credit] if score and score.credit else []
        written, description = await _credits(storyboard, credited, workdir)
        columns = await file_video(self._storage, video, previews, written, cover=cover_of(production))
        row = await self._finish(context.job, revision, columns, description)
        return _outcome(row, _Counts(anew, video.segments_encoded, video.segments_reused, video.sound_reused))

    async def _stop(self, job: JobView, revision: Revision, storyboard: Storyboard, anew: int) -> dict[str, Any]:
        """Wait where the person asked to, with every scene spoken."""
        async with last_word(self._database, job) as (session, row):
            if not _is_wanted(row, revision):
                raise _not_wanted(row)
            await self._course.wait(session, row, storyboard_text(storyboard))
            return {"state": str(row.state), **asdict(_Counts(anew, 0, 0, sound_reused=False))}

    async def _tell(self, revision: Revision, sentence: str) -> None:
        """Add to what is said about a revision, once."""
        async with self._database.session_scope() as session:
            row = await session.get_one(Revision, revision.id)
            if sentence not in row.note:
                row.note = f"{row.note} {sentence}".strip()

    async def _asset_files(self, user_id: str, storyboard: Storyboard, workdir: Path) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for number, key in enumerate(_asset_keys(storyboard)):
            await self._check_owner(user_id, key)
            local = self._storage.local_path(key)
            if local is None:
                local = workdir / f"asset-{number}"
                await self._storage.fetch_to(key, local)
            files[key] = await asyncio.to_thread(local.resolve)
        return files

    async def _check_owner(self, user_id: str, key: str) -> None:
        async with self._database.read_scope() as session:
            mine = select(Asset.id).where(Asset.user_id == user_id, Asset.storage_key == key).limit(1)
            if await session.scalar(mine) is None:
                raise NotFound("A picture of the storyboard is not here any more.", hint="Send it again.")

    async def _as_twin(self, job: JobView, revision: Revision, twin: Twin) -> dict[str, Any]:
        """The video of the source with another cover: nothing is spoken, drawn or encoded."""
        row = await self._finish(job, revision, twin.columns, twin.description)
        return _outcome(row, _Counts(0, 0, 0, sound_reused=True))

    async def _finish(self, job: JobView, revision: Revision, columns: dict[str, Any], description: str) -> Video:
        """Say in one transaction that the video is there; its files are in storage."""
        async with last_word(self._database, job) as (session, current):
            if not _is_wanted(current, revision):
                raise _not_wanted(current)
            row = await video_row(session, revision, columns, draft=_is_draft(current))
            check_move(ProductionState(current.state), ProductionState.RENDERED)
            current.state = ProductionState.RENDERED
            await show_progress(session, self._outbox, current, fraction=1.0, stage="done", message="Done.")
            payload = {"production_id": current.id, "video_id": row.id, "title": current.title,
                       "description": description}  # fmt: skip
            key = f"video:{row.id}"
            await self._outbox.put(
                session, user_id=current.user_id, chat_id=current.chat_id, key=key, kind="video", payload=payload
            )
            return row

    async def _credited(self, user_id: str, storyboard: Storyboard) -> list[CreditedAsset]:
        """The assets that are seen or heard in a storyboard, once each, with where they come from."""
        async with self._database.read_scope() as session:
            return await credited_assets(session, user_id, storyboard)


class _CountingStore:
    """A segment store that tells the ledger of each kept segment: a finished step that will not be redone."""

    def __init__(self, store: SegmentStore, context: JobContext[Any]) -> None:
        self._store = store
        self._context = context

    async def fetch(self, key: str, to_path: Path) -> bool:
        """See SegmentStore."""
        return await self._store.fetch(key, to_path)

    async def store(self, key: str, path: Path) -> None:
        """Keep a segment, and forgive earlier crashes of the job."""
        await self._store.store(key, path)
        await self._context.checkpoint()


def _asset_keys(storyboard: Storyboard) -> list[str]:
    """The files a storyboard names, each once."""
    seen = [scene.visual.asset_key for scene in storyboard.scenes if is_from_file(scene.visual)]
    heard = [storyboard.music.asset_key] if storyboard.music and storyboard.music.asset_key else []
    logo = [storyboard.brand.logo_key] if storyboard.brand and storyboard.brand.logo_key else []
    return list(dict.fromkeys([*seen, *heard, *logo]))


def _is_wanted(production: Production, revision: Revision) -> bool:
    """Whether a production waits for the video of this revision."""
    return production.state == ProductionState.RENDERING and production.current_revision_id == revision.id


def _is_draft(production: Production) -> bool:
    """Whether a quick look is asked for."""
    return repository.is_draft(production, None)


def _not_wanted(production: Production) -> Conflict:
    return Conflict(
        f"The production is {production.state} and does not wait for this video.",
        hint="Look at its status to see what can be done.",
        code="production.not_wanted",
    )


def _outcome(row: Video, counts: _Counts) -> dict[str, Any]:
    return {"video_id": row.id, "checks_ok": bool(row.checks.get("ok")), **asdict(counts)}


def _folder_name(job_id: str, lease_owner: str | None) -> str:
    return f"{job_id}.{(lease_owner or 'run').rpartition('/')[2]}"


def _work_folders(work_dir: Path) -> list[Path]:
    if not work_dir.is_dir():
        return []
    return [path for path in work_dir.iterdir() if _WORK_FOLDER.fullmatch(path.name)]


async def _credits(storyboard: Storyboard, credited: list[CreditedAsset], workdir: Path) -> tuple[Path, str]:
    """The credits as a file, and the description of the video."""
    written = workdir / "credits.txt"
    emoji = emoji_credit(lettered_text(storyboard))
    await asyncio.to_thread(written.write_text, credits_text(storyboard, credited) + emoji, encoding="utf-8")
    return written, description_text(storyboard, credited, emoji.strip())
