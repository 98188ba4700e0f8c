"""The wire schema: strict, and without what small models stumble over."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ettametta.providers.llm.schema import schema_name, strict_schema
from ettametta.storyboard import Storyboard
from tests.servers.openai_checks import chat_fault


class One(BaseModel):
    kind: Literal["one"] = "one"
    title: str = Field(default="x", max_length=40, description="a heading")


class Two(BaseModel):
    kind: Literal["two"] = "two"
    number: int | None = Field(default=None, ge=0)


class Both(BaseModel):
    parts: list[Annotated[One | Two, Field(discriminator="kind")]] = Field(min_length=1)


def test_strict() -> None:
    schema = strict_schema(Both)
    text = json.dumps(schema)
    for word in ("oneOf", "discriminator", "default", "maxLength"):
        assert word not in text
    one = schema["$defs"]["One"]  # type: ignore[index,call-overload]  # a schema of schemas
    assert one["required"] == ["kind", "title"]  # type: ignore[index,call-overload]  # as above
    assert one["properties"]["title"] == {  # type: ignore[index,call-overload]  # as above
        "type": "string",
        "description": "a heading; at most 40 characters",
    }


def test_the_documented_rules_accept_it() -> None:
    for model in (Both, Storyboard):
        form = {"name": schema_name(model), "strict": True, "schema": strict_schema(model)}
        body = {
            "model": "m",
            "messages": [{"role": "user", "content": "x"}],
            "response_format": {"type": "json_schema", "json_schema": form},
        }
        assert chat_fault(body) is None


def test_names() -> None:
    odd = type("Answer[With odd]", (BaseModel,), {})
    assert schema_name(odd) == "Answer_With_odd_"
