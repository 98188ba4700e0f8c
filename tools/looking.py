"""Tools that look at a video's plan: its storyboard and its versions; and which video is meant when none is named."""

from __future__ import annotations

from pydantic import Field

from ettametta.errors import NotFound
from ettametta.productions.state import ProductionState
from ettametta.productions.values import RevisionView
from ettametta.storyboard import Storyboard, Visual
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput
from tools.productions import ProductionId

#: So many of a person's newest productions are looked through.
RECENT = 20


async def target(context: ToolContext, production_id: str | None) -> str:
    """The production that is meant: the one named, else the newest that has a storyboard.

    Raises:
        NotFound: there is none.
    """
    if production_id:
        return production_id
    views = await context.resources.productions.recent(user_id=context.person.user_id, limit=RECENT)
    found = next((view.id for view in views if view.revision is not None), None)
    if found is None:
        raise NotFound("There is no video to edit yet.", hint="Ask for a video first.", code="production.none_to_edit")
    return found


class ShowStoryboardInput(ToolInput):
    """Which production; without an id the newest one."""

    production_id: ProductionId = None


class LookInput(ToolInput):
    """Which production; without an id the newest one."""

    production_id: ProductionId = None
    with_picture: bool = Field(
        default=False, description="True: the person asked to see it; the contact sheet is sent to the chat by itself."
    )


class SceneFacts(ToolOutput):
    """A scene, numbered from 1."""

    number: int
    id: str
    narration: str
    visual: Visual
    heading: str
    query: str
    pinned: bool
    transition: str | None


class StoryboardOutput(ToolOutput):
    """The storyboard of the current revision."""

    production_id: str
    revision: int
    state: ProductionState
    title: str
    language: str
    voice: str
    pace: float
    frame: str
    theme: str
    captions: str
    music: str | None
    scenes: tuple[SceneFacts, ...]
    picture_sent: bool = Field(default=False, description="a picture with a frame of each scene goes to the chat")


async def _storyboard(context: ToolContext, args: LookInput) -> StoryboardOutput:
    production_id = await target(context, args.production_id)
    view = await context.resources.editing.storyboard(production_id, user_id=context.person.user_id)
    board = view.storyboard
    sheet = args.with_picture and await context.resources.showing.send_sheet(
        view.production_id,
        user_id=context.person.user_id,
        chat_id=context.person.chat_id,
        key=f"call:{context.call_id}",
    )
    return StoryboardOutput(
        production_id=view.production_id,
        revision=view.revision,
        state=view.state,
        title=board.title,
        language=board.language,
        voice=f"{board.speech_provider}:{board.voice}",
        pace=board.pace,
        frame=f"{board.width}x{board.height}",
        theme=board.style.theme,
        captions=board.style.captions.mode,
        music=(board.music.track or board.music.mood or "own file") if board.music else None,
        scenes=_scenes(board),
        picture_sent=sheet,
    )


def _scenes(board: Storyboard) -> tuple[SceneFacts, ...]:
    return tuple(
        SceneFacts(
            number=number,
            id=scene.id,
            narration=scene.narration,
            visual=scene.visual,
            heading=scene.on_screen,
            query=scene.query,
            pinned=scene.pinned,
            transition=scene.transition.kind if scene.transition else None,
        )
        for number, scene in enumerate(board.scenes, 1)
    )


class ShowRevisionsOutput(ToolOutput):
    """Every version of the storyboard, the first one first."""

    revisions: tuple[RevisionView, ...]


async def _revisions(context: ToolContext, args: ShowStoryboardInput) -> ShowRevisionsOutput:
    production_id = await target(context, args.production_id)
    views = await context.resources.editing.revisions(production_id, user_id=context.person.user_id)
    return ShowRevisionsOutput(revisions=tuple(views))


LOOKING_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="show_storyboard",
        label="Looking at the storyboard",
        description=(
            "Show the storyboard of a video: title, voice, theme, captions, music, and each scene with its number, id, "
            "words and visual. Look before you edit. Without an id: the newest video."
        ),
        input=LookInput,
        output=StoryboardOutput,
        permission=Permission.VIEWER,
        example=LookInput(production_id="0199f3a2b4c6"),
        run=_storyboard,
    ),
    Tool(
        name="show_revisions",
        label="Looking at the versions",
        description="List all versions of a video's storyboard with what each edit changed and which have a video.",
        input=ShowStoryboardInput,
        output=ShowRevisionsOutput,
        permission=Permission.VIEWER,
        example=ShowStoryboardInput(production_id="0199f3a2b4c6"),
        run=_revisions,
    ),
)
