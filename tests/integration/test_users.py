"""Users: one owner however many processes start, pairing by a code that works once, and strangers who stay out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from ettametta.db import Database
from ettametta.errors import Refused
from ettametta.models import AuditEntry, Chat, Pairing, User
from ettametta.users import PAIRING_LIFETIME, Person, Users


class _Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def users(database: Database, clock: _Clock) -> Users:
    return Users(database, clock=clock)


async def _pair(users: Users, code: str, *, account: int = 7, chat: int = 7, name: str = "Ada") -> Person:
    return await users.pair(code, telegram_user_id=account, telegram_chat_id=chat, name=name)


async def test_many_first_starts_make_one_owner_and_one_chat(database: Database, users: Users) -> None:
    owners = await asyncio.gather(*(users.owner_id() for _ in range(10)))
    people = await asyncio.gather(*(users.local() for _ in range(10)))
    assert len(set(owners)) == 1
    assert {(person.user_id, person.chat_id) for person in people} == {(owners[0], people[0].chat_id)}
    async with database.read_scope() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 1


async def test_the_local_person_is_the_owner(users: Users) -> None:
    person = await users.local()
    assert (person.user_id, person.role) == (await users.owner_id(), "owner")
    assert (await users.local(channel="api", external_id="api")).chat_id != person.chat_id


async def test_a_code_pairs_its_sender_with_the_owner_and_is_audited(database: Database, users: Users) -> None:
    assert not await users.is_paired()
    assert await users.in_telegram(7, 7) is None
    code = await users.new_pairing_code()
    person = await _pair(users, code)
    assert (person.user_id, person.name, person.role) == (await users.owner_id(), "Ada", "owner")
    assert await users.is_paired()
    assert await users.in_telegram(7, 7) == person
    async with database.read_scope() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
        assert (entry.action, entry.channel, entry.subject) == ("user.paired", "telegram", "7")
        assert code not in {row.code_hash for row in await session.scalars(select(Pairing))}


async def test_a_code_works_once(users: Users) -> None:
    code = await users.new_pairing_code()
    await _pair(users, code)
    with pytest.raises(Refused) as caught:
        await _pair(users, code, account=8)
    assert caught.value.code == "pairing.bad_code"
    assert await users.in_telegram(8, 8) is None


async def test_a_code_sent_by_two_at_once_pairs_one(users: Users) -> None:
    code = await users.new_pairing_code()
    answers = await asyncio.gather(
        *(_pair(users, code, account=number, chat=number) for number in range(1, 6)), return_exceptions=True
    )
    assert sum(isinstance(answer, Person) for answer in answers) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 4


@pytest.mark.parametrize(
    "spelling", [str.lower, lambda c: f" {c[:4]} - {c[4:]} \n", lambda c: f"{c[:4]}–{c[4:]}.", lambda c: "`" + c + "`"]
)
async def test_a_code_may_be_typed_in_any_way(users: Users, spelling: object) -> None:
    assert callable(spelling)
    person = await _pair(users, spelling(await users.new_pairing_code()))
    assert person.name == "Ada"


@pytest.mark.parametrize("wrong", ["", " ", "AAAAAAAA", "x" * 10_000, "\x00", "' OR 1=1 --", "ßßßßßßßß"])
async def test_a_wrong_code_is_refused_in_one_sentence(users: Users, wrong: str) -> None:
    await users.new_pairing_code()
    with pytest.raises(Refused):
        await _pair(users, wrong)


async def test_a_code_is_too_old_after_its_hour(users: Users, clock: _Clock) -> None:
    code = await users.new_pairing_code()
    clock.moment += PAIRING_LIFETIME
    with pytest.raises(Refused):
        await _pair(users, code)
    code = await users.new_pairing_code()
    clock.moment += PAIRING_LIFETIME - timedelta(seconds=1)
    await _pair(users, code)


async def test_a_new_code_ends_the_earlier_ones(users: Users) -> None:
    first, second = await users.new_pairing_code(), await users.new_pairing_code()
    assert first != second
    with pytest.raises(Refused):
        await _pair(users, first)
    await _pair(users, second)


async def test_the_owner_may_move_to_another_account(users: Users) -> None:
    await _pair(users, await users.new_pairing_code(), account=7)
    await _pair(users, await users.new_pairing_code(), account=8, chat=8)
    assert await users.in_telegram(7, 7) is None
    assert await users.in_telegram(8, 8) is not None


async def test_an_account_that_belonged_to_somebody_else_goes_to_the_code(database: Database, users: Users) -> None:
    async with database.session_scope() as session:
        session.add(User(name="Guest", role="viewer", telegram_user_id=7))
    person = await _pair(users, await users.new_pairing_code(), account=7)
    assert person.user_id == await users.owner_id()
    assert (await users.in_telegram(7, 7)) == person


async def test_a_chat_stays_with_its_user(database: Database, users: Users) -> None:
    await _pair(users, await users.new_pairing_code(), account=7, chat=7)
    async with database.session_scope() as session:
        session.add(User(name="Eve", role="viewer", telegram_user_id=9))
    assert await users.in_telegram(9, 7) is None
    own = await users.in_telegram(9, 9, title="T" * 500)
    assert own is not None
    async with database.read_scope() as session:
        assert len((await session.get_one(Chat, own.chat_id)).title) == 200


async def test_a_chat_seen_twice_at_once_is_one_row(users: Users) -> None:
    await _pair(users, await users.new_pairing_code())
    people = await asyncio.gather(*(users.in_telegram(7, -100) for _ in range(8)))
    assert len({person and person.chat_id for person in people}) == 1


async def test_a_hostile_name_is_kept_harmless(users: Users) -> None:
    person = await _pair(users, await users.new_pairing_code(), name="A\x00da \ud83d" + "x" * 500)
    assert person.name.startswith("Ada ?x")
    assert len(person.name) <= 200
