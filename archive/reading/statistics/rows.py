"""Rows as the statistics reader sees them: cells of a table row, or of lines that were a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from archive.model.reading import Cell, Table
from archive.reading.html.celltext import one_line
from archive.reading.values.numbers import is_unit, is_value


@dataclass(slots=True, kw_only=True)
class PrintedCell:
    """A cell of one row. fresh: it begins in this row (else it reaches down from above).

    Never changed, but not frozen: hundreds are made a page, and none leaves this package.
    """

    text: str
    where: str
    column: int
    colspan: int
    fresh: bool

    @property
    def is_label(self) -> bool:
        """Neither a value nor a unit."""
        return not is_value(self.text) and not is_unit(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """The cells that stand in one row, left to right; table: 0-based number, -1 for lines."""

    table: int
    cells: tuple[PrintedCell, ...]

    @property
    def text(self) -> str:
        """All the row says, without white space."""
        return "".join("".join([cell.text for cell in self.cells]).split())


def table_rows(tables: Sequence[Table]) -> Iterator[PrintedRow]:
    """The rows of all tables in order; a cell with a rowspan stands in each row it reaches."""
    for number, table in enumerate(tables):
        reaching: list[tuple[int, PrintedCell]] = []
        for row, fresh in _by_row(table):
            cells = [_printed(cell, number) for cell in fresh]
            reaching = [(end, cell) for end, cell in reaching if end > row]
            above = [cell for _, cell in reaching]
            reaching += [
                (cell.row + cell.rowspan, replace(printed, fresh=False))
                for cell, printed in zip(fresh, cells, strict=True)
                if cell.rowspan > 1
            ]
            if above:
                cells = sorted([*above, *cells], key=_column)
            yield PrintedRow(table=number, cells=tuple(cells))


_row, _column = attrgetter("row"), attrgetter("column")


def _by_row(table: Table) -> Iterator[tuple[int, list[Cell]]]:
    for row, cells in groupby(sorted(table.cells, key=_row), key=_row):
        yield row, list(cells)


def _printed(cell: Cell, table: int) -> PrintedCell:
    text = cell.text
    if text != "\N{NO-BREAK SPACE}" and not text.isalnum():
        text = one_line(text)
    return PrintedCell(
        text=text,
        where=f"table {table + 1} row {cell.row + 1} column {cell.column + 1}",
        column=cell.column,
        colspan=cell.colspan,
        fresh=True,
    )
