"""While a turn takes long, a message with a button that stops it; it goes away with the turn."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiogram.exceptions import AiogramError

from agent.telegram.buttons import Act, Buttons
from agent.telegram.client import Client
from agent.telegram.pace import Held
from agent.telegram.parcels import Shown

#: Most turns end sooner.
OFFER_AFTER_S = 8.0
TAKES_LONG = "I am still at it."


@contextlib.asynccontextmanager
async def offering_to_stop(
    client: Client, buttons: Buttons, chat_id: int, *, after_s: float = OFFER_AFTER_S
) -> AsyncIterator[None]:
    """Within the block, after a while, a person can press Stop."""
    offer = asyncio.create_task(_offer(client, buttons, chat_id, after_s))
    try:
        yield
    finally:
        offer.cancel()
        await asyncio.gather(offer, return_exceptions=True)


async def _offer(client: Client, buttons: Buttons, chat_id: int, after_s: float) -> None:
    await asyncio.sleep(after_s)
    keyboard = buttons.rows(str(chat_id), [("Stop", Act.SAY, "/stop")])
    try:
        message_id = await client.send(chat_id, Shown(TAKES_LONG, keyboard=keyboard, silent=True))
    except (AiogramError, Held, OSError):
        return  # a courtesy: /stop works without it
    try:
        await asyncio.Event().wait()
    finally:
        await client.remove(chat_id, message_id)
