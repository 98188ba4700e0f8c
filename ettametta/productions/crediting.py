"""Which files a storyboard shows and sounds, with what their rows know of them: for the credits."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.models import Asset
from ettametta.scripts.credits import CreditedAsset
from ettametta.storyboard import Storyboard, is_from_file


def asset_keys(storyboard: Storyboard) -> tuple[str, ...]:
    """The storage keys of all files a storyboard names, once each: pictures, recordings, music, the logo."""
    keys: dict[str, None] = {}
    for scene in storyboard.scenes:
        if is_from_file(scene.visual):
            keys[scene.visual.asset_key] = None
        if scene.recording is not None:
            keys[scene.recording.asset_key] = None
    if storyboard.music is not None:
        keys[storyboard.music.asset_key] = None
    if storyboard.brand is not None:
        keys[storyboard.brand.logo_key] = None
    return tuple(key for key in keys if key)


def lettered_text(storyboard: Storyboard) -> str:
    """All words a video shows: title (in its previews), captions, headings, lower third, designed scenes."""
    captions = storyboard.narration if storyboard.style.captions.mode != "off" else ""
    third = storyboard.brand.lower_third if storyboard.brand is not None else ""
    scenes = [f"{scene.on_screen} {scene.visual.model_dump_json()}" for scene in storyboard.scenes]
    return " ".join((storyboard.title, captions, third, *scenes))


async def credited_assets(session: AsyncSession, user_id: str, storyboard: Storyboard) -> list[CreditedAsset]:
    """The files of a storyboard with where they come from, in the order they first appear.

    Where the same file came in twice, the row that states a licence counts: it is the one that owes something.
    """
    keys = asset_keys(storyboard)
    wanted = select(Asset).where(Asset.user_id == user_id, Asset.storage_key.in_(keys)).order_by(Asset.created_at)
    rows: dict[str, Asset] = {}
    for row in await session.scalars(wanted):
        known = rows.get(row.storage_key)
        if known is None or (known.licence is None and row.licence is not None):
            rows[row.storage_key] = row
    return [_credited(rows[key], storyboard) for key in keys if key in rows]


def _credited(row: Asset, storyboard: Storyboard) -> CreditedAsset:
    is_logo = storyboard.brand is not None and storyboard.brand.logo_key == row.storage_key
    kind = "logo" if is_logo else row.kind
    return CreditedAsset(row.name, kind, row.author, row.licence, row.source_url, row.origin, row.storage_key)
