"""Answers go out through the outbox, as rows under the turn's id: a crash neither loses nor doubles them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from agent.runtime.values import Answer, Included, Incoming, TurnEvent
from agent.telegram.buttons import Buttons
from agent.telegram.client import Client
from agent.telegram.parcels import ChoicePayload, TextPayload
from agent.telegram.rich import split
from agent.telegram.waiting import offering_to_stop
from ettametta.db import Database
from ettametta.delivery.outbox import Outbox
from ettametta.errors import Bug
from ettametta.users import Person


class Talker(Protocol):
    """Takes turns of conversation."""

    def turn(self, incoming: Incoming) -> AsyncIterator[TurnEvent]:
        """One turn; the last event is its `Answer`, or `Included`."""
        ...

    def interject(self, incoming: Incoming) -> bool:
        """Let a message that comes while a turn runs stop it or add to it; its own turn comes all the same."""
        ...


class Replies:
    """Says things to people who are known."""

    def __init__(self, database: Database, outbox: Outbox, client: Client, talker: Talker, buttons: Buttons) -> None:
        self._buttons = buttons
        self._database = database
        self._outbox = outbox
        self._client = client
        self._talker = talker

    async def converse(
        self, incoming: Incoming, *, telegram_chat_id: int, reply_to: int | None, note: str = ""
    ) -> None:
        """Take a turn and answer; `note` is said before the answer."""
        answer: Answer | Included | None = None
        offering = offering_to_stop(self._client, self._buttons, telegram_chat_id)
        async with self._client.typing(telegram_chat_id), offering:
            async for event in self._talker.turn(incoming):
                if isinstance(event, Answer | Included):
                    answer = event
        if isinstance(answer, Included):
            return
        if answer is None:
            raise Bug("A turn of conversation ended without an answer.", code="bug.no_answer")
        text = f"{note}\n\n{answer.text}".strip()
        choices = tuple(ChoicePayload(label=one.label, command=one.command) for one in answer.choices)
        await self.say(incoming.person, f"answer:{incoming.turn_id}", text, reply_to=reply_to, choices=choices)

    def interject(self, incoming: Incoming) -> None:
        """See `Talker`."""
        self._talker.interject(incoming)

    async def say(
        self,
        person: Person,
        key: str,
        text: str,
        *,
        reply_to: int | None = None,
        choices: tuple[ChoicePayload, ...] = (),
    ) -> None:
        """Write a text, in as many messages as it needs. The same key again says it once."""
        pieces = split(text)
        async with self._database.session_scope() as session:
            for number, piece in enumerate(pieces):
                is_last = number == len(pieces) - 1
                payload = TextPayload(
                    text=piece, reply_to=None if number else reply_to, choices=choices if is_last else ()
                )
                await self._outbox.put(
                    session,
                    user_id=person.user_id,
                    chat_id=person.chat_id,
                    key=f"{key}:{number}",
                    kind="text",
                    payload=payload.model_dump(mode="json"),
                )
