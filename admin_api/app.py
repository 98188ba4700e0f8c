"""Puts the API together: routes, problems, the shell around every request, and its OpenAPI description."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from pydantic import SecretStr

from admin_api import problems
from admin_api.middleware import RequestShell
from admin_api.routes import discovery, edits, health, jobs, memory, niches, productions, videos
from admin_api.security.internal_token import require_internal_token
from ettametta.bootstrap import Resources


def _operation_id(route: APIRoute) -> str:
    return route.name


def create_app(resources: Resources, internal_token: SecretStr) -> FastAPI:
    """The API over `resources`, behind `internal_token`; only liveness and readiness are open."""
    app = FastAPI(
        title="Ettametta admin API",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.resources = resources
    app.state.internal_token = internal_token
    app.add_middleware(RequestShell)
    problems.install(app)
    app.include_router(health.open_router)
    app.include_router(_guarded())
    return app


def _guarded() -> APIRouter:
    router = APIRouter(dependencies=[Depends(require_internal_token)], responses=problems.responses(401, 422, 500, 503))
    router.include_router(health.guarded_router)
    router.include_router(jobs.router, prefix="/api/v1")
    router.include_router(edits.router, prefix="/api/v1")
    router.include_router(memory.router, prefix="/api/v1")
    router.include_router(productions.router, prefix="/api/v1")
    router.include_router(videos.router, prefix="/api/v1")
    router.include_router(discovery.router, prefix="/api/v1")
    router.include_router(niches.router, prefix="/api/v1")

    @router.get("/api/v1/openapi.json", include_in_schema=False)
    async def describe(request: Request) -> dict[str, Any]:
        app: FastAPI = request.app
        return app.openapi()

    return router
