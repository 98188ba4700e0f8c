"""What talking without a model must not load."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("agent.runtime.turn", set()),
        ("agent.terminal", set()),
        ("agent.screen", {"rich"}),
        ("agent.runtime.model", {"langchain"}),
    ],
)
def test_frameworks_are_loaded_only_where_they_are_used(module: str, allowed: set[str]) -> None:
    code = (
        f"import sys, {module}; "
        "print(*sorted({'aiogram', 'langchain', 'fastapi', 'typer', 'rich'} & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= allowed
