"""Buttons: what a press means, in callback data that is short, signed and bound to its chat."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import structlog
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from agent.runtime.values import Choice

_log = structlog.get_logger(__name__)

_MAX_DATA_BYTES = 64
_SIGNATURE_BYTES = 8
_MAX_LABEL = 60


class Act(StrEnum):
    """What a press does. The letters are part of the callback data: never give one a new meaning."""

    CANCEL = "c"
    RETRY = "r"
    YES = "y"
    NO = "n"
    #: goes on as if the person had written it
    SAY = "t"


#: Commands that a press carries out itself, without a turn of conversation.
_DIRECT = {"/cancel": Act.CANCEL, "/retry": Act.RETRY, "/yes": Act.YES, "/no": Act.NO}


@dataclass(frozen=True, slots=True)
class Press:
    """A genuine press: what to do, and the id (or the words) it is about."""

    act: Act
    value: str


class Buttons:
    """Makes and reads buttons; those made under another bot token are not read."""

    def __init__(self, token: str) -> None:
        self._key = hashlib.sha256(b"ettametta callback data\0" + token.encode()).digest()

    def button(self, label: str, act: Act, value: str, chat: str) -> InlineKeyboardButton:
        """One button for one chat."""
        data = f"{act.value}:{self._signature(act.value, value, chat)}:{value}"
        return InlineKeyboardButton(text=label[:_MAX_LABEL] or "…", callback_data=data)

    def rows(self, chat: str, *rows: Iterable[tuple[str, Act, str]]) -> InlineKeyboardMarkup:
        """A keyboard of rows of (label, act, value)."""
        keyboard = [[self.button(label, act, value, chat) for label, act, value in row] for row in rows]
        return InlineKeyboardMarkup(inline_keyboard=keyboard)

    def of_choices(self, choices: Iterable[Choice], chat: str) -> InlineKeyboardMarkup | None:
        """The choices of an answer; None when there are none that fit into a button."""
        made = [self._of_choice(choice, chat) for choice in choices]
        buttons = [one for one in made if one is not None]
        if not buttons:
            return None
        together = all(len(one.text) <= 12 for one in buttons)
        return InlineKeyboardMarkup(inline_keyboard=[buttons] if together else [[one] for one in buttons])

    def _of_choice(self, choice: Choice, chat: str) -> InlineKeyboardButton | None:
        command, _, value = choice.command.partition(" ")
        direct = _DIRECT.get(command) if value.isalnum() else None
        act, value = (direct, value) if direct else (Act.SAY, choice.command)
        made = self.button(choice.label, act, value, chat)
        if len(str(made.callback_data).encode()) > _MAX_DATA_BYTES:
            _log.warning("button.too_long", label=choice.label)
            return None
        return made

    def read(self, data: str | None, chat: str) -> Press | None:
        """The press behind callback data; None when it is not ours, was changed, or is from another chat."""
        act, _, rest = (data or "").partition(":")
        signature, _, value = rest.partition(":")
        genuine = hmac.compare_digest(signature.encode(), self._signature(act, value, chat).encode())
        return Press(Act(act), value) if genuine and act in set(Act) else None

    def _signature(self, act: str, value: str, chat: str) -> str:
        digest = hmac.digest(self._key, f"{chat}\0{act}\0{value}".encode(errors="replace"), "sha256")
        return base64.urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).rstrip(b"=").decode()
