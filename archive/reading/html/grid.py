"""Tables: which of a page's <table>s hold data, and their cells laid out on a grid.

The layout follows the table model of the HTML standard ("forming a table"): anchors fill the first
free slot of their row, spans are clipped to the row group, rowspan=0 runs to its end. Nonsense
(colspan=1000000000) is clipped to the width that the other rows have.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby
from operator import attrgetter
from typing import TypeAlias

from lxml.html import HtmlElement

from archive.model.reading import Cell, Table
from archive.reading.html.celltext import cell_text, one_line
from archive.reading.html.datatable import is_data_table
from archive.reading.html.tablerows import Claim, Row, own_rows

__all__ = ["MAX_SLOTS", "is_data_table", "read_table", "rows_as_lines"]

MAX_SLOTS = 250_000
"""A table whose grid has more slots than this is refused: `read_table` gives no cells."""

_MAX_SPAN = 1000
_PLAUSIBLE_SPAN = 60
_MAX_USUAL = 1_000
_MAX_FREQUENT = 60
_DIGITS = re.compile(r"\d{1,9}")

_Claimed: TypeAlias = tuple[tuple[int, tuple[Claim, ...]], ...]
"""Of each row its group, and what its cells claim."""
_Place: TypeAlias = tuple[int, int, int, int, bool]


def read_table(element: HtmlElement, rows: list[Row] | None = None) -> Table:
    """The cells of a <table> at their places. Never raises, whatever the mark-up.

    Hidden rows and cells are left out; the cells of a nested table are text of the cell that
    holds it. A grid of more than MAX_SLOTS slots is refused: `cells` is then empty while `rows`
    and `columns` give the size at which reading stopped. `rows`: the table's own rows where they
    were taken before (see archive.reading.html.datatable.data_rows).
    """
    rows = list(own_rows(element)) if rows is None else rows
    claimed = tuple([(row.group, row.claims) for row in rows])
    is_usual = sum(len(row.claims) for row in rows) <= _MAX_USUAL
    layout = (_layout if is_usual else _layout.__wrapped__)(claimed)
    texts = [*chain.from_iterable(map(_texts, rows))] if layout.places else []
    caption = next((child for child in element if child.tag == "caption"), None)
    return Table(
        cells=_cells(texts, layout.places),
        rows=layout.height,
        columns=layout.width,
        caption=None if caption is None else one_line(cell_text(caption)) or None,
    )


def rows_as_lines(table: Table) -> tuple[str, ...]:
    """One line a row, cells separated by a tab; a spanned cell stands once, at its anchor.

    Line breaks inside a cell are folded; rows without any text give no line.
    """
    rows = groupby(sorted(table.cells, key=_row), key=_row)
    lines = [_line([*map(_text, cells)]) for _, cells in rows]
    return tuple([line for line in lines if line.strip()])


def _line(texts: list[str]) -> str:
    together = "".join(texts)
    if together.isprintable() and " " not in together:  # no white space, so nothing to fold
        return "\t".join(texts)
    return "\t".join(map(one_line, texts))


_row = attrgetter("row")
_text = attrgetter("text")
_texts = attrgetter("texts")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where the cells of a table go: row, column, rowspan, colspan, and whether it is a <th>."""

    places: tuple[_Place, ...]
    height: int
    width: int


def _cells(texts: Sequence[str], places: Sequence[_Place]) -> tuple[Cell, ...]:
    if len(max(texts, key=len, default="")) <= _MAX_FREQUENT:  # as in most tables
        return tuple(map(_frequent, texts, places))
    return tuple(
        [
            _frequent(text, place) if len(text) <= _MAX_FREQUENT else _made(text, place)
            for text, place in zip(texts, places, strict=True)
        ]
    )


@lru_cache(maxsize=4096)
def _frequent(text: str, place: _Place) -> Cell:
    # Most cells of most reports print a zero, and the others the same labels.
    return _made(text, place)


def _made(text: str, place: _Place) -> Cell:
    row, column, rowspan, colspan, header = place
    return Cell(text=text, row=row, column=column, rowspan=rowspan, colspan=colspan, header=header)


@lru_cache(maxsize=64)
def _layout(rows: _Claimed) -> _Layout:
    """The layout of rows that claim these spans: the same for all tables of a form. Places slot by
    slot; work is bounded by MAX_SLOTS, not by what spans claim.
    """
    # For every column the number of the first row in which it is free again.
    free_at: list[int] = []
    placed: list[_Place] = []
    height = slots = 0
    for number, ((_, claims), end) in enumerate(zip(rows, _group_ends(rows), strict=True)):
        _place_row(free_at, placed, number, claims, end)
        height = number + 1
        slots += max(len(free_at), 1)
        if slots > MAX_SLOTS:
            return _Layout(places=(), height=height, width=len(free_at))
    width = len(free_at)
    # Now that the width is known spans end with the grid.
    within = [
        (row, column, rowspan, min(colspan, width - column), header)
        for row, column, rowspan, colspan, header in placed
    ]
    return _Layout(places=tuple(within), height=height, width=width)


def _place_row(
    free_at: list[int],
    placed: list[_Place],
    number: int,
    claims: Sequence[Claim],
    end: int,
) -> None:
    column, last = 0, len(claims) - 1
    for position, (claimed_colspan, claimed_rowspan, header) in enumerate(claims):
        while column < len(free_at) and free_at[column] > number:
            column += 1
        colspan = rowspan = 1
        if claimed_colspan is not None:
            colspan = _colspan(claimed_colspan, last=position == last)
        if claimed_rowspan is not None:
            rowspan = min(_span(claimed_rowspan, 0) or end, end - number)
        _occupy(free_at, number + rowspan, column, colspan)
        placed.append((number, column, rowspan, colspan, header))
        column += 1


def _occupy(free_at: list[int], until: int, column: int, colspan: int) -> None:
    # An implausibly wide span makes one slot; where other rows have more it takes those too.
    wanted = column + (colspan if colspan <= _PLAUSIBLE_SPAN else 1)
    if wanted > len(free_at):
        free_at.extend([0] * (wanted - len(free_at)))
    for slot in range(column, min(column + colspan, len(free_at))):
        free_at[slot] = max(free_at[slot], until)


def _colspan(claimed: str, *, last: bool) -> int:
    """The standard's limit is 1000; a wider span in the middle of a row can only be an error."""
    span = _span(claimed, 1)
    if span <= _MAX_SPAN:
        return span
    return _MAX_SPAN if last else 1


def _span(claimed: str, least: int) -> int:
    """The span attribute as a number; 1 where it is no number."""
    match = _DIGITS.match(claimed.strip())
    return 1 if match is None else max(int(match.group()), least)


def _group_ends(rows: _Claimed) -> list[int]:
    """For every row the number of the first row behind its row group."""
    ends = [len(rows)] * len(rows)
    for number in range(len(rows) - 2, -1, -1):
        same = rows[number][0] == rows[number + 1][0]
        ends[number] = ends[number + 1] if same else number + 1
    return ends
