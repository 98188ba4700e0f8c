"""Each family of errors has its status, and a problem never says more than it should."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from admin_api.problems import MEDIA_TYPE, UNAUTHENTICATED, bug_response, error_response, status_of
from admin_api.security.internal_token import same_token
from ettametta import errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInput("x"), 400),
        (errors.UserError("x"), 400),
        (errors.Refused("x"), 403),
        (errors.NotFound("x"), 404),
        (errors.Conflict("x"), 409),
        (errors.Refused("x", code=UNAUTHENTICATED), 401),
        (errors.TransientError("x"), 503),
        (errors.NoSpace("x"), 503),
        (errors.ConfigError("x"), 503),
        (errors.ModelError("x"), 503),
        (errors.Bug("x"), 500),
    ],
)
def test_a_family_is_a_status(error: errors.EttamettaError, status: int) -> None:
    assert status_of(error) == status


def test_a_problem_has_code_sentence_hint_and_reference() -> None:
    error = errors.TransientError("Busy.", hint="Wait.", code="transient.x", retry_after_s=2.2)
    response = error_response("r-1", error)
    body: dict[str, Any] = json.loads(bytes(response.body))
    assert response.media_type == MEDIA_TYPE
    assert response.headers["retry-after"] == "3"
    assert (body["status"], body["code"], body["detail"], body["hint"]) == (503, "transient.x", "Busy.", "Wait.")
    assert (body["type"], body["request_id"]) == ("urn:ettametta:problem:transient.x", "r-1")


def test_a_bug_shows_only_its_reference() -> None:
    body = json.loads(bytes(bug_response("r-2").body))
    assert (body["status"], body["code"]) == (500, "bug")
    assert "r-2" in body["hint"]


def test_a_refused_token_says_how_to_authenticate() -> None:
    response = error_response("r", errors.Refused("No.", code=UNAUTHENTICATED))
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("given", "same"), [("s3cret-token-value", True), ("", False), ("s3cret-token-valuE", False), ("é\ud800", False)]
)
def test_tokens_are_compared_whole(given: str, same: bool) -> None:
    assert same_token(given, SecretStr("s3cret-token-value")) is same
