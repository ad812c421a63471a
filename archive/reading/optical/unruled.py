"""Rows of numbers that stand under each other without lines around them, and their labels.

A row is where numbers stand, its label what is centred on them. Where that leaves a doubt there is
no table, and its lines stay lines.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from archive.reading.optical.cells import UNREAD, Filled, Snippet
from archive.reading.optical.grid import Slot
from archive.reading.optical.shares import KEPT, Span, shared_out

NUMBER: Final = re.compile(rf"[\d.,，OoQDIl|〇○/\-—－一{UNREAD}]{{1,14}}")
_LEVEL: Final = 0.5
_FAR: Final = 12.0
_INSIDE: Final = 0.3
_BESIDE: Final = 0.3
_SAME: Final = 0.8
_CLOSE: Final = 0.4
_OFF: Final = 0.4
_AT_SIDE: Final = 0.1
_OUTSIDE: Final = 0.4
_IN_A_ROW: Final = 3
_NEXT: Final = 3.0
_MOST_ROWS: Final = 80
_MOST_COLUMNS: Final = 30


@dataclass(slots=True, kw_only=True)
class Row:
    """Numbers at one height, and the label that belongs to them."""

    numbers: list[Snippet]
    label: list[Snippet] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """The height of the middle of its numbers."""
        return sum(each.middle for each in self.numbers) / len(self.numbers)

    @property
    def lines(self) -> list[Snippet]:
        """All that stands in it."""
        return [*self.numbers, *self.label]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Rows under each other, the columns of their numbers and of what stands left of the labels."""

    rows: list[Row]
    columns: list[Span]
    groups: list[list[Snippet]]
    left: float


def bodies(lines: Sequence[Snippet], size: float) -> list[list[Row]]:
    """Rows of numbers, each run of them without a text between that is none of their labels."""
    numbers = [line for line in lines if NUMBER.fullmatch(line.text)]
    texts = [line for line in lines if not NUMBER.fullmatch(line.text)]
    found: list[list[Row]] = []
    for band in bands_of(numbers, size):
        row = Row(numbers=band)
        if found and not _is_apart(found[-1], row, texts, size):
            found[-1].append(row)
        else:
            found.append([row])
    return [rows for rows in found if len(rows) <= _MOST_ROWS]


def _is_apart(above: Sequence[Row], row: Row, texts: Sequence[Snippet], size: float) -> bool:
    low, high = above[-1].middle + _LEVEL * size, row.middle - _LEVEL * size
    widest = _widest([*above, row], texts, size)
    return high - low > _FAR * size or any(
        low < text.middle < high and text.right > widest for text in texts
    )


def _limit(rows: Iterable[Row]) -> float:
    """Where numbers begin: labels end before."""
    return min(number.left for row in rows for number in row.numbers)


def _widest(rows: Sequence[Row], texts: Iterable[Snippet], size: float) -> float:
    """How far the labels of rows reach, at the most: what ends further right is none."""
    limit = _limit(rows) + _INSIDE * size
    level = _INSIDE * size
    ends = [
        text.right
        for text in texts
        if text.right <= limit
        and any(text.top - level < row.middle < text.bottom + level for row in rows)
    ]
    return min(limit, max(ends, default=limit) + level)


def bands_of(lines: Iterable[Snippet], size: float) -> list[list[Snippet]]:
    """Lines at one height, from above: each beside the one left of it, as a page may be skewed."""
    found: list[list[Snippet]] = []
    for line in sorted(lines, key=lambda each: each.left):
        near = [band for band in found if abs(band[-1].middle - line.middle) < _LEVEL * size]
        if near:
            min(near, key=lambda band: abs(band[-1].middle - line.middle)).append(line)
        else:
            found.append([line])
    return sorted(found, key=lambda band: sum(line.middle for line in band) / len(band))


def gaps(lines: Sequence[Snippet], size: float) -> list[Filled]:
    """The paper between and behind numbers that stand in rows, and under and over them beside
    labels: single digits are left out there.
    """
    numbers = [line for line in lines if NUMBER.fullmatch(line.text)]
    end = max((number.right for number in numbers), default=0.0) + size
    found = []
    for band in bands_of(numbers, size):
        behind = [*(number.left for number in band[1:]), end]
        for number, right in zip(band, behind, strict=True):
            if len(band) >= _IN_A_ROW and right - number.right > size:
                slot = Slot(
                    row=0, column=0, rowspan=1, colspan=1,
                    left=number.right, right=right, top=number.top, bottom=number.bottom,
                )  # fmt: skip
                found.append(Filled(slot=slot))
    return found + _columns_beside_labels(lines, size)


def _columns_beside_labels(lines: Sequence[Snippet], size: float) -> list[Filled]:
    """The columns of rows with many numbers, as far up and down as labels stand left of them and no
    text below them; with the numbers that were read there.
    """
    bands = bands_of(lines, size)
    full = [
        number for number, band in enumerate(bands)
        if sum(NUMBER.fullmatch(line.text) is not None for line in band) >= _IN_A_ROW
    ]  # fmt: skip
    found: list[Filled] = []
    for number in full:
        numbers = [line for line in bands[number] if NUMBER.fullmatch(line.text)]
        for step in (-1, 1):
            beside = _labels_beside(bands[number + step :: step] if number + step >= 0 else [],
                                    numbers, size)  # fmt: skip
            found += _below(numbers, beside, lines, size)
    return found


def _labels_beside(
    bands: Iterable[Sequence[Snippet]], numbers: Sequence[Snippet], size: float
) -> list[Snippet]:
    """The lines of the next bands that are labels of rows like that of the numbers, or few
    numbers.
    """
    limit, at = min(line.left for line in numbers) + _INSIDE * size, _middle(numbers)
    found: list[Snippet] = []
    for band in bands:
        texts = [line for line in band if not NUMBER.fullmatch(line.text)]
        if (
            abs(_middle(band) - at) > _NEXT * size
            or len(band) - len(texts) >= _IN_A_ROW
            or any(line.right > limit for line in texts)
        ):
            break
        found += band
        at = _middle(band)
    return found


def _below(
    numbers: Sequence[Snippet], beside: Sequence[Snippet], lines: Sequence[Snippet], size: float
) -> Iterable[Filled]:
    """A slot for each column of numbers at the heights of the lines beside, with all that was read
    in it.
    """
    if not beside:
        return
    top = min(line.top for line in beside)
    bottom = max(line.bottom for line in beside)
    middles = [(line.left + line.right) / 2 for line in numbers]
    borders = [(one + other) / 2 for one, other in pairwise(middles)]
    sides = [numbers[0].left - size, *borders, numbers[-1].right + size]
    for left, right in pairwise(sides):
        slot = Slot(row=0, column=0, rowspan=1, colspan=1, left=left, right=right, top=top,
                    bottom=bottom)  # fmt: skip
        inside = [
            line for line in lines
            if line.right > left and line.left < right and line.bottom > top and line.top < bottom
        ]  # fmt: skip
        yield Filled(slot=slot, snippets=inside)


def _middle(lines: Sequence[Snippet]) -> float:
    return sum(line.middle for line in lines) / len(lines)


def body_of(rows: list[Row], lines: Sequence[Snippet], size: float) -> Body | None:
    """None where numbers or labels cannot be told apart."""
    columns = _columns([number for row in rows for number in row.numbers], size)
    if len(columns) > _MOST_COLUMNS or any(
        len(in_column(row.numbers, column)) > 1 for row in rows for column in columns
    ):
        return None
    labels = _beside(rows, lines, size)
    groups = [
        line for line in labels if any(_is_left_of(line, each, labels, size) for each in labels)
    ]
    leaves = [line for line in labels if not any(line is each for each in groups)]
    if not leaves:
        is_table = len(columns) > 2 and not groups
        return (
            Body(rows=rows, columns=columns, groups=[], left=columns[0].begin) if is_table else None
        )
    right = max((line.right for line in groups), default=0.0)
    first = rows[0].middle - _LEVEL * size
    last = rows[-1].middle + _LEVEL * size
    slack = _INSIDE * size
    sides = [(leaf.left >= right - slack) - (leaf.right <= right + slack) for leaf in leaves]
    optional = [
        _AT_SIDE if side < 0 else KEPT if first < leaf.middle < last else _OUTSIDE
        for leaf, side in zip(leaves, sides, strict=True)
    ]
    spans = [Span(begin=leaf.top, end=leaf.bottom) for leaf in leaves]
    shares = shared_out(spans, [row.middle for row in rows], size, optional, sides)
    if shares is None or any(share.off > _OFF * size or not share.items for share in shares):
        return None
    for row, share in zip(rows, shares, strict=True):
        row.label = [leaves[number] for number in share.items]
    used = {id(line) for row in rows for line in row.label}
    groups += [leaf for leaf in leaves if id(leaf) not in used and first < leaf.middle < last]
    return Body(
        rows=rows,
        columns=columns,
        groups=_stacks(groups, size),
        left=min(line.left for line in (*groups, *(line for row in rows for line in row.label))),
    )


def _columns(numbers: Sequence[Snippet], size: float) -> list[Span]:
    """Where numbers stand under each other: their boxes overlap, those of others do not."""
    found: list[Span] = []
    inset = 0.15 * size
    for number in sorted(numbers, key=lambda each: each.left):
        begin, end = number.left + inset, max(number.right - inset, number.left + inset + 1)
        if found and begin < found[-1].end:
            found[-1] = Span(begin=found[-1].begin, end=max(found[-1].end, end))
        else:
            found.append(Span(begin=begin, end=end))
    return found


def in_column(numbers: Sequence[Snippet], column: Span) -> list[Snippet]:
    """Those whose middle stands in a column."""
    return [
        number
        for number in numbers
        if column.begin <= (number.left + number.right) / 2 <= column.end
    ]


def _beside(rows: Sequence[Row], lines: Sequence[Snippet], size: float) -> list[Snippet]:
    """The lines left of the numbers, from above, as far as no other text stands between."""
    numbers = {id(number) for row in rows for number in row.numbers}
    others = [line for line in lines if id(line) not in numbers]
    first, last = rows[0].middle, rows[-1].middle
    level, widest = _LEVEL * size, _widest(rows, others, size)
    beyond = [line for line in others if line.right > widest]
    top = max((line.middle for line in beyond if line.middle < first - level), default=-size)
    bottom = min((line.middle for line in beyond if line.middle > last + level), default=1e9)
    found = [
        line
        for line in others
        if line.right <= widest and top + level < line.middle < bottom - level
    ]
    return sorted(_near(found, rows, size), key=lambda line: line.middle)


def _near(lines: Sequence[Snippet], rows: Sequence[Row], size: float) -> list[Snippet]:
    """Lines without those that stand clear above or below all rows."""
    top, bottom = rows[0].middle - _LEVEL * size, rows[-1].middle + _LEVEL * size
    for line in sorted((line for line in lines if line.middle < rows[0].middle),
                       key=lambda line: -line.middle):  # fmt: skip
        top = min(top, line.top) if top - line.bottom < _LEVEL * size else top
    for line in sorted((line for line in lines if line.middle > rows[-1].middle),
                       key=lambda line: line.middle):  # fmt: skip
        bottom = max(bottom, line.bottom) if line.top - bottom < _LEVEL * size else bottom
    return [line for line in lines if line.bottom > top and line.top < bottom]


def _is_left_of(line: Snippet, other: Snippet, labels: Sequence[Snippet], size: float) -> bool:
    """Whether it stands beside the other in a column of its own. The beginning of a line that came
    in two parts does not: it begins where other labels do, and the other close behind it alone.
    """
    shared = min(line.bottom, other.bottom) - max(line.top, other.top)
    high, low = line.bottom - line.top, other.bottom - other.top
    if shared > _SAME * max(high, low) and other.left - line.right < _CLOSE * size:
        begin, goes_on = (
            sum(abs(each.left - part.left) < _LEVEL * size for each in labels)
            for part in (line, other)
        )
        if begin > goes_on == 1:
            return False
    return other.left >= line.right - _INSIDE * size and shared > _BESIDE * min(high, low)


def _stacks(lines: Sequence[Snippet], size: float) -> list[list[Snippet]]:
    """Lines by the column that they stand in, left to right."""
    columns = _columns(lines, size)
    found: list[list[Snippet]] = [[] for _ in columns]
    for line in sorted(lines, key=lambda each: each.middle):
        for column, stack in zip(columns, found, strict=True):
            if column.begin <= (line.left + line.right) / 2 <= column.end:
                stack.append(line)
    return [stack for stack in found if stack]
