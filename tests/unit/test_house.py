"""The rules of the house that a linter does not know: what belongs to one place stays in that place."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("ettametta", "tools", "agent", "cli", "tasks", "admin_api", "prompts")
_TALKING_ONLY = ("aiogram", "langchain", "langchain_core", "langchain_openai", "langgraph", "openai")
_WIRE_NAME = re.compile(r"[a-z_]+\.[a-z_]+")


def _sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            yield path.relative_to(_ROOT), ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", _PACKAGES)
def test_our_packages_are_ours(package: str) -> None:
    """`tools` and `tasks` are names others could ship."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve().is_relative_to(_ROOT)


def test_only_the_database_module_commits() -> None:
    committing = {str(path) for path, tree in _sources(*_PACKAGES) for name, _ in _calls(tree) if name == "commit"}
    assert committing == {"ettametta/db.py"}


def test_only_the_ffmpeg_module_starts_processes() -> None:
    starting = {
        str(path)
        for path, tree in _sources("ettametta", "tools", "tasks", "agent", "admin_api")
        if "subprocess" in _imported(tree)
        or any(name in {"create_subprocess_exec", "create_subprocess_shell", "Popen"} for name, _ in _calls(tree))
    }
    assert starting <= {"ettametta/video/ffmpeg.py"}


def _enqueued() -> Iterator[tuple[str, str]]:
    """Wire names given to `enqueue` or `NewJob`, and constants whose names end in _JOB."""
    for path, tree in _sources(*_PACKAGES):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").endswith("_JOB"):
                yield str(path), ast.literal_eval(node.value)
        for name, call in _calls(tree):
            if name not in {"enqueue", "NewJob"}:
                continue
            for value in [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "kind")]:
                if isinstance(value, ast.Constant) and _WIRE_NAME.fullmatch(str(value.value)):
                    yield str(path), str(value.value)


def test_every_enqueued_name_is_registered() -> None:
    from tasks.registry import KINDS

    enqueued = list(_enqueued())
    assert enqueued, "found no enqueued job: has enqueueing changed its form?"
    unknown = [(path, kind) for path, kind in enqueued if kind not in KINDS]
    assert not unknown, f"enqueued, but not in tasks/registry.py: {unknown}"


def _modules(package: str) -> list[str]:
    paths = [path.relative_to(_ROOT).with_suffix("") for path in sorted((_ROOT / package).rglob("*.py"))]
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


@pytest.mark.parametrize(
    "modules",
    [["ettametta.bootstrap"], ["cli.main"], _modules("tasks"), _modules("admin_api")],
    ids=["bootstrap", "cli", "worker", "api"],
)
def test_only_who_talks_loads_the_frameworks_for_talking(modules: list[str]) -> None:
    """A worker, the API and the quick commands must start fast and small."""
    code = f"import sys, {', '.join(modules)}; print(*sorted(set(sys.modules) & {{*{_TALKING_ONLY!r}}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_locked_requirements_name_no_index() -> None:
    """Packages are held by their hashes; where they come from is for the machine that installs them to say."""
    for name in ("base", "dev"):
        lines = (_ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        assert sum("--hash=sha256:" in line for line in lines) > 100
        assert [line for line in lines if "://" in line or "index" in line.split("#")[0]] == []


def test_migrations_are_numbered_in_a_row() -> None:
    names = sorted(path.name for path in (_ROOT / "ettametta" / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


async def test_the_network_is_shut() -> None:
    with pytest.raises(OSError, match="the network is shut"):
        await asyncio.open_connection("example.com", 80)
    with pytest.raises(
        (RuntimeError, UserWarning), match=r"192\.0\.2\.1"
    ):  # pytest-socket warns, and warnings are errors
        await asyncio.open_connection("192.0.2.1", 80)


async def test_the_loopback_and_unix_sockets_are_open(tmp_path: Path) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(greet, "localhost", 0, family=socket.AF_INET)
    reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
    assert await reader.read() == b"hello"
    writer.close()
    server.close()
    if hasattr(asyncio, "start_unix_server"):
        unix = await asyncio.start_unix_server(greet, tmp_path / "s")
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        assert await reader.read() == b"hello"
        writer.close()
        unix.close()
