"""Tables of a PDF page: the cells that its rulings enclose, with the characters in each.

The rulings are pdfium's; how they make cells and tables is pdfplumber's (its table module).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from archive.reading.files.pdf_page import Glyph, Ruling

_SNAP: Final = 3
_CROSSING: Final = 4
_MAX_CROSSINGS: Final = 6_000
_SLACK: Final = 1.0


@dataclass(slots=True, kw_only=True)
class Box:
    """A cell: its place on the page, and its text once the characters are dealt out."""

    left: float
    top: float
    right: float
    bottom: float
    text: str = ""

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in the cell."""
        return self.left <= x < self.right and self.top <= y < self.bottom


@dataclass(slots=True, kw_only=True)
class Ruled:
    """A table as it is drawn on one page (or, joined, on several)."""

    boxes: list[Box] = field(default_factory=list)

    @property
    def top(self) -> float:
        """Its upper edge."""
        return min(box.top for box in self.boxes)

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return max(box.bottom for box in self.boxes)

    def edges(self) -> list[float]:
        """The x of all its vertical edges, ascending, near ones once."""
        return snapped([x for box in self.boxes for x in (box.left, box.right)])


def ruled_tables(rulings: Sequence[Ruling]) -> list[Ruled]:
    """The tables that rulings enclose: at least two cells side by side and two upon each other.
    A single box around text is none, nor are boxes in one column.
    """
    # The import costs 0.3 s, and most processes never meet a ruled page.
    from pdfplumber import table  # noqa: PLC0415  the reason stands above

    edges = table.merge_edges([_edge(ruling) for ruling in rulings], _SNAP, _SNAP, _SNAP, _SNAP)
    crossings = table.edges_to_intersections(edges, _CROSSING, _CROSSING)
    if len(crossings) > _MAX_CROSSINGS:
        return []
    cells = table.intersections_to_cells(crossings)
    found = [Ruled(boxes=[_box(cell) for cell in cells]) for cells in table.cells_to_tables(cells)]
    return [ruled for ruled in found if _is_table(ruled)]


def deal_out(tables: Sequence[Ruled], glyphs: Iterable[Glyph]) -> list[Glyph | Ruled]:
    """Puts every character into the cell it stands in. What is left comes back in its order, each
    table once where its first character stood (a table without any stands last).
    """
    dealer = _Dealer(tables)
    for glyph in glyphs:
        dealer.take(glyph)
    return dealer.done()


class _Dealer:
    def __init__(self, tables: Sequence[Ruled]) -> None:
        self._tables = tables
        self._left: list[Glyph | Ruled] = []
        self._met: list[Ruled] = []
        self._now: Box | None = None
        self._gap = ""
        self._last: dict[int, Glyph] = {}

    def take(self, glyph: Glyph) -> None:
        if not glyph.text.strip():
            self._gap = "\n" if "\n" in self._gap + glyph.text else " "
            if self._now is None:
                self._left.append(glyph)
            return
        box = self._find(glyph)
        if box is None:
            if self._now is not None and self._gap == "":
                self._left.append(_BREAK)
            self._left.append(glyph)
        else:
            self._fill(box, glyph)
        self._now, self._gap = box, ""

    def done(self) -> list[Glyph | Ruled]:
        for ruled in self._tables:
            for box in ruled.boxes:
                box.text = box.text.strip()
        return [*self._left, *(ruled for ruled in self._tables if ruled not in self._met)]

    def _find(self, glyph: Glyph) -> Box | None:
        x, y = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
        if self._now is not None and self._now.holds(x, y):
            return self._now
        for ruled in self._tables:
            if ruled.top <= y < ruled.bottom:
                box = next((box for box in ruled.boxes if box.holds(x, y)), None)
                if box is not None:
                    self._place(ruled)
                    return box
        return None

    def _place(self, ruled: Ruled) -> None:
        if not any(ruled is met for met in self._met):
            self._met.append(ruled)
            self._left.append(_BREAK)
            self._left.append(ruled)

    def _fill(self, box: Box, glyph: Glyph) -> None:
        last = self._last.get(id(box))
        below = last is not None and glyph.top > (last.top + last.bottom) / 2
        if box.text:
            box.text += "\n" if below else (self._gap if box is self._now else " ")
        box.text += glyph.text
        self._last[id(box)] = glyph


_BREAK = Glyph(text="\n", left=0.0, right=0.0, top=0.0, bottom=0.0)


def snapped(values: Iterable[float]) -> list[float]:
    """Ascending values of which those nearer than three units count once.

    >>> snapped([10.0, 50.0, 10.4, 49.0])
    [10.0, 49.0]
    """
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _SNAP:
            kept.append(value)
    return kept


def _edge(ruling: Ruling) -> dict[str, Any]:
    upright = ruling.x0 == ruling.x1
    return {
        "x0": ruling.x0,
        "x1": ruling.x1,
        "top": ruling.top,
        "bottom": ruling.bottom,
        "width": ruling.x1 - ruling.x0,
        "height": ruling.bottom - ruling.top,
        "orientation": "v" if upright else "h",
        "object_type": "line",
    }


def _box(cell: tuple[float, float, float, float]) -> Box:
    left, top, right, bottom = (float(edge) for edge in cell)
    return Box(left=left, top=top, right=right, bottom=bottom)


def _is_table(ruled: Ruled) -> bool:
    tops = snapped(box.top for box in ruled.boxes)
    return len(ruled.edges()) > 2 and (len(tops) > 1 or len(ruled.boxes) > 4)
