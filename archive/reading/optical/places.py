"""Where the figures and lines of a reading were seen, and what the sums say of its figures."""

import re
from collections.abc import Sequence
from typing import Final

from archive.model.optical import (
    Certainty,
    OpticalCell,
    OpticalDocument,
    OpticalLine,
    Place,
    Places,
)
from archive.model.reading import Figure, Reading, Table
from archive.reading.files.extract import Extract
from archive.reading.files.put_together import Block
from archive.reading.files.seen import Seen, seen_pages
from archive.reading.statistics.certainty import certainties_of

_IN_TABLE: Final = re.compile(r"table (\d{1,9}) row (\d{1,9}) column (\d{1,9})")
_IN_LINE: Final = re.compile(r"line (\d{1,9})")


def certainties(reading: Reading) -> tuple[Certainty, ...]:
    """For each figure of a reading what its sums say; see `certainties_of`. Pure."""
    return certainties_of(reading.figures)


def places_of(reading: Reading, document: OpticalDocument) -> Places:
    """Where each figure and each line of a reading was seen that was made with this document. Pure.

    A paragraph or a table that the reading has otherwise than it was seen has no place.
    """
    finder = _Finder(reading)
    seen = seen_pages(document.pages)
    for block in seen.blocks():
        finder.take(block, seen)
    return finder.places()


class _Finder:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._lines: list[tuple[Place, ...]] = [()] * len(reading.lines)
        self._cells: dict[tuple[int, int, int], Place] = {}
        self._next_line = 0
        self._next_table = 0

    def take(self, block: Block, seen: Seen) -> None:
        """Finds a block in the reading: blocks come in the reading's order."""
        content = block.content
        if isinstance(content, Table):
            self._take_cells(content, block, seen)
            return
        origins = [seen.lines[id(line)] for line in block.lines if id(line) in seen.lines]
        for text in Extract(blocks=[content]).as_text().lines:
            self._found(text, [_place(origin) for origin in origins])

    def _take_cells(self, table: Table, block: Block, seen: Seen) -> None:
        number = next(
            (n for n in range(self._next_table, len(self._reading.tables))
             if self._reading.tables[n] == table),
            None,
        )  # fmt: skip
        rows: dict[int, list[Place]] = {}
        for box, cell in block.cells:
            origin = seen.cells.get(id(box))
            if origin is not None:
                rows.setdefault(cell.row, []).append(_place(origin))
                if number is not None:
                    self._cells[number + 1, cell.row + 1, cell.column + 1] = _place(origin)
        if number is not None:
            self._next_table = number + 1
        for row in sorted(rows):
            single = Table(
                cells=tuple(cell for cell in table.cells if cell.row == row), rows=1, columns=1
            )
            for text in Extract(blocks=[single]).as_text().lines:
                self._found(text, rows[row])

    def _found(self, text: str, places: Sequence[Place]) -> None:
        lines = self._reading.lines
        for number in range(self._next_line, len(lines)):
            if lines[number] == text:
                self._lines[number] = tuple(places)
                self._next_line = number + 1
                return

    def places(self) -> Places:
        """All blocks taken."""
        return Places(
            figures=tuple(self._of_figure(figure) for figure in self._reading.figures),
            lines=tuple(self._lines),
        )

    def _of_figure(self, figure: Figure) -> Place | None:
        if found := _IN_TABLE.fullmatch(figure.where):
            table, row, column = map(int, found.groups())
            return self._cells.get((table, row, column))
        if found := _IN_LINE.match(figure.where):
            number = int(found[1]) - 1
            places = self._lines[number] if number < len(self._lines) else ()
            return places[0] if len(places) == 1 else None
        return None


def _place(seen: OpticalLine | OpticalCell) -> Place:
    return Place(box=seen.box, confidence=seen.confidence)
