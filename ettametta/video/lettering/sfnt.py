"""Reading the few facts we need from a TrueType/OpenType file: family name, covered characters, line metrics."""

from __future__ import annotations

import bisect
import struct
from dataclasses import dataclass
from pathlib import Path

_WINDOWS = 3
_FAMILY_NAME = 1
#: A family is written into ASS documents, where these end a name.
_NOT_IN_ASS = frozenset("{}\\,")


@dataclass(frozen=True, slots=True)
class FontFacts:
    """What a font file says of itself. `ranges` are covered code points as sorted, inclusive (first, last) pairs."""

    family: str
    ranges: tuple[tuple[int, int], ...]
    units_per_em: int
    win_ascent: int
    win_descent: int
    variable: bool

    def covers(self, char: str) -> bool:
        """Whether there is a glyph for the character."""
        code = ord(char)
        at = bisect.bisect_right(self.ranges, (code, 0x110000)) - 1
        return at >= 0 and self.ranges[at][0] <= code <= self.ranges[at][1]


def read_font(path: Path) -> FontFacts:
    """Read one font file.

    Raises:
        ValueError: it is not a single TrueType/OpenType font with a Unicode character map.
    """
    data = path.read_bytes()
    try:
        tables = _tables(data)
        ascent, descent = struct.unpack_from(">HH", data, tables["OS/2"] + 74)
        (units,) = struct.unpack_from(">H", data, tables["head"] + 18)
        family, ranges = _family(data, tables["name"]), _coverage(data, tables["cmap"])
        return FontFacts(family, ranges, units, ascent, descent, "fvar" in tables)
    except (struct.error, KeyError, IndexError) as error:
        raise ValueError(f"{path.name} is not a usable font") from error


def _tables(data: bytes) -> dict[str, int]:
    (count,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * n) for n in range(count))
    return {tag.decode("latin-1"): offset for tag, _, offset, _ in records}


def _family(data: bytes, base: int) -> str:
    count, strings = struct.unpack_from(">HH", data, base + 2)
    for n in range(count):
        platform, _, _, name, length, offset = struct.unpack_from(">6H", data, base + 6 + 12 * n)
        if platform == _WINDOWS and name == _FAMILY_NAME:
            start = base + strings + offset
            family = data[start : start + length].decode("utf-16-be")
            if not family.isprintable() or set(family) & _NOT_IN_ASS:
                raise KeyError("name")
            return family
    raise KeyError("name")


def _coverage(data: bytes, base: int) -> tuple[tuple[int, int], ...]:
    """Ranges of the fullest Unicode subtable: format 12 when there is one, else format 4 (OpenType spec, cmap)."""
    (count,) = struct.unpack_from(">H", data, base + 2)
    offsets = [struct.unpack_from(">HHI", data, base + 4 + 8 * n)[2] + base for n in range(count)]
    by_format = {struct.unpack_from(">H", data, offset)[0]: offset for offset in offsets}
    if 12 in by_format:
        return _format_12(data, by_format[12])
    return _format_4(data, by_format[4])


def _format_12(data: bytes, at: int) -> tuple[tuple[int, int], ...]:
    (count,) = struct.unpack_from(">I", data, at + 12)
    groups = (struct.unpack_from(">III", data, at + 16 + 12 * n) for n in range(count))
    return tuple(sorted((first, last) for first, last, _ in groups))


def _format_4(data: bytes, at: int) -> tuple[tuple[int, int], ...]:
    (double,) = struct.unpack_from(">H", data, at + 6)
    ends = struct.unpack_from(f">{double // 2}H", data, at + 14)
    starts = struct.unpack_from(f">{double // 2}H", data, at + 16 + double)
    return tuple(sorted((first, last) for first, last in zip(starts, ends, strict=True) if first != 0xFFFF))
