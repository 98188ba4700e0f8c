"""What doctor says of a model, by what the endpoint lists."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cli.checks.services import _judge_model


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "m at host, answers in 5 ms"),
        ({"context_length": 131_072}, "m at host, answers in 5 ms, reads 131,072 tokens"),
        ({"max_model_len": 4_096}, "m at host, answers in 5 ms, reads 4,096 tokens"),
        ({"context_length": "many"}, "m at host, answers in 5 ms"),
    ],
)
def test_how_much_a_model_reads_is_told_where_the_endpoint_says_it(more: dict[str, Any], said: str) -> None:
    listed = {"data": [{"id": "other", "context_length": 1}, {"id": "m", **more}]}
    finding = _judge_model("m", "host", httpx.Response(200, json=listed), 0.005)
    assert (finding.ok, finding.detail) == ("ok", said)
