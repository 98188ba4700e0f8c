"""How figures and ids look."""

from __future__ import annotations

import json

import pytest

from cli import output


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (5_400_000, "5.4 MB"), (3 * 10**12, "3000.0 GB")],
)
def test_sizes(size_bytes: int, shown: str) -> None:
    assert output.size(size_bytes) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00.0"), (31.44, "0:31.4"), (59.96, "1:00.0"), (125, "2:05.0")])
def test_lengths(seconds: float, shown: str) -> None:
    assert output.length(seconds) == shown


def test_text_from_outside_cannot_move_the_cursor() -> None:
    assert output.plain("a\x1b[2Jb\nc\u202ed") == "a[2Jb cd"


def test_json_has_moments_and_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import UTC, datetime

    output.print_json({"at": datetime(2026, 1, 2, tzinfo=UTC), "title": "Größe"})
    said = capsys.readouterr().out
    assert json.loads(said) == {"at": "2026-01-02T00:00:00+00:00", "title": "Größe"}
    assert "Größe" in said
