"""Tools for what there is to choose from: voices, themes, styles, presets, pictures."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal, get_args

from pydantic import Field

from ettametta.productions.presets import PresetView
from ettametta.providers.footage.base import FoundAsset
from ettametta.providers.speech.base import SpeechFacts
from ettametta.storyboard import ASPECTS, Aspect, CaptionMode, Mood, TransitionKind
from ettametta.video.themes import THEMES
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput
from tools.productions import ProductionId

_MAX_VOICES = 60


class ListChoicesInput(ToolInput):
    """Which kind; all of them by default."""

    language: str | None = Field(None, description="Only voices of this language (ISO 639-1); null: all.")


class VoiceFacts(ToolOutput):
    """A provider of voices. A voice is asked for as provider:voice."""

    provider: str
    voices: tuple[str, ...]
    languages: tuple[str, ...]
    is_free: bool


class ListChoicesOutput(ToolOutput):
    """What there is to choose from."""

    voices: tuple[VoiceFacts, ...]
    themes: tuple[str, ...]
    captions: tuple[str, ...]
    transitions: tuple[str, ...]
    moods: tuple[str, ...]
    aspects: tuple[str, ...]
    picture_sources: tuple[str, ...]
    presets: tuple[PresetView, ...]


async def _choices(context: ToolContext, args: ListChoicesInput) -> ListChoicesOutput:
    presets = await context.resources.presets.all(context.person.user_id)
    facts = await asyncio.to_thread(context.resources.voices.facts)
    voices = [_voice(name, one) for name, one in facts.items() if _speaks(one, args.language)]
    return ListChoicesOutput(
        voices=tuple(voices),
        themes=tuple(THEMES),
        captions=get_args(CaptionMode),
        transitions=get_args(TransitionKind),
        moods=get_args(Mood),
        aspects=tuple(ASPECTS),
        picture_sources=tuple(source.name for source in context.resources.picturing.sources),
        presets=tuple(presets),
    )


def _speaks(facts: SpeechFacts, language: str | None) -> bool:
    return language is None or language in facts.languages or "*" in facts.languages


def _voice(name: str, facts: SpeechFacts) -> VoiceFacts:
    return VoiceFacts(
        provider=name,
        voices=facts.voices[:_MAX_VOICES],
        languages=facts.languages,
        is_free=facts.usd_per_million_chars == 0,
    )


class SearchPicturesInput(ToolInput):
    """What to look for."""

    query: Annotated[str, Field(min_length=1, max_length=120, description="What the picture should show.")]
    kind: Literal["photo", "clip", "any"] = "any"
    aspect: Aspect = "9:16"
    limit: Annotated[int, Field(ge=1, le=12)] = 6


class PictureFacts(ToolOutput):
    """A picture that was found. Give its identity to edit_video's swap_visual as `found`."""

    identity: str
    title: str
    kind: str
    author: str | None
    licence: str
    page_url: str


class SearchPicturesOutput(ToolOutput):
    """Pictures, best first."""

    pictures: tuple[PictureFacts, ...]


async def _search(context: ToolContext, args: SearchPicturesInput) -> SearchPicturesOutput:
    found = await context.resources.picturing.search(
        context.person.user_id, args.query, kind=args.kind, aspect=args.aspect, limit=args.limit
    )
    return SearchPicturesOutput(pictures=tuple(_picture(one) for one in found))


def _picture(one: FoundAsset) -> PictureFacts:
    return PictureFacts(
        identity=one.identity,
        title=one.title[:120],
        kind=one.kind,
        author=one.author,
        licence=one.licence.name,
        page_url=one.page_url,
    )


class SavePresetInput(ToolInput):
    """A name, and the video whose wishes it is to stand for."""

    name: Annotated[str, Field(max_length=40, description='"default" goes for every video of this person.')]
    production_id: ProductionId = None


async def _save(context: ToolContext, args: SavePresetInput) -> PresetView:
    user_id = context.person.user_id
    production_id = args.production_id
    if production_id is None:
        views = await context.resources.productions.recent(user_id=user_id, limit=1)
        production_id = views[0].id if views else ""
    return await context.resources.presets.save_from(user_id, args.name, production_id)


CHOICE_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="list_choices",
        label="Looking at what there is",
        description=(
            "List the voices, themes, caption styles, transitions, music moods, picture sources and the person's "
            "saved presets that can be asked for in a video or an edit."
        ),
        input=ListChoicesInput,
        output=ListChoicesOutput,
        permission=Permission.VIEWER,
        example=ListChoicesInput(),
        run=_choices,
    ),
    Tool(
        name="search_pictures",
        label="Looking for pictures",
        description=(
            "Search the picture sources that are set up for photos or clips to choose from by hand. Returns title, "
            "author and licence of each; use one with edit_video's swap_visual."
        ),
        input=SearchPicturesInput,
        output=SearchPicturesOutput,
        permission=Permission.EDITOR,
        example=SearchPicturesInput(query="lighthouse at night"),
        run=_search,
    ),
    Tool(
        name="save_preset",
        label="Saving the preset",
        description=(
            "Keep the wishes with which a video was asked for under a name, to be used in make_video by that name. The "
            "preset called default goes for every video. Without an id: those of the newest video."
        ),
        input=SavePresetInput,
        output=PresetView,
        permission=Permission.EDITOR,
        example=SavePresetInput(name="news", production_id="0199f3a2b4c6"),
        run=_save,
    ),
)
