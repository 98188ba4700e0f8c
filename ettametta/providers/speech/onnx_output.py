"""Makes an inner value of an ONNX graph a graph output by editing the protobuf bytes; needs no onnx package.

Only what that takes is read: a ModelProto holds a GraphProto (field 7), which holds nodes (1) and outputs (12); a node
holds its outputs (2) and operator (4). Field numbers: github.com/onnx/onnx, onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")

_GRAPH, _NODE, _OUTPUT = 7, 1, 12
_NODE_OUTPUT, _NODE_OPERATOR = 2, 4
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class GraphEditError(ValueError):
    """The bytes are not the graph this module knows how to edit."""


@dataclass(frozen=True, slots=True)
class _Field:
    number: int
    start: int  # of the tag
    body: int  # of the value; for length-delimited fields, after the length
    end: int


def expose_output(model: bytes, operator: str) -> tuple[bytes, str]:
    """Add the result of the graph's only `operator` node to its outputs.

    Returns:
        The edited model and the name of the new output.

    Raises:
        GraphEditError: not a model, or not exactly one such node.
    """
    try:
        graph = _only([field for field in _fields(model, 0, len(model)) if field.number == _GRAPH], "graph")
        names = [name for op, name in _nodes(model, graph) if op == operator]
    except (IndexError, UnicodeDecodeError) as error:
        raise GraphEditError("The bytes are no ONNX model.") from error
    name = _only(names, f"{operator} node")
    addition = _bytes_field(_OUTPUT, _bytes_field(1, name.encode()))
    body = model[graph.body : graph.end] + addition
    return model[: graph.start] + _bytes_field(_GRAPH, body) + model[graph.end :], name


def _only(found: list[_T], what: str) -> _T:
    if len(found) != 1:
        raise GraphEditError(f"The model has {len(found)} times a {what}, not once.")
    return found[0]


def _nodes(model: bytes, graph: _Field) -> Iterator[tuple[str, str]]:
    """Operator and first output of each node."""
    for field in _fields(model, graph.body, graph.end):
        if field.number != _NODE:
            continue
        operator = output = ""
        for part in _fields(model, field.body, field.end):
            if part.number == _NODE_OPERATOR:
                operator = model[part.body : part.end].decode()
            elif part.number == _NODE_OUTPUT and not output:
                output = model[part.body : part.end].decode()
        yield operator, output


def _fields(data: bytes, position: int, end: int) -> Iterator[_Field]:
    while position < end:
        start = position
        key, position = _read_varint(data, position)
        body = position
        kind = key & 7
        if kind == _VARINT:
            position = _read_varint(data, position)[1]
        elif kind == _BYTES:
            length, body = _read_varint(data, position)
            position = body + length
        elif kind in (_FIXED32, _FIXED64):
            position += 4 if kind == _FIXED32 else 8
        else:
            raise GraphEditError("The bytes are no ONNX model.")
        if position > end:
            raise GraphEditError("The model is cut short.")
        yield _Field(key >> 3, start, body, position)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise GraphEditError("The bytes are no ONNX model.")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _bytes_field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(body)) + body
