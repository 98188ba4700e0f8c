"""Formatted text as Telegram keeps it: UTF-16 offsets, trimming, explicit entities, entities found by themselves."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from aiogram.types import MessageEntity

_SOLID = {"code", "pre"}
_CLOSED = _SOLID | {"text_link", "custom_emoji", "date_time"}
_TLD = "com|org|net|io|dev|app|info|edu|gov|me|co|uk|de|fr|es|it|ru|ua|in|jp|cn|br|eu|ai|news|tv|xyz|example|test"
_FOUND = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}")),
    (
        "url",
        re.compile(
            rf"(?<![\w@.-])(?:https?://[^\s/<>\"]+|(?:[\w-]+\.)+(?:{_TLD})(?![\w-]))(?:[/?#][^\s<>\"]*)?", re.IGNORECASE
        ),
    ),
    ("bot_command", re.compile(r"(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
)


class ParseError(ValueError):
    """Markup Telegram would not parse; the text is Telegram's own, after "can't parse entities: "."""


@dataclass(frozen=True)
class RichText:
    """Text and its entities; offsets and lengths in UTF-16 code units."""

    text: str
    entities: list[MessageEntity] = field(default_factory=list)

    @property
    def units(self) -> int:
        """Length as Telegram's limits count it, in UTF-16 code units."""
        return utf16_len(self.text)


@dataclass
class Opened:
    """A tag or mark waiting for its end."""

    kind: str
    argument: str
    offset: int
    byte_offset: int
    index: int


class Sink:
    """Collects plain text and closed entities while a parser walks the markup."""

    def __init__(self) -> None:
        self.open: list[Opened] = []
        self.offset = 0
        self._pieces: list[str] = []
        self._entities: list[MessageEntity] = []

    def put(self, character: str) -> None:
        """Append one character of plain text."""
        self._pieces.append(character)
        self.offset += 2 if ord(character) > 0xFFFF else 1

    def begin(self, kind: str, argument: str, byte_offset: int) -> None:
        """Open an entity at the current offset."""
        self.open.append(Opened(kind, argument, self.offset, byte_offset, len(self._pieces)))

    def since(self, opened: Opened) -> str:
        """The plain text put since an entity was opened."""
        return "".join(self._pieces[opened.index :])

    def close(self, opened: Opened, kind: str, **extra: str | int | None) -> None:
        """Record an entity from where it was opened up to here; empty ones vanish, as in Telegram."""
        if self.offset > opened.offset:
            self._entities.append(make_entity(kind, opened.offset, self.offset - opened.offset, **extra))

    def finish(self) -> RichText:
        """The text with entities in Telegram's order."""
        return RichText("".join(self._pieces), _ordered(self._entities))


def make_entity(kind: str, offset: int, length: int, **extra: str | int | None) -> MessageEntity:
    """One entity; extra fields that are None are left out."""
    fields = {key: value for key, value in extra.items() if value is not None}
    return MessageEntity.model_validate({"type": kind, "offset": offset, "length": length, **fields})


def utf16_len(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The piece of text an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)]
    return raw.decode("utf-16-le", "surrogatepass")


def byte_offset(text: str, index: int) -> int:
    """Where a character stands in the UTF-8 form, as Telegram's error texts count."""
    return len(text[:index].encode("utf-8", "surrogatepass"))


def explicit(text: str, entities: Iterable[MessageEntity]) -> RichText:
    """Text with entities given by the bot.

    Raises:
        ParseError: an entity leaves the text or cuts a surrogate pair.
    """
    total, kept = utf16_len(text), []
    for entity in entities:
        end = entity.offset + entity.length
        if entity.offset < 0 or entity.length <= 0:
            continue
        if end > total:
            detail = f"ends after the end of the text at UTF-16 offset {end}"
            raise ParseError(f"entity beginning at UTF-16 offset {entity.offset} {detail}")
        _check_pairs(text, entity)
        kept.append(entity)
    return RichText(text, _ordered(kept))


def _check_pairs(text: str, entity: MessageEntity) -> None:
    raw = text.encode("utf-16-le", "surrogatepass")
    for position in (entity.offset, entity.offset + entity.length):
        if 2 * position < len(raw) and 0xDC <= raw[2 * position + 1] <= 0xDF:
            raise ParseError(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {entity.offset}")


def tidy(rich: RichText) -> RichText:
    """Control characters out, outer white space off, code kept free of other marks, links and commands found."""
    clean = re.sub(r"[\x00-\x08\x0b-\x1f]", " ", rich.text)
    trimmed = _trim(RichText(clean, rich.entities))
    marked = list(_around_code(trimmed.entities))
    return RichText(trimmed.text, _ordered([*marked, *_find(trimmed.text, marked)]))


def _trim(rich: RichText) -> RichText:
    text = rich.text.rstrip()
    first = min((entity.offset for entity in rich.entities), default=len(text))
    lead = 0
    while lead < min(first, len(text)) and text[lead] in " \n\t":
        lead += 1
    text = text[lead:]
    total, kept = utf16_len(text), []
    for entity in rich.entities:
        offset = entity.offset - lead
        length = min(entity.length, total - offset)
        if length > 0:
            kept.append(entity.model_copy(update={"offset": offset, "length": length}))
    return RichText(text, kept)


def _around_code(entities: list[MessageEntity]) -> Iterator[MessageEntity]:
    """Code and pre can neither hold nor be part of other marks (quotes excepted): cut the others round them."""
    solid = [entity for entity in entities if entity.type in _SOLID]
    for entity in entities:
        if entity.type in _SOLID or "blockquote" in entity.type:
            yield entity
        else:
            yield from _cut(entity, solid)


def _cut(entity: MessageEntity, solid: list[MessageEntity]) -> Iterator[MessageEntity]:
    start, end = entity.offset, entity.offset + entity.length
    for block in sorted(solid, key=lambda one: one.offset):
        block_end = block.offset + block.length
        if block_end <= start or block.offset >= end:
            continue
        if block.offset > start:
            yield entity.model_copy(update={"offset": start, "length": block.offset - start})
        start = block_end
    if start < end:
        yield entity.model_copy(update={"offset": start, "length": end - start})


def _find(text: str, marked: list[MessageEntity]) -> list[MessageEntity]:
    taken = [(one.offset, one.offset + one.length) for one in marked if one.type in _CLOSED]
    found: list[MessageEntity] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            piece = match.group().rstrip(".,:;!?'\")") if kind == "url" else match.group()
            offset, length = utf16_len(text[: match.start()]), utf16_len(piece)
            if length and all(offset + length <= start or offset >= end for start, end in taken):
                taken.append((offset, offset + length))
                found.append(make_entity(kind, offset, length))
    return found


def _ordered(entities: Iterable[MessageEntity]) -> list[MessageEntity]:
    return sorted(entities, key=lambda one: (one.offset, -one.length))
