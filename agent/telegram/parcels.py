"""What the rows of the outbox look like in the chat: payloads in, texts with entities and buttons out. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from aiogram.types import InlineKeyboardMarkup, MessageEntity
from aiogram.utils.formatting import Bold, Italic, Text
from pydantic import BaseModel, ConfigDict

from agent.runtime.values import Choice
from agent.telegram.buttons import Act, Buttons
from agent.telegram.rich import MAX_CAPTION_UNITS, MAX_TEXT_UNITS, cut, marked, shorten, utf16_units
from ettametta.productions.state import ProductionState

_BAR_CELLS = 12
_MAX_TITLE = 120
_UNFINISHED = frozenset({ProductionState.DRAFTING, ProductionState.PROPOSED, ProductionState.RENDERING})
_RETRYABLE = frozenset({ProductionState.FAILED, ProductionState.CANCELLED})
_SIGNS = {
    ProductionState.RENDERED: "✅",
    ProductionState.DELIVERED: "✅",
    ProductionState.FAILED: "⚠️",
    ProductionState.CANCELLED: "✖️",
}


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ChoicePayload(_Payload):
    """A button under a text: its command is what the person would have written."""

    label: str
    command: str


class TextPayload(_Payload):
    """Something said; `reply_to` is the message it answers."""

    text: str
    reply_to: int | None = None
    choices: tuple[ChoicePayload, ...] = ()


class ProgressPayload(_Payload):
    """How a production stands; `fraction` runs from 0 to 1."""

    production_id: str
    title: str
    state: ProductionState
    fraction: float
    stage: str
    message: str


class FailurePayload(_Payload):
    """Why a production failed."""

    production_id: str
    title: str
    message: str
    hint: str


class ProposalPayload(_Payload):
    """A question that waits for a yes."""

    proposal_id: str
    title: str
    summary: str
    estimate_usd: float | None = None


class VideoPayload(_Payload):
    """A finished video to hand over."""

    production_id: str
    video_id: str
    title: str
    description: str = ""


class PhotoPayload(_Payload):
    """A picture to show: the contact sheet of a version of a video."""

    production_id: str
    title: str
    revision: int
    storage_key: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it goes to Telegram."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None
    reply_to: int | None = None
    silent: bool = False


def _shown(content: Text, keyboard: InlineKeyboardMarkup | None = None, *, silent: bool = False) -> Shown:
    text, entities = content.render()
    return Shown(text, tuple(entities), keyboard, silent=silent)


def plain(text: str) -> Shown:
    """Words as they are."""
    return Shown(cut(text, MAX_TEXT_UNITS))


def text_message(payload: TextPayload, buttons: Buttons, chat: str) -> Shown:
    """Something said, with its choices as buttons."""
    text, entities = marked(cut(payload.text.strip(), MAX_TEXT_UNITS)).render()
    choices = [Choice(one.label, one.command) for one in payload.choices]
    return Shown(text or "…", tuple(entities), buttons.of_choices(choices, chat), payload.reply_to)


def progress_message(payload: ProgressPayload, buttons: Buttons, chat: str) -> Shown:
    """Title, bar, percentage, what is being done; Cancel while it is unfinished, Try again when it ended badly."""
    title = _title(payload.title)
    doing = shorten(payload.message.strip() or payload.stage, 300)
    if payload.state not in _UNFINISHED:
        act = [("Try again", Act.RETRY, payload.production_id)] if payload.state in _RETRYABLE else []
        keyboard = buttons.rows(chat, act) if act else None
        return _shown(Text(f"{_SIGNS.get(payload.state, '•')} ", Bold(title), "\n", doing), keyboard, silent=True)
    cancel = buttons.rows(chat, [("Cancel", Act.CANCEL, payload.production_id)])
    bar = f"{_bar(payload.fraction)} {round(100 * payload.fraction)} %"
    return _shown(Text("🎬 ", Bold(title), "\n", bar, "\n", Italic(doing)), cancel, silent=True)


def is_final(payload: ProgressPayload) -> bool:
    """Whether nothing more will be said of the production by itself."""
    return payload.state not in _UNFINISHED


def _bar(fraction: float) -> str:
    done = round(_BAR_CELLS * min(1.0, max(0.0, fraction)))
    return "▰" * done + "▱" * (_BAR_CELLS - done)


def _title(title: str) -> str:
    return shorten(" ".join(title.split()), _MAX_TITLE) or "Your video"


def failure_message(payload: FailurePayload, buttons: Buttons, chat: str) -> Shown:
    """What went wrong and how to mend it."""
    again = buttons.rows(chat, [("Try again", Act.RETRY, payload.production_id)])
    words = shorten(f"{payload.message} {payload.hint}".strip(), 2_000)
    return _shown(Text("⚠️ ", Bold(_title(payload.title)), "\n", words), again)


def proposal_message(payload: ProposalPayload, buttons: Buttons, chat: str) -> Shown:
    """The question, what it costs, Yes and No."""
    answers = [("Yes", Act.YES, payload.proposal_id), ("No", Act.NO, payload.proposal_id)]
    cost = "What it will cost is not known." if payload.estimate_usd is None else f"${payload.estimate_usd:.4f} in all."
    words = Text("💬 ", Bold(_title(payload.title)), "\n", shorten(payload.summary, 1_000), f"\n{cost} Shall I go on?")
    return _shown(words, buttons.rows(chat, answers))


def placeholder_message(payload: VideoPayload) -> Shown:
    """What rings when a video is ready, and becomes the video."""
    return _shown(Text("✅ ", Bold(_title(payload.title)), " is ready. It is on its way…"))


def overtaken_message(payload: VideoPayload) -> Shown:
    """What becomes of the announcement of a video that was edited before it arrived."""
    return _shown(Text("✏️ ", Bold(_title(payload.title)), " was edited meanwhile: the newer version is sent instead."))


def video_caption(payload: VideoPayload, *, is_draft: bool = False) -> Shown:
    """Title and description, as long as a caption may be."""
    title = _title(payload.title)
    room = MAX_CAPTION_UNITS - utf16_units(title) - 2
    told = "A draft, to look at. Say “finish it” and I make it in full.\n\n" if is_draft else ""
    description = shorten(f"{told}{payload.description}".strip(), room)
    return _shown(Text(Bold(title), "\n\n", description) if description else Text(Bold(title)))


def sheet_caption(payload: PhotoPayload) -> Shown:
    """What a contact sheet shows."""
    return _shown(Text(Bold(_title(payload.title)), f"\nThe scenes of version {payload.revision}."))


def too_large_message(payload: VideoPayload, *, size_bytes: int, limit_bytes: int, place: str) -> Shown:
    """The video does not go through Telegram: how large it is, what the limit is, where it lies, what helps."""
    size, limit = f"{size_bytes / 1024**2:.1f} MB", f"{limit_bytes / 1024**2:.0f} MB"
    words = (
        f" is ready, but it has {size} and Telegram takes no more than {limit} from a bot. It lies at {place}. "
        "Ask for a shorter video, or set ETTAMETTA_TELEGRAM_API_URL to a Bot API server of your own, "
        "which takes up to 2 GB."
    )
    return _shown(Text("✅ ", Bold(_title(payload.title)), words))
