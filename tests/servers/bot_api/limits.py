"""What Telegram refuses and in which words: text, captions, keyboards, files; and how fast the bot has been sending."""

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from tests.servers.bot_api.entities import ParseError, RichText, explicit, tidy
from tests.servers.bot_api.html_markup import parse_html
from tests.servers.bot_api.markdown_markup import parse_markdown

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
CALLBACK_BYTES = 64
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
RAW_CHARACTERS = 65_536
_PARSERS = {"html": parse_html, "markdownv2": parse_markdown}
_ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled",
)  # fmt: skip


class Refusal(Exception):
    """An answer with ok=false: Telegram's error code, sentence and, for 429, seconds to wait."""

    def __init__(self, description: str, error_code: int = 400, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.error_code = error_code
        self.retry_after = retry_after


def bad_request(sentence: str) -> Refusal:
    """A 400 in Telegram's form."""
    return Refusal(f"Bad Request: {sentence}")


def rich_text(text: str | None, parse_mode: object, entities: list[MessageEntity] | None) -> RichText:
    """Text as it will stand in the chat; parse_mode wins over entities, as it does at Telegram.

    Raises:
        Refusal: the markup or the entities cannot be parsed.
    """
    mode = parse_mode.lower() if isinstance(parse_mode, str) else ""
    if mode and mode not in _PARSERS:
        raise bad_request(f"unsupported parse_mode {mode!r} (this test server knows HTML and MarkdownV2)")
    try:
        raw = _PARSERS[mode](text or "") if mode else explicit(text or "", entities or [])
    except ParseError as error:
        raise bad_request(f"can't parse entities: {error}") from error
    return tidy(raw)


def message_text(text: str | None, parse_mode: object, entities: list[MessageEntity] | None, *, edit: bool) -> RichText:
    """The text of a message: 1 to 4096 UTF-16 units after parsing."""
    too_long = bad_request("MESSAGE_TOO_LONG" if edit else "message is too long")
    if len(text or "") > RAW_CHARACTERS:
        raise too_long
    rich = rich_text(text, parse_mode, entities)
    if not rich.text:
        raise bad_request("message text is empty")
    if rich.units > TEXT_UNITS:
        raise too_long
    return rich


def caption_text(text: str | None, parse_mode: object, entities: list[MessageEntity] | None) -> RichText:
    """A caption: 0 to 1024 UTF-16 units after parsing."""
    if len(text or "") > RAW_CHARACTERS:
        raise bad_request("message caption is too long")
    rich = rich_text(text, parse_mode, entities)
    if rich.units > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return rich


def check_keyboard(markup: object) -> None:
    """Refuse an inline keyboard Telegram would refuse; other kinds of markup pass."""
    if not isinstance(markup, InlineKeyboardMarkup):
        return
    rows = markup.inline_keyboard
    if sum(len(row) for row in rows) > 100:
        raise bad_request("reply markup is too long")
    for button in (button for row in rows for button in row):
        _check_button(button)


def _check_button(button: InlineKeyboardButton) -> None:
    if not button.text.strip():
        raise bad_request("can't parse inline keyboard button: Button text must be non-empty")
    actions = [name for name in _ACTIONS if getattr(button, name, None) is not None]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"can't parse inline keyboard button: exactly one action is allowed, got {actions}")
    data = button.callback_data
    if data is not None and not 1 <= len(data.encode()) <= CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.url
    if url is not None and not url.startswith(("http://", "https://", "tg://", "mailto:", "tel:")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def check_upload(size: int, *, photo: bool) -> None:
    """File sizes, in bytes: 50 MB up, 10 MB for photos, never empty."""
    if size > UPLOAD_BYTES:
        raise Refusal("Request Entity Too Large", 413)
    if size == 0:
        raise bad_request("file must be non-empty")
    if photo and size > PHOTO_BYTES:
        raise bad_request(f"file of size {size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes")


@dataclass(frozen=True)
class RateRules:
    """How many sends and edits are allowed in how many seconds: about 1/s a chat, 20/min a group, 30/s overall."""

    chat: tuple[int, float] = (3, 3.0)
    group: tuple[int, float] = (20, 60.0)
    overall: tuple[int, float] = (30, 1.0)


@dataclass(frozen=True)
class Sent:
    """One send or edit: when (monotonic seconds), where, which of the two."""

    at_s: float
    chat_id: int
    kind: str


@dataclass
class RateLog:
    """Every send and edit with its time; with rules it also answers 429 as Telegram does."""

    rules: RateRules | None = None
    sent: list[Sent] = field(default_factory=list)

    def note(self, chat_id: int, kind: str, count: int = 1) -> None:
        """Record, after refusing what goes beyond the rules (if any are set)."""
        now = time.monotonic()
        if self.rules is not None:
            self._enforce(self.rules, chat_id, now)
        self.sent += [Sent(now, chat_id, kind)] * count

    def times(self, chat_id: int | None = None, kind: str | None = None) -> list[float]:
        """Monotonic times in order, of one chat or all, of sends, edits or both."""
        return [one.at_s for one in self.sent if chat_id in {None, one.chat_id} and kind in {None, one.kind}]

    def worst(self, chat_id: int | None = None, window_s: float = 1.0, kind: str | None = None) -> int:
        """The most sends and edits that fell into any window of this length."""
        return most_in_window(self.times(chat_id, kind), window_s)

    def smallest_gap_s(self, chat_id: int, kind: str | None = None) -> float:
        """Seconds between the two closest sends or edits; infinite when there were fewer than two."""
        times = self.times(chat_id, kind)
        return min((later - earlier for earlier, later in itertools.pairwise(times)), default=float("inf"))

    def _enforce(self, rules: RateRules, chat_id: int, now: float) -> None:
        scopes = ((rules.group if chat_id < 0 else rules.chat, chat_id), (rules.overall, None))
        for (most, window_s), scope in scopes:
            recent = [at_s for at_s in self.times(scope) if at_s > now - window_s]
            if len(recent) >= most:
                wait = max(1, math.ceil(recent[-most] + window_s - now))
                raise Refusal(f"Too Many Requests: retry after {wait}", 429, wait)


def most_in_window(times: Sequence[float], window_s: float) -> int:
    """The largest number of times within any half-open window [t, t + window_s)."""
    most, first = 0, 0
    for last, at_s in enumerate(times):
        while at_s - times[first] >= window_s:
            first += 1
        most = max(most, last - first + 1)
    return most
