"""The schema as people read it: tables of all fields, made from the models, as they stand in docs/storyboard.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ettametta.storyboard.board import Storyboard

#: The order in which a person meets the parts; parts not named here follow by name.
_ORDER = (
    "Scene", "CardVisual", "ListVisual", "ComparisonVisual", "Side", "TimelineVisual", "TimelineEvent", "ChartVisual",
    "ChartPoint", "PhotoVisual", "ClipVisual", "Transition", "RecordingCut", "Citation", "Style", "CaptionStyle",
    "Music", "Brand", "Pronunciation",
)  # fmt: skip
_Schema = Mapping[str, Any]


def reference() -> str:
    """Markdown: a heading, the model's own sentence and a table for the storyboard and for each of its parts."""
    schema = Storyboard.model_json_schema()
    parts = schema["$defs"]
    names = sorted(parts, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    sections = [_section("Storyboard", schema), *(_section(name, parts[name]) for name in names)]
    return "\n\n".join(sections)


def _section(name: str, schema: _Schema) -> str:
    wanted = set(schema.get("required", ()))
    rows = [_row(field, facts, required=field in wanted) for field, facts in schema["properties"].items()]
    about = " ".join(str(schema.get("description", "")).split())
    return "\n".join([f"### {name}", "", about, "", "| field | value | unless said | |", "|---|---|---|---|", *rows])


def _row(field: str, facts: _Schema, *, required: bool) -> str:
    default = "required" if required else _default(facts.get("default"))
    about = str(facts.get("description", "")).replace("|", "\\|")
    return f"| `{field}` | {_kind(facts)} | {default} | {about} |"


def _default(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "its defaults"
    return f"`{json.dumps(value)}`"


def _kind(facts: _Schema) -> str:
    """What may stand there, in a few words."""
    if "$ref" in facts:
        return _link(facts["$ref"])
    if "const" in facts:
        return f"`{json.dumps(facts['const'])}`"
    if "enum" in facts:
        return ", ".join(f"`{json.dumps(choice)}`" for choice in facts["enum"])
    for key in ("anyOf", "oneOf"):
        if key in facts:
            return " or ".join(_kind(choice) for choice in facts[key])
    return _plain(facts)


def _link(ref: str) -> str:
    name = ref.rpartition("/")[2]
    return f"[{name}](#{name.lower()})"


def _plain(facts: _Schema) -> str:
    kind = facts.get("type")
    if kind == "array":
        return _many(facts)
    if kind == "string":
        return _text(facts)
    if kind in {"number", "integer"}:
        return " ".join([{"number": "number", "integer": "whole number"}[str(kind)], *_range(facts)])
    return {"boolean": "`true` or `false`", "null": "`null`"}.get(str(kind), "anything")


def _many(facts: _Schema) -> str:
    if "prefixItems" in facts:
        return "[" + ", ".join(_kind(item) for item in facts["prefixItems"]) + "]"
    low, high = facts.get("minItems"), facts.get("maxItems")
    count = "" if high is None and low is None else f" ({low or 0} to {high})" if high else f" (at least {low})"
    return f"list{count} of {_kind(facts['items'])}"


def _text(facts: _Schema) -> str:
    if "pattern" in facts:
        return "colour `#RRGGBB`" if "A-Fa-f" in facts["pattern"] else f"text like `{facts['pattern'].strip('^$')}`"
    return f"text, up to {facts['maxLength']} letters" if "maxLength" in facts else "text"


def _range(facts: _Schema) -> Iterator[str]:
    if "minimum" in facts or "exclusiveMinimum" in facts:
        yield f"from {facts['minimum']:g}" if "minimum" in facts else f"above {facts['exclusiveMinimum']:g}"
    if "maximum" in facts:
        yield f"to {facts['maximum']:g}"
