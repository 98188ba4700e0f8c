"""Choosing a voice loads no engine: only building one does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ettametta.errors import MissingPart
from ettametta.providers.speech import build_speech

HEAVY = "{'openai', 'onnxruntime', 'hibari', 'scipy', 'py3langid', 'numpy', 'aiohttp'}"


@pytest.mark.parametrize("module", ["ettametta.providers.speech", "ettametta.providers.llm"])
def test_registry_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_offline_voice_needs_no_sdk() -> None:
    code = (
        "import sys; from ettametta.providers.speech import build_speech; build_speech('hibari');"
        "print(sorted({'openai', 'onnxruntime', 'aiohttp', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)
    monkeypatch.delitem(sys.modules, "ettametta.providers.speech.hibari", raising=False)
    with pytest.raises(MissingPart, match="hibari-tts"):
        build_speech("hibari")
