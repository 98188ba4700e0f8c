"""What an update means: a message is a turn of conversation, a press on a button acts on the domain directly."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User
from aiogram.types import Update as TelegramUpdate

from agent.runtime.values import Incoming
from agent.telegram.access import ALREADY, NOT_YOURS, WELCOME, Doorman, is_pairing
from agent.telegram.buttons import Act, Buttons, Press
from agent.telegram.client import Client
from agent.telegram.incoming import NOT_YET, Receiver, is_readable, is_unreadable
from agent.telegram.replies import Replies
from ettametta.conversation import Update
from ettametta.errors import Conflict, NotFound
from ettametta.productions.service import Productions
from ettametta.productions.state import ProductionState
from ettametta.users import Person
from tools import Permission

_log = structlog.get_logger(__name__)

CHANNEL = "telegram"

EDITED = "I saw that you changed a message. I go by new ones: please send it again."
STALE = "That button is no longer good. Ask for the status instead."
VIEWER = "You may look, but not change anything here."
SORRY = "Something went wrong on our side, and I could not do that. Try it again, or look for reference {} in the log."


class Handlers:
    """Carries out updates; see `lanes.UpdateHandler`."""

    def __init__(
        self,
        client: Client,
        doorman: Doorman,
        receiver: Receiver,
        replies: Replies,
        buttons: Buttons,
        productions: Productions,
    ) -> None:
        self._client = client
        self._doorman = doorman
        self._receiver = receiver
        self._replies = replies
        self._buttons = buttons
        self._productions = productions

    async def handle(self, batch: Sequence[Update]) -> None:
        """See `lanes.UpdateHandler`."""
        updates = [TelegramUpdate.model_validate(one.payload) for one in batch]
        first = updates[0]
        if first.callback_query is not None:
            await self._on_press(batch[0].id, first.callback_query)
        elif first.my_chat_member is not None:
            _note_membership(first.my_chat_member)
        elif first.edited_message is not None:
            await self._on_edit(batch[0].id, first.edited_message)
        else:
            messages = [one.message for one in updates if one.message is not None]
            if messages:
                await self._on_messages(batch[0].id, messages)

    async def overtake(self, update: Update) -> None:
        """See `lanes.UpdateHandler`: words and pressed words may stop the running turn or add to it."""
        telegram = TelegramUpdate.model_validate(update.payload)
        message, query = telegram.message, telegram.callback_query
        chat = query.message.chat if query and query.message else message.chat if message else None
        sender = query.from_user if query else message.from_user if message else None
        if chat is None or sender is None or sender.is_bot or chat.type != "private":
            return
        press = self._buttons.read(query.data, str(chat.id)) if query else None
        text = press.value if press and press.act is Act.SAY else (message.text if message else None)
        person = await self._doorman.find(sender, chat.id)
        if person is not None and text:
            is_forwarded = message is not None and message.forward_origin is not None
            self._replies.interject(Incoming(person, CHANNEL, text, update.id, is_forwarded=is_forwarded))

    # -- messages ----------------------------------------------------------------------------------------------------

    async def _on_messages(self, turn_id: str, messages: Sequence[Message]) -> None:
        first = messages[0]
        sender = first.from_user
        if sender is None or sender.is_bot:
            return
        if first.chat.type != "private":
            await self._doorman.in_group(first.chat.id)
            return
        person = await self._doorman.find(sender, first.chat.id)
        if person is None:
            await self._on_stranger(turn_id, sender, first)
        elif is_pairing(first.text or ""):
            await self._replies.say(person, f"reply:{turn_id}", ALREADY, reply_to=first.message_id)
        elif any(is_readable(message) for message in messages):
            await self._converse(turn_id, person, messages)
        elif is_unreadable(first):
            await self._replies.say(person, f"reply:{turn_id}", NOT_YET, reply_to=first.message_id)

    async def _on_stranger(self, turn_id: str, sender: User, message: Message) -> None:
        person = await self._doorman.meet(sender, message)
        if person is not None:
            await self._replies.say(person, f"reply:{turn_id}", WELCOME.format(name=person.name))

    async def _converse(self, turn_id: str, person: Person, messages: Sequence[Message]) -> None:
        first = messages[0]
        material = await self._receiver.receive(person, messages)
        note = "\n".join(material.problems)
        if note and not material.attachments:
            # The words were about the file: without it they would be taken for something else.
            await self._replies.say(person, f"reply:{turn_id}", note, reply_to=first.message_id)
            return
        incoming = Incoming(
            person=person,
            channel=CHANNEL,
            text=material.text,
            turn_id=turn_id,
            attachments=material.attachments,
            is_forwarded=material.is_forwarded,
        )
        await self._replies.converse(incoming, telegram_chat_id=first.chat.id, reply_to=first.message_id, note=note)

    async def _on_edit(self, turn_id: str, message: Message) -> None:
        if message.from_user is None or message.chat.type != "private":
            return
        person = await self._doorman.find(message.from_user, message.chat.id)
        if person is not None:
            await self._replies.say(person, f"reply:{turn_id}", EDITED, reply_to=message.message_id)

    async def apologise(self, batch: Sequence[Update], reference: str) -> None:
        """See `lanes.UpdateHandler`."""
        update = TelegramUpdate.model_validate(batch[0].payload)
        message = update.message or (update.callback_query.message if update.callback_query else None)
        sender = (
            update.callback_query.from_user if update.callback_query else update.message and update.message.from_user
        )
        if message is None or not isinstance(sender, User) or message.chat.type != "private":
            return
        person = await self._doorman.find(sender, message.chat.id)
        if person is not None:
            await self._replies.say(person, f"sorry:{batch[0].id}", SORRY.format(reference))

    # -- presses -----------------------------------------------------------------------------------------------------

    async def _on_press(self, turn_id: str, query: CallbackQuery) -> None:
        chat = query.message.chat if query.message is not None else None
        if chat is None or chat.type != "private":
            await self._client.toast(query.id, STALE, alert=True)
            return
        person = await self._doorman.find(query.from_user, chat.id)
        if person is None:
            await self._client.toast(query.id, NOT_YOURS, alert=True)
            return
        press = self._buttons.read(query.data, str(chat.id))
        if press is None:
            _log.warning("telegram.bad_press", telegram_user_id=query.from_user.id)
            await self._client.toast(query.id, STALE, alert=True)
        elif press.act is Act.SAY:
            await self._client.toast(query.id)
            incoming = Incoming(person=person, channel=CHANNEL, text=press.value, turn_id=turn_id)
            await self._replies.converse(incoming, telegram_chat_id=chat.id, reply_to=None)
        else:
            await self._act(person, press, query)

    async def _act(self, person: Person, press: Press, query: CallbackQuery) -> None:
        if Permission.of(person.role) < Permission.EDITOR:
            await self._client.toast(query.id, VIEWER, alert=True)
            return
        try:
            done = await self._carry_out(person, press)
        except (Conflict, NotFound) as error:
            await self._client.toast(query.id, str(error), alert=True)
        else:
            await self._client.toast(query.id, done)
        if press.act in {Act.YES, Act.NO} and isinstance(query.message, Message):
            await self._client.take_buttons_off(query.message)

    async def _carry_out(self, person: Person, press: Press) -> str:
        """Do what a button says, without a model; gives the words for the person."""
        user_id = person.user_id
        if press.act is Act.CANCEL:
            return await self._cancel(press.value, user_id)
        if press.act is Act.RETRY:
            await self._productions.retry(press.value, user_id=user_id, channel=CHANNEL)
            return "I have taken it up again."
        accept = press.act is Act.YES
        await self._productions.answer(press.value, user_id=user_id, accept=accept, channel=CHANNEL)
        return "Thank you, I go on." if accept else "All right, I leave it."

    async def _cancel(self, production_id: str, user_id: str) -> str:
        try:
            view = await self._productions.cancel(production_id, user_id=user_id, channel=CHANNEL)
        except Conflict:
            view = await self._productions.get(production_id, user_id=user_id)
            if view.state is not ProductionState.CANCELLED:
                raise
        return "Cancelled." if view.state is ProductionState.CANCELLED else "It stops in a moment."


def _note_membership(event: ChatMemberUpdated) -> None:
    _log.info("telegram.membership", chat_id=event.chat.id, status=event.new_chat_member.status)
