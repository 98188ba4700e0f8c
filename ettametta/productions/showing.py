"""Shows what there is in the chat, when a person asks to see it: a finished video once more, its contact sheet."""

from __future__ import annotations

from ettametta.errors import NotFound
from ettametta.kit.ids import content_key
from ettametta.productions import repository
from ettametta.productions.ground import Ground
from ettametta.productions.values import EditView


class Showing:
    """Puts into the outbox what a person wants to see."""

    def __init__(self, ground: Ground) -> None:
        self._database = ground.database
        self._storage = ground.storage
        self._outbox = ground.outbox

    async def send_again(self, production_id: str, *, user_id: str | None, key: str) -> EditView:
        """Send the finished video of the current revision once more; the same `key` sends it once.

        Raises:
            NotFound: there is no such production for this user, or it has no finished video.
        """
        async with self._database.session_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            revision = await repository.current_revision(session, row)
            video = await repository.video_of(session, revision.id)
            if video is None:
                raise NotFound(
                    "The current revision has no finished video.",
                    hint="Ask for the status to see how far it is.",
                    code="production.no_video",
                )
            payload = {"production_id": row.id, "video_id": video.id, "title": row.title, "description": ""}
            own = f"video:{video.id}:{content_key(again=key)[:24]}"
            await self._outbox.put(
                session, user_id=row.user_id, chat_id=row.chat_id, key=own, kind="video", payload=payload
            )
            return await repository.edit_view(session, row, revision, [])

    async def send_sheet(self, production_id: str, *, user_id: str, chat_id: str | None, key: str) -> bool:
        """Send the contact sheet of the current revision's video; the same `key` sends it once.

        Gives False when there is none yet: the video is still being made, or its sheet could not be drawn.

        Raises:
            NotFound: there is no such production for this user, or it has no storyboard yet.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            revision = await repository.current_revision(session, row)
            video = await repository.video_of(session, revision.id)
        if video is None or video.contact_sheet_key is None or not await self._storage.exists(video.contact_sheet_key):
            return False
        payload = {"production_id": row.id, "title": row.title, "revision": revision.number,
                   "storage_key": video.contact_sheet_key}  # fmt: skip
        own = f"sheet:{video.id}:{content_key(sheet=key)[:24]}"
        async with self._database.session_scope() as session:
            await self._outbox.put(session, user_id=user_id, chat_id=chat_id, key=own, kind="photo", payload=payload)
        return True
