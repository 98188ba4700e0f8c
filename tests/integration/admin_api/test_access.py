"""Who may call, what every answer carries, and that failures are problems without secrets."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from admin_api.app import create_app
from ettametta.bootstrap import Resources

OPEN = {"/health/live", "/health/ready"}


def _guarded() -> list[tuple[str, str]]:
    """Every route of the application that is not open, with something in place of what it asks for."""
    described = create_app(None, SecretStr("a-token-for-tests-only")).openapi()["paths"]  # type: ignore[arg-type]  # unused
    return [
        (method.upper(), re.sub(r"\{number\}", "1", re.sub(r"\{\w+_id\}|\{name\}", "x", path)))
        for path, operations in described.items()
        for method in operations
        if path not in OPEN
    ] + [("GET", "/api/v1/openapi.json")]


GUARDED = _guarded()


BAD_HEADERS: list[dict[str, str]] = [
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Basic YTpi"},
    {"Authorization": "Bearer"},
    {"Authorization": "a-token-for-tests-only"},
]


async def test_without_the_token_nothing_is_done(stranger: httpx.AsyncClient) -> None:
    for (method, path), headers in itertools.product(GUARDED, BAD_HEADERS):
        response = await stranger.request(method, path, headers=headers)
        assert response.status_code == 401, (method, path, headers)
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "api.unauthenticated"


async def test_every_route_is_guarded_but_liveness_and_readiness(client: httpx.AsyncClient) -> None:
    described: dict[str, Any] = (await client.get("/api/v1/openapi.json")).json()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert path in OPEN or operation["security"] == [{"internalToken": []}], (method, path)
    assert len(GUARDED) > 20
    assert {"/api/v1/jobs/x/cancel", "/api/v1/videos/x/file"} <= {path for _, path in GUARDED}


async def test_operations_have_names_and_declared_problems(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/v1/openapi.json")).json()
    operations = {
        operation["operationId"]: operation for path in described["paths"].values() for operation in path.values()
    }
    assert {"list_jobs", "get_job", "cancel_job", "retry_job", "start_production", "get_video_file"} <= set(operations)
    assert {"401", "404", "409"} <= set(operations["cancel_job"]["responses"])
    problem = operations["get_job"]["responses"]["404"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}
    assert "Problem" in described["components"]["schemas"]


async def test_every_answer_has_an_id_and_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/nowhere", "/api/v1/jobs"):
        response = await client.get(path, headers={"X-Request-ID": "trace-12345678"})
        assert response.headers["x-request-id"] == "trace-12345678"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["cache-control"] == "no-store"
    hostile = await client.get("/health/live", headers={"X-Request-ID": "a b\x0bc"})
    assert hostile.headers["x-request-id"] != "a b\x0bc"


async def test_failures_of_the_framework_are_problems_too(client: httpx.AsyncClient) -> None:
    unknown = await client.get("/nowhere")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "api.http_404")
    wrong_method = await client.delete("/api/v1/jobs")
    assert (wrong_method.status_code, wrong_method.headers["allow"]) == (405, "GET")
    invalid = await client.post("/api/v1/productions", json={"kind": "song", "text": "x"})
    assert (invalid.status_code, invalid.json()["errors"][0]["where"]) == (422, "body.kind")
    broken = await client.post("/api/v1/productions", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 422
    for response in (unknown, wrong_method, invalid, broken):
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["request_id"] == response.headers["x-request-id"]


async def _endless(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100_000):
        yield b" " * 100_000


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_not_read(stranger: httpx.AsyncClient, *, declared: bool) -> None:
    content: Any = b" " * 3_000_000 if declared else _endless(3_000_000)
    response = await stranger.post("/api/v1/productions", content=content, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (413, "api.http_413")


async def test_a_bug_shows_a_reference_and_nothing_else(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: Any, **__: Any) -> Iterator[None]:
        message = "postgresql://user:hunter2@db"
        raise RuntimeError(message)

    monkeypatch.setattr(type(resources.productions), "recent", explode)
    transport = httpx.ASGITransport(create_app(resources, SecretStr("a-token-for-tests-only")))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        headers = {"Authorization": "Bearer a-token-for-tests-only"}
        response = await client.get("/api/v1/productions", headers=headers)
    assert response.status_code == 500
    assert "hunter2" not in json.dumps(response.json())
    assert response.json()["request_id"] in response.json()["hint"]
