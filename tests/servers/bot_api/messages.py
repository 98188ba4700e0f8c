"""Methods that write, change and delete messages of text, and what all sending methods share."""

from datetime import UTC, datetime
from typing import Any

from aiogram.enums import ChatAction
from aiogram.methods import (
    CopyMessage,
    DeleteMessage,
    DeleteMessages,
    EditMessageCaption,
    EditMessageReplyMarkup,
    EditMessageText,
    ForwardMessage,
    SendChatAction,
    SendMessage,
    SendMessageDraft,
    SetMessageReaction,
)
from aiogram.types import (
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageId,
    MessageOriginUser,
    ReplyParameters,
)

from tests.servers.bot_api.entities import RichText
from tests.servers.bot_api.limits import bad_request, caption_text, check_keyboard, message_text, rich_text
from tests.servers.bot_api.state import BotState, ChatMessage, ChatRecord, Draft, keyboard_of

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
_MEDIA = ("video", "photo", "document", "voice", "audio", "animation")
_UNSUPPORTED = ("business_connection_id", "ephemeral_message_parameters", "direct_messages_topic_id")


def deliver(state: BotState, method: Any, **content: Any) -> ChatMessage:
    """Post the bot's message after the checks every sending method shares.

    Raises:
        Refusal: chat, keyboard, reply or rate.
    """
    record, reply = sendable(state, method)
    state.rates.note(record.chat.id, "send")
    return posted(state, record, method, reply, **content)


def sendable(state: BotState, method: Any) -> tuple[ChatRecord, Message | None]:
    """The chat a method may write to, and the message it replies to."""
    for name in _UNSUPPORTED:
        if getattr(method, name, None) is not None:
            raise bad_request(f"{name} is not implemented by the test server")
    record = state.writable(method.chat_id)
    check_keyboard(getattr(method, "reply_markup", None))
    return record, state.reply_target(record, _reply_of(method))


def posted(state: BotState, record: ChatRecord, method: Any, reply: Message | None, **content: Any) -> ChatMessage:
    """Put the bot's message into the chat with what its method says of reply, markup and sound."""
    markup = getattr(method, "reply_markup", None)
    entry = state.post(
        record,
        state.bot,
        reply_to_message=reply,
        reply_markup=keyboard_of(markup),
        has_protected_content=True if getattr(method, "protect_content", None) is True else None,
        message_thread_id=getattr(method, "message_thread_id", None),
        **content,
    )
    entry.silent = bool(getattr(method, "disable_notification", None))
    entry.reply_keyboard = None if isinstance(markup, InlineKeyboardMarkup) else markup
    return entry


def _reply_of(method: Any) -> ReplyParameters | None:
    reply: ReplyParameters | None = method.reply_parameters
    if reply is None and method.reply_to_message_id is not None:
        allowed = bool(method.allow_sending_without_reply)
        return ReplyParameters(message_id=method.reply_to_message_id, allow_sending_without_reply=allowed)
    return reply


def send_message(state: BotState, method: SendMessage) -> Message:
    """Text of 1 to 4096 units."""
    rich = message_text(method.text, method.parse_mode, method.entities, edit=False)
    return deliver(
        state, method, link_preview_options=_preview(method.link_preview_options), **text_fields(rich)
    ).current


def text_fields(rich: RichText) -> dict[str, Any]:
    """Message's fields for a text."""
    return {"text": rich.text, "entities": rich.entities or None}


def caption_fields(rich: RichText) -> dict[str, Any]:
    """Message's fields for a caption."""
    return {"caption": rich.text or None, "caption_entities": rich.entities or None}


def _preview(options: object) -> LinkPreviewOptions | None:
    return options if isinstance(options, LinkPreviewOptions) else None


def edit(state: BotState, method: Any, changes: dict[str, Any]) -> Message:
    """Change one of the bot's messages; without reply_markup its buttons go, as at Telegram.

    Raises:
        Refusal: not found, not the bot's, not modified, rate.
    """
    entry = editable(state, method)
    check_keyboard(method.reply_markup)
    changes = {**changes, "reply_markup": keyboard_of(method.reply_markup)}
    if all(_same(getattr(entry.current, key), value) for key, value in changes.items()):
        raise bad_request(_NOT_MODIFIED)
    state.rates.note(entry.chat_id, "edit")
    entry.replace(entry.current.model_copy(update={**changes, "edit_date": int(datetime.now(UTC).timestamp())}))
    return entry.current


def _same(old: object, new: object) -> bool:
    return (old or None) == (new or None)


def editable(state: BotState, method: Any) -> ChatMessage:
    """The bot's own message a method wants to edit."""
    if method.inline_message_id is not None:
        raise bad_request("MESSAGE_ID_INVALID")
    entry = state.writable(method.chat_id).find(method.message_id)
    if entry is None:
        raise bad_request("message to edit not found")
    if not entry.from_bot:
        raise bad_request("message can't be edited")
    return entry


def edit_message_text(state: BotState, method: EditMessageText) -> Message:
    """New text for a text message."""
    if method.rich_message is not None:
        raise bad_request("rich_message is not implemented by the test server")
    entry = editable(state, method)
    if entry.current.text is None:
        raise bad_request("there is no text in the message to edit")
    rich = message_text(method.text, method.parse_mode, method.entities, edit=True)
    return edit(state, method, text_fields(rich))


def edit_message_caption(state: BotState, method: EditMessageCaption) -> Message:
    """New caption for a message with media."""
    entry = editable(state, method)
    if not any(getattr(entry.current, kind) for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    rich = caption_text(method.caption, method.parse_mode, method.caption_entities)
    return edit(state, method, caption_fields(rich))


def edit_message_reply_markup(state: BotState, method: EditMessageReplyMarkup) -> Message:
    """New buttons, or none."""
    return edit(state, method, {})


def delete_message(state: BotState, method: DeleteMessage) -> bool:
    """Delete one message; somebody else's only in private chats or as an administrator."""
    record = state.writable(method.chat_id)
    entry = record.find(method.message_id)
    if entry is None:
        raise bad_request("message to delete not found")
    if not _deletable(record, entry):
        raise bad_request("message can't be deleted")
    entry.deleted = True
    return True


def _deletable(record: ChatRecord, entry: ChatMessage) -> bool:
    return entry.from_bot or record.chat.type == "private" or record.bot_status == "administrator"


def delete_messages(state: BotState, method: DeleteMessages) -> bool:
    """Delete up to 100; those not found are skipped."""
    record = state.writable(method.chat_id)
    if not 1 <= len(method.message_ids) <= 100:
        raise bad_request("expected 1 to 100 message identifiers")
    for message_id in method.message_ids:
        entry = record.find(message_id)
        if entry is not None and _deletable(record, entry):
            entry.deleted = True
    return True


def send_message_draft(state: BotState, method: SendMessageDraft) -> bool:
    """A streamed preview; private chats only, 0 to 4096 units, not counted as a send."""
    record = state.writable(method.chat_id)
    if record.chat.type != "private":
        raise bad_request("the method is available only in private chats")
    if method.draft_id == 0:
        raise bad_request("draft_id must be non-zero")
    rich = rich_text(method.text, method.parse_mode, method.entities)
    if rich.units > 4096:
        raise bad_request("message is too long")
    record.drafts.append(Draft(method.draft_id, rich.text, can_stop=bool(method.can_stop)))
    return True


def send_chat_action(state: BotState, method: SendChatAction) -> bool:
    """What the bot is doing, kept in ChatRecord.actions."""
    record = state.writable(method.chat_id)
    if method.action not in set(ChatAction):
        raise bad_request("wrong parameter action in request")
    record.actions.append(str(method.action))
    return True


def set_message_reaction(state: BotState, method: SetMessageReaction) -> bool:
    """The bot's reaction on a message; an empty list takes it away."""
    entry = state.writable(method.chat_id).find(method.message_id)
    if entry is None:
        raise bad_request("message to react not found")
    if len(method.reaction or []) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    entry.reactions[state.bot.id] = list(method.reaction or [])
    return True


def forward_message(state: BotState, method: ForwardMessage) -> Message:
    """The same content once more, with its origin."""
    record, source = state.writable(method.chat_id), _source(state, method)
    state.rates.note(record.chat.id, "send")
    author = source.from_user or state.bot
    origin = MessageOriginUser(date=source.date, sender_user=author)
    return state.post(record, state.bot, forward_origin=origin, **content_of(source)).current


def copy_message(state: BotState, method: CopyMessage) -> MessageId:
    """The same content once more, as the bot's own; a given caption replaces the old one."""
    source = _source(state, method)
    content = content_of(source)
    if method.caption is not None:
        content |= caption_fields(caption_text(method.caption, method.parse_mode, method.caption_entities))
    return MessageId(message_id=deliver(state, method, **content).message_id)


def _source(state: BotState, method: ForwardMessage | CopyMessage) -> Message:
    entry = state.readable(method.from_chat_id).find(method.message_id)
    if entry is None:
        raise bad_request("message to forward not found")
    return entry.current


def content_of(message: Message) -> dict[str, Any]:
    """The fields of a message that make up its content."""
    names = ("text", "entities", "caption", "caption_entities", *_MEDIA)
    return {name: getattr(message, name) for name in names if getattr(message, name) is not None}


MESSAGE_HANDLERS: dict[str, Any] = {
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "sendMessageDraft": send_message_draft,
    "sendChatAction": send_chat_action,
    "setMessageReaction": set_message_reaction,
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
}
