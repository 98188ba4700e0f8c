"""The internal token: one Bearer token for service to service calls, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from admin_api.problems import UNAUTHENTICATED
from ettametta.errors import Refused

_bearer = HTTPBearer(auto_error=False, scheme_name="internalToken", description="INTERNAL_API_TOKEN")


def same_token(given: str, wanted: SecretStr) -> bool:
    """Whether two tokens are equal; takes as long whichever character differs, and whatever the length."""
    return hmac.compare_digest(_digest(given), _digest(wanted.get_secret_value()))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def require_internal_token(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Let only callers with the token through.

    Raises:
        Refused: `api.unauthenticated`, which leaves as 401.
    """
    wanted: SecretStr = request.app.state.internal_token
    if credentials is None or not same_token(credentials.credentials, wanted):
        raise Refused(
            "The internal token is missing or wrong.",
            hint="Send the header Authorization: Bearer with the value of INTERNAL_API_TOKEN.",
            code=UNAUTHENTICATED,
        )
