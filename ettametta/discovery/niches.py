"""The niches and sources a user follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, storable
from ettametta.discovery.candidates.words import folded
from ettametta.discovery.sources import Sources
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.kit.clock import utc_now
from ettametta.kit.text import clean
from ettametta.models import Niche, SourceSubscription

MAX_NICHES = 100
#: Of single searches; the oldest are forgotten.
MAX_PASSING = 30
MAX_SUBSCRIPTIONS = 500
MAX_WORDS = 40
_MAX_WORD_CHARS = 80
_MAX_NAME_CHARS = 100
_MAX_ADDRESS_CHARS = 500
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A source a user added."""

    id: str
    source: str
    address: str
    title: str
    #: None: it is scanned for all niches
    niche_id: str | None


@dataclass(frozen=True, slots=True)
class NicheView:
    """A subject a user follows."""

    id: str
    name: str
    keywords: tuple[str, ...]
    excluded: tuple[str, ...]
    #: ISO 639-1; empty: any
    languages: tuple[str, ...]
    #: names of sources; empty: all that suit
    sources: tuple[str, ...]
    is_followed: bool
    last_scanned_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NicheChange:
    """What is set anew; None: left as it is."""

    keywords: Sequence[str] | None = None
    excluded: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    sources: Sequence[str] | None = None


class Niches:
    """Niches and sources of all users; every call names whose. A niche is named by its id or its name in any case."""

    def __init__(self, database: Database, sources: Sources, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._sources = sources
        self._now = clock

    async def follow(
        self, user_id: str, name: str, change: NicheChange | None = None, *, is_followed: bool = True
    ) -> NicheView:
        """Follow a subject; following it again changes only what is given.

        Args:
            user_id: who.
            name: of the subject; without keywords it is searched by its name.
            change: its keywords, exclusions, languages, sources.
            is_followed: False for a single search, which does not end what is followed and is forgotten after a while.

        Raises:
            InvalidInput: the name or what is given does not do, or there are too many.
        """
        name = _checked_name(name)
        values = self._checked(change or NicheChange())
        async with self._database.session_scope() as session:
            row = _named(await _rows(session, user_id), name)
            if is_followed and (row is None or not row.is_followed):
                await _check_niches(session, user_id)
            if row is None:
                row = await self._add(session, user_id, name)
            row.is_followed = row.is_followed or is_followed
            _set(row, values)
            if not row.keywords:
                row.keywords = [row.name]
            return _view(row)

    async def _add(self, session: AsyncSession, user_id: str, name: str) -> Niche:
        await _forget_passing(session, user_id)
        row = Niche(user_id=user_id, name=name, keywords=[], languages=[], sources=[], is_followed=False)
        row.created_at = self._now()
        try:
            async with session.begin_nested():
                session.add(row)
        except IntegrityError:  # made by somebody else at the same moment
            mine = select(Niche).where(Niche.user_id == user_id, Niche.name == name)
            return (await session.scalars(mine)).one()
        return row

    async def unfollow(self, user_id: str, niche: str) -> NicheView:
        """Follow it no longer; it is forgotten after a while, and following it again brings it back until then.

        Raises:
            NotFound: there is no such niche for this user.
        """
        async with self._database.session_scope() as session:
            row = await _find(session, user_id, niche)
            row.is_followed = False
            return _view(row)

    async def rename(self, user_id: str, niche: str, name: str) -> NicheView:
        """Call it otherwise.

        Raises:
            NotFound: there is no such niche for this user.
            InvalidInput: the name does not do.
            Conflict: another one is called so.
        """
        name = _checked_name(name)
        async with self._database.session_scope() as session:
            row = await _find(session, user_id, niche)
            other = _named(await _rows(session, user_id), name)
            if other is not None and other.id != row.id:
                raise Conflict(
                    f"There is a niche '{other.name}' already.", hint="Choose another name.", code="niche.exists"
                )
            row.name = name
            return _view(row)

    async def change(self, user_id: str, niche: str, change: NicheChange) -> NicheView:
        """Set keywords, exclusions, languages or sources.

        Raises:
            NotFound: there is no such niche for this user.
            InvalidInput: what is given does not do.
        """
        values = self._checked(change)
        async with self._database.session_scope() as session:
            row = await _find(session, user_id, niche)
            _set(row, values)
            return _view(row)

    async def get(self, user_id: str, niche: str) -> NicheView:
        """One niche.

        Raises:
            NotFound: there is no such niche for this user.
        """
        async with self._database.read_scope() as session:
            return _view(await _find(session, user_id, niche))

    async def all(self, user_id: str, *, with_passing: bool = False) -> list[NicheView]:
        """What a user follows, by name; on request also what single searches left."""
        async with self._database.read_scope() as session:
            rows = await _rows(session, user_id)
        return [_view(row) for row in rows if row.is_followed or with_passing]

    async def add_source(
        self, user_id: str, address: str, *, source: str = "", niche: str = "", title: str = ""
    ) -> SubscriptionView:
        """Add a feed, a channel, a page; adding it again moves it to the niche that is named.

        Args:
            user_id: who.
            address: as a person gives it; kept in the form its source keeps.
            source: its name, where the address could belong to several; empty: the first that reads it.
            niche: what it is scanned for; empty: all niches.
            title: how it is shown.

        Raises:
            InvalidInput: no source reads this address, the named one does not, or there are too many.
            NotFound: there is no such niche for this user.
        """
        name, owned = self._claimed(clean(address), source)
        async with self._database.session_scope() as session:
            niche_id = (await _find(session, user_id, niche)).id if niche else None
            row = await _subscription(session, user_id, name, owned)
            if row is None:
                await _check_room(session, user_id)
                row = SourceSubscription(user_id=user_id, source=name, address=owned)
                session.add(row)
            row.niche_id = niche_id if niche or not row.niche_id else row.niche_id
            row.title = storable(clean(title), max_chars=300) or row.title or ""
            await session.flush()
            return _subscription_view(row)

    def _claimed(self, address: str, source: str) -> tuple[str, str]:
        """The source's name, and the address in its form."""
        if source:
            named = self._sources.get(source)
            owned = named.owns(address)
            claimed = (named, owned) if owned is not None else None
            hint = f"{named.info.title} reads {named.info.address_hint or 'no addresses'}."
        else:
            claimed = self._sources.claim(address)
            hint = "Give the address of a feed, a channel or a page, beginning with https://."
        if claimed is None or not claimed[1] or len(claimed[1]) > _MAX_ADDRESS_CHARS:
            raise InvalidInput(
                f"'{address[:80]}' is not an address that can be followed.", hint=hint, code="niche.bad_address"
            )
        return claimed[0].info.name, claimed[1]

    async def remove_source(self, user_id: str, subscription: str) -> SubscriptionView:
        """Take a source away, by the subscription's id or its address.

        Raises:
            NotFound: there is no such source among the user's.
        """
        claimed = self._sources.claim(clean(subscription))
        addresses = {subscription, claimed[1]} if claimed else {subscription}
        mine = select(SourceSubscription).where(
            SourceSubscription.user_id == user_id,
            SourceSubscription.address.in_(sorted(addresses)) | (SourceSubscription.id == subscription),
        )
        async with self._database.session_scope() as session:
            row = await session.scalar(mine.order_by(SourceSubscription.created_at).limit(1))
            if row is None:
                raise NotFound(
                    f"You have not added the source {subscription[:80]}.",
                    hint="List the sources to see which there are.",
                    code="niche.source_not_found",
                )
            await session.delete(row)
            return _subscription_view(row)

    async def sources(self, user_id: str, *, niche: str = "") -> list[SubscriptionView]:
        """The sources a user added, the oldest first; with a niche those that are scanned for it.

        Raises:
            NotFound: there is no such niche for this user.
        """
        mine = select(SourceSubscription).where(SourceSubscription.user_id == user_id)
        async with self._database.read_scope() as session:
            if niche:
                row = await _find(session, user_id, niche)
                mine = mine.where(SourceSubscription.niche_id.is_(None) | (SourceSubscription.niche_id == row.id))
            ordered = mine.order_by(SourceSubscription.created_at, SourceSubscription.id)
            return [_subscription_view(one) for one in await session.scalars(ordered)]

    def _checked(self, change: NicheChange) -> dict[str, list[str]]:
        """What is set, by column."""
        values: dict[str, list[str]] = {}
        if change.keywords is not None:
            values["keywords"] = _checked_words(change.keywords)
        if change.excluded is not None:
            values["excluded"] = _checked_words(change.excluded)
        if change.languages is not None:
            values["languages"] = [_checked_language(language) for language in change.languages]
        if change.sources is not None:
            values["sources"] = [self._sources.get(name).info.name for name in dict.fromkeys(change.sources)]
        return values


def _set(row: Niche, values: dict[str, list[str]]) -> None:
    for column, value in values.items():
        setattr(row, column, value)


async def _rows(session: AsyncSession, user_id: str) -> list[Niche]:
    mine = select(Niche).where(Niche.user_id == user_id).order_by(Niche.name, Niche.id)
    return list(await session.scalars(mine))


def _named(rows: Sequence[Niche], name: str) -> Niche | None:
    return next((row for row in rows if row.name.casefold() == name.casefold()), None)


async def _find(session: AsyncSession, user_id: str, niche: str) -> Niche:
    rows = await _rows(session, user_id)
    found = next((row for row in rows if row.id == niche), None) or _named(rows, clean(niche))
    if found is None:
        names = ", ".join(row.name for row in rows[:10])
        raise NotFound(
            f"There is no niche '{niche[:80]}'.",
            hint=f"You follow: {names}." if names else "You follow none yet.",
            code="niche.not_found",
        )
    return found


async def _subscription(session: AsyncSession, user_id: str, source: str, address: str) -> SourceSubscription | None:
    mine = select(SourceSubscription).where(SourceSubscription.user_id == user_id)
    return await session.scalar(mine.where(SourceSubscription.source == source, SourceSubscription.address == address))


async def _forget_passing(session: AsyncSession, user_id: str) -> None:
    """Let the oldest of single searches go when there are many: every scan is ranked for each niche."""
    passing = select(Niche.id).where(Niche.user_id == user_id, Niche.is_followed.is_(False))
    oldest = list(await session.scalars(passing.order_by(Niche.created_at.desc(), Niche.id).offset(MAX_PASSING - 1)))
    if oldest:
        await session.execute(delete(Niche).where(Niche.id.in_(oldest)))


async def _check_niches(session: AsyncSession, user_id: str) -> None:
    """What single searches left in passing does not count: it is forgotten by itself."""
    followed = select(func.count()).select_from(Niche).where(Niche.user_id == user_id, Niche.is_followed.is_(True))
    if (await session.scalar(followed) or 0) >= MAX_NICHES:
        raise InvalidInput(f"There are {MAX_NICHES} niches already.", hint="Unfollow one first.", code="niche.too_many")


async def _check_room(session: AsyncSession, user_id: str) -> None:
    mine = select(func.count()).select_from(SourceSubscription).where(SourceSubscription.user_id == user_id)
    if (await session.scalar(mine) or 0) >= MAX_SUBSCRIPTIONS:
        raise InvalidInput(
            f"There are {MAX_SUBSCRIPTIONS} sources already.", hint="Remove one first.", code="niche.too_many_sources"
        )


def _checked_name(name: str) -> str:
    plain = clean(name)
    if not folded(plain) or len(plain) > _MAX_NAME_CHARS:
        raise InvalidInput(
            "A niche needs a name.",
            hint=f"One to {_MAX_NAME_CHARS} characters, with a word in it.",
            code="niche.bad_name",
        )
    return plain


def _checked_words(words: Sequence[str]) -> list[str]:
    """Words and phrases, each once whatever its case."""
    plain = {" ".join(folded(word)): clean(word) for word in reversed(words)}
    plain.pop("", None)
    if len(plain) > MAX_WORDS or any(len(word) > _MAX_WORD_CHARS for word in plain.values()):
        raise InvalidInput(
            "Those are too many words, or too long ones.",
            hint=f"At most {MAX_WORDS} words or phrases of {_MAX_WORD_CHARS} characters.",
            code="niche.bad_words",
        )
    return list(plain.values())[::-1]


def _checked_language(language: str) -> str:
    plain = language.strip().lower().partition("-")[0]
    if not _LANGUAGE.fullmatch(plain):
        raise InvalidInput(
            f"'{language[:20]}' is no language code.",
            hint="Use two letters, such as en or de.",
            code="niche.bad_language",
        )
    return plain


def _view(row: Niche) -> NicheView:
    return NicheView(
        id=row.id, name=row.name, keywords=tuple(row.keywords), excluded=tuple(row.excluded or ()),
        languages=tuple(row.languages), sources=tuple(row.sources), is_followed=row.is_followed,
        last_scanned_at=row.last_scanned_at, created_at=row.created_at,
    )  # fmt: skip


def _subscription_view(row: SourceSubscription) -> SubscriptionView:
    return SubscriptionView(row.id, row.source, row.address, row.title, row.niche_id)
