"""Fills any JSON Schema with valid content: strings are sentences of the material, lists as long as there is matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_SHORT = 60
_LONG = 400
_SAMPLES = ("s1", "en", "a", "1", "abc", "2026-01-01", "https://example.org/", "user@example.org", "#336699")


def sentences_of(material: str) -> list[str]:
    """Whole sentences of a text, without marks of data blocks and markup."""
    plain = " ".join(line for line in material.splitlines() if not re.match(r"\s*(<|```|#|===|---)", line))
    found = re.findall(r"[^.!?]{12,}[.!?]", re.sub(r"<[^>]*>|\s+", " ", plain))
    return [sentence.strip() for sentence in found] or ["This is a sentence of the test server."]


def fill(schema: Mapping[str, Any], sentences: Sequence[str]) -> Any:
    """A value that fits the schema."""
    return _Filler(schema, list(sentences)).value(schema, "answer")


class _Filler:
    def __init__(self, root: Mapping[str, Any], sentences: list[str]) -> None:
        self._root = root
        self._sentences = sentences
        self._next = 0

    def value(self, schema: Mapping[str, Any], name: str) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                options = [option for option in schema[choice] if option.get("type") != "null"]
                return self.value(options[0], name) if options else None
        kind = schema.get("type", "object")
        kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
        return getattr(self, f"_{kind}")(schema, name)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            if "$ref" not in schema:
                schema = schema["allOf"][0]
                continue
            node: Any = self._root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                node = node[part]
            schema = node
        return schema

    def _object(self, schema: Mapping[str, Any], _: str) -> dict[str, Any]:
        return {name: self.value(inner, name) for name, inner in schema.get("properties", {}).items()}

    def _array(self, schema: Mapping[str, Any], name: str) -> list[Any]:
        items = self._resolved(schema.get("items", {"type": "string"}))
        least, most = schema.get("minItems", 0), schema.get("maxItems", 50)
        wanted = min(4, len(self._sentences)) if items.get("type") == "object" else 0
        return [self.value(items, name) for _ in range(max(least, min(wanted, most)))]

    def _string(self, schema: Mapping[str, Any], name: str) -> str:
        if "pattern" in schema:
            return self._patterned(schema["pattern"])
        if schema.get("format") in ("uri", "url"):
            return "https://example.org/"
        limit = min(self._limit(schema), _SHORT if re.search("title|headline|name|label|note", name) else _LONG)
        sentence = self._sentences[self._next % len(self._sentences)]
        if re.search("narration|text|body|script|say|quote", name):
            self._next += 1
        return _cut(sentence, limit)

    def _patterned(self, pattern: str) -> str:
        self._next += 1
        numbered = (f"s{self._next}", *_SAMPLES)
        return next((sample for sample in numbered if re.search(pattern, sample)), "")

    @staticmethod
    def _limit(schema: Mapping[str, Any]) -> int:
        told = re.search(r"at most (\d+) characters", schema.get("description", ""))
        return int(schema.get("maxLength") or (told.group(1) if told else _LONG))

    @staticmethod
    def _integer(schema: Mapping[str, Any], _: str) -> int:
        least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        return int(least)

    @staticmethod
    def _number(schema: Mapping[str, Any], _: str) -> float:
        least = schema.get("minimum", schema.get("exclusiveMinimum", -0.5) + 0.5)
        return float(min(least, schema.get("maximum", least)))

    @staticmethod
    def _boolean(_: Mapping[str, Any], __: str) -> bool:
        return False

    @staticmethod
    def _null(_: Mapping[str, Any], __: str) -> None:
        return None


def _cut(sentence: str, limit: int) -> str:
    if len(sentence) <= limit:
        return sentence
    return sentence[: limit + 1].rsplit(" ", 1)[0].rstrip(" ,;:")[:limit]
