"""Errors as RFC 9457 problem details: each failure leaves as application/problem+json with code, hint and reference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ettametta import errors

_log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
UNAUTHENTICATED = "api.unauthenticated"

_BY_CODE = {UNAUTHENTICATED: 401}
#: First match wins.
_BY_FAMILY: tuple[tuple[type[errors.EttamettaError], int], ...] = (
    (errors.NotFound, 404),
    (errors.Refused, 403),
    (errors.Conflict, 409),
    (errors.UserError, 400),
    (errors.TransientError, 503),
    (errors.OperatorError, 503),
    (errors.ModelError, 503),
)
_MEANINGS = {
    400: "The input cannot be worked with.",
    401: "The internal token is missing or wrong.",
    403: "A rule forbids it.",
    404: "There is no such thing.",
    409: "It cannot be done in the present state.",
    413: "The body is too large.",
    416: "The file has no such bytes.",
    422: "The request does not have the right shape.",
    500: "Our mistake; the request id is in the log.",
    503: "Try again later, or the operator has to mend something.",
}


class FieldProblem(BaseModel):
    """What is wrong with one field; `where` is its path, such as body.duration_s."""

    where: str
    message: str


class Problem(BaseModel):
    """A failure (RFC 9457). `code` is stable, `detail` a sentence for people, `hint` names the fix."""

    type: str = Field(description="urn:ettametta:problem: and the code")
    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    request_id: str = Field(description="find it in the log; also in the header X-Request-ID")
    errors: list[FieldProblem] = []


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI declaration of the problems a route may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"model": Problem, "description": _MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def status_of(error: errors.EttamettaError) -> int:
    """The HTTP status an error of the domain becomes."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((status for family, status in _BY_FAMILY if isinstance(error, family)), 500)


def problem_response(
    request_id: str,
    status: int,
    *,
    code: str,
    detail: str,
    hint: str = "",
    fields: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer for one problem."""
    problem = Problem(
        type=f"urn:ettametta:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        hint=hint,
        request_id=request_id,
        errors=fields or [],
    )
    return JSONResponse(problem.model_dump(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def bug_response(request_id: str) -> JSONResponse:
    """The answer when we made a mistake: nothing but the reference."""
    hint = f"Look for {request_id} in the log, or report it."
    return problem_response(request_id, 500, code="bug", detail="Something went wrong on our side.", hint=hint)


def error_response(request_id: str, error: errors.EttamettaError) -> JSONResponse:
    """The answer for an error of the domain."""
    status = status_of(error)
    if status == 500:
        _log.error("api.bug", code=error.code, exc_info=error)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="ettametta"'
    if isinstance(error, errors.TransientError) and error.retry_after_s is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    return problem_response(request_id, status, code=error.code, detail=error.message, hint=error.hint, headers=headers)


def install(app: FastAPI) -> None:
    """Make every failure of a route a problem."""

    @app.exception_handler(errors.EttamettaError)
    async def on_error(request: Request, error: errors.EttamettaError) -> JSONResponse:
        return error_response(request.state.request_id, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [
            FieldProblem(where=".".join(str(part) for part in item["loc"]), message=item["msg"])
            for item in error.errors()
        ]
        return problem_response(
            request.state.request_id,
            422,
            code="user.invalid_input",
            detail="The request does not have the right shape.",
            hint="Each entry of errors names a field and what is wrong with it.",
            fields=fields,
        )

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        return problem_response(
            request.state.request_id,
            error.status_code,
            code=f"api.http_{error.status_code}",
            detail=f"{error.detail.rstrip('.')}.",
            headers=error.headers,
        )
