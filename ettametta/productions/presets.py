"""Named sets of wishes that a person saved; the one called "default" goes for every video that says nothing else."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, storable
from ettametta.errors import InvalidInput, NotFound
from ettametta.models import Preset
from ettametta.productions import repository
from ettametta.productions.options import VideoOptions
from ettametta.users import audit

#: The name of what goes for every video.
DEFAULT = "default"
_MAX_PRESETS = 50
#: Wishes that make no sense for another video.
_OF_ONE_VIDEO = frozenset({"draft", "narration_asset_id", "search_terms", "stop_after"})
#: One of them says which music is heard.
_HEARD = frozenset({"mood", "track", "asset_key"})
_NAME = re.compile(r"[^\W_][\w .\-]{0,39}")


class PresetView(BaseModel):
    """A preset: its name, and what it sets of VideoOptions."""

    model_config = ConfigDict(frozen=True)

    name: str
    options: dict[str, Any]


class Presets:
    """The presets of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, user_id: str, name: str, options: VideoOptions) -> PresetView:
        """Keep wishes under a name; what was kept under it is replaced. Only what was set is kept.

        Raises:
            InvalidInput: the name does not do, or there are too many.
        """
        name = _checked(name)
        wanted = options.model_dump(mode="json", exclude_unset=True)
        async with self._database.session_scope() as session:
            row = await _find(session, user_id, name)
            if row is None:
                await _check_room(session, user_id)
                row = Preset(user_id=user_id, name=name)
                session.add(row)
            row.options = wanted
        return PresetView(name=name, options=wanted)

    async def save_from(self, user_id: str, name: str, production_id: str) -> PresetView:
        """Keep the wishes with which a production was asked for.

        Raises:
            NotFound: there is no such production for this user.
            InvalidInput: the name does not do, or there are too many.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            options = VideoOptions.model_validate(row.brief.get("options", {}))
        usual = VideoOptions()
        said = {key: value for key, value in options if value != getattr(usual, key) and key not in _OF_ONE_VIDEO}
        return await self.save(user_id, name, VideoOptions(**said))

    async def all(self, user_id: str) -> list[PresetView]:
        """All presets of a person, by name."""
        mine = select(Preset).where(Preset.user_id == user_id).order_by(Preset.name)
        async with self._database.read_scope() as session:
            return [PresetView(name=row.name, options=row.options) for row in await session.scalars(mine)]

    async def delete(self, user_id: str, name: str, *, channel: str = "") -> None:
        """Forget a preset.

        Raises:
            NotFound: there is none of that name.
        """
        async with self._database.session_scope() as session:
            row = await _find(session, user_id, name.strip().lower())
            if row is None:
                raise await _unknown(session, user_id, name)
            audit(session, user_id, "preset.deleted", channel=channel, subject=row.name)
            await session.delete(row)


async def with_preset(session: AsyncSession, user_id: str, name: str | None, options: VideoOptions) -> VideoOptions:
    """The wishes over those of a preset (None: of the one called default, if there is one).

    Raises:
        NotFound: there is no preset of that name.
    """
    row = await _find(session, user_id, (name or DEFAULT).strip().lower())
    if row is None:
        if name is None:
            return options
        raise await _unknown(session, user_id, name)
    return VideoOptions.model_validate(_over(options.model_dump(exclude_unset=True), row.options))


_OWN_MUSIC = frozenset({"music_asset_id", "music_licence"})


def _over(said: dict[str, Any], preset: dict[str, Any]) -> dict[str, Any]:
    """What was said, over what was saved; also within captions, music and brand."""
    merged = {key: value for key, value in preset.items() if not (key in _OWN_MUSIC and "music" in said)}
    for name, value in said.items():
        saved = preset.get(name)
        merged[name] = {**_kept(name, saved, value), **value} if isinstance(value, dict) else value
    return merged


def _kept(name: str, saved: Any, said: dict[str, Any]) -> dict[str, Any]:
    """What stays of a saved group; of music, not what is heard when something else is to be heard."""
    if not isinstance(saved, dict):
        return {}
    is_replaced = name == "music" and said.keys() & _HEARD
    return {key: value for key, value in saved.items() if not (is_replaced and key in _HEARD)}


def _checked(name: str) -> str:
    name = storable(name).strip().lower()
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(
            "That is no name for a preset.",
            hint="Use up to 40 letters, digits, spaces, points and hyphens.",
            code="preset.name",
        )
    return name


async def _find(session: AsyncSession, user_id: str, name: str) -> Preset | None:
    return await session.scalar(select(Preset).where(Preset.user_id == user_id, Preset.name == storable(name)))


async def _check_room(session: AsyncSession, user_id: str) -> None:
    mine = list(await session.scalars(select(Preset.id).where(Preset.user_id == user_id)))
    if len(mine) >= _MAX_PRESETS:
        raise InvalidInput(
            f"At most {_MAX_PRESETS} presets can be kept.", hint="Delete one you do not use.", code="preset.too_many"
        )


async def _unknown(session: AsyncSession, user_id: str, name: str) -> NotFound:
    names = await session.scalars(select(Preset.name).where(Preset.user_id == user_id).order_by(Preset.name))
    listed = ", ".join(names) or "none"
    return NotFound(f"There is no preset called {name[:40]}.", hint=f"There are: {listed}.", code="preset.not_found")
