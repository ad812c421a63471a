"""Tables over two pages: put together where a page cut them, and laid out on a grid."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Final

from archive.codebook.forms import FORMS, form
from archive.model.reading import Cell, Table
from archive.reading.files.pdf_cells import Box, Ruled, snapped
from archive.reading.files.refusal import RefusedError
from archive.reading.html.celltext import one_line
from archive.reading.html.grid import MAX_SLOTS
from archive.reading.statistics.labels import core
from archive.reading.values.numbers import is_value

_NEAR: Final = 4.0


def belongs_below(upper: Ruled, lower: Ruled) -> bool:
    """Whether the table at the head of a page goes on with the one at the foot of the page before:
    as wide, and every column edge of the narrower set among those of the other.
    """
    above, below = upper.edges(), lower.edges()
    if abs(above[0] - below[0]) > _NEAR or abs(above[-1] - below[-1]) > _NEAR:
        return False
    few, many = sorted((above, below), key=len)
    return all(any(abs(x - other) <= _NEAR for other in many) for x in few)


def joined_below(upper: Ruled, lower: Ruled) -> Ruled:
    """Both as one table: repeated heads go, cells that the page's end cut are whole again."""
    boxes = _without_repeated_head(upper, lower)
    if not boxes:
        return upper
    shift = upper.bottom - min(box.top for box in boxes)
    for box in boxes:
        box.top += shift
        box.bottom += shift
    seam = upper.bottom
    _mend(
        [box for box in upper.boxes if abs(box.bottom - seam) <= _NEAR],
        [box for box in boxes if abs(box.top - seam) <= _NEAR],
        boxes,
    )
    return Ruled(boxes=[*upper.boxes, *boxes])


def placed(ruled: Ruled) -> list[tuple[Box, Cell]]:
    """Each box and its cell on the grid, by row and column. RefusedError when it is too large."""
    xs = ruled.edges()
    ys = snapped(y for box in ruled.boxes for y in (box.top, box.bottom))
    if len(xs) * len(ys) > MAX_SLOTS:
        raise RefusedError("file_too_large", f"a table has more than {MAX_SLOTS} cells")
    cells = [(box, _cell(box, xs, ys)) for box in ruled.boxes]
    return sorted(cells, key=lambda each: (each[1].row, each[1].column))


def as_table(cells: Sequence[Cell]) -> Table:
    """Cells as a table that is as large as they reach."""
    return Table(
        cells=tuple(cells),
        rows=max(cell.row + cell.rowspan for cell in cells),
        columns=max(cell.column + cell.colspan for cell in cells),
    )


def _cell(box: Box, xs: Sequence[float], ys: Sequence[float]) -> Cell:
    row, column = _nearest(ys, box.top), _nearest(xs, box.left)
    return Cell(
        text=box.text,
        row=row,
        column=column,
        rowspan=max(_nearest(ys, box.bottom) - row, 1),
        colspan=max(_nearest(xs, box.right) - column, 1),
    )


def _nearest(edges: Sequence[float], value: float) -> int:
    place = bisect_left(edges, value)
    if place == len(edges):
        return place - 1
    if place and value - edges[place - 1] <= edges[place] - value:
        return place - 1
    return place


def _without_repeated_head(upper: Ruled, lower: Ruled) -> list[Box]:
    """The lower table's boxes without the rows that repeat the first rows of the upper one."""
    above, below = _rows(upper), _rows(lower)
    repeated = 0
    for one, other in zip(above, below, strict=False):
        if _said(one) != _said(other) or not any(_said(one)):
            break
        repeated += 1
    if repeated and any(is_value(box.text) and box.text for row in below[:repeated] for box in row):
        repeated = 0
    return [box for row in below[repeated:] for box in row]


def _rows(ruled: Ruled) -> list[list[Box]]:
    tops = snapped(box.top for box in ruled.boxes)
    rows: list[list[Box]] = [[] for _ in tops]
    for box in sorted(ruled.boxes, key=lambda box: box.left):
        rows[_nearest(tops, box.top)].append(box)
    return rows


def _said(row: Sequence[Box]) -> list[str]:
    return ["".join(box.text.split()) for box in row]


def _mend(above: Sequence[Box], below: Sequence[Box], boxes: list[Box]) -> None:
    """Cells on both sides of the seam that were one before the page ended."""
    pairs = [(one, other) for other in below for one in above if _same_columns(one, other)]
    cut = _row_was_cut(pairs)
    for one, other in pairs:
        goes_on = not other.text and one.text and not is_value(one.text)
        if cut or goes_on or _is_cut_label(one, other):
            one.text = "\n".join(filter(None, (one.text, other.text)))
            one.bottom = other.bottom
            boxes[:] = [box for box in boxes if box is not other]


def _row_was_cut(pairs: Sequence[tuple[Box, Box]]) -> bool:
    """A row runs on over the seam when its label does, and not only that of a group of rows: then
    there is a whole label on each side.
    """
    two_rows = any(_names_row(one) and _names_row(other) for one, other in pairs)
    return not two_rows and any(_is_cut_label(one, other) for one, other in pairs)


def _is_cut_label(one: Box, other: Box) -> bool:
    """Whether the halves name a row only together."""
    if not one.text or not other.text or is_value(one.text) or is_value(other.text):
        return False
    return _is_label(one_line(one.text) + one_line(other.text)) and not _names_row(other)


def _names_row(box: Box) -> bool:
    return _is_label(one_line(box.text))


def _same_columns(one: Box, other: Box) -> bool:
    return abs(one.left - other.left) <= _NEAR and abs(one.right - other.right) <= _NEAR


def _is_label(text: str) -> bool:
    return core(text) in _labels()


@cache
def _labels() -> frozenset[str]:
    rows = [row for name in FORMS for row in form(name).rows]
    spelled = [label for row in rows for label in (row.label, *(a.label for a in row.aliases))]
    return frozenset(core(label) for label in spelled)
