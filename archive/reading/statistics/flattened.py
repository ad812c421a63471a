"""Tables that lost their mark-up: one cell a line, or a row a line with tabs, bars or blanks.

A value that is not there gives no cell: it is absent, not zero.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from archive.reading.statistics.labels import MAX_LABEL
from archive.reading.statistics.rows import PrintedCell, PrintedRow
from archive.reading.values.numbers import is_unit, is_value

_BARS = re.compile(r"(?:(?<!\s)\s+)?[|｜]\s*|\t")
_NOTE = re.compile(r"[(（][^()（）]{4,80}[)）]?$")
_UNIT = r"[(（]?(?:万元|人次|[条件次篇个人项元份])[)）]?"
# Blanks are single when this is applied, and a number cannot begin inside another: no part of the
# pattern can match the same text twice over.
_ROW_ON_A_LINE = re.compile(
    rf"\A(?P<label>\S.{{0,150}}?) ?[:：]? ?(?P<unit>{_UNIT})? ?[:：]? ?"
    r"(?P<values>(?:(?<![\d０-９.,，．])[-+－＋]?[\d０-９][\d０-９,，.．]* ?)+)"
    r"(?P<behind>万元|人次|[条件次篇个人项元份])?"
)
_ROW_END = re.compile(r"[\d０-９条件次篇个人项元份]$")
_BAR_BESIDE_TEXT = re.compile(r"^[^|｜\s][^|｜]{0,160}[|｜]$|^[|｜][^|｜]{0,160}[^|｜\s]$")
_BLANK_CELL = "|"
_MAX_LINE = 400
_WINDOW = 20
_HEAD = 12


def line_rows(
    lines: Sequence[str], known: Callable[[str], bool], first: int = 1
) -> Iterator[PrintedRow]:
    """Rows of tables in plain lines. known: says whether a text is a label of the form.

    first: the number of the first line, as `where` shall print it.

    A run of single cells is cut into rows at every text that is neither a value nor a unit.
    """
    pending = _Pending(known)
    for number, line in enumerate(_bars_resolved(lines), first):
        if line == _BLANK_CELL:
            pending.blank(number)
            continue
        cells = _split_row(line, known) if len(line) <= _MAX_LINE else []
        if len(cells) == 1 and cells[0].strip():
            yield from pending.take(cells[0].strip(), number)
        elif len(cells) > 1 or not cells:
            yield from pending.done()
            if cells:
                yield _row([(cell.strip(" "), number) for cell in cells])
    yield from pending.done()


def _bars_resolved(lines: Sequence[str]) -> Iterator[str]:
    """Lines in which a bar alone on its line was read for what it is.

    Where cells end (or begin) with a bar, a bar alone is a blank cell and several are filling.
    Where bars stand only on lines of their own they separate cells: two in a row hold a blank one.
    """
    beside_text = any(_BAR_BESIDE_TEXT.search(line) for line in lines)
    after_bar = False
    for line in lines:
        bare = line.strip()
        alone = bool(bare) and not bare.strip("|｜ ")
        if alone and len(bare) == 1 and (beside_text or after_bar):
            yield _BLANK_CELL
        else:
            yield "" if alone else line
        after_bar = alone if bare else after_bar


def dense_part(lines: Sequence[str], known: Callable[[str], bool]) -> tuple[int, int]:
    """Where the table stands in the lines: from the first to behind the last label of a dense run.

    Single lines of prose that happen to read like a label are no table. (0, 0): no table.
    """
    spots = [number for number, line in enumerate(lines) if _has_label(line, known)]
    windows = zip(spots, spots[1:], spots[2:], strict=False)
    dense = [spot for three in windows if three[2] - three[0] <= _WINDOW for spot in three]
    if not dense:
        return 0, 0
    return _with_heads(lines, dense[0]), min(dense[-1] + 2 * _WINDOW, len(lines))


def _with_heads(lines: Sequence[str], begin: int) -> int:
    """The heads of the columns stand before the first label, one a line."""
    first = begin
    while first > max(begin - _WINDOW, 0):
        line = lines[first - 1].strip()
        is_row = _BARS.search(line) is not None and len(line) <= MAX_LABEL
        if (len(line) > _HEAD and not is_row) or (line and is_value(line)):
            break
        first -= 1
    return first


def _has_label(line: str, known: Callable[[str], bool]) -> bool:
    if len(line) > _MAX_LINE:
        return False
    return any(known(cell) for cell in _split_row(line, known) if cell.strip())


def _cells_on(line: str) -> list[str]:
    """The cells of a line; a bar at either end only closes the row."""
    cells = _BARS.split(line)
    if len(cells) > 1 and not cells[-1].strip() and line.rstrip()[-1:] in ("|", "｜"):
        cells.pop()
    if len(cells) == 2 and not cells[0].strip() and line.lstrip()[:1] in ("|", "｜"):
        cells.pop(0)
    return cells


def _split_row(line: str, known: Callable[[str], bool]) -> list[str]:
    """A whole row on one line ("1．当面申请数 件 0"), taken apart when its label is known."""
    cells = _cells_on(line)
    text = " ".join(cells[0].split())
    if len(cells) > 1 or len(text) > MAX_LABEL or known(text) or _ROW_END.search(text) is None:
        return cells
    found = _ROW_ON_A_LINE.fullmatch(text)
    if found is None or not known(found["label"]):
        return cells
    unit = found["unit"] or found["behind"]
    return [found["label"], *([unit] if unit else []), *found["values"].split()]


class _Pending:
    """The row that single-cell lines are building up."""

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known
        self._cells: list[tuple[str, int]] = []

    def take(self, text: str, line: int) -> Iterator[PrintedRow]:
        if is_value(text) or is_unit(text):
            self._cells.append((text, line))
        elif self._continues(text):
            label, first = self._cells[-1]
            self._cells[-1] = (label + text, first)
        else:
            yield from self.done()
            self._cells.append((text, line))

    def blank(self, line: int) -> None:
        """A cell that is there and empty; before any label it means nothing."""
        if self._cells:
            self._cells.append(("", line))

    def _continues(self, text: str) -> bool:
        """A remark in brackets, or the rest of a label that was broken over two lines."""
        if len(self._cells) != 1:
            return False
        label = self._cells[0][0]
        if _NOTE.match(text) and not self._known(text):
            return True
        return not self._known(label) and not self._known(text) and self._known(label + text)

    def done(self) -> Iterator[PrintedRow]:
        if self._cells:
            yield _row(self._cells)
        self._cells = []


def _row(cells: Sequence[tuple[str, int]]) -> PrintedRow:
    return PrintedRow(
        table=-1,
        cells=tuple(
            PrintedCell(text=text, where=f"line {line}", column=place, colspan=1, fresh=True)
            for place, (text, line) in enumerate(cells)
        ),
    )
