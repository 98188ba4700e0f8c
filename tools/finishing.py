"""The tool that makes a draft in full."""

from __future__ import annotations

from tools.base import AnyTool, Permission, Tool, ToolContext
from tools.looking import ShowStoryboardInput, target
from tools.productions import ProductionOutput, facts


async def _finish(context: ToolContext, args: ShowStoryboardInput) -> ProductionOutput:
    production_id = await target(context, args.production_id)
    view = await context.resources.finishing.finish(
        production_id, user_id=context.person.user_id, channel=context.channel
    )
    return ProductionOutput(production=facts(view))


def _never(_args: ShowStoryboardInput) -> bool:
    # Done twice, the second would say that it is no draft any more.
    return False


FINISHING_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="finish_video",
        label="Finishing the draft",
        description=(
            "Make a draft (options.draft) in full size; the video is sent by itself. Without an id: the newest video."
        ),
        input=ShowStoryboardInput,
        output=ProductionOutput,
        permission=Permission.EDITOR,
        example=ShowStoryboardInput(production_id="0199f3a2b4c6"),
        run=_finish,
        repeatable=_never,
    ),
)
