"""Builds the agent as the settings want it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.runtime.turn import OpenClaw
from ettametta.bootstrap import Resources

if TYPE_CHECKING:
    from agent.runtime.probe import ToolMode


def build_openclaw(resources: Resources) -> OpenClaw:
    """The agent as the settings want it; LangChain is loaded only when a model is configured."""
    settings = resources.settings
    if not settings.has_model:
        return OpenClaw(resources, None)
    # 100 MB that nobody without a model needs
    from agent.runtime.model import LangChainModel  # noqa: PLC0415
    from agent.runtime.probe import Endpoint, tool_mode  # noqa: PLC0415
    from agent.runtime.steps import Limits  # noqa: PLC0415

    endpoint = Endpoint(
        settings.openai_base_url, settings.model, settings.openai_api_key, timeout_s=settings.model_timeout_s
    )
    asked = settings.model_tools

    async def find_mode(name: str) -> ToolMode:
        return await tool_mode(replace(endpoint, model=name), settings.data_dir)

    model = LangChainModel(
        model=settings.model,
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key,
        timeout_s=settings.model_timeout_s,
        limits=Limits(usd=settings.turn_usd),
        tools=find_mode if asked == "auto" else asked,
        fallbacks=settings.fallback_models,
    )
    return OpenClaw(resources, model)
