"""Tools that make other videos of one: dubs in other languages, and variants."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ettametta.productions.changing.siblings import MAX_SIBLINGS
from ettametta.productions.values import ProductionView
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput
from tools.looking import target
from tools.productions import ProductionFacts, ProductionId, facts


class DubVideoInput(ToolInput):
    """Which video, and into which languages."""

    production_id: ProductionId = None
    languages: Annotated[
        tuple[str, ...], Field(min_length=1, max_length=MAX_SIBLINGS, description="ISO 639-1 codes, such as es.")
    ]


class MakeVariantsInput(ToolInput):
    """Which video, what is to differ, and how many."""

    production_id: ProductionId = None
    by: Literal["hook", "voice", "theme", "thumbnail"] = Field("theme", description="hook: the opening line.")
    count: Annotated[int, Field(ge=1, le=MAX_SIBLINGS)] = 2


class SiblingsOutput(ToolOutput):
    """The productions that began."""

    productions: tuple[ProductionFacts, ...]


def _output(views: list[ProductionView]) -> SiblingsOutput:
    return SiblingsOutput(productions=tuple(facts(view) for view in views))


async def _dub(context: ToolContext, args: DubVideoInput) -> SiblingsOutput:
    production_id = await target(context, args.production_id)
    return _output(
        await context.resources.siblings.dub(
            production_id,
            args.languages,
            user_id=context.person.user_id,
            channel=context.channel,
            key=f"call:{context.call_id}",
        )
    )


async def _variants(context: ToolContext, args: MakeVariantsInput) -> SiblingsOutput:
    production_id = await target(context, args.production_id)
    return _output(
        await context.resources.siblings.variants(
            production_id,
            args.by,
            args.count,
            user_id=context.person.user_id,
            channel=context.channel,
            key=f"call:{context.call_id}",
        )
    )


SIBLING_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="dub_video",
        label="Starting the dubs",
        description=(
            "Make a video again in other languages: words translated, pictures kept, one production for each language. "
            "Each is sent by itself when it is ready. Without an id: the newest video."
        ),
        input=DubVideoInput,
        output=SiblingsOutput,
        permission=Permission.EDITOR,
        example=DubVideoInput(production_id="0199f3a2b4c6", languages=("es", "fr")),
        run=_dub,
    ),
    Tool(
        name="make_variants",
        label="Starting the variants",
        description=(
            "Make versions of a video that differ in one thing: its opening line (hook), its voice, its theme or its "
            "cover (thumbnail). One production for each; what stays the same is not made again. Without an id: the "
            "newest video."
        ),
        input=MakeVariantsInput,
        output=SiblingsOutput,
        permission=Permission.EDITOR,
        example=MakeVariantsInput(production_id="0199f3a2b4c6", by="theme", count=2),
        run=_variants,
    ),
)
