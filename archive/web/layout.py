"""A version's text and tables as blocks that a template can lay out: paragraphs, headings, and the
data tables where they stood, with the spans of the form.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.model.content import normalised
from archive.model.reading import Cell, Statement, Table
from archive.web.doubts import Doubt, Place, anchor
from archive.web.seen import SeenBox

MAX_BLOCKS = 4_000
MAX_CELLS = 20_000
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、.．].{0,38}")
_NUMBER = re.compile(r"[-+−]?[0-9０-９][0-9０-９,.，]*%?")
_EMPTY = re.compile(r"[-—–/／\s]*")
# A line break between two Chinese characters is no space (商业<br>企业).
_BREAK = re.compile(
    r"(?<=[\u2e80-\u9fff\uff00-\uffef])(?<!\s)\s*\n\s*(?=[\u2e80-\u9fff\uff00-\uffef])"
)
_MAX_SPAN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidCell:
    """A cell with its spans. look: number, empty (blank or a placeholder dash), or words. place: as
    a URL names it behind #; "" in a plain table. doubt: of a sum that it is part of and that does
    not hold; seen: where its number stands on a picture. None where there is none.
    """

    text: str
    rowspan: int
    colspan: int
    header: bool
    look: str
    place: str = ""
    doubt: Doubt | None = None
    seen: SeenBox | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a paragraph. is_stated: of a sentence that states a number; is_number: the number,
    or the words that say that there was none.
    """

    text: str
    is_stated: bool
    is_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a page. kind: heading, paragraph, table (then `rows` hold it), or cut: how many
    lines of a very long text are left out here. line: of the text, from 1; 0 for tables. pieces: of
    a line that states numbers; () for others.
    """

    kind: str
    text: str = ""
    line: int = 0
    pieces: tuple[Piece, ...] = ()
    caption: str | None = None
    rows: tuple[tuple[LaidCell, ...], ...] = ()


def blocks(
    text: str,
    tables: Sequence[Table],
    doubts: Mapping[Place, Doubt] | None = None,
    statements: Sequence[Statement] = (),
    seen: Mapping[Place, SeenBox] | None = None,
) -> list[Block]:
    """The page in reading order. A data table stands where its lines stand; lines of cells that
    belong to none are a plain table; a data table whose lines are not found comes at the end.
    doubts: of cells in sums that do not hold. statements: numbers that its sentences state. seen:
    of cells whose numbers were read from a picture.
    """
    numbered = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    lines = [line for _, line in numbered]
    keys = [normalised(line) for line in lines]
    waiting = [
        (_table_lines(table), _laid(number, table, doubts or {}, seen or {}))
        for number, table in enumerate(tables, 1)
        if len(table.cells) <= MAX_CELLS
    ]
    made: list[Block] = []
    cells: list[str] = []
    place = 0
    while place < len(lines) and len(made) < MAX_BLOCKS:
        found = _table_at(keys, place, waiting)
        if cells and (found is not None or "\t" not in lines[place]):
            made += _loose(cells)
            cells = []
        if found is not None:
            waiting.remove(found)
            made.append(found[1])
            place += len(found[0])
            continue
        if "\t" in lines[place]:
            cells.append(lines[place])
        else:
            number = numbered[place][0]
            here = [each for each in statements if each.line == number]
            made.append(_words(lines[place], number, here))
        place += 1
    made += _loose(cells)
    if place < len(lines):
        made.append(Block(kind="cut", text=f"{len(lines) - place:,}"))
    return [*made, *(table for _, table in waiting)]


def _table_at(
    keys: Sequence[str], place: int, waiting: Sequence[tuple[list[str], Block]]
) -> tuple[list[str], Block] | None:
    for wanted, table in waiting:
        begins = bool(wanted) and keys[place] == wanted[0]
        if begins and list(keys[place : place + len(wanted)]) == wanted:
            return wanted, table
    return None


def _table_lines(table: Table) -> list[str]:
    """The table as it stands in the text, normalised as the content hash does: a row a line,
    cells separated by a tab; a cell may break its own text where the line does not.
    """
    rows = ("\t".join(normalised(cell.text) for cell in row) for row in _rows(table))
    return [row for row in rows if row.strip("\t")]


def _rows(table: Table) -> Iterator[list[Cell]]:
    rows: dict[int, list[Cell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    for row in sorted(rows):
        yield sorted(rows[row], key=lambda cell: cell.column)


def _laid(
    number: int, table: Table, doubts: Mapping[Place, Doubt], seen: Mapping[Place, SeenBox]
) -> Block:
    rows = tuple(tuple(_cell(number, cell, doubts, seen) for cell in row) for row in _rows(table))
    return Block(kind="table", caption=table.caption, rows=rows)


def _cell(
    table: int, cell: Cell, doubts: Mapping[Place, Doubt], seen: Mapping[Place, SeenBox]
) -> LaidCell:
    place = (table, cell.row + 1, cell.column + 1)
    return LaidCell(
        text=_BREAK.sub("", cell.text),
        rowspan=max(1, min(cell.rowspan, _MAX_SPAN)),
        colspan=max(1, min(cell.colspan, _MAX_SPAN)),
        header=cell.header,
        look=_look(cell.text),
        place=anchor(place),
        doubt=doubts.get(place),
        seen=seen.get(place),
    )


def _loose(lines: Sequence[str]) -> list[Block]:
    """Lines of cells that belong to no data table; a single short one is a signature line."""
    if len(lines) == 1 and lines[0].count("\t") <= 2:
        return [_words(lines[0])]
    return [_plain(lines)] if lines else []


def _plain(lines: Sequence[str]) -> Block:
    rows = tuple(
        tuple(
            LaidCell(text=text, rowspan=1, colspan=1, header=False, look=_look(text))
            for text in line.split("\t")
        )
        for line in lines
    )
    return Block(kind="table", rows=rows)


def _pieces(line: str, statements: Sequence[Statement]) -> Iterator[Piece]:
    sentences = [(each.start, each.start + len(each.sentence)) for each in statements]
    numbers = [(each.start + each.at, each.start + each.at + len(each.printed))
               for each in statements]  # fmt: skip
    ends = {min(end, len(line)) for both in (*sentences, *numbers) for end in both}
    for begin, end in pairwise(sorted({0, len(line), *ends})):
        yield Piece(
            text=line[begin:end],
            is_stated=any(first <= begin < last for first, last in sentences),
            is_number=any(first <= begin < last for first, last in numbers),
        )


def _words(line: str, number: int = 0, statements: Sequence[Statement] = ()) -> Block:
    heading = len(line) <= 40 and _HEADING.fullmatch(line.strip()) and not line.endswith("。")
    shown = line.replace("\t", "　")
    return Block(
        kind="heading" if heading else "paragraph", text=shown, line=number,
        pieces=tuple(_pieces(shown, statements)) if statements else (),
    )  # fmt: skip


def _look(text: str) -> str:
    if _EMPTY.fullmatch(text):
        return "empty"
    return "number" if _NUMBER.fullmatch(text.strip()) else "words"
