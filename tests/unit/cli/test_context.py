"""The settings of a command, and the token it makes once and keeps for itself."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import SecretStr

from cli.context import internal_token, secret_values, token_path
from ettametta.settings import Settings


def test_a_token_is_made_once_for_us_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    first = internal_token(settings)
    assert internal_token(settings) == first
    assert len(first.get_secret_value()) >= 32
    assert stat.S_IMODE(token_path(settings).stat().st_mode) == 0o600
    assert [path.name for path in settings.data_dir.iterdir()] == ["internal_api_token"]


def test_the_settings_token_comes_first(tmp_path: Path) -> None:
    mine = SecretStr("sixteen-characters")
    assert internal_token(Settings(data_dir=tmp_path, internal_api_token=mine)) == mine
    assert not token_path(Settings(data_dir=tmp_path)).exists()


def test_a_broken_token_file_is_replaced(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    token_path(settings).write_text("short")
    assert len(internal_token(settings).get_secret_value()) >= 32


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        tokens = {token.get_secret_value() for token in pool.map(lambda _: internal_token(settings), range(8))}
    assert tokens == {internal_token(settings).get_secret_value()}


def test_every_secret_setting_is_known(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, openai_api_key=SecretStr("key-1"), redis_url=SecretStr("redis://:p@h"))
    assert {secret.get_secret_value() for secret in secret_values(settings)} == {"key-1", "redis://:p@h"}
