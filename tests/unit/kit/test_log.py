"""Secrets never come out of the log, whichever way they went in; and both logging systems end in one renderer."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ettametta.kit.log import MASK, LogFormat, Redactor, configure_logging
from tests.tracebacks import configure_plain

BOT_TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_0123"
API_KEY = "sk-proj-abcdEFGH1234_5678-xyz"
ODD = 'pa"ss\\wörd\n1234'


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in list(logging.Logger.manager.loggerDict)}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(capture=False)
    configure_plain()


def _fail(message: str) -> None:
    raise RuntimeError(message)


def _log_everything(secret: str) -> None:
    log = structlog.get_logger("ettametta.test")
    log.info("said %s", secret)
    log.info("event", value=secret, nested={"deep": [secret, {"x": secret}]}, obj=ValueError(secret))
    log.info("event", authorization=f"Bearer {secret}", headers={"Authorization": secret}, telegram_bot_token=secret)
    logging.getLogger("elsewhere").warning("GET https://host/bot%s/getMe", secret)
    try:
        _fail(secret)
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("elsewhere").exception("failed too")


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("secret", [BOT_TOKEN, API_KEY])
def test_what_looks_like_a_secret_is_masked(
    log_format: LogFormat, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("DEBUG", log_format)
    _log_everything(secret)
    said = capsys.readouterr()
    assert MASK in said.err
    assert secret not in said.err + said.out


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("secret", ["hunter2hunter2", ODD])
def test_known_secrets_are_masked_however_they_look(
    log_format: LogFormat, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("DEBUG", log_format, [SecretStr(secret)])
    _log_everything(secret)
    said = capsys.readouterr()
    assert MASK in said.err
    for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]):
        assert form not in said.err


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("redis://user:hunter2@host:6379/0", "host:6379/0"),
        ("postgresql+asyncpg://ettametta:hunter2@db/ettametta failed", "db/ettametta failed"),
        ("Authorization: Bearer hunter2", "Authorization"),
        ("{'authorization': 'Basic hunter2'}", "authorization"),
        ("GET /files?token=hunter2&page=2", "page=2"),
    ],
)
def test_passwords_in_addresses_and_headers_are_masked(line: str, kept: str) -> None:
    shown = Redactor().text(line)
    assert "hunter2" not in shown
    assert kept in shown


@pytest.mark.parametrize(
    "line",
    [
        "https://example.org/a@b looks odd but fine",
        "12:30:45 ratio 16:9",
        "mail someone@example.org",
        "job 0198f3e2aa at 2026-11-02T10:00:00Z",
        "a risk-averse token of thanks",
    ],
)
def test_ordinary_text_is_left_alone(line: str) -> None:
    assert Redactor().text(line) == line


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=8, max_size=40), st.text(max_size=20))
def test_a_known_secret_never_survives(secret: str, around: str) -> None:
    redactor = Redactor([SecretStr(secret)])
    shown: Any = redactor(None, "info", {"event": f"{around}{secret}{around}", "x": [secret], "y": {"z": secret}})
    if secret not in MASK:
        assert secret not in shown["event"].replace(MASK, "")
        assert shown["x"] != [secret]


def test_json_lines_are_json_with_the_bound_context(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "auto")
    with structlog.contextvars.bound_contextvars(job_id="j1"):
        structlog.get_logger("ettametta.x").info("job.done", größe=3)
        logging.getLogger("other").error("plain %d", 7)
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["job_id"], first["größe"], first["level"]) == ("job.done", "j1", 3, "info")
    assert (second["event"], second["job_id"], second["logger"]) == ("plain 7", "j1", "other")


def test_talkative_libraries_are_tamed_and_the_level_holds(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    for name in ("httpx", "taskiq", "aiogram", "uvicorn.access", "alembic"):
        logging.getLogger(name).info("chatter")
    structlog.get_logger("ettametta").debug("detail")
    assert capsys.readouterr().err == ""
    logging.getLogger("httpx").warning("matters")
    assert "matters" in capsys.readouterr().err
