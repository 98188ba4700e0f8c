"""Users and their chats: who the owner is, how a Telegram person is paired with an account, what is audited."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, storable
from ettametta.errors import Refused
from ettametta.kit.clock import utc_now
from ettametta.models import AuditEntry, Chat, Pairing, User

#: No I, L, O, 0 or 1: the code is read from a screen and typed on a phone.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 8
#: The first owner's id is fixed, so that processes that start together make one owner and not one each.
_FIRST_OWNER_ID = "0" * 31 + "1"
_MAX_NAME = 200
PAIRING_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Person:
    """A user in a chat: who is talking, and where the answer goes."""

    user_id: str
    chat_id: str
    name: str
    role: str
    language: str
    timezone: str


class Users:
    """Accounts and chats."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = clock

    async def owner_id(self) -> str:
        """The owner's id; the first start makes the owner."""
        async with self._database.session_scope() as session:
            return (await self._owner(session)).id

    @staticmethod
    async def _owner(session: AsyncSession) -> User:
        first = select(User).where(User.role == "owner").order_by(User.created_at, User.id).limit(1)
        owner = await session.scalar(first)
        if owner is None:
            try:
                async with session.begin_nested():
                    owner = User(id=_FIRST_OWNER_ID, name="Owner", role="owner")
                    session.add(owner)
            except IntegrityError:
                owner = await session.get_one(User, _FIRST_OWNER_ID)
        return owner

    async def local(self, *, channel: str = "terminal", external_id: str = "local") -> Person:
        """The owner at this machine's keyboard (or the internal API), with a chat of their own."""
        async with self._database.session_scope() as session:
            owner = await self._owner(session)
            chat = await _chat(session, owner.id, channel, external_id, "")
            return _person(owner, chat)

    async def in_telegram(self, telegram_user_id: int, telegram_chat_id: int, *, title: str = "") -> Person | None:
        """The person behind a Telegram account, in one of its chats; None for a stranger."""
        async with self._database.session_scope() as session:
            user = await session.scalar(select(User).where(User.telegram_user_id == telegram_user_id))
            if user is None:
                return None
            chat = await _chat(session, user.id, "telegram", str(telegram_chat_id), title)
            return None if chat.user_id != user.id else _person(user, chat)

    async def is_paired(self) -> bool:
        """Whether the owner has a Telegram account."""
        async with self._database.session_scope() as session:
            return (await self._owner(session)).telegram_user_id is not None

    async def new_pairing_code(self) -> str:
        """A fresh one-time code for the owner, valid for an hour; earlier ones stop working."""
        code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
        now = self._now()
        async with self._database.session_scope() as session:
            owner = await self._owner(session)
            await session.execute(
                update(Pairing).where(Pairing.user_id == owner.id, Pairing.used_at.is_(None)).values(expires_at=now)
            )
            session.add(Pairing(code_hash=_hash(code), user_id=owner.id, expires_at=now + PAIRING_LIFETIME))
        return code

    async def pair(self, code: str, *, telegram_user_id: int, telegram_chat_id: int, name: str) -> Person:
        """Make the sender of a valid code the owner.

        Raises:
            Refused: the code is unknown, used or too old.
        """
        async with self._database.session_scope() as session:
            wanted = select(Pairing).where(Pairing.code_hash == _hash(code), Pairing.used_at.is_(None))
            pairing = await session.scalar(wanted.where(Pairing.expires_at > self._now()).with_for_update())
            if pairing is None:
                raise Refused(
                    "That code is not valid.",
                    hint="Use the newest code that the server printed; it lasts an hour.",
                    code="pairing.bad_code",
                )
            pairing.used_at = self._now()
            user = await session.get_one(User, pairing.user_id)
            await _free_account(session, telegram_user_id, keep=user.id)
            user.telegram_user_id, user.name = telegram_user_id, storable(name, max_chars=_MAX_NAME)
            chat = await _chat(session, user.id, "telegram", str(telegram_chat_id), "")
            chat.user_id = user.id
            audit(session, user.id, "user.paired", channel="telegram", subject=str(telegram_user_id))
            return _person(user, chat)


def audit(session: AsyncSession, user_id: str | None, action: str, *, channel: str = "", subject: str = "") -> None:
    """Write down who did what, in the transaction of the deed."""
    session.add(AuditEntry(user_id=user_id, action=action, channel=channel, subject=subject))


async def _free_account(session: AsyncSession, telegram_user_id: int, *, keep: str) -> None:
    # A Telegram account speaks for one user: whoever had it before gives it up to the valid code.
    others = update(User).where(User.telegram_user_id == telegram_user_id, User.id != keep)
    await session.execute(others.values(telegram_user_id=None))


async def _chat(session: AsyncSession, user_id: str, channel: str, external_id: str, title: str) -> Chat:
    wanted = select(Chat).where(Chat.channel == channel, Chat.external_id == external_id)
    chat = await session.scalar(wanted)
    if chat is not None:
        return chat
    chat = Chat(user_id=user_id, channel=channel, external_id=external_id, title=storable(title, max_chars=_MAX_NAME))
    try:
        async with session.begin_nested():
            session.add(chat)
    except IntegrityError:
        return (await session.scalars(wanted)).one()  # made by somebody else at the same moment
    return chat


def _person(user: User, chat: Chat) -> Person:
    return Person(user.id, chat.id, user.name, user.role, user.language, user.timezone)


def _hash(code: str) -> str:
    folded = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(folded.encode()).hexdigest()
