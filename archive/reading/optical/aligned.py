"""Tables without ruled lines: cells from how lines of text stand under and beside each other."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from archive.reading.optical.cells import Filled, Snippet
from archive.reading.optical.grid import Grid, Slot
from archive.reading.optical.shares import Span, shared_out
from archive.reading.optical.unruled import (
    NUMBER,
    Body,
    Row,
    bands_of,
    bodies,
    body_of,
    in_column,
)

_HEADING: Final = re.compile(r"[一二三四五六七八九十]{1,3}、")
_LEVEL: Final = 0.5
_STACKED: Final = 1.7
_HEAD_GAP: Final = 1.5
_STEP: Final = 1.2
_PROSE: Final = 0.8
_FEW: Final = 6
_BARE: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """A table: its grid, its cells with their lines, and which of these are to hold numbers."""

    grid: Grid
    filled: list[Filled]
    values: list[Filled]


def aligned(lines: Sequence[Snippet], size: float) -> tuple[list[Aligned], list[Snippet]]:
    """The tables that lines make which were read, and the lines that stand in none."""
    free = [line for line in lines if line.text]
    found: list[Aligned] = []
    for rows in bodies(free, size):
        body = body_of(rows, free, size)
        if body is None:
            continue
        inside = {id(line) for row in rows for line in row.lines}
        inside |= {id(line) for column in body.groups for line in column}
        rest = [line for line in free if id(line) not in inside]
        heads = _heads(body, rest, size)
        if not any(len(band) > 1 for band in heads) and len(rows) * len(body.columns) < _FEW:
            continue
        inside |= {id(line) for band in heads for cell in band for line in cell}
        free = [line for line in free if id(line) not in inside]
        layout = _Layout(body, heads, size)
        found.append(layout.table())
        free += layout.left_over
    return found, free


def _heads(body: Body, lines: Sequence[Snippet], size: float) -> list[list[list[Snippet]]]:
    """The rows above the first one that belong to the table, from above: cells of lines."""
    top = min(line.top for line in body.rows[0].lines)
    wide = body.columns[-1].end - body.left
    found: list[Snippet] = []
    above = [line for line in lines if line.bottom < top + _LEVEL * size]
    for band in reversed(bands_of(above, size)):
        if top - max(line.bottom for line in band) > _HEAD_GAP * size:
            break
        if any(NUMBER.fullmatch(line.text) for line in band):
            break
        one = min(band, key=lambda line: line.left)
        if one.right - one.left > _PROSE * wide or _HEADING.match(one.text):
            break
        found += band
        top = min(line.top for line in band)
    rows: list[list[list[Snippet]]] = []
    for cell in sorted(_stacked(found), key=_middle):
        if rows and _middle(cell) - _middle(rows[-1][0]) < _LEVEL * size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [sorted(row, key=lambda cell: cell[0].left) for row in rows]


def _stacked(lines: Iterable[Snippet]) -> list[list[Snippet]]:
    """Lines that follow close under each other as one."""
    found: list[list[Snippet]] = []
    for line in sorted(lines, key=lambda each: each.middle):
        for cell in found:
            last = cell[-1]
            step = line.middle - last.middle
            over = min(line.right, last.right) - max(line.left, last.left)
            if over > 0 and 0 < step < _STEP * (last.bottom - last.top):
                cell.append(line)
                break
        else:
            found.append([line])
    return found


def _middle(lines: Sequence[Snippet]) -> float:
    return (lines[0].top + lines[-1].bottom) / 2


class _Layout:
    """A body and its heads as a grid: what stands left of labels, labels, numbers."""

    def __init__(
        self, body: Body, heads: Sequence[Sequence[Sequence[Snippet]]], size: float
    ) -> None:
        self._body = body
        self._heads = heads
        self._size = size
        self._before = len(body.groups) + bool(body.rows[0].label)
        self._xs = self._edges()
        self._ys = self._heights()
        self._filled: list[Filled] = []
        self.left_over: list[Snippet] = []

    def table(self) -> Aligned:
        for row, band in enumerate(self._heads):
            self._head(row, band)
        values = []
        for row, each in enumerate(self._body.rows, len(self._heads)):
            self._label(row, each)
            for place, column in enumerate(self._body.columns, self._before):
                cell = self._cell(row, place, in_column(each.numbers, column))
                values.append(cell)
        for number, stack in enumerate(self._body.groups):
            self._group(number, stack)
        slots = tuple(cell.slot for cell in self._filled)
        grid = Grid(slots=slots, rows=len(self._ys) - 1, columns=len(self._xs) - 1)
        return Aligned(grid=grid, filled=self._filled, values=values)

    def _edges(self) -> list[float]:
        """Left and right of every column of the grid."""
        stacks = [
            Span(begin=min(line.left for line in stack), end=max(line.right for line in stack))
            for stack in self._body.groups
        ]
        labels = [line for row in self._body.rows for line in row.label]
        if labels:
            left = [line.left for line in labels if not stacks or line.left >= stacks[-1].end]
            begin = min(left, default=stacks[-1].end if stacks else self._body.left)
            stacks.append(Span(begin=begin, end=max(line.right for line in labels)))
        spans = [*stacks, *self._body.columns]
        between = [(before.end + after.begin) / 2 for before, after in pairwise(spans)]
        return [spans[0].begin - self._size / 2, *between, spans[-1].end + self._size]

    def _heights(self) -> list[float]:
        """Top and bottom of every row of the grid."""
        heads = [[line for cell in band for line in cell] for band in self._heads]
        bands = [*heads, *(row.lines for row in self._body.rows)]
        spans = [
            Span(begin=min(line.top for line in band), end=max(line.bottom for line in band))
            for band in bands
        ]
        between = [(before.end + after.begin) / 2 for before, after in pairwise(spans)]
        return [spans[0].begin, *between, spans[-1].end]

    def _cell(self, row: int, column: int, lines: Sequence[Snippet], high: int = 1,
              wide: int = 1) -> Filled:  # fmt: skip
        slot = Slot(
            row=row, column=column, rowspan=high, colspan=wide,
            left=self._xs[column], right=self._xs[column + wide],
            top=self._ys[row], bottom=self._ys[row + high],
        )  # fmt: skip
        cell = Filled(slot=slot, snippets=list(lines))
        self._filled.append(cell)
        return cell

    def _head(self, row: int, band: Sequence[Sequence[Snippet]]) -> None:
        """Each text in the column that its middle stands in; where there is one column of numbers,
        the last one over that.
        """
        last = len(self._xs) - 2
        for column in range(last + 1):
            left = self._xs[column] if column else float("-inf")
            right = self._xs[column + 1] if column < last else float("inf")
            if len(band) > 1 and len(self._body.columns) == 1:
                here = [band[-1]] if column == last else [] if column else list(band[:-1])
                self._cell(row, column, [line for cell in here for line in cell])
                continue
            here = [cell for cell in band if left <= (cell[0].left + cell[0].right) / 2 < right]
            self._cell(row, column, [line for cell in here for line in cell])

    def _label(self, row: int, each: Row) -> None:
        if each.label:
            first = self._indent(each)
            self._cell(row, first, each.label, wide=self._before - first)

    def _indent(self, row: Row) -> int:
        """How many columns stand left of a row's label."""
        left = min(line.left for line in row.label)
        return sum(
            min(line.left for line in stack) + max(line.right for line in stack) <= 2 * left
            for stack in self._body.groups
        )

    def _group(self, column: int, stack: Sequence[Snippet]) -> None:
        """What stands left of labels, each over the rows on which it is centred."""
        first = len(self._heads)
        rows = [
            number for number, row in enumerate(self._body.rows, first)
            if row.label and self._indent(row) > column
        ]  # fmt: skip
        blocks = _blocks(stack, self._size)
        spans = [Span(begin=self._ys[row], end=self._ys[row + 1]) for row in rows]
        middles = [_middle(block) for block in blocks]
        shares = shared_out(spans, middles, self._size, [_BARE] * len(rows))
        taken: set[int] = set()
        for number, block in enumerate(blocks):
            reached = [rows[item] for item in shares[number].items] if shares else []
            if reached and reached[-1] - reached[0] == len(reached) - 1:
                taken.update(reached)
                self._cell(reached[0], column, block, high=len(reached))
            else:
                self.left_over += block
        for row in set(rows) - taken:
            self._cell(row, column, [])


def _blocks(stack: Sequence[Snippet], size: float) -> list[list[Snippet]]:
    """Lines close under each other."""
    found: list[list[Snippet]] = []
    for line in stack:
        if found and line.middle - found[-1][-1].middle < _STACKED * size:
            found[-1].append(line)
        else:
            found.append([line])
    return found
