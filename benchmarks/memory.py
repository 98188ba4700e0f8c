"""The most memory that a program and its children have at once."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil


def watched(argv: Sequence[str]) -> dict[str, Any]:
    """The JSON a program prints, with `rss` and `pss`: the most memory it and its children had at once, in bytes."""
    peaks = {"rss": 0, "pss": 0}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            members = _members(tree)
            for name, of_one in (("rss", _resident), ("pss", _proportional)):
                peaks[name] = max(peaks[name], sum(of_one(member) for member in members))
            time.sleep(0.05)  # the sampling interval of the memory
        answer = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{argv} failed")
    result: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return {**result, **peaks}


def _members(tree: psutil.Process) -> list[psutil.Process]:
    try:
        return [tree, *tree.children(recursive=True)]
    except psutil.Error:
        return []


def _resident(member: psutil.Process) -> int:
    try:
        return int(member.memory_info().rss)
    except psutil.Error:
        return 0


def _proportional(member: psutil.Process) -> int:
    """PSS in bytes; 0 where the system does not tell it."""
    try:
        text = Path(f"/proc/{member.pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
