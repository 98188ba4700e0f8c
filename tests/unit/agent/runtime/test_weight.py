"""What talking without a model must not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

_CODE = """
import sys, {module}
loaded = {{one.partition(".")[0] for one in sys.modules}}
print(*sorted({{"aiogram", "langchain", "langchain_core", "langgraph"}} & loaded))
"""


@pytest.mark.parametrize("module", ["agent.runtime.turn", "agent.terminal", "agent.screen", "tools"])
def test_talking_without_a_model_loads_no_framework(module: str) -> None:
    code = _CODE.format(module=module)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
