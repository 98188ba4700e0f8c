"""The person's files in a storyboard: found by asset id, and proven to be theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import storable
from ettametta.edits import Operation, Pictures, Restyle, SwapVisual
from ettametta.errors import InvalidInput, NotFound
from ettametta.models import Asset
from ettametta.productions import repository
from ettametta.productions.options import VideoOptions
from ettametta.storyboard import Brand, ClipVisual, Music, PhotoVisual, Storyboard, is_from_file


async def named_files(session: AsyncSession, operations: Sequence[Operation], *, user_id: str) -> Pictures:
    """The files that operations name.

    Raises:
        NotFound: one is not this user's.
        InvalidInput: one is not of the right kind.
    """
    visuals: dict[str, PhotoVisual | ClipVisual] = {}
    sounds: dict[str, str] = {}
    for operation in operations:
        if isinstance(operation, SwapVisual) and operation.asset_id is not None:
            visuals[operation.asset_id] = visual_of(
                await repository.find_asset(session, operation.asset_id, user_id=user_id)
            )
        elif isinstance(operation, Restyle) and operation.music and operation.music.asset_id is not None:
            row = await repository.find_asset(session, operation.music.asset_id, user_id=user_id)
            if row.kind in _KINDS["music"]:
                sounds[operation.music.asset_id] = row.storage_key
    return Pictures(visuals, sounds=sounds)


def visual_of(row: Asset) -> PhotoVisual | ClipVisual:
    """How a photo or clip is shown.

    Raises:
        InvalidInput: it is neither.
    """
    if row.width is None or row.height is None:
        raise InvalidInput("That file is neither a photo nor a clip.", hint="Send a photo or a video.")
    if row.kind == "clip" and row.duration_s:
        return ClipVisual(asset_key=row.storage_key, width=row.width, height=row.height, duration_s=row.duration_s)
    return PhotoVisual(asset_key=row.storage_key, width=row.width, height=row.height)


#: What each use of a file takes, by the kind of its asset.
_KINDS = {
    "picture": {"photo", "clip"},
    "recording": {"audio"},
    "music": {"audio", "music"},
    "logo": {"logo", "photo"},
}
#: A use, and the storage key of the file.
_Use = tuple[str, str]


async def check_files(session: AsyncSession, old: Storyboard | None, new: Storyboard, *, user_id: str) -> None:
    """Prove that the files which a storyboard names, and the old one did not, are this user's and of the right kind.

    Raises:
        NotFound: one is not here, or is somebody else's.
        InvalidInput: one is of another kind.
    """
    await _check_uses(session, set(_uses(new)) - (set(_uses(old)) if old else set()), user_id)


async def check_wished_files(session: AsyncSession, options: VideoOptions, *, user_id: str) -> None:
    """The same for the files that wishes name.

    Raises:
        NotFound: one is not here, or is somebody else's.
        InvalidInput: one is of another kind.
    """
    await _check_uses(session, set(_look_uses(options.music, options.brand)), user_id)
    if options.narration_asset_id is not None:
        row = await repository.find_asset(session, options.narration_asset_id, user_id=user_id)
        _check_kind("recording", {row.kind})


async def with_own_music(session: AsyncSession, options: VideoOptions, *, user_id: str) -> VideoOptions:
    """The wishes with the person's own sound as the music; what they say of its licence is kept with the file.

    Raises:
        NotFound: the sound is not here, or is somebody else's.
        InvalidInput: it is no sound.
    """
    if options.music_asset_id is None:
        return options
    row = await repository.find_asset(session, options.music_asset_id, user_id=user_id)
    _check_kind("music", {row.kind})
    if options.music_licence.strip():
        row.licence = storable(options.music_licence.strip(), max_chars=200)
    music = options.music or Music()
    own = music.model_copy(update={"asset_key": row.storage_key, "mood": None, "track": ""})
    return options.model_copy(update={"music": own})


async def _check_uses(session: AsyncSession, uses: set[_Use], user_id: str) -> None:
    if not uses:
        return
    keys = {key for _, key in uses}
    mine = select(Asset.storage_key, Asset.kind).where(Asset.user_id == user_id, Asset.storage_key.in_(keys))
    kinds: dict[str, set[str]] = {}
    for key, kind in await session.execute(mine):
        kinds.setdefault(key, set()).add(kind)
    for use, key in sorted(uses):
        if key not in kinds:
            raise NotFound(f"The file for the {use} is not here.", hint="Send it again.", code="asset.not_found")
        _check_kind(use, kinds[key])


def _check_kind(use: str, kinds: set[str]) -> None:
    if not kinds & _KINDS[use]:
        raise InvalidInput(
            f"The file for the {use} is a {min(kinds)}.",
            hint=f"It takes a file of one of these kinds: {', '.join(sorted(_KINDS[use]))}.",
            code="asset.wrong_kind",
        )


def _uses(board: Storyboard) -> Iterator[_Use]:
    for scene in board.scenes:
        if is_from_file(scene.visual):
            yield "picture", scene.visual.asset_key
        if scene.recording is not None:
            yield "recording", scene.recording.asset_key
    yield from _look_uses(board.music, board.brand)


def _look_uses(music: Music | None, brand: Brand | None) -> Iterator[_Use]:
    if music is not None and music.asset_key:
        yield "music", music.asset_key
    if brand is not None and brand.logo_key:
        yield "logo", brand.logo_key
