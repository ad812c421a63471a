"""Tables with one indicator a row: label, unit, value (f14), or several value columns (f08)."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.codebook.forms import Row
from archive.reading.statistics.heads import Heads, ListHeads, ValueHead
from archive.reading.statistics.labels import MAX_LABEL, Labels, core
from archive.reading.statistics.notes import Notes
from archive.reading.statistics.rows import PrintedCell, PrintedRow
from archive.reading.values.numbers import is_unit, is_value, parse_number, unit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """A value cell with what its column adds to the row's key; head None: columns are not known."""

    cell: PrintedCell
    head: ValueHead | None


class ListReader:
    """Reads rows of f14 and f08 tables; `notes` fills while rows are taken."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.labels = Labels(notes.form, "")
        self._heads = ListHeads(notes.form, self.labels.knows)

    def take(self, row: PrintedRow) -> None:
        """Read one row of a table. A table that goes on in the next one keeps its heads."""
        if self._heads.take(row):
            return
        for panel, cells in enumerate(self._heads.panels(row)):
            self._take_panel(panel, cells, in_table=row.table >= 0)

    def _take_panel(self, panel: int, cells: Sequence[PrintedCell], *, in_table: bool) -> None:
        texts = _labels_in(cells)
        if not texts or not texts[-1].fresh or len(texts[-1].text) > MAX_LABEL:
            return
        label = texts[-1].text
        behind = [c for c in cells if c.fresh and c.column > texts[-1].column]
        if not behind and core(label) == "":
            return
        found = self.labels.match(label, [cell.text for cell in texts[:-1]], panel)
        heads = self._heads.of(panel)
        values = _values(behind, heads, in_table=in_table)
        units = [cell for cell in behind if is_unit(cell.text)]
        if found.row is None:
            self._unknown(label, values, units, found.doubt)
            return
        if found.doubt is not None:
            self.notes.doubt("misprinted_label", f"{label} — {found.doubt}")
        self._known(found.row, label, values, units)

    def _known(
        self, row: Row, label: str, values: Sequence[_Value], units: Sequence[PrintedCell]
    ) -> None:
        if row.group:
            values = [value for value in values if parse_number(value.cell.text)[0] is not None]
            if values:
                self.notes.doubt("group_value", label)
        elif not values:
            self.notes.doubt("absent_value", label)
        if any(value.head is None for value in values):
            self.notes.unplaced([value.cell for value in values], label)
            return
        for value in values:
            self._figure(value, row, label, units)

    def _figure(
        self, value: _Value, row: Row | None, label: str, units: Sequence[PrintedCell]
    ) -> None:
        suffix = None if value.head is None else value.head.suffix
        key = None
        if row is not None and suffix is not None:
            key = f"{row.key}.{suffix}" if suffix else row.key
        head = value.head.text if value.head is not None and suffix is None else ""
        self.notes.figure(
            value.cell,
            key=key,
            label=f"{label}/{head}" if head else label,
            unit=next((unit for cell in units if (unit := unit_of(cell.text))), None),
            usual_unit=None if row is None else row.unit,
        )

    def _unknown(
        self,
        label: str,
        values: Sequence[_Value],
        units: Sequence[PrintedCell],
        doubt: str | None,
    ) -> None:
        filled = [v for v in values if v.cell.text.strip() and is_value(v.cell.text)]
        if not filled or not core(label):
            return
        rule = "unknown_rows" if doubt is None else "ambiguous_label"
        self.notes.doubt("duplicate_row" if doubt == "printed twice" else rule, label)
        for value in values:
            self._figure(value, None, label, units)


def _values(behind: Sequence[PrintedCell], heads: Heads, *, in_table: bool) -> list[_Value]:
    """The value cells of a row, each with the head of its column."""
    if heads.columns and in_table:
        by_column = {cell.column: cell for cell in behind}
        values = [head for head in heads.columns if head.is_value]
        if all(head.column in by_column for head in values):
            return [_Value(cell=by_column[head.column], head=head) for head in values]
    rest = _without_unit(behind, len(heads.columns) or 1)
    if heads.columns and len(rest) == len(heads.columns):
        pairs = zip(rest, heads.columns, strict=True)
        return [_Value(cell=cell, head=head) for cell, head in pairs if head.is_value]
    single = next((head for head in heads.columns if head.is_value), ValueHead.only())
    if sum(head.is_value for head in heads.columns) <= 1:
        given = [cell for cell in rest if parse_number(cell.text)[0] is not None]
        chosen = given or rest[-1:]
        if len(chosen) <= 1:
            return [_Value(cell=cell, head=single) for cell in chosen]
    return [_Value(cell=cell, head=None) for cell in rest]


def _without_unit(behind: Sequence[PrintedCell], wanted: int) -> list[PrintedCell]:
    """Cells behind the label without units; a blank or —— too many in front is a unit too."""
    rest = [cell for cell in behind if unit_of(cell.text) is None]
    has_unit = len(rest) < len(behind)
    if not has_unit and len(rest) > wanted and parse_number(rest[0].text)[0] is None:
        return rest[1:]
    return rest


def _labels_in(cells: Sequence[PrintedCell]) -> list[PrintedCell]:
    """The label cells of a row: texts before the first unit or value, behind a serial number."""
    labels: list[PrintedCell] = []
    for cell in cells:
        if cell.is_label:
            labels.append(cell)
        elif labels and (cell.text.strip() or is_unit(cell.text)):
            break
    return labels
