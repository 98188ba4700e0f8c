"""Tools for productions: make a video, show how it stands, cancel it, take it up again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator

from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.productions.brief import DEFAULT_DURATION_S, MAX_DURATION_S, MIN_DURATION_S, Brief
from ettametta.productions.options import VideoOptions
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ErrorView, ProductionView, ProposalView
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput, without_nulls

#: Enough of an id to name one production among those of a person.
SHORT_ID = 12
_LANGUAGE = re.compile(r"([a-z]{2,3})([-_][a-z0-9]{2,8})*", re.IGNORECASE)
_MAX_LISTED = 5
#: What a caption says an attached sound is; it is looked for at both ends, for what stands between may be the subject.
_AS = r"\b(?:as|for|is|be) (?:the |its |my |a |some )?(?:background )?"
_AS_NARRATION = re.compile(rf"{_AS}(?:narration|voice[- ]?over|voice)\b", re.IGNORECASE)
_AS_MUSIC = re.compile(rf"{_AS}music(?:\b|$)", re.IGNORECASE)
_LICENCE = re.compile(r"\blicen[cs]ed?(?: (?:is|under|by))?\s*:?\s*(?P<note>[^\n]{2,200})", re.IGNORECASE)
_ENDS_CHARS = 300

ProductionId = Annotated[str | None, Field(max_length=64, description="Id of a production, or its beginning.")]


class VideoFacts(ToolOutput):
    """What a finished video is."""

    duration_s: float
    width: int
    height: int
    size_bytes: int
    checks_passed: bool


class ProductionFacts(ToolOutput):
    """A production as it stands."""

    id: str
    title: str
    state: ProductionState
    percent: int = Field(description="progress over the whole production")
    stage: str
    message: str
    error: ErrorView | None
    is_draft: bool = Field(default=False, description="true: a quick look; finish_video makes it in full")
    revision: int | None = Field(default=None, description="number of the current version; null: not drafted yet")
    stopped_after: str | None = Field(default=None, description="where it waits for the person's word to go on")
    proposal: ProposalView | None = Field(description="a question only the person can answer, with its cost")
    video: VideoFacts | None
    asked_at: str = Field(description="when it was asked for, ISO 8601 in UTC")


def facts(view: ProductionView) -> ProductionFacts:
    """The facts of a view."""
    video = view.video
    return ProductionFacts(
        id=view.id,
        title=view.title,
        state=view.state,
        percent=round(view.progress * 100),
        stage=view.stage,
        message=view.message,
        error=view.error,
        is_draft=view.is_draft,
        revision=view.revision,
        stopped_after=view.stopped_after,
        proposal=view.proposal,
        video=VideoFacts.model_validate(video, from_attributes=True) if video else None,
        asked_at=view.created_at.isoformat(timespec="seconds"),
    )


# -- make ------------------------------------------------------------------------------------------------------------


class MakeVideoInput(ToolInput):
    """One of topic, text, url, candidate_id, from_message; none when a text file is attached to be the source."""

    topic: str | None = Field(None, description="A subject in a few words; it will be looked up.")
    text: str | None = Field(None, description="A text to make the video from, word for word as the person gave it.")
    url: str | None = Field(None, description="Address of a page to make the video from.")
    candidate_id: str | None = Field(
        None, max_length=64, description="A candidate from a list: its page is the source."
    )
    from_message: bool = Field(
        default=False, description="True: the source is the long text in the person's message; do not repeat it."
    )
    duration_s: float | None = Field(
        None, description=f"Length in seconds, {MIN_DURATION_S:g} to {MAX_DURATION_S:g}; null: the usual length."
    )
    language: str | None = Field(None, description="ISO 639-1 code of the video's language; null: the source's own.")
    options: VideoOptions | None = Field(
        None, description="Shape, look, voice, sound, pictures, where to stop; only what the person wished."
    )
    preset: str | None = Field(None, max_length=40, description="Name of the person's saved wishes to use.")

    @field_validator("options", mode="before")
    @classmethod
    def _nulls(cls, value: object) -> object:
        return without_nulls(value)

    @field_validator("topic", "text", "url", "candidate_id", "language", "preset", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return None if isinstance(value, str) and value.strip().lower() in {"", "null", "none"} else value


class MakeVideoOutput(ToolOutput):
    """The production that began."""

    production: ProductionFacts
    duration_s: float
    language: str | None
    has_recording: bool = Field(default=False, description="the attached sound is taken as the narration")
    has_own_music: bool = Field(default=False, description="the attached sound is taken as the music")


async def _make(context: ToolContext, args: MakeVideoInput) -> MakeVideoOutput:
    brief = _brief(context, args)
    view = await context.resources.productions.start(context.person, brief, key=f"call:{context.call_id}")
    return MakeVideoOutput(
        production=facts(view),
        duration_s=brief.duration_s,
        language=brief.language,
        has_recording=brief.options.narration_asset_id is not None,
        has_own_music=brief.options.music_asset_id is not None,
    )


def _brief(context: ToolContext, args: MakeVideoInput) -> Brief:
    sounds = _sounds(context)
    kind, text, file_id = _source(context, args, sounds)
    options = args.options or VideoOptions()
    if sounds.music:
        wished = {"music_asset_id": sounds.music, "music_licence": sounds.licence or options.music_licence}
        options = options.model_copy(update=wished)
    if (kind, text) == ("text", "") or sounds.is_said:
        options = options.model_copy(update={"narration_asset_id": sounds.narration or options.narration_asset_id})
    return Brief(
        kind=kind,
        text=text,
        file_asset_id=file_id,
        media_asset_ids=tuple(upload.id for upload in context.attachments if upload.kind in {"photo", "clip"}),
        duration_s=DEFAULT_DURATION_S if args.duration_s is None else args.duration_s,
        language=language_of(args.language),
        options=options,
        preset=args.preset,
        candidate_id=args.candidate_id,
    )


@dataclass(frozen=True, slots=True)
class _Sounds:
    """What the attached sounds are: ids of assets. `is_said`: the person says that one is the narration."""

    narration: str | None = None
    music: str | None = None
    licence: str = ""
    is_said: bool = False


def _sounds(context: ToolContext) -> _Sounds:
    """A sound is what the video says when it comes without words to speak, or when the person says so; else music.

    With two sounds and both said, the first is the narration.
    """
    ids = [upload.id for upload in context.attachments if upload.kind == "audio"]
    said = f"{context.said[:_ENDS_CHARS]}\n{context.said[-_ENDS_CHARS:]}"
    is_said = _AS_NARRATION.search(said) is not None
    if not ids or not _AS_MUSIC.search(said) or (is_said and len(ids) == 1):
        return _Sounds(ids[0] if ids else None, is_said=is_said)
    found = _LICENCE.search(said)
    others = ids[:-1]
    return _Sounds(others[0] if others else None, ids[-1], found["note"].strip(" .)") if found else "", is_said)


_Source = tuple[Literal["topic", "text", "url", "file"], str, str | None]


def _source(context: ToolContext, args: MakeVideoInput, sounds: _Sounds) -> _Source:
    given: list[_Source] = []
    if args.topic is not None:
        given.append(("topic", args.topic, None))
    if args.text is not None:
        given.append(("text", args.text, None))
    if args.url is not None:
        given.append(("url", args.url, None))
    if args.candidate_id is not None:
        given.append(("url", "", None))  # the service knows its page
    if args.from_message:
        given.append(("text", context.message_text, None))
    given += [("file", "", upload.id) for upload in context.attachments if upload.kind == "text"]
    if not given and sounds.narration:
        return "text", "", None
    if not given:
        raise InvalidInput(
            "There is nothing to make a video about.",
            hint="Give a topic, paste a text, send a link or attach a text file.",
            code="brief.empty",
        )
    if len(given) > 1:
        raise InvalidInput(
            f"A video has one source, and {len(given)} were given: {', '.join(kind for kind, _, _ in given)}.",
            hint="Give one of topic, text, url, candidate_id or from_message; none to use the one attached text file.",
            code="brief.many_sources",
        )
    return given[0]


def language_of(given: str | None) -> str | None:
    """The code of a language as a model may write it.

    Raises:
        InvalidInput: it is none.
    """
    if given is None:
        return None
    match = _LANGUAGE.fullmatch(given.strip())
    if match is None:
        raise InvalidInput(
            f"“{given[:40]}” is not a language code.",
            hint="Use a code such as en, es or fr, or leave it out.",
            code="brief.language",
        )
    return match.group(1).lower()


# -- look ------------------------------------------------------------------------------------------------------------


class ShowStatusInput(ToolInput):
    """Which production; without an id those at work, else the newest."""

    production_id: ProductionId = None


class ShowStatusOutput(ToolOutput):
    """Productions, the newest first."""

    productions: tuple[ProductionFacts, ...]


async def _show(context: ToolContext, args: ShowStatusInput) -> ShowStatusOutput:
    service, user_id = context.resources.productions, context.person.user_id
    if args.production_id:
        views = [await service.get(args.production_id, user_id=user_id)]
    else:
        views = await service.recent(user_id=user_id, limit=_MAX_LISTED, unfinished_only=True)
        views = views or await service.recent(user_id=user_id, limit=3)
    return ShowStatusOutput(productions=tuple(facts(view) for view in views))


# -- stop and take up again --------------------------------------------------------------------------------------------


class CancelInput(ToolInput):
    """Which production; without an id the only one at work."""

    production_id: ProductionId = None


class RetryInput(ToolInput):
    """Which production; without an id the newest that failed or was cancelled."""

    production_id: ProductionId = None


class ProductionOutput(ToolOutput):
    """The production after the deed."""

    production: ProductionFacts


async def _cancel(context: ToolContext, args: CancelInput) -> ProductionOutput:
    service, user_id = context.resources.productions, context.person.user_id
    production_id = args.production_id or await _only_unfinished(context)
    try:
        view = await service.cancel(production_id, user_id=user_id, channel=context.channel)
    except Conflict:
        view = await service.get(production_id, user_id=user_id)
        if view.state is not ProductionState.CANCELLED:
            raise
    return ProductionOutput(production=facts(view))


async def _only_unfinished(context: ToolContext) -> str:
    views = await context.resources.productions.recent(
        user_id=context.person.user_id, limit=_MAX_LISTED, unfinished_only=True
    )
    if not views:
        raise NotFound("No video is being made.", hint="Ask for the status to see the last ones.", code="job.ended")
    if len(views) > 1:
        listed = "; ".join(f"{view.id[:SHORT_ID]} “{view.title[:60]}”" for view in views)
        raise Conflict(
            f"Several videos are being made: {listed}.", hint="Say which one, by its id.", code="production.ambiguous"
        )
    return views[0].id


async def _retry(context: ToolContext, args: RetryInput) -> ProductionOutput:
    production_id = args.production_id or await _newest_ended_badly(context)
    view = await context.resources.productions.retry(
        production_id, user_id=context.person.user_id, channel=context.channel
    )
    return ProductionOutput(production=facts(view))


async def _newest_ended_badly(context: ToolContext) -> str:
    views = await context.resources.productions.recent(user_id=context.person.user_id, limit=20)
    ended = [view.id for view in views if view.state in {ProductionState.FAILED, ProductionState.CANCELLED}]
    if not ended:
        raise NotFound(
            "No video has failed or was cancelled.", hint="Ask for a new video.", code="production.none_to_retry"
        )
    return ended[0]


def _names_one(args: CancelInput | RetryInput) -> bool:
    # Without an id another production could have become the only, or the newest, one meanwhile.
    return bool(args.production_id)


PRODUCTION_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="make_video",
        label="Starting the video",
        description=(
            "Start making one short video. Give exactly one of topic, text, url, candidate_id, or from_message=true; "
            "give none of them when the person attached a text file to make it from. Attached photos and clips are "
            "used by themselves. Returns the production at once; the video is sent to the chat by itself later. "
            "Call it once for each video the person asked for."
        ),
        input=MakeVideoInput,
        output=MakeVideoOutput,
        permission=Permission.EDITOR,
        example=MakeVideoInput(topic="The history of tea", duration_s=30),
        run=_make,
    ),
    Tool(
        name="show_status",
        label="Looking at the status",
        description=(
            "Show how productions stand: state, percent, stage, error with its hint, facts of the finished video, "
            "and an open proposal with its cost. Without an id: those being made, else the newest."
        ),
        input=ShowStatusInput,
        output=ShowStatusOutput,
        permission=Permission.VIEWER,
        example=ShowStatusInput(),
        run=_show,
    ),
    Tool(
        name="cancel_production",
        label="Cancelling",
        description="Stop a production that is being made. Without an id: the only one; if there are several, ask.",
        input=CancelInput,
        output=ProductionOutput,
        permission=Permission.EDITOR,
        example=CancelInput(production_id="0199f3a2b4c6"),
        run=_cancel,
        repeatable=_names_one,
    ),
    Tool(
        name="retry_production",
        label="Taking it up again",
        description=(
            "Take up a failed or cancelled production where it ended; what was finished is not redone. "
            "Without an id: the newest of them."
        ),
        input=RetryInput,
        output=ProductionOutput,
        permission=Permission.EDITOR,
        example=RetryInput(production_id="0199f3a2b4c6"),
        run=_retry,
        repeatable=_names_one,
    ),
)
