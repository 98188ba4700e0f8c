"""What wraps every request: its id in log and answer, security headers, a limit on bodies, and no lost exception."""

from __future__ import annotations

import re

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api import problems
from ettametta.kit.ids import new_id

_log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 2_000_000

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RequestShell:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what is not HTTP goes straight through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._serve(request_id, scope, receive, send)

    async def _serve(self, request_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_marked(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message, request_id)
            await send(message)

        try:
            await self._app(scope, _limited(scope, receive), send_marked)
        except Exception:
            _log.exception("api.failed", method=scope["method"], path=scope["path"])
            if started:
                raise
            await problems.bug_response(request_id)(scope, receive, send_marked)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else new_id()


def _add_headers(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-ID"] = request_id
    for name, value in _SECURITY_HEADERS.items():
        headers.setdefault(name, value)


def _limited(scope: Scope, receive: Receive) -> Receive:
    """`receive` that refuses bodies over the limit, declared or not."""
    declared = Headers(scope=scope).get("content-length", "0")
    read = int(declared) if declared.isascii() and declared.isdigit() else 0
    too_large = read > MAX_BODY_BYTES
    seen = 0

    async def receive_limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if message["type"] == "http.request" and (too_large or seen > MAX_BODY_BYTES):
            raise HTTPException(413, f"The body is larger than {MAX_BODY_BYTES:,} bytes")
        return message

    return receive_limited
