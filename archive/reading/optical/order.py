"""Reading order: pieces at one height make a line; columns of prose are read one after another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from archive.reading.optical.cells import Snippet

Key = tuple[float, int, float]
"""Where something comes on a page: from above, of what stands side by side from the left."""

_PROSE: Final = 8.0
_LINES: Final = 4
_MIDDLE: Final = (0.3, 0.7)
_STEPS: Final = 161
_SLACK: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Zone:
    """A part of a page, from top to bottom, whose lines stand in two columns."""

    top: float
    bottom: float


def ordered(
    lines: Sequence[Snippet], tables: Sequence[tuple[float, float]], size: float
) -> list[tuple[Key, list[Snippet]]]:
    """The printed lines of a page, each with its place in order. tables: top and bottom of each."""
    gutter = _gutter(lines, size)
    zones = [] if gutter is None else list(_zones(lines, tables, gutter, size))
    parts: dict[tuple[float, int], list[Snippet]] = {}
    for line in lines:
        zone = next((z for z in zones if z.top <= line.middle <= z.bottom), None)
        side = int((line.left + line.right) / 2 > (gutter or 0)) if zone else 0
        parts.setdefault((zone.top if zone else -1.0, side), []).append(line)
    found = []
    for (top, side), part in parts.items():
        for row in rows_of(part):
            begin = min(line.top for line in row)
            found.append(((top if top >= 0 else begin, side, begin), row))
    return found


def rows_of(lines: Sequence[Snippet]) -> list[list[Snippet]]:
    """Pieces that stand at one height as one line, left to right."""
    rows: list[list[Snippet]] = []
    for line in sorted(lines, key=lambda each: each.middle):
        last = rows[-1] if rows else []
        if last and all(_beside(line, other) for other in last):
            last.append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda each: each.left) for row in rows]


def _beside(one: Snippet, other: Snippet) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    lower = min(one.bottom - one.top, other.bottom - other.top)
    apart = one.left >= other.right - lower / 2 or other.left >= one.right - lower / 2
    return shared > 0.5 * lower and apart


def _gutter(lines: Sequence[Snippet], size: float) -> float | None:
    """Where the fewest lines cross the middle of a page; None where no prose is on both sides."""
    if len(lines) < 2 * _LINES:
        return None
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    first, last = (left + share * (right - left) for share in _MIDDLE)
    places = np.linspace(first, last, _STEPS)
    crossing = np.zeros(len(places))
    for line in lines:
        crossing += (places > line.left + _SLACK * size) & (places < line.right - _SLACK * size)
    fewest = np.flatnonzero(crossing == crossing.min())
    runs = np.split(fewest, np.flatnonzero(np.diff(fewest) > 1) + 1)
    widest = max(runs, key=len)
    gutter = float(places[widest].mean())
    sides = [_prose(lines, gutter, size, side) for side in (0, 1)]
    return gutter if min(map(len, sides)) >= _LINES else None


def _prose(lines: Sequence[Snippet], gutter: float, size: float, side: int) -> list[Snippet]:
    """The long lines on one side."""
    return [
        line
        for line in lines
        if line.right - line.left > _PROSE * size
        and (line.left > gutter - _SLACK * size if side else line.right < gutter + _SLACK * size)
    ]


def _zones(
    lines: Sequence[Snippet], tables: Sequence[tuple[float, float]], gutter: float, size: float
) -> Iterator[_Zone]:
    """The parts of a page between what runs over both columns."""
    walls = [
        (line.top, line.bottom)
        for line in lines
        if line.left + _SLACK * size < gutter < line.right - _SLACK * size
    ]
    tops, bottoms = zip(*sorted([*walls, *tables, (1e9, 1e9)]), strict=True)
    begin = -1.0
    for top, bottom in zip(tops, bottoms, strict=True):
        inside = [line for line in lines if begin < line.middle < top]
        sides = [_prose(inside, gutter, size, side) for side in (0, 1)]
        if min(map(len, sides)) >= _LINES:
            yield _Zone(top=max(begin, 0.0), bottom=top)
        begin = max(begin, bottom)
