"""The client: an edit that changes nothing asks Telegram nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from agent.telegram.client import _REMEMBERED, Client
from agent.telegram.pace import Pace
from agent.telegram.parcels import Shown


class _Bot:
    def __init__(self) -> None:
        self.asked: list[TelegramMethod[Any]] = []

    async def __call__(self, method: TelegramMethod[Any], request_timeout: int | None = None) -> Any:
        del request_timeout
        self.asked.append(method)
        return SimpleNamespace(message_id=7)

    def count(self, kind: type) -> int:
        return sum(isinstance(method, kind) for method in self.asked)


@pytest.fixture
def bot() -> _Bot:
    return _Bot()


@pytest.fixture
def client(bot: _Bot) -> Client:
    return Client(cast("Any", bot), Pace())


def _with_button(data: str) -> Shown:
    button = InlineKeyboardButton(text="Cancel", callback_data=data)
    return Shown("10%", keyboard=InlineKeyboardMarkup(inline_keyboard=[[button]]))


async def test_the_same_again_is_not_sent_again(bot: _Bot, client: Client) -> None:
    assert await client.send(1, Shown("10%", silent=True)) == 7
    assert await client.edit(1, 7, Shown("10%"))
    assert bot.count(EditMessageText) == 0
    for text in ("20%", "20%", "10%"):
        assert await client.edit(1, 7, Shown(text))
    assert bot.count(EditMessageText) == 2
    assert bot.count(SendMessage) == 1


async def test_other_buttons_other_chats_and_other_messages_are_something_else(bot: _Bot, client: Client) -> None:
    for shown in (_with_button("a"), _with_button("b")):
        await client.edit(1, 7, shown)
    await client.edit(1, 8, _with_button("b"))
    await client.edit(2, 7, _with_button("b"))
    assert bot.count(EditMessageText) == 4


async def test_only_so_many_messages_are_remembered(client: Client, bot: _Bot) -> None:
    client._shown.update({(9, number): Shown("x") for number in range(_REMEMBERED)})
    await client.edit(1, 7, Shown("y"))
    assert len(client._shown) == _REMEMBERED
    assert bot.count(EditMessageText) == 1
