"""Settings: names in the environment, empty is unset, and a bad value is one sentence that never repeats a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ettametta.errors import ConfigError
from ettametta.settings import Settings, load_settings, setting_name


def test_every_setting_has_a_default_and_a_description() -> None:
    settings = load_settings()
    for name, field in Settings.model_fields.items():
        assert field.description, f"{name} has no description"
        assert field.description.endswith("."), f"the description of {name} is no sentence"
        assert hasattr(settings, name)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("data_dir", "ETTAMETTA_DATA_DIR"),
        ("redis_url", "ETTAMETTA_REDIS_URL"),
        ("openai_api_key", "OPENAI_API_KEY"),
        ("openai_base_url", "OPENAI_BASE_URL"),
        ("telegram_bot_token", "TELEGRAM_BOT_TOKEN"),
        ("internal_api_token", "INTERNAL_API_TOKEN"),
        ("s3_access_key_id", "AWS_ACCESS_KEY_ID"),
        ("s3_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_names_in_the_environment(field: str, name: str) -> None:
    assert setting_name(field) == name


def test_vendor_keys_are_read_by_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETTAMETTA_OPENAI_API_KEY", "own")
    key = load_settings().openai_api_key
    assert key is not None
    assert key.get_secret_value() == "own"
    monkeypatch.setenv("OPENAI_API_KEY", "usual")
    key = load_settings().openai_api_key
    assert key is not None
    assert key.get_secret_value() == "usual"


def test_empty_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.setenv(setting_name(field), "")
    assert load_settings() == Settings()


def test_a_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ETTAMETTA_API_PORT=1\nETTAMETTA_MODEL=from-file\nOTHER=x\n")
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ETTAMETTA_API_PORT", "2")
    settings = load_settings()
    assert (settings.api_port, settings.model) == (2, "from-file")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ETTAMETTA_API_PORT", "70000"),
        ("ETTAMETTA_API_PORT", "eighty"),
        ("ETTAMETTA_VIDEO_CRF", "9"),
        ("ETTAMETTA_VIDEO_PRESET", "warp"),
        ("ETTAMETTA_WORKER_CONCURRENCY", "0"),
        ("ETTAMETTA_AUTO_APPROVE_USD", "-1"),
        ("ETTAMETTA_JOB_LEASE_S", "nan"),
        ("ETTAMETTA_HTTP_ALLOW_PRIVATE", "perhaps"),
        ("ETTAMETTA_LOG_LEVEL", "LOUD"),
        ("INTERNAL_API_TOKEN", "short"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_the_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert name in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.message.endswith(".")
    assert "docs/settings.md" in caught.value.hint
    assert caught.value.__cause__ is None


def test_a_secret_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNAL_API_TOKEN", "hunter2hunter2")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("INTERNAL_API_TOKEN", "hunter2hunter2hunter2")
    monkeypatch.setenv("ETTAMETTA_REDIS_URL", "redis://:hunter2@localhost/0")
    settings = load_settings()
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=30))
def test_any_port_is_read_or_refused_in_our_words(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ETTAMETTA_API_PORT", value)
        try:
            port = load_settings().api_port
        except ConfigError as error:
            said = error.message
        else:
            said = f"ETTAMETTA_API_PORT={port}" if 0 <= port <= 65535 else "out of range"
        assert "ETTAMETTA_API_PORT" in said


def test_the_database_is_a_file_in_the_data_folder_unless_told_otherwise(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).resolved_database_url == f"sqlite+aiosqlite:///{tmp_path / 'ettametta.db'}"
    assert Settings(database_url="postgresql+asyncpg:///x").resolved_database_url == "postgresql+asyncpg:///x"


def test_a_model_is_there_with_a_key_or_an_own_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load_settings().has_model
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1")
    assert load_settings().has_model
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert load_settings().has_model
