"""What the arguments of `make` mean."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.briefs import Asked, read_request
from ettametta.errors import InvalidInput


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["why", "the", "sky", "is", "blue"], Asked("topic", "why the sky is blue")),
        (["https://example.org/a?b=c"], Asked("url", "https://example.org/a?b=c")),
        (["HTTP://EXAMPLE.ORG"], Asked("url", "HTTP://EXAMPLE.ORG")),
        (["what", "is", "https://example.org"], Asked("topic", "what is https://example.org")),
        (["line one\nline two"], Asked("text", "line one\nline two")),
        (["x" * 301], Asked("text", "x" * 301)),
        ([], Asked("topic", "")),
        (["no-such-file.md"], Asked("topic", "no-such-file.md")),
        (["\0"], Asked("topic", "\0")),
    ],
)
def test_words_are(words: list[str], wanted: Asked) -> None:
    assert read_request(words, None) == wanted


def test_an_existing_path_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a b.md"
    path.write_text("x")
    assert read_request([str(path)], None) == Asked("file", file=path)
    assert read_request([], path) == Asked("file", file=path)


def test_a_missing_file_and_two_subjects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        read_request([], tmp_path / "gone.md")
    path = tmp_path / "a.md"
    path.write_text("x")
    with pytest.raises(InvalidInput, match="not both"):
        read_request(["topic"], path)


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Grüße aus Köln".encode(), "Grüße aus Köln"),
        ("\ufeffGrüße".encode("utf-16"), "Grüße"),
        (
            "Der Bär läuft über die Brücke, größer als je zuvor.".encode("cp1252"),
            "Der Bär läuft über die Brücke, größer als je zuvor.",
        ),
        (b"", ""),
    ],
)
def test_stdin_is_decoded(data: bytes, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(data))
    assert read_request(["-"], None).text.lstrip("\ufeff") == text


def test_binary_stdin_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(bytes(range(256)) * 50))
    with pytest.raises(InvalidInput, match="not text"):
        read_request(["-"], None)


@given(st.lists(st.text(max_size=50), max_size=4))
def test_whatever_is_typed_is_a_request(words: list[str]) -> None:
    if words != ["-"]:
        assert read_request(words, None).kind in {"topic", "text", "url", "file"}
