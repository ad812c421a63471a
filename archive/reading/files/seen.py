"""What recognition saw, as parts of pages: the same that a PDF is put together from."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from archive.model import optical
from archive.model.optical import OpticalCell, OpticalLine, OpticalPage, OpticalTable
from archive.reading.files.paragraphs import Line
from archive.reading.files.pdf_cells import Box, Ruled
from archive.reading.files.put_together import Block, Part, put_together, without_page_number

_WIDTH: Final = 595.0
_FULL: Final = 10_000
_LEAST: Final = 4.0
_OUTER: Final = 24.0
_INNER: Final = 10.0


@dataclass(slots=True, kw_only=True)
class Seen:
    """Parts by page, and what each is of: `lines` by the id of a Line, `cells` by that of a Box."""

    pages: list[list[Part]] = field(default_factory=list)
    lines: dict[int, OpticalLine] = field(default_factory=dict)
    cells: dict[int, OpticalCell] = field(default_factory=dict)

    def blocks(self) -> list[Block]:
        """Paragraphs and tables of all pages."""
        return list(put_together(self.pages))


def seen_pages(pages: Iterable[OpticalPage]) -> Seen:
    """The parts of pages in points of a page 595 wide, as if each had been straight."""
    seen = Seen()
    last: Ruled | None = None
    for number, page in enumerate(pages):
        parts: list[Part] = []
        for block in page.blocks:
            if isinstance(block, OpticalLine):
                line = _line(block, page, number)
                seen.lines[id(line)] = block
                parts.append(line)
            else:
                ruled = _ruled(block, page, seen.cells)
                _lay_under(last, ruled)
                last = ruled
                parts.append(ruled)
        seen.pages.append(without_page_number(parts))
    return seen


def _line(seen: OpticalLine, page: OpticalPage, number: int) -> Line:
    left, top, right, bottom = _straight(seen.box, page)
    return Line(text=seen.text, left=left, right=right, top=top, bottom=bottom, page=number)


def _straight(box: optical.Box, page: OpticalPage) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a box once the page is turned, from what surrounds it now."""
    quarter = round(page.turned / 90)
    wide, high = box.width * page.width / _FULL, box.height * page.height / _FULL
    x = (box.x + box.width / 2 - _FULL / 2) * page.width / _FULL
    y = (box.y + box.height / 2 - _FULL / 2) * page.height / _FULL
    turn = math.radians(page.turned)
    x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    across, down = (page.height, page.width) if quarter % 2 else (page.width, page.height)
    wide, high = (high, wide) if quarter % 2 else (wide, high)
    rest = math.radians(abs(page.turned - 90 * quarter))
    cos, sin = math.cos(rest), math.sin(rest)
    spread = max(cos * cos - sin * sin, 0.1)
    wide, high = (wide * cos - high * sin) / spread, (high * cos - wide * sin) / spread
    wide, high = max(wide, 1.0), max(high, 1.0)
    unit = _WIDTH / across
    left, top = (x - wide / 2 + across / 2) * unit, (y - high / 2 + down / 2) * unit
    return left, top, left + wide * unit, top + high * unit


def _ruled(table: OpticalTable, page: OpticalPage, origins: dict[int, OpticalCell]) -> Ruled:
    """A table whose cells share their edges, as the grid says."""
    places = [_straight(cell.box, page) for cell in table.cells]
    xs = _edges(
        pair
        for cell, (left, _, right, _) in zip(table.cells, places, strict=True)
        for pair in ((cell.column, left), (cell.column + cell.colspan, right))
    )
    ys = _edges(
        pair
        for cell, (_, top, _, bottom) in zip(table.cells, places, strict=True)
        for pair in ((cell.row, top), (cell.row + cell.rowspan, bottom))
    )
    ruled = Ruled()
    for cell in table.cells:
        box = Box(
            left=xs[cell.column],
            right=xs[cell.column + cell.colspan],
            top=ys[cell.row],
            bottom=ys[cell.row + cell.rowspan],
            text=cell.text,
        )
        origins[id(box)] = cell
        ruled.boxes.append(box)
    return ruled


def _edges(met: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Where each edge of a grid is: the mean of what cells say, each clear of the one before."""
    by_edge: dict[int, list[float]] = {}
    for edge, place in met:
        by_edge.setdefault(edge, []).append(place)
    found: dict[int, float] = {}
    before = -math.inf
    for edge in sorted(by_edge):
        before = max(sum(by_edge[edge]) / len(by_edge[edge]), before + _LEAST)
        found[edge] = before
    return found


def _lay_under(upper: Ruled | None, lower: Ruled) -> None:
    """Moves the edges of a table onto those of the one before, where it is as wide: the next page
    of a scan lies a little different.
    """
    if upper is None:
        return
    above, below = upper.edges(), lower.edges()
    shifts = above[0] - below[0], above[-1] - below[-1]
    if max(map(abs, shifts)) > _OUTER:
        return
    stretch = (above[-1] - above[0]) / (below[-1] - below[0])
    moved = {x: _near((x - below[0]) * stretch + above[0], above) for x in _all_edges(lower)}
    for box in lower.boxes:
        box.left, box.right = moved[box.left], moved[box.right]


def _all_edges(ruled: Ruled) -> Iterator[float]:
    for box in ruled.boxes:
        yield from (box.left, box.right)


def _near(x: float, edges: Sequence[float]) -> float:
    nearest = min(edges, key=lambda edge: abs(edge - x))
    return nearest if abs(nearest - x) <= _INNER else x
