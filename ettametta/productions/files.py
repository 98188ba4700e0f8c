"""The person's files in a storyboard: found by asset id, and proven to be theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.edits import Operation, Pictures, Restyle, SwapVisual
from ettametta.errors import InvalidInput, NotFound
from ettametta.models import Asset
from ettametta.productions import repository
from ettametta.storyboard import ClipVisual, PhotoVisual, Storyboard, is_from_file


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
            if row.kind in {"music", "audio", "sound", "recording"}:
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


async def check_files(session: AsyncSession, old: Storyboard | None, new: Storyboard, *, user_id: str) -> None:
    """Prove that the files which a storyboard names, and the old one did not, are this user's.

    Raises:
        NotFound: one is not.
    """
    keys = set(_keys(new)) - (set(_keys(old)) if old else set())
    if not keys:
        return
    mine = select(Asset.storage_key).where(Asset.user_id == user_id, Asset.storage_key.in_(keys))
    if keys - set(await session.scalars(mine)):
        raise NotFound("A file of the storyboard is not here any more.", hint="Send it again.", code="asset.not_found")


def _keys(board: Storyboard) -> Iterator[str]:
    for scene in board.scenes:
        if is_from_file(scene.visual):
            yield scene.visual.asset_key
        if scene.recording is not None:
            yield scene.recording.asset_key
    if board.music is not None and board.music.asset_key:
        yield board.music.asset_key
    if board.brand is not None and board.brand.logo_key:
        yield board.brand.logo_key
