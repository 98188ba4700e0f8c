"""docs/errors.md lists every error code the program can show, and none that it cannot."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("ettametta", "tools", "agent", "cli", "tasks", "admin_api")
_ROW = re.compile(r"^\| `([a-z0-9_.]+)` \| \w", re.MULTILINE)
_CODE = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*")


def _codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (_text(keyword.value) for keyword in node.keywords if keyword.arg == "code")
            if getattr(node.func, "id", "") == "JobError" and node.args:
                yield _text(node.args[0])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if getattr(target, "id", "") == "default_code":
                yield _text(node.value)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _codes_in_the_source() -> set[str]:
    paths = [path for package in _PACKAGES for path in sorted((_ROOT / package).rglob("*.py"))]
    found = {code for path in paths for code in _codes_in(ast.parse(path.read_text(encoding="utf-8")))}
    return {code for code in found if _CODE.fullmatch(code)}


def test_every_code_is_documented() -> None:
    documented = set(_ROW.findall((_ROOT / "docs/errors.md").read_text(encoding="utf-8")))
    in_source = _codes_in_the_source()
    assert len(in_source) > 50
    missing, gone = sorted(in_source - documented), sorted(documented - in_source)
    assert not missing, f"not in docs/errors.md: {missing}"
    assert not gone, f"in docs/errors.md, but nowhere in the code: {gone}"
