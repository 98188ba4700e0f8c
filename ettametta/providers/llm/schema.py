"""The JSON Schema of an answer as strict structured output wants it: closed objects, all required, `anyOf` only.

Length limits are told in the description instead of the schema: small local models cut words at `maxLength`, and
strict mode does not know it everywhere. Pydantic checks them afterwards.
Source: OpenAI's structured outputs guide, "Supported schemas".
"""

from __future__ import annotations

import re
from typing import TypeAlias

from pydantic import BaseModel

Schema: TypeAlias = "dict[str, Json]"
Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_DROPPED = frozenset({"default", "discriminator", "examples", "minLength", "maxLength", "uniqueItems", "title"})


def strict_schema(answer: type[BaseModel]) -> Schema:
    """The schema sent with a request."""
    schema = _strict(answer.model_json_schema())
    if not isinstance(schema, dict):
        raise TypeError("a model's schema is an object")
    return schema


def schema_name(answer: type[BaseModel]) -> str:
    """A name the API takes: letters, digits, underscores, dashes, at most 64."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", answer.__name__)[:64]


def _strict(node: Json) -> Json:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    strict: Schema = {}
    for name, value in node.items():
        if name in ("properties", "$defs") and isinstance(value, dict):
            strict[name] = {inner: _strict(part) for inner, part in value.items()}
        elif name not in _DROPPED:
            strict["anyOf" if name == "oneOf" else name] = value if name in ("enum", "const") else _strict(value)
    _describe_length(node, strict)
    _close(strict)
    return strict


def _close(strict: Schema) -> None:
    if strict.get("type") == "object":
        properties = strict.get("properties", {})
        strict["required"] = list(properties) if isinstance(properties, dict) else []
        strict["additionalProperties"] = False


def _describe_length(node: Schema, strict: Schema) -> None:
    limits = [
        f"{words} {node[name]} characters"
        for name, words in (("minLength", "at least"), ("maxLength", "at most"))
        if isinstance(node.get(name), int)
    ]
    if limits and node.get("type") == "string":
        said = f"{node['description']}; " if node.get("description") else ""
        strict["description"] = said + ", ".join(limits)
