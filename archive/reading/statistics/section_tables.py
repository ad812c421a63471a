"""The three tables of f19 and f21: section 2 (主动公开), 3 (依申请公开), 4 (复议、诉讼)."""

import re
from collections.abc import Sequence

from archive.codebook.forms import Row, form
from archive.reading.statistics.labels import MAX_LABEL, Labels, Match, core
from archive.reading.statistics.notes import Notes
from archive.reading.statistics.rows import PrintedCell, PrintedRow
from archive.reading.statistics.section_four import OutcomeHeads
from archive.reading.values.numbers import is_value

_S2_HEAD = frozenset({"信息内容"})
_S3_HEAD = ("申请人情况", "勾稽关系", "法人或其他组织")
_S4_CELLS = 15
_HAN = re.compile(r"[\u4e00-\u9fff]")


class SectionReader:
    """Reads rows of the three tables; `notes` fills while rows are taken.

    Which table a row belongs to is told by its label, for rows without a known label by the head
    met last: sites put the three tables into one, or one table into two.
    """

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self._form = form(notes.form)
        self._s2 = Labels(notes.form, "s2")
        self._s3 = Labels(notes.form, "s3")
        self._applicants = [column.key for column in self._form.applicants]
        self._applicant_labels = {core(column.label) for column in self._form.applicants}
        self._outcomes = {
            core(self._form.column(key).label): key for key in self._s4_rows()[0].cells
        }
        self._column_words = self._applicant_labels | self._outcomes.keys()
        self._part = ""
        self._heads: list[str] = []
        self._columns: dict[int, str] = {}
        self._table = -1
        self._s4_blocks = {
            core(label): row
            for row in self._s4_rows()
            for label in (row.label, *(alias.label for alias in row.aliases))
        }
        self._s4_heads = OutcomeHeads(self._s4_blocks, self._outcomes)
        self._s4_named: list[Row] = []
        self._s4_done: set[str] = set()

    def knows(self, label: str) -> bool:
        """Whether a text is spelled like a row's label of section 2 or 3, or heads section 4."""
        return self._s2.knows(label) or self._s3.knows(label) or core(label) in self._outcomes

    def take(self, row: PrintedRow) -> None:
        """Read one row of a table."""
        if row.table != self._table:
            self._table = row.table
            self._columns = {}
            self._s4_heads = OutcomeHeads(self._s4_blocks, self._outcomes)
        if self._take_head(row):
            return
        texts = _labels_in(row.cells)
        fresh = [cell for cell in row.cells if cell.fresh]
        s4_cells = self._s4_cells(row.cells) if self._part == "s4" else 0
        if s4_cells:
            self._take_s4(fresh[-s4_cells:])
        elif texts and texts[-1].fresh and len(texts[-1].text) <= MAX_LABEL:
            self._take_labelled(row, texts)
        elif any(cell.text.strip() and is_value(cell.text) for cell in fresh):
            self._take_unlabelled(fresh)

    def _take_head(self, row: PrintedRow) -> bool:
        if any(cell.text.strip() and is_value(cell.text) for cell in row.cells):
            return False
        words = [core(cell.text) for cell in row.cells]
        if len(words) == 1 and self._part != "s2" and words[0] in self._column_words:
            return True
        if _S2_HEAD & set(words):
            self._part = "s2"
            self._heads = [cell.text for cell in row.cells if core(cell.text) not in _S2_HEAD]
            return True
        return self._take_s3_head(row, words) or self._take_s4_head(row, words)

    def _take_s3_head(self, row: PrintedRow, words: list[str]) -> bool:
        met = self._applicant_labels & set(words)
        if not any(mark in row.text for mark in _S3_HEAD) and len(met - {"总计", "其他"}) < 1:
            return False
        self._part = "s3"
        for cell, word in zip(row.cells, words, strict=True):
            if word in self._applicant_labels:
                self._columns[cell.column] = word
        return True

    def _take_s4_head(self, row: PrintedRow, words: list[str]) -> bool:
        blocks = [self._s4_blocks[word] for word in words if word in self._s4_blocks]
        told = {*words} & (self._outcomes.keys() - {"总计"})
        if not blocks and "行政诉讼" not in words and not told:
            return False
        self._part = "s4"
        self._s4_heads.take(row.cells)
        self._s4_named += [row for row in blocks if row not in self._s4_named]
        return True

    def _s4_cells(self, cells: Sequence[PrintedCell]) -> int:
        """How many of the values at the end of a row are section 4; 0 when it is none of it. Values
        before these are of a block whose head is not known: then the last ones may be another's.
        """
        found = _values_at_end(cells)
        if found == _S4_CELLS:
            return found
        named = sum(len(row.cells) for row in self._s4_named)
        before = cells[: len(cells) - found]
        others = any(cell.fresh and cell.text.strip() and is_value(cell.text) for cell in before)
        return found if found == named and not others else 0

    def _take_labelled(self, row: PrintedRow, texts: Sequence[PrintedCell]) -> None:
        part, found = self._find(texts)
        label = texts[-1]
        cells = [c for c in row.cells if c.fresh and c.column > label.column]
        if found.row is not None and found.doubt is not None:
            self.notes.doubt("misprinted_label", f"{label.text} — {found.doubt}")
        if found.row is None:
            self._take_unknown(label.text, cells, found.doubt)
        elif part == "s2":
            self._part = part
            self._take_s2(found.row, label.text, cells)
        else:
            self._part = part
            self._take_s3(found.row, label.text, cells)

    def _find(self, texts: Sequence[PrintedCell]) -> tuple[str, Match]:
        """Which table and row the label of a row, the last of its label cells, belongs to."""
        label, above = texts[-1].text, [text.text for text in texts[:-1]]
        if self._s2.knows(label) and self._part != "s3":
            return "s2", self._s2.match(label)
        if self._s3.knows(label) or self._part != "s2":
            return "s3", self._s3.match(label, above)
        return "s2", self._s2.match(label)

    def _take_s2(self, row: Row, label: str, cells: Sequence[PrintedCell]) -> None:
        if row.group or not cells:
            if not row.group:
                self.notes.doubt("absent_value", label)
            return
        chosen = _chosen(cells, len(row.cells))
        if chosen is None:
            self.notes.unplaced(cells, label)
            return
        for key, cell in zip(row.cells, chosen, strict=True):
            column = self._form.column(key)
            self.notes.figure(
                cell,
                key=f"{row.key}.{key}",
                label=f"{label}/{column.label}",
                usual_unit=column.unit,
            )

    def _take_s3(self, row: Row, label: str, cells: Sequence[PrintedCell]) -> None:
        if row.group:
            self.notes.unplaced([c for c in cells if is_value(c.text)], label)
            return
        if not any(is_value(cell.text) for cell in cells):
            if not row.optional:
                self.notes.doubt("absent_value", label)
            return
        placed = self._placed(cells)
        for applicant, cell in placed.items():
            self.notes.figure(
                cell, key=row.key, label=label, applicant=applicant, usual_unit=row.unit
            )
        taken = {cell.column for cell in placed.values()}
        if len(placed) < len(self._applicants):
            self.notes.unplaced([c for c in cells if c.column not in taken], label)

    def _placed(self, cells: Sequence[PrintedCell]) -> dict[str, PrintedCell]:
        """Which cell belongs to which applicant: seven in order, else as the head stands above."""
        wanted = len(self._applicants)
        for seven in (cells, _without_fillers(cells, wanted)):
            if len(seven) == wanted:
                return dict(zip(self._applicants, seven, strict=True))
        return self._by_column(cells)

    def _by_column(self, cells: Sequence[PrintedCell]) -> dict[str, PrintedCell]:
        keys = {core(column.label): column.key for column in self._form.applicants}
        if len(self._columns) != len(keys) or self._table < 0:
            return {}
        return {
            keys[self._columns[cell.column]]: cell
            for cell in cells
            if cell.column in self._columns and cell.colspan == 1
        }

    def _take_s4(self, cells: Sequence[PrintedCell]) -> None:
        """The one data row: all three blocks, or those whose heads were met since the last one."""
        rows = self._s4_rows() if len(cells) == _S4_CELLS else self._s4_named
        spots = [(row, key) for row in rows for key in row.cells]
        self._note_s4([(*spot, cell) for spot, cell in zip(spots, cells, strict=True)])

    def _note_s4(self, placed: Sequence[tuple[Row, str, PrintedCell]]) -> None:
        keys = {row.key for row, _, _ in placed}
        again = not keys.isdisjoint(self._s4_done)
        if again:
            self.notes.doubt("duplicate_row", f"section 4 ({placed[0][2].where})")
        for row, key, cell in placed:
            self.notes.figure(
                cell,
                key=None if again else f"{row.key}.{key}",
                label=f"{row.label}/{self._form.column(key).label}",
                usual_unit=row.unit,
            )
        self._s4_done |= keys
        self._s4_named = []

    def _take_unlabelled(self, cells: Sequence[PrintedCell]) -> None:
        if len(cells) == _S4_CELLS:
            self._take_s4(cells)
        elif self._part == "s4" and (placed := self._s4_heads.placed(cells)):
            self._note_s4(placed)
            taken = {cell.column for _, _, cell in placed}
            self.notes.unplaced([cell for cell in cells if cell.column not in taken], "")
        elif self._part:
            self.notes.unplaced(cells, "")

    def _take_unknown(self, label: str, cells: Sequence[PrintedCell], doubt: str | None) -> None:
        values = [cell for cell in cells if is_value(cell.text)]
        if not any(cell.text.strip() for cell in values) or self._part not in ("s2", "s3"):
            return
        rule = "unknown_rows" if doubt is None else "ambiguous_label"
        self.notes.doubt("duplicate_row" if doubt == "printed twice" else rule, label)
        if self._part == "s3":
            placed = self._placed(values)
            for applicant, cell in placed.items():
                self.notes.figure(cell, key=None, label=label, applicant=applicant)
            if placed:
                return
        for place, cell in enumerate(values):
            self.notes.figure(cell, key=None, label=self._with_head(label, place, len(values)))

    def _with_head(self, label: str, place: int, count: int) -> str:
        return f"{label}/{self._heads[place]}" if len(self._heads) == count else label

    def _s4_rows(self) -> tuple[Row, ...]:
        return self._form.part("s4")


def _chosen(cells: Sequence[PrintedCell], wanted: int) -> Sequence[PrintedCell] | None:
    """The cells of a section 2 row; None when there is no telling which is which.

    Values are told by their order: the grid's columns differ from block to block. Cells too many
    are blank fillers where a site did not merge them.
    """
    if len(cells) == wanted:
        return cells
    if len(cells) < wanted:
        return None
    filled = [cell for cell in cells if cell.text.strip()]
    if len(filled) == wanted:
        return filled
    return cells[:wanted] if all(not c.text.strip() for c in cells[wanted:]) else None


def _without_fillers(cells: Sequence[PrintedCell], wanted: int) -> Sequence[PrintedCell]:
    """Cells without the blank ones too many at one end; all of them when both ends could be it."""
    extra = len(cells) - wanted
    if extra <= 0:
        return cells
    front = all(not cell.text.strip() for cell in cells[:extra])
    back = all(not cell.text.strip() for cell in cells[-extra:])
    if front and back and any(cell.text.strip() for cell in cells):
        return cells
    return cells[:-extra] if back else cells[extra:] if front else cells


def _labels_in(cells: Sequence[PrintedCell]) -> list[PrintedCell]:
    """The texts before the first value of a row. Text further right is an odd value, and so is the
    last one without a Chinese character behind another: a number that a scan hides or misreads.
    """
    labels: list[PrintedCell] = []
    for cell in cells:
        if cell.is_label:
            labels.append(cell)
        elif cell.text.strip():
            break
    while len(labels) > 1 and not _HAN.search(labels[-1].text):
        labels.pop()
    return labels


def _values_at_end(cells: Sequence[PrintedCell]) -> int:
    count = 0
    for cell in reversed(cells):
        if not cell.fresh or not is_value(cell.text):
            break
        count += 1
    return count
