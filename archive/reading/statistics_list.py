"""Tables with one indicator a row: label, unit, value (f14), or several value columns (f08)."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.codebook.forms import Row, ValueColumn, form
from archive.reading.numbers import is_unit, is_value, parse_number, unit_of
from archive.reading.statistics_collect import Notes
from archive.reading.statistics_labels import MAX_LABEL, Labels, core
from archive.reading.statistics_rows import PrintedCell, PrintedRow

_LABEL_HEADS = frozenset({"统计指标", "指标名称", "指标", "项目", "统计项目", "内容"})
_UNIT_HEADS = frozenset({"单位", "计量单位"})
_OTHER_HEADS = frozenset({"代码", "序号", "备注", "说明", "甲", "乙", "丙"})
_VALUE_HEADS = frozenset({"统计数", "数量", "数值", "数据", "统计数据", "数"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A value column of the table: where it stands, and what its head adds to the row's key.

    suffix None: a column that the codebook does not know.
    """

    column: int
    suffix: str | None
    text: str


class ListReader:
    """Reads rows of f14 and f08 tables; `notes` fills while rows are taken."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.labels = Labels(notes.form, "")
        self._form = form(notes.form)
        self._heads: tuple[_Head, ...] = ()
        self._table = -1

    def take(self, row: PrintedRow) -> None:
        """Read one row of a table."""
        if row.table != self._table:
            # A table that goes on in the next <table> keeps its columns; a new head replaces them.
            self._table = row.table
        if self._take_heads(row):
            return
        for panel, cells in enumerate(_panels(row.cells)):
            self._take_panel(panel, cells)

    def _take_heads(self, row: PrintedRow) -> bool:
        """Whether the row is the table's head (or the line of column marks 甲 乙 1 2 below it)."""
        words = {"".join(cell.text.split()) for cell in row.cells}
        named = len(words & _LABEL_HEADS) + len(words & _UNIT_HEADS) + len(words & _VALUE_HEADS)
        if named < 2 and not {"甲", "乙"} <= words and not words <= _LABEL_HEADS | _UNIT_HEADS:
            return False
        if named >= 2:
            heads = [cell for cell in row.cells if _is_value_head(cell.text)]
            self._heads = tuple(
                _Head(column=c.column, suffix=self._suffix(c.text), text=c.text) for c in heads
            )
        return True

    def _suffix(self, head: str) -> str | None:
        for column in self._form.value_columns:
            if _names(column, head):
                return column.suffix
        return "" if not self._form.value_columns else None

    def _take_panel(self, panel: int, cells: Sequence[PrintedCell]) -> None:
        texts = [cell for cell in cells if cell.is_label]
        if not texts or not texts[-1].fresh or len(texts[-1].text) > MAX_LABEL:
            return
        label = texts[-1]
        behind = [c for c in cells if c.fresh and c.column > label.column]
        found = self.labels.match(label.text, [cell.text for cell in texts[:-1]], panel)
        units = [cell for cell in behind if is_unit(cell.text)]
        values = self._values(behind)
        if found.row is None:
            self._unknown(label.text, values, units, found.doubt)
            return
        if found.doubt is not None:
            self.notes.doubt("misprinted_label", f"{label.text} — {found.doubt}")
        self._known(found.row, label.text, values, units)

    def _values(self, behind: Sequence[PrintedCell]) -> list[tuple[PrintedCell, str | None]]:
        """The value cells of a row with the suffix of their column, in order."""
        if len(self._heads) > 1:
            by_column = {cell.column: cell for cell in behind}
            placed = [(by_column[h.column], h.suffix) for h in self._heads if h.column in by_column]
            if len(placed) == len(self._heads):
                return placed
        rest = [cell for cell in behind if unit_of(cell.text) is None]
        given = [cell for cell in rest if parse_number(cell.text)[0] is not None]
        if len(self._heads) > 1:
            suffixes = [head.suffix for head in self._heads]
            return list(zip(rest[-len(suffixes) :], suffixes, strict=False)) if rest else []
        if len(given) > 1:
            # A number beside the value: the code of the row (定西) or an unknown column.
            head = self._heads[0].column if self._heads else given[-1].column
            given = [cell for cell in given if cell.column == head] or given[-1:]
        chosen = given or _not_dashes_for_unit(rest)[-1:]
        return [(cell, "") for cell in chosen]

    def _known(
        self,
        row: Row,
        label: str,
        values: list[tuple[PrintedCell, str | None]],
        units: Sequence[PrintedCell],
    ) -> None:
        if row.group:
            values = [pair for pair in values if parse_number(pair[0].text)[0] is not None]
            if values:
                self.notes.doubt("group_value", label)
        elif not values:
            self.notes.doubt("absent_value", label)
        for cell, suffix in values:
            key = None if suffix is None else ".".join(part for part in (row.key, suffix) if part)
            self.notes.figure(cell, key=key, label=label, unit=_unit(units), usual_unit=row.unit)

    def _unknown(
        self,
        label: str,
        values: list[tuple[PrintedCell, str | None]],
        units: Sequence[PrintedCell],
        doubt: str | None,
    ) -> None:
        if not any(cell.text.strip() for cell, _ in values) or not core(label):
            return
        if all(not is_value(cell.text) for cell, _ in values):
            return
        rule = "unknown_rows" if doubt is None else "ambiguous_label"
        self.notes.doubt("duplicate_row" if doubt == "printed twice" else rule, label)
        for cell, _ in values:
            self.notes.figure(cell, key=None, label=label, unit=_unit(units))


def _names(column: ValueColumn, head: str) -> bool:
    text = "".join(head.split())
    return text in column.heads or (text.endswith("年度") and "年度" in column.heads)


def _is_value_head(text: str) -> bool:
    word = "".join(text.split())
    return bool(word) and word not in _LABEL_HEADS | _UNIT_HEADS | _OTHER_HEADS


def _unit(cells: Sequence[PrintedCell]) -> str | None:
    return next((unit for cell in cells if (unit := unit_of(cell.text)) is not None), None)


def _not_dashes_for_unit(cells: list[PrintedCell]) -> list[PrintedCell]:
    """Of two cells behind a label the first is the unit, also when it is blank or ——."""
    return cells[1:] if len(cells) > 1 else cells


def _panels(cells: Sequence[PrintedCell]) -> list[list[PrintedCell]]:
    """Label–unit–value groups side by side: a label behind a value begins a new group."""
    panels: list[list[PrintedCell]] = [[]]
    seen_value = False
    for cell in cells:
        if cell.is_label and seen_value:
            panels.append([])
            seen_value = False
        elif not cell.is_label and panels[-1] and parse_number(cell.text)[0] is not None:
            seen_value = any(before.is_label for before in panels[-1])
        panels[-1].append(cell)
    return panels
