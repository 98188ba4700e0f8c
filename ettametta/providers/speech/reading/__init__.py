"""Reading aloud: every written word with the words that are said for it, so that captions keep the script's own."""

from __future__ import annotations

from ettametta.providers.speech.reading.reader import Reading, read
from ettametta.providers.speech.reading.saying import Saying, compiled

__all__ = ["Reading", "Saying", "compiled", "read"]
