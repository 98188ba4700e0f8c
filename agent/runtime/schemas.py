"""JSON schemas as short as they can be: they are sent with every question to the model."""

from __future__ import annotations

from typing import Any

#: Says nothing that the names and types do not say; the tool checks all of it when it is called.
_NOISE = frozenset({"title", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum",
                    "exclusiveMinimum", "exclusiveMaximum", "discriminator", "pattern"})  # fmt: skip
_NULL = {"type": "null"}


def compact_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without titles, limits and nulls: what may be null may be left out."""
    compacted: dict[str, Any] = _compact(schema)
    return compacted


def _compact(value: Any) -> Any:
    if isinstance(value, list):
        return [_compact(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: one for key, one in value.items() if key not in _NOISE or (isinstance(one, dict) and key == "title")}
    if kept.get("default", ...) in (None, "", [], {}):
        kept.pop("default", None)
    options = [one for one in kept.get("anyOf", ()) if one != _NULL]
    if len(options) == 1:
        kept.pop("anyOf")
        kept = {**options[0], **kept}
        return _compact(kept)
    return {key: _properties(one) if key in {"properties", "$defs"} else _compact(one) for key, one in kept.items()}


def _properties(named: dict[str, Any]) -> dict[str, Any]:
    """Here keys are names of fields, which may be called like a keyword."""
    return {name: _compact(one) for name, one in named.items()}
