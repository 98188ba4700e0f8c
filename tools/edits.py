"""Tools for edits: change the storyboard, undo and redo, go on after a stop, send the video again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from ettametta.edits import CaptionChanges, MusicChanges, Operation, parse
from ettametta.edits.operations import MAX_OPERATIONS, Cleared
from ettametta.errors import NotFound
from ettametta.productions.state import ProductionState
from ettametta.productions.values import EditView
from ettametta.storyboard import Aspect, Brand, Citation, Fit, Transition, TransitionKind, Visual
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput, always
from tools.looking import RECENT, ShowStoryboardInput, target
from tools.productions import ProductionFacts, ProductionId, ProductionOutput, facts

_ENDED_BADLY = frozenset({ProductionState.FAILED, ProductionState.CANCELLED})


# -- change ------------------------------------------------------------------------------------------------------------

_OpName = Literal[
    "set_narration", "set_on_screen", "set_visual", "swap_visual", "pin_visual", "set_emphasis", "move_scene",
    "swap_scenes", "insert_scene", "delete_scene", "retime", "split_scene", "merge_scenes", "restyle",
    "set_transition", "set_voice", "set_pronunciation", "set_language", "set_aspect", "set_length_target",
    "set_title", "set_citations",
]  # fmt: skip


class Change(ToolInput):
    """One operation: `op` says which; fill only the fields it needs and leave the others null."""

    op: _OpName
    scene: str | None = Field(None, coerce_numbers_to_str=True, description="Number of the scene from 1, or its id.")
    other: str | None = Field(None, coerce_numbers_to_str=True, description="swap_scenes: the other scene.")
    after: str | None = Field(
        None, coerce_numbers_to_str=True, description="insert_scene: after this scene; null: first."
    )
    to: int | None = Field(None, description="move_scene: its new number.")
    text: str | None = Field(None, description="set_narration, set_on_screen: the new words.")
    narration: str | None = Field(None, description="insert_scene: what is said.")
    on_screen: str | None = Field(None, description="insert_scene: heading over a picture.")
    visual: Visual | None = Field(None, description="set_visual, insert_scene: a designed scene.")
    query: str | None = Field(None, description="swap_visual, insert_scene: what to search a picture for.")
    asset_id: str | None = Field(None, description="swap_visual: an uploaded photo or clip.")
    found: str | None = Field(None, description="swap_visual: identity of a picture that search_pictures gave.")
    pinned: bool | None = Field(None, description="pin_visual.")
    words: tuple[str, ...] | None = Field(None, description="set_emphasis: words of the narration to stress.")
    before: str | None = Field(None, description="split_scene: words the second scene begins with.")
    only_phrases: bool | None = Field(None, description="split_scene: never within a clause.")
    pause_after_s: float | None = Field(None, description="retime: silence after the words, seconds.")
    min_duration_s: float | None = Field(None, description="retime, insert_scene: least length, seconds; 0: as needed.")
    theme: str | None = Field(None, description="restyle: name of a theme.")
    captions: CaptionChanges | None = Field(None, description="restyle; mode off: no captions.")
    transition: Transition | None = Field(None, description="restyle: between all scenes.")
    transition_sounds: bool | None = Field(None, description="restyle.")
    fit: Fit | None = Field(None, description="restyle: how pictures meet the frame.")
    brand: Brand | None = Field(None, description="restyle.")
    music: MusicChanges | None = Field(None, description="restyle.")
    loudness_lufs: float | None = Field(None, description="restyle.")
    clear: tuple[Cleared, ...] | None = Field(None, description="restyle: what to take away.")
    kind: TransitionKind | None = Field(None, description="set_transition; null: as the style says.")
    duration_s: float | None = Field(None, description="set_transition: seconds.")
    provider: str | None = Field(None, description="set_voice.")
    voice: str | None = Field(None, description="set_voice.")
    pace: float | None = Field(None, description="set_voice: 1 is the voice's own speed.")
    word: str | None = Field(None, description="set_pronunciation.")
    say: str | None = Field(None, description="set_pronunciation: spelled as it is to be said; empty: forget it.")
    language: str | None = Field(None, description="set_language.")
    aspect: Aspect | None = Field(None, description="set_aspect.")
    resolution: Literal[480, 720, 1080, 1440, 2160] | None = Field(None, description="set_aspect: short side, pixels.")
    fps: Literal[24, 25, 30, 50, 60] | None = Field(None, description="set_aspect.")
    seconds: float | None = Field(None, description="set_length_target.")
    title: str | None = Field(None, description="set_title.")
    citations: tuple[Citation, ...] | None = Field(None, description="set_citations.")


#: What an operation needs although it may be null.
_NULLABLE = {"set_transition": "kind", "set_length_target": "seconds"}


def operations_of(changes: tuple[Change, ...]) -> tuple[Operation, ...]:
    """The operations that are meant.

    Raises:
        InvalidInput: one lacks what it needs, or was given what it does not know.
    """
    return parse([_said(change) for change in changes])


def _said(change: Change) -> dict[str, Any]:
    said = change.model_dump(mode="json", exclude_none=True)
    nullable = _NULLABLE.get(change.op)
    return said if nullable is None else {nullable: None, **said}


class EditVideoInput(ToolInput):
    """What to change, all or nothing."""

    production_id: ProductionId = None
    revision: int | None = Field(None, description="Number of the revision that was looked at; null: the current one.")
    operations: Annotated[tuple[Change, ...], Field(min_length=1, max_length=MAX_OPERATIONS)]


class EditOutput(ToolOutput):
    """The production after the edit, with what is different."""

    production: ProductionFacts
    revision: int
    changes: tuple[str, ...] = Field(description="what is different now, in sentences for the person")
    warnings: tuple[str, ...] = Field(default=(), description="what of the look is changed so that it can be read")
    is_ready: bool = Field(description="true: the video of this revision is there; false: it is being made")


def _output(view: EditView) -> EditOutput:
    return EditOutput(
        production=facts(view.production),
        revision=view.revision,
        changes=view.changes,
        warnings=view.warnings,
        is_ready=view.is_ready,
    )


async def _edit(context: ToolContext, args: EditVideoInput) -> EditOutput:
    production_id = await target(context, args.production_id)
    view = await context.resources.editing.edit(
        production_id,
        operations_of(args.operations),
        user_id=context.person.user_id,
        channel=context.channel,
        base=args.revision,
        key=f"call:{context.call_id}",
    )
    return _output(view)


class GoBackInput(ToolInput):
    """Which production; without an id the newest one."""

    production_id: ProductionId = None
    revision: int | None = Field(None, description="Go to this revision by its number; null: one step.")

    @field_validator("revision", mode="before")
    @classmethod
    def _zero_is_none(cls, value: object) -> object:
        return value or None


async def _undo(context: ToolContext, args: GoBackInput) -> EditOutput:
    production_id = await target(context, args.production_id)
    editing, user_id = context.resources.editing, context.person.user_id
    if args.revision is not None:
        return _output(await editing.restore(production_id, args.revision, user_id=user_id, channel=context.channel))
    return _output(await editing.undo(production_id, user_id=user_id, channel=context.channel))


async def _redo(context: ToolContext, args: ShowStoryboardInput) -> EditOutput:
    production_id = await target(context, args.production_id)
    view = await context.resources.editing.redo(production_id, user_id=context.person.user_id, channel=context.channel)
    return _output(view)


async def _send(context: ToolContext, args: ShowStoryboardInput) -> EditOutput:
    production_id = await target(context, args.production_id)
    view = await context.resources.showing.send_again(
        production_id, user_id=context.person.user_id, key=f"call:{context.call_id}"
    )
    return _output(view)


# -- go on ----------------------------------------------------------------------------------------------------


async def _go_on(context: ToolContext, args: ShowStoryboardInput) -> ProductionOutput:
    production_id = args.production_id or await _waiting(context)
    service, user_id = context.resources.productions, context.person.user_id
    view = await service.get(production_id, user_id=user_id)
    if view.state in _ENDED_BADLY:
        view = await service.retry(view.id, user_id=user_id, channel=context.channel)
    else:
        view = await context.resources.stops.go_on(view.id, user_id=user_id, channel=context.channel)
    return ProductionOutput(production=facts(view))


async def _waiting(context: ToolContext) -> str:
    """The newest production that waits for a word, else the newest that ended badly."""
    views = await context.resources.productions.recent(user_id=context.person.user_id, limit=RECENT)
    for states in ({ProductionState.WAITING}, _ENDED_BADLY):
        found = next((view.id for view in views if view.state in states), None)
        if found is not None:
            return found
    raise NotFound(
        "Nothing waits to go on.", hint="Ask for the status to see your videos.", code="production.none_to_retry"
    )


def _never(_args: Any) -> bool:
    # Done twice, it would go two steps.
    return False


EDIT_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="edit_video",
        label="Editing the video",
        description=(
            "Change a video that has been made or is being made: words, pictures, order and timing of scenes, look, "
            "captions, music, voice, frame. Give the operations together, in order; scene numbers are those before the "
            "first one. Only what changed is made anew. Returns what is different; the new video is sent by itself."
        ),
        input=EditVideoInput,
        output=EditOutput,
        permission=Permission.EDITOR,
        example=EditVideoInput(
            production_id="0199f3a2b4c6",
            operations=(
                Change(op="set_narration", scene="2", text="A lamp in Paris."),
                Change(op="restyle", theme="paper"),
            ),
        ),
        run=_edit,
    ),
    Tool(
        name="undo_edit",
        label="Undoing",
        description=(
            "Go back to the version before the last edit, or to a revision by its number. If its video is there "
            "nothing is made and is_ready is true."
        ),
        input=GoBackInput,
        output=EditOutput,
        permission=Permission.EDITOR,
        example=GoBackInput(production_id="0199f3a2b4c6"),
        run=_undo,
        repeatable=_never,
    ),
    Tool(
        name="redo_edit",
        label="Doing it again",
        description="Go forward again to the version that was undone last.",
        input=ShowStoryboardInput,
        output=EditOutput,
        permission=Permission.EDITOR,
        example=ShowStoryboardInput(production_id="0199f3a2b4c6"),
        run=_redo,
        repeatable=_never,
    ),
    Tool(
        name="continue_production",
        label="Going on",
        description=(
            "Let a production go on that stopped where the person asked (after script, storyboard, visuals or "
            "narration). Only when the person says so. Without an id: the newest that waits."
        ),
        input=ShowStoryboardInput,
        output=ProductionOutput,
        permission=Permission.EDITOR,
        example=ShowStoryboardInput(production_id="0199f3a2b4c6"),
        run=_go_on,
        repeatable=lambda args: bool(args.production_id),
    ),
    Tool(
        name="send_video",
        label="Sending the video",
        description="Send the finished video of the current version to the chat once more, for example after an undo.",
        input=ShowStoryboardInput,
        output=EditOutput,
        permission=Permission.EDITOR,
        example=ShowStoryboardInput(production_id="0199f3a2b4c6"),
        run=_send,
        repeatable=always,
    ),
)
