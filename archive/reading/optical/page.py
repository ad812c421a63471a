"""One page: its lines of text and its tables in reading order."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from archive.model.optical import Box, OpticalCell, OpticalLine, OpticalPage, OpticalTable
from archive.reading.optical.aligned import aligned
from archive.reading.optical.cells import (
    UNREAD,
    Filled,
    Snippet,
    deal_out,
    hides_a_digit,
    in_pieces,
    lies_on,
    uncovered,
)
from archive.reading.optical.engine import Engine, Pixels
from archive.reading.optical.flat import black_seals
from archive.reading.optical.grid import Grid, Ruled, ruled
from archive.reading.optical.order import Key, ordered, rows_of
from archive.reading.optical.sheet import Sheet, cut_out, straight
from archive.reading.optical.unruled import gaps

_FULL: Final = 10_000
_UNSURE: Final = 0.5
_STANDS: Final = 2.2
_SURE: Final = 0.8
_FREE: Final = 0.5
_WORDS: Final = 0.42
_WIDER: Final = 0.15
_SHORT: Final = 4.0
_UNDER: Final = 2
_BULLET: Final = re.compile(r"[（(].{1,3}[)）]|\d{1,2}[.．、]|[一二三四五六七八九十]{1,3}、")
_LEVEL: Final = 0.5
_BELOW: Final = 3
_TOUCH: Final = 0.2
APART: Final = " \N{BROKEN BAR} "
"""Stands in a cell between two numbers, which may be one that was broken: it has no value then."""
_LIKE_A_NUMBER: Final = re.compile(r"[oOQDlIi|!〇○SBZz\d.,]{1,8}")


def read_page(picture: Pixels, engine: Engine, *, source: int, page: int, of: int) -> OpticalPage:
    """What stands on a picture. of: the number under which boxes name the page."""
    sheet = straight(picture, engine)
    grey = cv2.cvtColor(sheet.pixels, cv2.COLOR_RGB2GRAY)
    on_it = ruled(grey, sheet.size, black_seals(grey), sheet.veiled)
    lines = [
        Snippet(left=x0, top=y0, right=x1, bottom=y1) for x0, y0, x1, y1 in sheet.boxes.tolist()
    ]
    tables: list[tuple[Grid, list[Filled]]] = []
    for grid in sorted(on_it.grids, key=lambda each: each.top):
        filled, lines = deal_out(grid, lines, on_it, sheet.size)
        tables.append((grid, filled))
    in_cells = [line for _, filled in tables for cell in filled for line in cell.snippets]
    _read([*lines, *in_cells], sheet, engine)
    unruled, lines = _by_alignment(lines, on_it, sheet, engine)
    tables += unruled
    _look_again([filled for _, filled in tables], sheet, engine)
    _part([cell for _, filled in tables for cell in filled], on_it, sheet, engine)
    _hide([cell for _, filled in tables for cell in filled], on_it, sheet)
    placing = _Placing(sheet, picture.shape, of)
    blocks: list[tuple[Key, OpticalLine | OpticalTable]] = [
        ((grid.top, 0, grid.top), placing.table(grid, filled)) for grid, filled in tables
    ]
    spans = [(grid.top, grid.bottom) for grid, _ in tables]
    told = [line for line in lines if line.text]
    blocks += [(key, placing.line(row)) for key, row in ordered(told, spans, sheet.size)]
    return OpticalPage(
        source=source,
        page=page,
        width=picture.shape[1],
        height=picture.shape[0],
        turned=sheet.turned,
        blocks=tuple(block for _, block in sorted(blocks, key=lambda each: each[0])),
    )


def _read(lines: Sequence[Snippet], sheet: Sheet, engine: Engine) -> None:
    """Fills in what the lines say."""
    crops = [_crop(line, sheet) for line in lines]
    for line, (text, score) in zip(lines, engine.read(crops), strict=True):
        line.text, line.confidence = text, score
        if score < _UNSURE or not text:
            line.text = UNREAD if line.ink or text else ""


def _by_alignment(
    lines: Sequence[Snippet], on_it: Ruled, sheet: Sheet, engine: Engine
) -> tuple[list[tuple[Grid, list[Filled]]], list[Snippet]]:
    """The tables of lines that stand in no ruled one, and the lines that stand in none at all."""
    pieces = [_parts(line, lines, on_it, sheet.size) for line in lines]
    _read([piece for some in pieces if len(some) > 1 for piece in some], sheet, engine)
    parts = [piece for some in pieces for piece in _without_bullets(some)]
    between = [
        piece
        for gap in gaps(parts, sheet.size)
        for line in uncovered(gap, on_it, sheet.size)
        for piece in in_pieces(line, on_it, sheet.size)
    ]
    _read(between, sheet, engine)
    parts += _new(between, parts)
    found, rest = aligned(parts, sheet.size)
    fresh = []
    for cell in (cell for table in found for cell in table.values):
        more = uncovered(cell, on_it, sheet.size)
        cell.snippets += more
        fresh += more
    _read(fresh, sheet, engine)
    return [(table.grid, table.filled) for table in found], rest


def _new(lines: Sequence[Snippet], known: Sequence[Snippet]) -> list[Snippet]:
    """Those that say a number and lie on no line that is known, nor on another of them."""
    found: list[Snippet] = []
    for line in lines:
        if _is_digits(line.text) and not any(_overlap(line, each) for each in (*known, *found)):
            found.append(line)
    return found


def _overlap(one: Snippet, other: Snippet) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return min(across, down) > _TOUCH * (one.bottom - one.top)


def _parts(line: Snippet, lines: Sequence[Snippet], on_it: Ruled, size: float) -> list[Snippet]:
    """A line in parts where it holds several numbers, beside or under each other, or texts that
    stand over or under others.
    """
    high = line.bottom - line.top
    if _is_digits(line.text):
        return in_pieces(line, on_it, high if high < _STANDS * size else size)
    found: list[Snippet] = []
    for part in in_pieces(line, on_it, high, _WORDS):
        if found and not _stands_under(part, found[-1], lines, high):
            found[-1].right = part.right
        else:
            found.append(part)
    return found if len(found) > 1 else [line]


def _stands_under(part: Snippet, before: Snippet, lines: Sequence[Snippet], high: float) -> bool:
    """Whether a part of a line begins where others begin; a short one, is in the middle of others
    as short.
    """
    begin, twice = part.left, part.left + part.right
    if begin - before.right > _WIDER * high:
        return sum(abs(other.left - begin) < _LEVEL * high for other in lines) >= _BELOW
    short = [line for line in (part, *lines) if line.right - line.left < _SHORT * high]
    under = [line for line in short if abs(line.left + line.right - twice) < _LEVEL * high]
    return part in short and len(under) > _UNDER


def _without_bullets(parts: Sequence[Snippet]) -> list[Snippet]:
    """Parts of a line, its number being none of its own."""
    found: list[Snippet] = []
    for part in parts:
        if found and _BULLET.fullmatch(found[-1].text):
            before = found.pop()
            part.left, part.text = before.left, before.text + part.text
            part.confidence = min(before.confidence, part.confidence)
        found.append(part)
    return found


def _look_again(tables: Sequence[Sequence[Filled]], sheet: Sheet, engine: Engine) -> None:
    """Reads what may be a number once more, larger and with paper around it: a lone 0 comes out as
    the letter o. A number takes the place of what is none; two numbers that differ leave none
    where two further looks do not agree on one of them.
    """
    doubtful = [
        cell.snippets[0]
        for filled in tables
        for cell in filled
        if len(cell.snippets) == 1 and _is_doubtful(cell.snippets[0])
    ]
    crops = [_enlarged(_crop(line, sheet)) for line in doubtful]
    at_odds: list[tuple[Snippet, set[str]]] = []
    for line, (text, score) in zip(doubtful, engine.read(crops), strict=True):
        if not _is_number(text) or text == line.text:
            continue
        if _is_number(line.text):
            at_odds.append((line, {line.text, text}))
        line.text = UNREAD if _is_number(line.text) else text
        line.confidence = min(line.confidence, score)
    _settle(at_odds, sheet, engine)


def _settle(at_odds: Sequence[tuple[Snippet, set[str]]], sheet: Sheet, engine: Engine) -> None:
    """Which of two numbers a line says: what it says with paper at its sides as wide as it is high,
    and beside itself. A lone 7 is a 1 to one look in many.
    """
    crops = [_crop(line, sheet) for line, _ in at_odds]
    lone = engine.read([_framed(crop, 0, crop.shape[0]) for crop in crops])
    twice = engine.read([np.concatenate([crop, crop], axis=1) for crop in crops])
    for (line, said), (text, _), (both, _) in zip(at_odds, lone, twice, strict=True):
        if text in said and "".join(both.split()) == 2 * text:
            line.text = text


def _part(cells: Sequence[Filled], on_it: Ruled, sheet: Sheet, engine: Engine) -> None:
    """Takes apart what was read as one number though paper is free within it: it may be two, of
    cells whose border is not there.
    """
    for cell in cells:
        parts = [
            in_pieces(line, on_it, sheet.size) if _is_digits(line.text) else [line]
            for line in cell.snippets
        ]
        _read([part for some in parts if len(some) > 1 for part in some], sheet, engine)
        cell.snippets = [part for some in parts for part in some]


def _hide(cells: Sequence[Filled], on_it: Ruled, sheet: Sheet) -> None:
    """Has cells that show nothing because a seal lies on them be unread, not blank, and numbers of
    which a black seal may hide a digit.
    """
    for cell in cells:
        slot = cell.slot
        box = slot.left, slot.top, slot.right, slot.bottom
        told = [line for line in cell.snippets if line.text]
        if not told and (sheet.is_hidden(box) or lies_on(on_it.sealed, box)):
            left, top, right, bottom = box
            cell.snippets.append(
                Snippet(left=left, top=top, right=right, bottom=bottom, text=UNREAD, ink=True)
            )
        for line in told:
            if _is_digits(line.text) and hides_a_digit(line, slot, on_it):
                line.text = UNREAD


def _is_doubtful(line: Snippet) -> bool:
    if _is_number(line.text):
        return line.confidence < _SURE
    return line.text == UNREAD or _LIKE_A_NUMBER.fullmatch(line.text) is not None


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).replace(",", "").isdigit()


def _is_digits(text: str) -> bool:
    return _is_number("".join(text.split()))


def _enlarged(crop: Pixels) -> Pixels:
    if not crop.size:
        return crop
    pad = max(crop.shape[0] // 3, 2)
    framed = _framed(crop, pad, pad)
    return np.asarray(cv2.resize(framed, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))


def _framed(crop: Pixels, high: int, wide: int) -> Pixels:
    """With more of its paper around it."""
    if not crop.size:
        return crop
    paper = [int(side) for side in np.median(crop.reshape(-1, 3), axis=0)]
    return cv2.copyMakeBorder(crop, high, high, wide, wide, cv2.BORDER_CONSTANT, value=paper)


def _crop(line: Snippet, sheet: Sheet) -> Pixels:
    """Its pixels; a line that runs down the page is turned, as the model learned them."""
    crop = cut_out(sheet.pixels, line.box)
    high, wide = crop.shape[:2]
    if high > _STANDS * wide and high > _STANDS * sheet.size:
        return np.ascontiguousarray(np.rot90(crop))
    return crop


class _Placing:
    """Places on the sheet as boxes on the picture as it is kept."""

    def __init__(self, sheet: Sheet, shape: Sequence[int], page: int) -> None:
        self._sheet = sheet
        self._height, self._width = shape[:2]
        self._page = page

    def line(self, row: Sequence[Snippet]) -> OpticalLine:
        """Pieces at one height as one line."""
        return OpticalLine(
            text=_joined(row), confidence=_lowest(row), box=self._around([p.box for p in row])
        )

    def table(self, grid: Grid, filled: Sequence[Filled]) -> OpticalTable:
        """A table with the text of its cells."""
        cells = sorted((self._cell(cell) for cell in filled), key=lambda c: (c.row, c.column))
        return OpticalTable(cells=tuple(cells), rows=grid.rows, columns=grid.columns)

    def _cell(self, cell: Filled) -> OpticalCell:
        slot = cell.slot
        told = [line for line in cell.snippets if line.text]
        text = _said(rows_of(told))
        if UNREAD in text:
            text = text if text.strip(UNREAD + "\n") else UNREAD
        return OpticalCell(
            row=slot.row,
            column=slot.column,
            rowspan=slot.rowspan,
            colspan=slot.colspan,
            text=text,
            confidence=_lowest(told) if told else 1.0,
            box=self._around([(slot.left, slot.top, slot.right, slot.bottom)]),
        )

    def _around(self, boxes: Sequence[tuple[float, float, float, float]]) -> Box:
        corners = [(x, y) for x0, y0, x1, y1 in boxes for x in (x0, x1) for y in (y0, y1)]
        there = cv2.perspectiveTransform(np.array([corners], dtype=np.float64), self._sheet.back)[0]
        (x0, y0), (x1, y1) = there.min(axis=0), there.max(axis=0)
        left, right = (_share(x, self._width) for x in (x0, x1))
        top, bottom = (_share(y, self._height) for y in (y0, y1))
        return Box(page=self._page, x=left, y=top, width=right - left, height=bottom - top)


def _share(place: float, whole: int) -> int:
    return min(max(round(float(place) / whole * _FULL), 0), _FULL)


def _lowest(row: Sequence[Snippet]) -> float:
    return round(min(piece.confidence for piece in row), 4)


def _said(rows: Sequence[Sequence[Snippet]]) -> str:
    """What the lines of a cell say. Numbers under or clear of each other are not put together."""
    told = [_joined(row) for row in rows]
    broken = [_is_digits(text) for text in told]
    if len(told) > 1 and all(broken):
        return APART.join(told)
    if len(told) == 1 and broken[0] and any(_clear(*pair) for pair in pairwise(rows[0])):
        return APART.join(piece.text for piece in rows[0])
    return "\n".join(told)


def _clear(before: Snippet, piece: Snippet) -> bool:
    return piece.left - before.right > _FREE * (piece.bottom - piece.top)


def _joined(row: Sequence[Snippet]) -> str:
    """Pieces as one text: a blank between words, and where more than a character is free."""
    text = row[0].text
    for before, piece in pairwise(row):
        high = piece.bottom - piece.top
        words = text[-1:].isascii() and piece.text[:1].isascii()
        text += (" " if words or piece.left - before.right > high else "") + piece.text
    return text
