"""The command starts quickly, loads only what it needs, and refuses bad input in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli.conftest import REPOSITORY, Command, clean_environment

#: What only the process that talks, or the one that renders, may load.
HEAVY = ("aiogram", "langchain", "langchain_core", "langchain_openai", "langgraph", "openai", "onnxruntime", "hibari")
#: What `--help` must not load either.
MEDIUM = (
    "sqlalchemy",
    "fastapi",
    "uvicorn",
    "taskiq",
    "redis",
    "numpy",
    "av",
    "trafilatura",
    "aiohttp",
    "alembic",
    "PIL",
)

COMMANDS = (
    "up", "bot", "api", "worker", "scheduler", "make", "chat", "status", "jobs", "job", "cancel", "retry", "approve",
    "decline", "migrate", "pair", "version", "doctor", "demo",
    "storyboard", "edit", "undo", "redo", "revisions", "continue", "dub", "variants", "voices", "themes", "presets",
)  # fmt: skip


def _loaded(tmp_path: Path, *arguments: str) -> set[str]:
    """The top-level modules a command has loaded when it ends."""
    program = (
        "import sys; from cli.main import main; main(sys.argv[1:]);"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True, text=True, cwd=tmp_path, timeout=90, check=True,
        env=clean_environment(tmp_path, PYTHONPATH=str(REPOSITORY)),
    )  # fmt: skip
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("LOADED")]
    return set(line.split()[1:])


def test_help_loads_next_to_nothing(tmp_path: Path) -> None:
    assert not _loaded(tmp_path, "--help").intersection(HEAVY + MEDIUM)


@pytest.mark.parametrize("arguments", [("jobs",), ("status",), ("pair",), ("cancel", "ffff"), ("migrate",)])
def test_quick_commands_load_neither_chat_nor_model_nor_voice(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert not _loaded(tmp_path, *arguments).intersection(HEAVY)


def test_help_lists_every_command(ettametta: Command) -> None:
    done = ettametta("--help")
    assert (done.code, done.err) == (0, "")
    for command in COMMANDS:
        assert f"\n  {command} " in done.out
    for command in COMMANDS:
        assert f"--{command}" not in done.out


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"ETTAMETTA_API_PORT": "eighty"}, "ETTAMETTA_API_PORT"),
        ({"ETTAMETTA_LOG_LEVEL": "LOUD"}, "ETTAMETTA_LOG_LEVEL"),
        ({"INTERNAL_API_TOKEN": "short-sekret"}, "INTERNAL_API_TOKEN"),
        ({"ETTAMETTA_DATABASE_URL": "mysql://u:hunter2@h/d"}, "ETTAMETTA_DATABASE_URL"),
        ({"ETTAMETTA_STORAGE_URL": "ftp://u:hunter2@h/d"}, "ETTAMETTA_STORAGE_URL"),
    ],
)
def test_a_bad_setting_is_one_sentence_that_names_it(ettametta: Command, settings: dict[str, str], name: str) -> None:
    done = ettametta("jobs", settings=settings)
    assert done.code == 3
    assert name in done.err
    assert len(done.err.splitlines()) <= 2
    for forbidden in ("Traceback", "hunter2", "sekret"):
        assert forbidden not in done.err + done.out


def test_a_damaged_database_is_one_sentence(ettametta: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ettametta.db").write_bytes(b"this is no database, only text" * 100)
    done = ettametta("jobs")
    assert (done.code, len(done.err.splitlines())) == (3, 2)
    assert "not a database" in done.err


def test_a_data_folder_that_is_a_file_is_one_sentence(ettametta: Command, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    done = ettametta("jobs")
    assert (done.code, len(done.err.splitlines())) == (3, 2)
    assert "ETTAMETTA_DATA_DIR" in done.err


def test_a_database_that_is_not_there_is_one_sentence(ettametta: Command, free_port: int) -> None:
    done = ettametta(
        "jobs", settings={"ETTAMETTA_DATABASE_URL": f"postgresql+asyncpg://u:hunter2@127.0.0.1:{free_port}/d"}
    )
    assert (done.code, len(done.err.splitlines())) == (4, 2)
    assert "hunter2" not in done.err


@pytest.mark.parametrize(
    "arguments", [("sing",), ("jobs", "--state", "odd"), ("job",), ("worker", "--concurrency", "0")]
)
def test_a_misuse_is_exit_code_2(ettametta: Command, arguments: tuple[str, ...]) -> None:
    done = ettametta(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_env_files_are_read_and_the_command_line_comes_first(ettametta: Command, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKEN=\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\n")
    done = ettametta("jobs", "--data-dir", str(tmp_path / "elsewhere"))
    assert done.code == 0
    assert (tmp_path / "elsewhere" / "ettametta.db").is_file()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("which", ["bot"])
def test_the_bot_needs_a_token(ettametta: Command, which: str) -> None:
    done = ettametta(which)
    assert (done.code, "TELEGRAM_BOT_TOKEN" in done.err) == (3, True)


def test_version_and_pair(ettametta: Command) -> None:
    assert ettametta("version").out.startswith("ettametta ")
    first, second = (ettametta("pair", "--json").out for _ in range(2))
    assert '"paired": false' in first
    assert first != second
