"""Excel workbooks as people use them: dates are dates, numbers are numbers, all else is text; the
head is frozen and has a filter, and behind the rows stands what their columns mean.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from archive.work.export.writers import Columns, Heading, Row, Shape, Value, day, flat

EXCEL_CELL: Final = 32_767
EXCEL_ROWS: Final = 1_048_576
# Rows that are held back at the head of a sheet, to fit its columns to what they hold.
_LOOKED_AT: Final = 100
_NARROW, _WIDE = 6, 60
_EXACT: Final = 2**53  # Excel's numbers are doubles
_MEANT: Final = ("=", "#")  # =… would be a formula and #N/A an error
_FIRST_YEAR: Final = 1901  # its calendar begins in 1900, with a day that never was
# What XML cannot hold, and marks that turn the order of what is read (UAX 9).
_ILLEGAL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A sheet that is known before any row is written: a part of the dictionary."""

    title: str
    headings: Sequence[Heading]
    rows: Sequence[Row]


class XlsxWriter:
    """A workbook. A cell holds 32,767 characters and a sheet 1,048,576 rows: longer text is cut
    with a warning, more rows go to a further sheet. by: a column each value of which has sheets of
    its own. pages: sheets behind those of the rows. typed: a row with the types that its cells
    have, where these differ from row to row.
    """

    def __init__(
        self,
        path: Path,
        headings: Sequence[Heading],
        title: str,
        *,
        by: str | None = None,
        pages: Sequence[Page] = (),
        typed: Callable[[Row], Row] = lambda row: row,
    ) -> None:
        # Imported here: it takes 0.2 s, and only this format needs it.
        from openpyxl import Workbook  # noqa: PLC0415

        self._path, self._title, self._pages = path, title, pages
        self._headings, self._typed = headings, typed
        names = [heading.name for heading in headings]
        self._by = None if by is None else names.index(by)
        self._book = Workbook(write_only=True)
        self._cells = _Cells()
        self._sheets: dict[str, _Sheet] = {}  # that are written to, by the title without a number

    def write(self, row: Row) -> None:
        """Adds a row, its values in the order of the headings."""
        title = self._title
        if self._by is not None:
            title = f"{title} {row[self._by] or 'prose'}"
        sheet = self._sheets.get(title)
        if sheet is None or sheet.rows >= EXCEL_ROWS:
            sheet = self._sheets[title] = self._sheet(title, sheet)
        sheet.write(self._typed(row))

    def write_columns(self, columns: Columns) -> None:
        """Adds some rows, of which every heading has a column."""
        for row in zip(*columns, strict=True):
            self.write(row)

    def close(self) -> None:
        """Writes the workbook."""
        if not self._sheets:
            self._sheets[self._title] = self._sheet(self._title, None)
        in_order = sorted(self._book.worksheets, key=lambda sheet: _in_order(sheet.title))
        for place, sheet in enumerate(in_order):
            self._book.move_sheet(sheet.title, place - self._book.worksheets.index(sheet))
        for page in self._pages:
            added = _Sheet(self._book, page.title, page.headings, self._cells)
            for row in page.rows:
                added.write(row)
            added.end()
        for last in self._sheets.values():
            last.end()
        self._book.save(self._path)

    def drop(self) -> None:
        """Ends the sheets, whose rows wait in temporary files."""
        for sheet in self._book.worksheets:
            sheet.close()

    def warnings(self) -> list[str]:
        """Which cells were cut, and how many characters Excel cannot hold."""
        return self._cells.warnings()

    def _sheet(self, title: str, full: "_Sheet | None") -> "_Sheet":
        number = 1
        if full is not None:
            full.end()
            number = full.number + 1
        named = title if number == 1 else f"{title} {number}"
        return _Sheet(self._book, named, self._headings, self._cells, number)


class _Sheet:
    """One sheet; its first rows wait until its columns are fitted to them."""

    def __init__(
        self, book: Any, title: str, headings: Sequence[Heading], cells: "_Cells", number: int = 1
    ) -> None:
        self.number, self.rows = number, 1
        self._headings, self._cells = headings, cells
        self._sheet = book.create_sheet(title)
        self._waiting: list[Row] | None = []

    def write(self, row: Row) -> None:
        """Adds a row."""
        self.rows += 1
        if self._waiting is None:
            self._append(row, self.rows)
            return
        self._waiting.append(row)
        if len(self._waiting) >= _LOOKED_AT:
            self._begin()

    def end(self) -> None:
        """Writes what waits, and the filter over all rows."""
        self._begin()
        self._sheet.auto_filter.ref = f"A1:{_letters(len(self._headings))}{self.rows}"

    def _begin(self) -> None:
        if self._waiting is None:
            return
        waiting, self._waiting = self._waiting, None
        self._sheet.freeze_panes = "A2"
        for place, heading in enumerate(self._headings):
            longest = max((_room(row[place]) for row in waiting), default=0)
            fitted = min(max(longest, _width(heading.name) + 3, _NARROW), _WIDE)
            self._sheet.column_dimensions[_letters(place + 1)].width = fitted + 1
        self._sheet.append([self._cells.head(self._sheet, each.name) for each in self._headings])
        for number, row in enumerate(waiting, 2):
            self._append(row, number)

    def _append(self, row: Row, number: int) -> None:
        self._sheet.append(
            [
                self._cells.cell(self._sheet, value, number, heading)
                for heading, value in zip(self._headings, row, strict=True)
            ]
        )


class _Cells:
    """Makes cells, and counts what they could not hold."""

    def __init__(self) -> None:
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - see XlsxWriter
        from openpyxl.styles import Font  # noqa: PLC0415 - see XlsxWriter

        self._cell, self._bold = WriteOnlyCell, Font(bold=True)
        self._cut: list[str] = []
        self._cut_count = self._illegal_count = 0

    def head(self, sheet: Any, text: str) -> object:
        """A cell of the first row."""
        cell = self._as_text(sheet, self._text(sheet, text, 1, text))
        cell.font = self._bold
        return cell

    def cell(self, sheet: Any, given: Value, row: int, heading: Heading) -> object:
        """A value as openpyxl takes it. row, heading: where it stands."""
        value = flat(given)
        if heading.shape is Shape.DATE:
            value = day(given) or value
        if isinstance(value, datetime):
            value = value.astimezone(UTC).replace(tzinfo=None)
        if isinstance(value, date):
            value = value if value.year >= _FIRST_YEAR else str(value)
        elif isinstance(value, (int, float)) and not abs(value) <= _EXACT:
            value = str(given)  # infinite, too, and what is no number
        if not isinstance(value, str):
            return value
        text = self._text(sheet, value, row, heading.name)
        # A cell of its own costs as much as all the rest; openpyxl has two more meanings for texts.
        return self._as_text(sheet, text) if text.startswith(_MEANT) else text

    def _text(self, sheet: Any, value: str, row: int, head: str) -> str:
        text = _ILLEGAL.sub("\ufffd", value)
        self._illegal_count += text != value
        fitted = _fitted(text)
        if fitted is not text:
            self._cut_count += 1
            if len(self._cut) < 5:
                self._cut.append(f"{sheet.title} row {row} {head}")
        return fitted

    def _as_text(self, sheet: Any, text: str) -> Any:
        cell = self._cell(sheet, text)
        cell.data_type = "s"
        return cell

    def warnings(self) -> list[str]:
        """One line for each thing that cells could not hold."""
        notes = []
        if self._cut_count:
            where = ", ".join(self._cut) + (", …" if self._cut_count > len(self._cut) else "")
            notes.append(
                f"{self._cut_count} cells are longer than Excel's {EXCEL_CELL:,} characters and "
                f"were cut ({where}); .parquet and .jsonl hold the whole text"
            )
        if self._illegal_count:
            notes.append(
                f"{self._illegal_count} cells had control characters that Excel cannot hold; "
                "they stand as U+FFFD"
            )
        return notes


def _fitted(text: str) -> str:
    """As much of a text as a cell holds: Excel counts in UTF-16 units."""
    if len(text) * 2 <= EXCEL_CELL:
        return text
    units = text.encode("utf-16-le", "replace")
    if len(units) <= EXCEL_CELL * 2:
        return text
    return units[: EXCEL_CELL * 2].decode("utf-16-le", "ignore")


def _width(text: str) -> int:
    """How wide a text is shown, in digits: Chinese characters take two."""
    return sum(2 if each > "\u2e7f" else 1 for each in text)


def _room(value: object) -> int:
    """How many characters wide a value is shown."""
    if isinstance(value, datetime):
        return len("2026-11-30 08:00:00")
    if isinstance(value, str):
        return _width(value[:_WIDE])
    return len(str(value)) if isinstance(value, (int, float, Decimal, date)) else 0


def _letters(number: int) -> str:
    """The name of a column.

    >>> _letters(1), _letters(28)
    ('A', 'AB')
    """
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - see XlsxWriter

    return str(get_column_letter(number))


def _in_order(title: str) -> tuple[str, int]:
    """What sheets are sorted by: f21 10 stands behind f21 9."""
    name, _, number = title.rpartition(" ")
    return (name, int(number)) if name and number.isdecimal() else (title, 1)
