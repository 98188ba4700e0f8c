"""Methods about the bot itself, its chats, its files and the queries it answers."""

import re
from typing import Any

from aiogram.methods import (
    AnswerCallbackQuery,
    AnswerInlineQuery,
    DeleteMyCommands,
    GetChat,
    GetChatMember,
    GetChatMemberCount,
    GetFile,
    GetMyCommands,
    LeaveChat,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import (
    AcceptedGiftTypes,
    BotCommand,
    BotDescription,
    BotName,
    BotShortDescription,
    ChatFullInfo,
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    File,
    User,
)

from tests.servers.bot_api.limits import DOWNLOAD_BYTES, bad_request
from tests.servers.bot_api.state import BotState

_OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"
_PROFILE: dict[str, tuple[str, int, type[BotName | BotDescription | BotShortDescription]]] = {
    "Name": ("name", 64, BotName),
    "Description": ("description", 512, BotDescription),
    "ShortDescription": ("short_description", 120, BotShortDescription),
}


def get_me(state: BotState, _: TelegramMethod[Any]) -> User:
    """The bot."""
    return state.bot


def log_out(state: BotState, _: TelegramMethod[Any]) -> bool:
    """After this the token is refused."""
    state.logged_out = True
    return True


def set_my_commands(state: BotState, method: SetMyCommands) -> bool:
    """Up to 100 commands for a scope and a language."""
    if len(method.commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for one in method.commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", one.command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(one.description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    state.settings[_commands_key(method)] = list(method.commands)
    return True


def get_my_commands(state: BotState, method: GetMyCommands) -> list[BotCommand]:
    """The commands of a scope and a language."""
    commands: list[BotCommand] = state.settings.get(_commands_key(method), [])
    return commands


def delete_my_commands(state: BotState, method: DeleteMyCommands) -> bool:
    """No commands any more for a scope and a language."""
    state.settings.pop(_commands_key(method), None)
    return True


def _commands_key(method: SetMyCommands | GetMyCommands | DeleteMyCommands) -> tuple[str, ...]:
    scope = method.scope.model_dump_json() if method.scope is not None else '{"type":"default"}'
    return ("commands", scope, method.language_code or "")


def set_profile(state: BotState, method: Any) -> bool:
    """setMyName, setMyDescription and setMyShortDescription."""
    field, most, _ = _PROFILE[method.__api_method__.removeprefix("setMy")]
    text = getattr(method, field) or ""
    if len(text) > most:
        raise bad_request(f"{field} is too long")
    state.settings[field, method.language_code or ""] = text
    return True


def get_profile(state: BotState, method: Any) -> BotName | BotDescription | BotShortDescription:
    """getMyName, getMyDescription and getMyShortDescription."""
    field, _, shape = _PROFILE[method.__api_method__.removeprefix("getMy")]
    default = state.bot.first_name if field == "name" else ""
    own = state.settings.get((field, method.language_code or ""))
    return shape.model_validate({field: own or state.settings.get((field, "")) or default})


def get_chat(state: BotState, method: GetChat) -> ChatFullInfo:
    """What a bot may know of a chat."""
    chat = state.readable(method.chat_id).chat
    gifts = AcceptedGiftTypes(
        unlimited_gifts=True, limited_gifts=True, unique_gifts=True, premium_subscription=True, gifts_from_channels=True
    )
    own = {name: getattr(chat, name) for name in ("id", "type", "title", "username", "first_name", "last_name")}
    return ChatFullInfo(**own, accent_color_id=0, max_reaction_count=11, accepted_gift_types=gifts)


def get_chat_member(state: BotState, method: GetChatMember) -> Any:
    """Whether somebody is in a chat, and as what."""
    record = state.readable(method.chat_id)
    if method.user_id == state.bot.id:
        return member(state.bot, "kicked" if record.blocked else record.bot_status)
    if method.user_id in record.members:
        return member(record.members[method.user_id], "member")
    if method.user_id not in state.people:
        raise bad_request("user not found")
    return member(state.people[method.user_id], "left")


def get_chat_member_count(state: BotState, method: GetChatMemberCount) -> int:
    """How many are in a chat, the bot among them."""
    return len(state.readable(method.chat_id).members) + 1


def member(user: User, status: str) -> Any:
    """A ChatMember object of this status."""
    if status == "kicked":
        return ChatMemberBanned.model_validate({"user": user, "until_date": 0})
    if status == "administrator":
        rights = {name: True for name in ChatMemberAdministrator.model_fields if name.startswith("can_")}
        return ChatMemberAdministrator.model_validate({"user": user, "is_anonymous": False, **rights})
    return ChatMemberLeft(user=user) if status == "left" else ChatMemberMember(user=user)


def leave_chat(state: BotState, method: LeaveChat) -> bool:
    """The bot leaves a group."""
    record = state.writable(method.chat_id)
    if record.chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    record.bot_status = "left"
    return True


def get_file(state: BotState, method: GetFile) -> File:
    """Where to download a file of up to 20 MB."""
    stored = state.files.by_id.get(method.file_id)
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.size > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return File(
        file_id=stored.file_id, file_unique_id=stored.file_unique_id, file_size=stored.size, file_path=stored.path
    )


def answer_callback_query(state: BotState, method: AnswerCallbackQuery) -> bool:
    """Answer a click, once."""
    click = state.clicks.get(method.callback_query_id)
    if click is None or click.answered or click.expired:
        raise bad_request(_OLD_QUERY)
    if len(method.text or "") > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    click.answered, click.text, click.show_alert = True, method.text, bool(method.show_alert)
    return True


def answer_inline_query(state: BotState, method: AnswerInlineQuery) -> bool:
    """Answer an inline query, once, with up to 50 results."""
    if state.inline_answers.get(method.inline_query_id, ()) is not None:
        raise bad_request(_OLD_QUERY)
    if len(method.results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    state.inline_answers[method.inline_query_id] = list(method.results)
    return True


ACCOUNT_HANDLERS: dict[str, Any] = {
    "getMe": get_me,
    "logOut": log_out,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    **{f"setMy{name}": set_profile for name in _PROFILE},
    **{f"getMy{name}": get_profile for name in _PROFILE},
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "getFile": get_file,
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
}
