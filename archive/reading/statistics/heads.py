"""The head of a list table: which columns hold labels, units, codes and values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.codebook.forms import form
from archive.reading.statistics.rows import PrintedCell, PrintedRow
from archive.reading.values.numbers import parse_number

_LABELS = frozenset({"统计指标", "指标名称", "指标", "项目", "统计项目", "统计内容"})
_UNITS = frozenset({"单位", "计量单位"})
_OTHERS = frozenset({"代码", "序号", "备注", "说明", "编号"})
_VALUES = frozenset({"统计数", "统计数据", "统计数量", "统计数字", "数量", "数值", "数据", "合计"})
_MARKS = frozenset({"甲", "乙"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueHead:
    """A column behind label and unit. suffix: what it adds to a row's key ("" nothing, None: the
    codebook does not know the column); is_value False: codes and remarks.
    """

    column: int
    text: str
    suffix: str | None
    is_value: bool

    @staticmethod
    def only() -> "ValueHead":
        """The head of a value column that has none printed, where there is just one."""
        return ValueHead(column=-1, text="", suffix="", is_value=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """The columns behind the label of one panel, in order; label: the label's column."""

    label: int
    columns: tuple[ValueHead, ...]


class ListHeads:
    """The heads met last; a table may have several label columns (panels) side by side."""

    def __init__(self, name: str, known: Callable[[str], bool]) -> None:
        self._form = form(name)
        self._known = known
        self._panels: tuple[Heads, ...] = ()
        self._spelled: list[PrintedCell] = []

    def take(self, row: PrintedRow) -> bool:
        """Whether the row is a head (or the line of column marks 甲 乙 1 2 below it)."""
        if row.table < 0 and len(row.cells) == 1:
            return self._take_spelled(row.cells[0])
        words = {_word(cell) for cell in row.cells}
        if words & _LABELS and words & (_UNITS | _VALUES | _OTHERS | {"本年度"}):
            self._panels = self._panels_of(row.cells)
            return True
        return words >= _MARKS

    def of(self, panel: int) -> Heads:
        """The heads of a panel; without columns where no head was printed."""
        if panel < len(self._panels):
            return self._panels[panel]
        return Heads(label=0, columns=())

    def panels(self, row: PrintedRow) -> list[list[PrintedCell]]:
        """The row cut into its panels: at the label columns of the head, else behind values."""
        if row.table < 0 or len(self._panels) < 2:
            return _cut_behind_values(row.cells) if not self._panels else [list(row.cells)]
        starts = [0, *(panel.label for panel in self._panels[1:]), 10**9]
        return [
            [cell for cell in row.cells if start <= cell.column < end]
            for start, end in pairwise(starts)
        ]

    def _take_spelled(self, cell: PrintedCell) -> bool:
        """Heads that stand one a line: they go on until a text is no head."""
        word = _word(cell)
        if word in _LABELS:
            self._spelled = []
        elif not self._spelled or self._known(cell.text) or not self._is_head(word):
            self._spelled = []
            return False
        place = len(self._spelled)
        self._spelled.append(
            PrintedCell(text=cell.text, where=cell.where, column=place, colspan=1, fresh=True)
        )
        self._panels = self._panels_of(self._spelled)
        return True

    def _is_head(self, word: str) -> bool:
        return word in _UNITS | _OTHERS | _VALUES or bool(self._suffix(word) is not None)

    def _panels_of(self, cells: Sequence[PrintedCell]) -> tuple[Heads, ...]:
        starts = [place for place, cell in enumerate(cells) if _word(cell) in _LABELS]
        ends = [*starts[1:], len(cells)]
        return tuple(
            Heads(label=cells[start].column, columns=self._columns(cells[start + 1 : end]))
            for start, end in zip(starts, ends, strict=True)
        )

    def _columns(self, cells: Sequence[PrintedCell]) -> tuple[ValueHead, ...]:
        named = [cell for cell in cells if _word(cell) and _word(cell) not in _UNITS]
        values = [cell for cell in named if _word(cell) not in _OTHERS]
        found: list[ValueHead] = []
        for cell in named:
            suffix = "" if len(values) == 1 else self._suffix(_word(cell))
            if any(head.is_value and head.suffix == suffix for head in found):
                suffix = None
            found.append(
                ValueHead(
                    column=cell.column, text=cell.text, suffix=suffix, is_value=cell in values
                )
            )
        return tuple(found)

    def _suffix(self, head: str) -> str | None:
        for column in self._form.value_columns:
            if head in column.heads or (head.endswith("年度") and "年度" in column.heads):
                return column.suffix
        return "" if head in _VALUES else None


def _word(cell: PrintedCell) -> str:
    return "".join(cell.text.split())


def _cut_behind_values(cells: Sequence[PrintedCell]) -> list[list[PrintedCell]]:
    """Without a head: a label behind a value begins a new panel."""
    panels: list[list[PrintedCell]] = [[]]
    seen = False
    for cell in cells:
        if cell.is_label and seen:
            panels.append([])
            seen = False
        elif not cell.is_label and parse_number(cell.text)[0] is not None:
            seen = any(before.is_label for before in panels[-1])
        panels[-1].append(cell)
    return panels
