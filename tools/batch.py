"""The tool that begins several videos at once."""

from __future__ import annotations

from pydantic import Field, field_validator

from ettametta.productions.batch import MAX_CHAT_BATCH, batch_briefs, read_batch
from ettametta.productions.brief import DEFAULT_DURATION_S
from ettametta.productions.options import VideoOptions
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput, without_nulls
from tools.productions import ProductionFacts, facts, language_of


class MakeVideosInput(ToolInput):
    """What the videos are about, and wishes that go for all of them."""

    subjects: str = Field(
        min_length=1,
        max_length=60_000,
        description="One topic or link a line. Or scripts to be said word for word, with a line of --- between them.",
    )
    duration_s: float | None = Field(None, description="Length of each in seconds; null: the usual length.")
    language: str | None = Field(None, description="ISO 639-1 code of all; null: each its source's own.")
    options: VideoOptions | None = Field(None, description="As in make_video; only what the person wished.")
    preset: str | None = Field(None, max_length=40, description="Name of the person's saved wishes to use.")

    @field_validator("options", mode="before")
    @classmethod
    def _nulls(cls, value: object) -> object:
        return without_nulls(value)


class MakeVideosOutput(ToolOutput):
    """The productions that began, in the order of their subjects."""

    productions: tuple[ProductionFacts, ...]


async def _make(context: ToolContext, args: MakeVideosInput) -> MakeVideosOutput:
    briefs = batch_briefs(
        read_batch(args.subjects, most=MAX_CHAT_BATCH),
        duration_s=DEFAULT_DURATION_S if args.duration_s is None else args.duration_s,
        language=language_of(args.language),
        options=args.options or VideoOptions(),
        preset=args.preset,
    )
    views = await context.resources.productions.start_many(context.person, briefs, key=f"call:{context.call_id}")
    return MakeVideosOutput(productions=tuple(facts(view) for view in views))


BATCH_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="make_videos",
        label="Starting the videos",
        description=(
            f"Start making several videos at once, at most {MAX_CHAT_BATCH}: one for each line of subjects, or for "
            "each script between lines of ---. All are checked before the first begins. Each is sent by itself when "
            "it is ready."
        ),
        input=MakeVideosInput,
        output=MakeVideosOutput,
        permission=Permission.EDITOR,
        example=MakeVideosInput(subjects="The history of tea\nThe history of coffee", duration_s=30),
        run=_make,
    ),
)
