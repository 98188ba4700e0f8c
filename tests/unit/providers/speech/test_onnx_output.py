"""The protobuf edit: exact bytes on a small graph, the real model, and bytes that are no model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from hibari.voices import DEFAULT, voice_path
from hypothesis import given
from hypothesis import strategies as st

from ettametta.providers.speech.onnx_output import GraphEditError, _bytes_field, _read_varint, _varint, expose_output


def _node(operator: str, output: str, padding: int = 0) -> bytes:
    parts = (1, b"in"), (2, output.encode()), (4, operator.encode()), (6, b"d" * padding)
    return _bytes_field(1, b"".join(_bytes_field(number, body) for number, body in parts))


def _model(*nodes: bytes) -> bytes:
    return b"\x08\x08" + _bytes_field(7, b"".join(nodes)) + _bytes_field(8, b"\x10\x11")


@pytest.mark.parametrize("padding", [0, 60, 100, 127, 128, 16_300, 16_384])
def test_adds_an_output_and_mends_the_length(padding: int) -> None:
    nodes = _node("Exp", "/exp", padding) + _node("CumSum", "/ends")
    edited, name = expose_output(_model(nodes), "CumSum")
    assert name == "/ends"
    assert edited == b"\x08\x08" + _bytes_field(7, nodes + b"\x62\x07\x0a\x05/ends") + _bytes_field(8, b"\x10\x11")


def test_the_real_model_gives_durations_and_the_same_sound() -> None:
    plain = Path(voice_path(DEFAULT)).read_bytes()
    edited, name = expose_output(plain, "CumSum")
    assert len(edited) - len(plain) < 40
    inputs = {"ids": np.asarray([[0, 50, 83, 54, 57, 4, 0]], np.int64), "speed": np.asarray([1.0], np.float32)}
    before = ort.InferenceSession(plain, providers=["CPUExecutionProvider"]).run(None, inputs)
    *after, ends = ort.InferenceSession(edited, providers=["CPUExecutionProvider"]).run(None, inputs)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert ends.shape[-1] == 7
    assert (np.diff(ends.ravel()) > 0).all()
    assert ends.ravel()[-1] * 2 == before[0].shape[-1], "25 ms units against 12.5 ms frames"
    assert name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"\xff" * 40,
        _model(),
        _model(_node("Exp", "/exp")),
        _model(_node("CumSum", "/a"), _node("CumSum", "/b")),
        _model(_node("CumSum", "/a")) * 2,
        _model(_node("CumSum", "/a"))[:-12],
        b"\x3a\xff\xff\xff\x7f",
    ],
)
def test_other_bytes(data: bytes) -> None:
    with pytest.raises(GraphEditError):
        expose_output(data, "CumSum")


@given(st.binary(max_size=200))
def test_any_bytes_give_a_graph_or_the_one_error(data: bytes) -> None:
    try:
        expose_output(data, "CumSum")
    except GraphEditError:
        return


@given(st.integers(0, 2**63))
def test_varints_come_back(value: int) -> None:
    assert _read_varint(_varint(value), 0) == (value, len(_varint(value)))
