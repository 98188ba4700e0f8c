"""The doctor: one line each, the fix where something is wrong, never a key."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cli.checks import machine, services, state
from cli.checks.finding import Finding, look
from ettametta.settings import Settings
from tests.integration.cli.conftest import Command
from tests.servers.bot_api import TOKEN, BotApiServer
from tests.servers.openai_server import OpenAIServer
from tests.servers.redis_server import RedisServer

Look = Callable[[Settings], Awaitable[list[Finding]]]


async def _only(check: Look, settings: Settings) -> Finding:
    (finding,) = await look("it", check, settings)
    for secret in (TOKEN.partition(":")[2], "a-wrong-key-123", "hunter2"):
        assert secret not in f"{finding.detail}{finding.fix}"
    return finding


def test_a_fresh_machine_is_well(ettametta: Command) -> None:
    done = ettametta("doctor", "--json")
    report = json.loads(done.out)
    assert (done.code, report["ok"], done.err) == (0, True, "")
    findings = {finding["name"]: finding for finding in report["findings"]}
    for name in ("python", "database", "sqlite", "redis", "storage", "ffmpeg", "ffmpeg filters", "ffmpeg encoders",
                 "encoder", "fonts", "voice", "model", "telegram", "disk", "clock", "time zone"):  # fmt: skip
        assert findings[name]["ok"] in {"ok", "warn"}, findings[name]
    assert "spoken" in findings["voice"]["detail"]


def test_something_bad_is_exit_code_1_with_its_fix(ettametta: Command, free_port: int) -> None:
    settings = {
        "ETTAMETTA_REDIS_URL": f"redis://:hunter2@127.0.0.1:{free_port}/0",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{free_port}/v1",
        "OPENAI_API_KEY": "a-wrong-key-123",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "ETTAMETTA_TELEGRAM_API_URL": f"http://127.0.0.1:{free_port}",
        "ETTAMETTA_FFMPEG": "/nowhere/ffmpeg",
    }
    done = ettametta("doctor", settings=settings)
    assert done.code == 1
    bad = {line.split()[1]: line for line in done.out.splitlines() if line.startswith("bad")}
    assert set(bad) == {"redis", "model", "telegram", "ffmpeg"}
    assert all("Fix:" in line for line in bad.values())
    for secret in ("hunter2", "a-wrong-key-123", TOKEN):
        assert secret not in done.out + done.err


@pytest.mark.parametrize(
    ("key", "model", "verdict", "says"),
    [
        ("right-key", "m-1", "ok", "m-1"),
        ("a-wrong-key-123", "m-1", "bad", "refused the key"),
        ("right-key", "m-9", "bad", "no model m-9"),
    ],
)
async def test_the_model_is_asked_for(tmp_path: Path, key: str, model: str, verdict: str, says: str) -> None:
    async with OpenAIServer(api_key="right-key", models=("m-1", "m-2")) as server:
        settings = Settings(
            data_dir=tmp_path, openai_api_key=SecretStr(key), openai_base_url=server.base_url, model=model
        )
        finding = await _only(services.model, settings)
    assert (finding.ok, says in finding.detail) == (verdict, True)


async def test_something_that_is_no_model_endpoint(tmp_path: Path) -> None:
    async with OpenAIServer() as server:
        wrong = server.base_url.removesuffix("/v1")
        finding = await _only(services.model, Settings(data_dir=tmp_path, openai_base_url=wrong))
    assert (finding.ok, "/v1" in finding.fix) == ("warn", True)


async def test_picture_sources_are_listed_and_none_is_asked(tmp_path: Path) -> None:
    finding = await _only(services.pictures, Settings(data_dir=tmp_path, pexels_api_key=SecretStr("px-1")))
    assert finding.ok == "ok"
    assert finding.detail.startswith("Pexels (photos and clips), Openverse (photos), ")
    assert finding.detail.endswith("more with PIXABAY_API_KEY")
    off = await _only(services.pictures, Settings(data_dir=tmp_path, pictures="designed"))
    assert "ETTAMETTA_PICTURES" in off.detail


async def test_sources_say_what_they_wait_for_and_none_is_asked(tmp_path: Path) -> None:
    finding = await _only(services.sources, Settings(data_dir=tmp_path, x_bearer_token=SecretStr("x-1")))
    assert finding.ok == "ok"
    assert "YouTube Data API (YOUTUBE_API_KEY)" in finding.detail
    assert "Reddit data API (REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET)" in finding.detail
    assert "X_BEARER_TOKEN" not in finding.detail


async def test_a_picture_source_that_cannot_be_built_is_bad(tmp_path: Path) -> None:
    for sources, named in (("pixabay", "PIXABAY_API_KEY"), ("flicker", "openverse")):
        (finding,) = await look("pictures", services.pictures, Settings(data_dir=tmp_path, picture_sources=sources))
        assert finding.ok == "bad"
        assert named in finding.fix


@pytest.mark.parametrize(("token", "verdict"), [(TOKEN, "ok"), ("1:a-wrong-key-123", "bad")])
async def test_the_bot_token_is_tried(tmp_path: Path, token: str, verdict: str) -> None:
    async with BotApiServer() as server:
        settings = Settings(data_dir=tmp_path, telegram_bot_token=SecretStr(token), telegram_api_url=server.url)
        finding = await _only(services.telegram, settings)
    assert finding.ok == verdict
    assert (verdict == "ok") == ("@" in finding.detail)


async def test_redis_and_the_clocks_agree(tmp_path: Path, redis_url: str, database_url: str) -> None:
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(redis_url), database_url=database_url)
    assert (await _only(state.redis, settings)).ok == "ok"
    clock = await _only(state.clock, settings)
    assert (clock.ok, "Redis" in clock.detail) == ("ok", True)
    assert ("database" in clock.detail) == database_url.startswith("postgresql")


async def test_a_clock_that_is_off_is_bad(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ahead(_settings: Settings) -> float:
        return 40.0

    monkeypatch.setattr(state, "_redis_skew", ahead)
    finding = await _only(state.clock, Settings(data_dir=tmp_path, redis_url=SecretStr(redis_url)))
    assert (finding.ok, "+40.00 s" in finding.detail, bool(finding.fix)) == ("bad", True, True)


async def test_a_database_is_current_pending_or_new(tmp_path: Path, database_url: str, empty_database_url: str) -> None:
    assert (await _only(state.database, Settings(data_dir=tmp_path, database_url=database_url))).ok == "ok"
    empty = Settings(data_dir=tmp_path, database_url=empty_database_url)
    is_new_file = empty_database_url.startswith("sqlite")
    assert (await _only(state.database, empty)).ok == ("ok" if is_new_file else "warn")
    assert not (tmp_path / "empty.db").exists(), "looking must not make a database"


async def test_a_redis_that_dies_is_bad(tmp_path: Path, redis_server: RedisServer) -> None:
    settings = Settings(data_dir=tmp_path, redis_url=SecretStr(redis_server.url))
    redis_server.kill()
    assert (await _only(state.redis, settings)).ok == "bad"


async def test_a_folder_that_cannot_be_written_is_bad(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = Settings(data_dir=tmp_path / "file")
    for check in (machine.data_folder, state.storage):
        assert (await _only(check, settings)).ok == "bad"


@pytest.mark.parametrize(("free", "verdict"), [(10**8, "bad"), (10**9, "warn"), (10**10, "ok")])
async def test_little_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str) -> None:
    class Usage:
        def __init__(self) -> None:
            self.free = free

    def usage(_folder: Any) -> Usage:
        return Usage()

    monkeypatch.setattr("shutil.disk_usage", usage)
    finding = await _only(machine.disk, Settings(data_dir=tmp_path / "not" / "yet"))
    assert (finding.ok, bool(finding.fix)) == (verdict, verdict != "ok")


async def test_paid_speech_without_a_key_is_bad(tmp_path: Path) -> None:
    assert (await _only(machine.voice, Settings(data_dir=tmp_path, speech="openai"))).ok == "bad"
    paid = Settings(data_dir=tmp_path, speech="openai", openai_api_key=SecretStr("a-wrong-key-123"))
    assert (await _only(machine.voice, paid)).ok == "ok"


async def test_what_nobody_foresaw_is_a_finding_too(tmp_path: Path) -> None:
    async def explode(_settings: Settings) -> list[Finding]:
        message = "hunter2"
        raise RuntimeError(message)

    assert (await _only(explode, Settings(data_dir=tmp_path))).ok == "bad"
