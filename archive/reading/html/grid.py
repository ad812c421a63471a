"""Tables: which of a page's <table>s hold data, and their cells laid out on a grid.

The layout follows the table model of the HTML standard ("forming a table"): anchors fill the first
free slot of their row, spans are clipped to the row group, rowspan=0 runs to its end. Nonsense
(colspan=1000000000) is clipped to the width that the other rows have.
"""

import re
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from lxml.html import HtmlElement

from archive.model.reading import Cell, Table
from archive.reading.html.celltext import cell_text, one_line
from archive.reading.html.datatable import is_data_table
from archive.reading.html.tablerows import Row, own_rows

__all__ = ["MAX_SLOTS", "is_data_table", "read_table", "rows_as_lines"]

MAX_SLOTS = 250_000
"""A table whose grid has more slots than this is refused: `read_table` gives no cells."""

_MAX_SPAN = 1000
_PLAUSIBLE_SPAN = 60
_DIGITS = re.compile(r"\d{1,9}")


def read_table(element: HtmlElement, rows: list[Row] | None = None) -> Table:
    """The cells of a <table> at their places. Never raises, whatever the mark-up.

    Hidden rows and cells are left out; the cells of a nested table are text of the cell that
    holds it. A grid of more than MAX_SLOTS slots is refused: `cells` is then empty while `rows`
    and `columns` give the size at which reading stopped. `rows`: the table's own rows where they
    were taken before (see archive.reading.html.datatable.data_rows).
    """
    layout = _Layout()
    layout.take(list(own_rows(element)) if rows is None else rows)
    caption = next((child for child in element if child.tag == "caption"), None)
    return Table(
        cells=layout.cells(),
        rows=layout.height,
        columns=layout.width,
        caption=None if caption is None else one_line(cell_text(caption)) or None,
    )


def rows_as_lines(table: Table) -> tuple[str, ...]:
    """One line a row, cells separated by a tab; a spanned cell stands once, at its anchor.

    Line breaks inside a cell are folded; rows without any text give no line.
    """
    lines = (
        "\t".join([c.text if c.text.isalnum() else one_line(c.text) for c in cells])
        for _, cells in groupby(sorted(table.cells, key=_row), key=_row)
    )
    return tuple(line for line in lines if line.strip())


_row = attrgetter("row")


class _Layout:
    """Places anchors slot by slot. Work is bounded by MAX_SLOTS, not by what spans claim."""

    def __init__(self) -> None:
        # For every column the number of the first row in which it is free again.
        self._free_at: list[int] = []
        self._placed: list[Cell] = []
        self.height = 0

    @property
    def width(self) -> int:
        return len(self._free_at)

    def take(self, rows: list[Row]) -> None:
        slots = 0
        for number, (row, end) in enumerate(zip(rows, _group_ends(rows), strict=True)):
            self._place_row(number, row, end)
            self.height = number + 1
            slots += max(self.width, 1)
            if slots > MAX_SLOTS:
                self._placed.clear()
                return

    def cells(self) -> tuple[Cell, ...]:
        """The cells as placed; now that the width is known spans end with the grid."""
        return tuple([self._within(cell) if cell.colspan > 1 else cell for cell in self._placed])

    def _within(self, cell: Cell) -> Cell:
        colspan = min(cell.colspan, self.width - cell.column)
        return cell if colspan == cell.colspan else replace(cell, colspan=colspan)

    def _place_row(self, number: int, row: Row, end: int) -> None:
        free_at = self._free_at
        column, last = 0, len(row.cells) - 1
        for position, (element, text) in enumerate(zip(row.cells, row.texts, strict=True)):
            while column < len(free_at) and free_at[column] > number:
                column += 1
            colspan = rowspan = 1
            if element.get("colspan") is not None:
                colspan = _colspan(element, last=position == last)
            if element.get("rowspan") is not None:
                rowspan = min(_span(element, "rowspan", 0) or end, end - number)
            if colspan == 1 and column < len(free_at):
                free_at[column] = number + rowspan
            else:
                self._occupy(number + rowspan, column, colspan)
            self._placed.append(
                Cell(
                    text=text,
                    row=number,
                    column=column,
                    rowspan=rowspan,
                    colspan=colspan,
                    header=element.tag == "th",
                )
            )
            column += 1

    def _occupy(self, until: int, column: int, colspan: int) -> None:
        # An implausibly wide span makes one slot; where other rows have more it takes those too.
        free_at = self._free_at
        wanted = column + (colspan if colspan <= _PLAUSIBLE_SPAN else 1)
        if wanted > len(free_at):
            free_at.extend([0] * (wanted - len(free_at)))
        for slot in range(column, min(column + colspan, len(free_at))):
            free_at[slot] = max(free_at[slot], until)


def _colspan(element: HtmlElement, *, last: bool) -> int:
    """The standard's limit is 1000; a wider span in the middle of a row can only be an error."""
    span = _span(element, "colspan", 1)
    if span <= _MAX_SPAN:
        return span
    return _MAX_SPAN if last else 1


def _span(element: HtmlElement, name: str, least: int) -> int:
    """The span attribute as a number; 1 where it is missing or no number."""
    raw = element.get(name)
    if raw is None:
        return 1
    match = _DIGITS.match(raw.strip())
    return 1 if match is None else max(int(match.group()), least)


def _group_ends(rows: list[Row]) -> list[int]:
    """For every row the number of the first row behind its row group."""
    ends = [len(rows)] * len(rows)
    for number in range(len(rows) - 2, -1, -1):
        same = rows[number].group == rows[number + 1].group
        ends[number] = ends[number + 1] if same else number + 1
    return ends
