"""From a text to a stored MP4 with a voice of tones, and what a second run, an edit, uploads and faults do to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from ettametta.errors import InvalidInput, TransientError
from ettametta.models import Asset, OutboxMessage, Production, StepResult, Usage, Video
from ettametta.productions import drafting
from ettametta.productions.progress import ProductionFollower
from ettametta.productions.state import ProductionState
from ettametta.productions.wishes import apply_options
from ettametta.storyboard import CardVisual, ClipVisual, Music, PhotoVisual, Storyboard
from tests.integration.productions.harness import (
    HEIGHT,
    WIDTH,
    FaultyTones,
    House,
    make_clip,
    make_sound,
    open_house,
    run,
    settings_for,
    small_storyboard,
    with_words,
)
from tests.servers.s3_server import ACCESS_KEY, SECRET_KEY, S3Server


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafted storyboards are small, so that encoding them takes no time."""

    def small(*arguments: object, **named: object) -> Storyboard:
        board = apply_options(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        return board.model_copy(update={"width": WIDTH, "height": HEIGHT})

    monkeypatch.setattr(drafting, "apply_options", small)


async def files_under(house: House, prefix: str) -> set[str]:
    return {file.key async for file in house.resources.storage.list(prefix)}


async def test_a_text_becomes_a_video(house: House) -> None:
    seen: list[float] = []
    started = await house.start()
    async with house.worker():
        watch = asyncio.create_task(_watch(house, started.id, seen))
        ended = await house.ended(started.id)
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)

    assert ended.state is ProductionState.RENDERED
    assert ended.error is None
    assert ended.progress == 1.0
    assert ended.title
    video = ended.video
    assert video is not None
    assert video.checks_passed, video.checks
    assert (video.width, video.height) == (WIDTH, HEIGHT)
    storage = house.resources.storage
    assert await storage.size(video.storage_key) == video.size_bytes
    keys = {video.storage_key, video.cover_key, video.thumbnail_key, video.captions_key, video.credits_key}
    rest = await files_under(house, "videos") - keys - {video.vtt_key, video.ass_key}
    assert all(key.endswith(".jpg") for key in rest)  # contact sheet and cover candidates
    assert video.vtt_key is not None
    assert (await storage.get_bytes(video.vtt_key, 100_000)).startswith(b"WEBVTT")
    written = (await storage.get_bytes(video.credits_key, 10_000)).decode()
    assert "offline writer" in written
    scenes = Storyboard.model_validate((await house.revision(ended.id)).storyboard).scenes
    captions = (await storage.get_bytes(video.captions_key, 100_000)).decode()
    spoken = " ".join(line for line in captions.splitlines() if line and not line[0].isdigit()).split()
    assert spoken == " ".join(scene.narration for scene in scenes).split()
    assert await house.narrations(ended.id) == len(scenes) == len(house.voice.spoken)
    local = storage.local_path(video.storage_key)
    assert local is not None
    with av.open(str(local)) as file:
        assert file.streams.video[0].frames == round(video.duration_s * 30)
    assert seen == sorted(seen)
    assert list((house.resources.settings.data_dir / "work").iterdir()) == []


async def _watch(house: House, production_id: str, seen: list[float]) -> None:
    while True:
        seen.append((await house.see(production_id)).progress)
        await asyncio.sleep(0.02)


async def test_parcels_for_the_chat_are_in_order(sqlite_house: House) -> None:
    house = sqlite_house
    started = await house.start()
    await house.run_next()
    await house.run_next()
    progress, video = await house.parcels()
    assert (progress.kind, video.kind) == ("progress", "video")
    assert progress.payload["state"] == "rendered"
    assert progress.payload["fraction"] == 1.0
    assert video.payload["production_id"] == started.id
    row = (await house.videos(started.id))[0]
    assert video.payload["video_id"] == row.id
    assert video.dedupe_key == f"video:{row.id}"
    assert video.payload["title"] in video.payload["description"]
    parcel = next(p for p in await house.resources.outbox.claim("terminal", "me") if p.kind == "video")
    await house.resources.outbox.sent(parcel, "1")
    assert (await house.see(started.id)).state is ProductionState.DELIVERED


async def test_a_video_that_was_shown_is_not_shown_again_when_its_production_cannot_be_marked(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house

    async def fails(_session: object, _production_id: str, _video_id: str) -> None:
        raise RuntimeError("the row is gone")

    monkeypatch.setattr(ProductionFollower, "_deliver", staticmethod(fails))
    planned = await house.planned(1)
    await house.run_next()
    outbox = house.resources.outbox
    parcel = next(p for p in await outbox.claim("terminal", "me") if p.kind == "video")
    await outbox.sent(parcel, "1")
    assert await house.count(OutboxMessage, OutboxMessage.kind == "video", OutboxMessage.state == "sent") == 1
    assert (await house.see(planned.id)).state is ProductionState.RENDERED


async def test_a_render_that_runs_again_redoes_nothing(sqlite_house: House) -> None:
    house = sqlite_house
    planned = await house.planned(3)
    first = await house.run_next()
    assert (first["scenes_narrated"], first["segments_encoded"], first["segments_reused"]) == (3, 3, 0)
    assert first["checks_ok"] is True
    async with house.resources.database.session_scope() as session:
        await session.execute(delete(Video))
        await session.execute(update(Production).values(state=ProductionState.FAILED))
    await house.resources.productions.retry(planned.id, user_id=None)
    second = await house.run_next()
    assert (second["scenes_narrated"], second["segments_encoded"], second["segments_reused"]) == (0, 0, 3)
    assert len(house.voice.spoken) == 3
    assert await house.count(Usage) == 3


async def test_a_worker_that_died_after_its_last_word_does_not_render_again(house: House) -> None:
    planned = await house.planned(2)
    context = await house.claim()
    first = await run(context)
    again = await run(context)  # the same job comes back: its end was never written down
    assert again["video_id"] == first["video_id"]
    assert (again["scenes_narrated"], again["segments_encoded"], again["segments_reused"]) == (0, 0, 0)
    assert await house.resources.ledger.succeed(context.job, again)
    assert (await house.see(planned.id)).state is ProductionState.RENDERED
    assert [parcel.kind for parcel in await house.parcels()] == ["progress", "video"]
    assert len(await house.videos(planned.id)) == 1


async def test_an_edited_scene_is_the_only_one_made_anew(sqlite_house: House) -> None:
    house = sqlite_house
    planned = await house.planned(4)
    await house.run_next()
    before = await files_under(house, "segments")
    await house.revise(planned.id, lambda board: with_words(board, 1, "Rings of glass bend it."))
    edited = await house.run_next()
    assert (edited["scenes_narrated"], edited["segments_encoded"], edited["segments_reused"]) == (1, 1, 3)
    assert len(await files_under(house, "segments") - before) == 2  # the scene, and the sound with its new words
    assert not edited["sound_reused"]
    assert len(await house.videos(planned.id)) == 2
    view = await house.see(planned.id)
    assert view.video is not None
    assert view.video.id == edited["video_id"]
    assert [parcel.kind for parcel in await house.parcels()] == ["progress", "video", "video"]


async def test_photos_and_clips_of_the_person_are_shown_and_credited(sqlite_house: House, tmp_path: Path) -> None:
    house = sqlite_house
    picture = tmp_path / "boat.jpg"
    Image.radial_gradient("L").resize((400, 600)).convert("RGB").save(picture)
    photo = await house.resources.uploads.add(house.person, picture, name="boat.jpg")
    clip = await house.resources.uploads.add(house.person, make_clip(tmp_path / "sea.mp4"), name="sea.mp4")
    started = await house.start(media_asset_ids=(photo.id, clip.id))
    await house.run_next()
    board = Storyboard.model_validate((await house.revision(started.id)).storyboard)
    assert [type(scene.visual) for scene in board.scenes if not isinstance(scene.visual, CardVisual)] == [
        PhotoVisual,
        ClipVisual,
    ]
    result = await house.run_next()
    assert result["segments_encoded"] == len(board.scenes)
    video = (await house.see(started.id)).video
    assert video is not None
    written = (await house.resources.storage.get_bytes(video.credits_key, 10_000)).decode()
    assert "boat.jpg" in written
    assert "sea.mp4" in written


async def test_music_is_played_kept_and_credited(sqlite_house: House, tmp_path: Path) -> None:
    house = sqlite_house
    song = Asset(
        user_id=house.person.user_id, kind="music", origin="upload", storage_key="uploads/song.wav", sha256="0" * 64,
        name="my song.wav", media_type="audio/wav", size_bytes=1, author="Ann", licence="CC BY 4.0",
        source_url="https://songs.example/1",
    )  # fmt: skip
    await house.resources.storage.put_file(song.storage_key, make_sound(tmp_path / "song.wav"), "audio/wav")
    async with house.resources.database.session_scope() as session:
        session.add(song)
    plain, mood = small_storyboard(1), Music(mood="upbeat")
    planned = await house.with_storyboard(plain.model_copy(update={"music": mood}))
    first = await house.run_next()
    await house.revise(planned.id, lambda board: board.model_copy(update={"music": Music(asset_key=song.storage_key)}))
    second = await house.run_next()
    await house.revise(planned.id, lambda board: board.model_copy(update={"music": mood}))
    third = await house.run_next()
    assert [made["sound_reused"] for made in (first, second, third)] == [False, False, True]
    assert all(made["checks_ok"] for made in (first, second, third))
    written = [
        (await house.resources.storage.get_bytes(video.credits_key, 10_000)).decode()
        for video in await house.videos(planned.id)
    ]
    credited = [next(line for line in text.splitlines() if line.startswith("Music: ")) for text in written]
    bundled = [line for line in credited if "MIT" in line and "https://github.com/" in line]
    own = [
        line for line in credited if all(part in line for part in ("my song", "Ann", "CC BY 4.0", "songs.example/1"))
    ]
    assert (len(bundled), len(own)) == (2, 1)


async def test_a_picture_of_somebody_else_is_not_shown(sqlite_house: House, tmp_path: Path) -> None:
    house = sqlite_house
    picture = tmp_path / "private.png"
    Image.new("RGB", (300, 300), "red").save(picture)
    theirs = await house.resources.uploads.add(await house.stranger(), picture, name="private.png")
    async with house.resources.database.read_scope() as session:
        key = (await session.get_one(Asset, theirs.id)).storage_key
    visual = PhotoVisual(asset_key=key, width=300, height=300)
    planned = await house.with_storyboard(small_storyboard(2, visuals={1: visual}))
    async with house.worker():
        ended = await house.ended(planned.id)
    assert ended.state is ProductionState.FAILED
    assert ended.error is not None
    assert ended.error.hint == "Send it again."


async def test_a_passing_fault_of_the_voice_is_ridden_out(sqlite_url: str, tmp_path: Path) -> None:
    voice = FaultyTones()
    voice.faults = [None, TransientError("The voice is busy.", retry_after_s=0.1)]
    async with open_house(settings_for(tmp_path, sqlite_url), voice=voice) as house:
        planned = await house.planned(3)
        async with house.worker():
            ended = await house.ended(planned.id)
        assert ended.state is ProductionState.RENDERED
        assert ended.error is None
        assert len(voice.spoken) == 3
        assert await house.narrations(planned.id) == 3
        (job,) = await house.jobs(planned.id)
        assert job.attempts == 2
        assert [parcel.kind for parcel in await house.parcels()] == ["progress", "video"]


async def test_a_lasting_fault_fails_with_its_reason_and_the_next_video_is_made(
    sqlite_url: str, tmp_path: Path
) -> None:
    voice = FaultyTones()
    voice.faults = [InvalidInput("There is nothing to say in this text.", hint="Give a text with words in it.")]
    async with open_house(settings_for(tmp_path, sqlite_url), voice=voice) as house:
        planned = await house.planned(2)
        async with house.worker():
            failed = await house.ended(planned.id)
            assert failed.state is ProductionState.FAILED
            assert failed.error is not None
            assert failed.error.message == "There is nothing to say in this text."
            progress, failure = await house.parcels()
            assert progress.payload["state"] == "failed"
            assert failure.kind == "failure"
            assert failure.payload["message"] == failed.error.message
            assert failure.payload["hint"] == "Give a text with words in it."
            good = await house.planned(2)
            assert (await house.ended(good.id)).state is ProductionState.RENDERED
            await house.resources.productions.retry(planned.id, user_id=None)
            assert (await house.ended(planned.id)).state is ProductionState.RENDERED


async def test_all_of_it_in_a_bucket(sqlite_url: str, tmp_path: Path) -> None:
    async with S3Server(page_size=100) as server:
        in_bucket = {
            "storage_url": "s3://videos/studio",
            "s3_endpoint": server.endpoint,
            "s3_access_key_id": ACCESS_KEY,
            "s3_secret_access_key": SECRET_KEY,
        }
        async with open_house(settings_for(tmp_path, sqlite_url, **in_bucket)) as house:
            picture = tmp_path / "boat.png"
            Image.radial_gradient("L").resize((200, 300)).convert("RGB").save(picture)
            photo = await house.resources.uploads.add(house.person, picture, name="boat.png")
            started = await house.start(media_asset_ids=(photo.id,))
            await house.run_next()
            first = await house.run_next()
            assert first["checks_ok"] is True
            video = (await house.see(started.id)).video
            assert video is not None
            assert len(server.objects[f"studio/{video.storage_key}"].body) == video.size_bytes
            await house.revise(started.id, lambda board: with_words(board, 0, "Another beginning."))
            second = await house.run_next()
            assert (second["segments_encoded"], second["scenes_narrated"]) == (1, 1)
            assert not (tmp_path / "files").exists()
            assert list((tmp_path / "work").iterdir()) == []


async def test_a_narration_whose_file_is_lost_is_spoken_again(sqlite_house: House) -> None:
    house = sqlite_house
    planned = await house.planned(2)
    await house.run_next()
    async with house.resources.database.read_scope() as session:
        kept = (await session.get_one(StepResult, await _narration_key(house))).output["storage_key"]
    await house.resources.storage.delete(kept)
    await house.revise(planned.id, lambda board: board.model_copy(update={"title": "Once more"}))
    again = await house.run_next()
    assert again["scenes_narrated"] == 1
    assert again["segments_encoded"] == 0


async def _narration_key(house: House) -> str:
    async with house.resources.database.read_scope() as session:
        return (await session.scalars(select(StepResult.key).where(StepResult.step == "narration"))).first() or ""
