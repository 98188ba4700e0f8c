"""A model server on this machine is found when it answers, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from ettametta import bootstrap
from ettametta.providers.llm.local import LocalModel, find_local
from ettametta.settings import Settings
from tests.servers.openai_server import OpenAIServer

_NOBODY = "http://127.0.0.1:9/v1"


async def test_what_answers_is_found_and_the_named_model_taken() -> None:
    async with OpenAIServer(models=("nomic-embed-text", "small", "large")) as server:
        places = (_NOBODY, server.base_url)
        assert await find_local("gpt-5-mini", places=places) == LocalModel(server.base_url, "small")
        assert await find_local("large", places=places) == LocalModel(server.base_url, "large")
    assert await find_local("small", places=places) is None


async def test_something_else_at_that_port_is_no_model() -> None:
    async with OpenAIServer(api_key="sk-x") as server:
        assert await find_local("small", places=(server.base_url, f"{server.base_url}/nowhere")) is None


async def test_settings_go_before_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(_wanted: str) -> LocalModel:
        return LocalModel("http://127.0.0.1:11434/v1", "small")

    monkeypatch.setattr(bootstrap, "find_local", found)
    settings = Settings(data_dir=tmp_path, local_models="auto")
    with_it = await bootstrap.with_local_model(settings)
    assert (with_it.has_model, with_it.openai_base_url, with_it.model) == (True, "http://127.0.0.1:11434/v1", "small")
    for own in ({"openai_api_key": "sk-x"}, {"openai_base_url": "http://10.0.0.1/v1"}, {"local_models": "off"}):
        chosen = settings.model_copy(update=own)
        assert await bootstrap.with_local_model(chosen) is chosen
