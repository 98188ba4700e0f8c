"""Sentences of a source that speak to a language model instead of a reader: they are no evidence, and are never said.

A second wall behind the marked blocks: what a model was talked into must not find its own words in the source.
"""

from __future__ import annotations

import re

from ettametta.kit.sentences import split_sentences

_RULES = (
    r"(?:instructions?|prompts?|rules|guidelines|messages?|instrucciones|consignes|istruzioni|instruções|anweisungen|"
    r"regeln)"
)
_MODELS = r"(?:ai|assistants?|chatbots?|language models?|llms?)"
_ORDER = re.compile(
    "|".join(
        (
            r"\b(?:ignore|disregard|forget|override|bypass|ignora|olvida|ignorez|oubliez|ignoriere|vergiss)\b.{0,60}\b"
            + _RULES,
            r"\b(?:previous|prior|above|earlier|hidden|new|your|system|developer)\s+"
            + _RULES
            + r"\b.{0,40}(?::|\b(?:ignored?|void|follow|are|is)\b)",
            r"\b(?:system|developer)\s+prompt\b",
            r"\byou are (?:now )?(?:an?|the|in) (?:\w+ )?(?:" + _MODELS + r"|developer mode)\b",
            r"\b(?:as|dear|attention|note to|to the|hey) (?:an? |the |all )?" + _MODELS + r"\b",
            r"\b(?:in|into|of) your (?:answer|response|reply|script|output|summary|video)\b",
            r"^\W*(?:system|assistant|developer|im_start|inst)\W*[:>\]|]|<\|",
        )
    ),
    re.IGNORECASE,
)


def without_orders(text: str) -> str:
    """The text without such sentences and what follows them in their paragraph."""
    if _ORDER.search(text) is None:
        return text
    return "\n\n".join(_kept(paragraph) for paragraph in re.split(r"\n\s*\n", text))


def _kept(paragraph: str) -> str:
    kept: list[str] = []
    for sentence in split_sentences(paragraph):
        if _ORDER.search(sentence):
            break
        kept.append(sentence)
    return " ".join(kept) if len(kept) < len(split_sentences(paragraph)) else paragraph
