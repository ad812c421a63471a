"""Ruled tables: the lines of a page by morphology, and the cells that they enclose.

A line may be broken or crossed by a stamp: a border counts as drawn when most of it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from archive.reading.optical.engine import Pixels

_CONTRAST: Final = 20.0
_GRAIN: Final = 6.0
_SHARE: Final = 0.35
_NEAR: Final = 0.4
_DRAWN: Final = 0.55
_LONG: Final = 2.5
_BRIDGED: Final = 6
_LEFT: Final = 0.5
_ON: Final = 2.0
_MAX_SLOTS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A cell: where it stands in the grid, and on the sheet (within its lines)."""

    row: int
    column: int
    rowspan: int
    colspan: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table's cells by row and column."""

    slots: tuple[Slot, ...]
    rows: int
    columns: int

    @property
    def top(self) -> float:
        """Its upper edge."""
        return min(slot.top for slot in self.slots)

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return max(slot.bottom for slot in self.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What is printed on a sheet: ink without lines, and the tables that the lines make.

    contrast: by how much ink is darker than paper, as a rule. sealed: where black seals lie, which
    are no ink then (1; 0 elsewhere); None without such.
    """

    grey: Pixels
    ink: Pixels
    contrast: float
    grids: tuple[Grid, ...]
    sealed: Pixels | None = None


def ruled(
    grey: Pixels, size: float, sealed: Pixels | None = None, veiled: Pixels | None = None
) -> Ruled:
    """Ink and tables of a sheet whose lines of text are `size` pixels high."""
    ink = ink_of(grey, size)
    if sealed is not None:
        ink[sealed > 0] = 0
        veiled = sealed if veiled is None else np.maximum(veiled, sealed)
    lying = _closed(strokes(ink, round(2 * size), 1), round(2 * size), 1)
    standing = strokes(ink, 1, round(size))
    if veiled is None:
        standing = _between(standing, lying, size)
    else:
        lying, standing = _behind(ink, lying, standing, veiled, size)
    standing = _closed(standing, 1, round(0.7 * size))
    both: Pixels = cv2.dilate(np.maximum(lying, standing), np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(both)
    found = []
    for number in range(1, count):
        left, top, width, height = (int(side) for side in stats[number][:4])
        if width < 4 * size or height < 1.3 * size:
            continue
        here = (slice(top, top + height), slice(left, left + width))
        own = labels[here] == number
        grid = _grid(lying[here] * own, standing[here] * own, size, left, top)
        if grid is not None:
            found.append(grid)
    return Ruled(
        grey=grey,
        contrast=_contrast(grey, ink),
        ink=np.where(both > 0, 0, ink).astype(np.uint8),
        grids=tuple(found),
        sealed=sealed,
    )


def ink_of(grey: Pixels, size: float) -> Pixels:
    """Strokes: what is darker than the paper on both its sides, be that shaded."""
    window = np.ones((2 * round(0.25 * size) + 1,) * 2, np.uint8)
    even = cv2.GaussianBlur(grey, (5, 5), 0)  # what a JPEG adds around letters is no paper
    paper = cv2.morphologyEx(even, cv2.MORPH_CLOSE, window)
    depth = cv2.subtract(paper, cv2.erode(grey, window))
    darker = cv2.subtract(paper, grey)
    least = np.maximum(_SHARE * depth, max(_CONTRAST, 2 * float(np.median(darker)) + _GRAIN))
    return np.where(darker > least, 255, 0).astype(np.uint8)


def _contrast(grey: Pixels, ink: Pixels) -> float:
    inked = grey[ink > 0]
    return float(np.median(grey)) - float(np.median(inked)) if len(inked) else 255.0


def strokes(ink: Pixels, width: int, height: int) -> Pixels:
    """Straight strokes of at least that length."""
    thick = np.ones((3, 1) if width > height else (1, 3), np.uint8)
    kernel = np.ones((height, width), np.uint8)
    return np.asarray(cv2.morphologyEx(cv2.dilate(ink, thick), cv2.MORPH_OPEN, kernel))


def _closed(lines: Pixels, width: int, height: int) -> Pixels:
    """Lines without gaps of less than that length."""
    kernel = np.ones((height, width), np.uint8)
    return np.asarray(cv2.morphologyEx(lines, cv2.MORPH_CLOSE, kernel))


def _behind(
    ink: Pixels, lying: Pixels, standing: Pixels, veiled: Pixels, size: float
) -> tuple[Pixels, Pixels]:
    """Lines with what seals hide of them, lying and standing."""
    long, seen = round(_BRIDGED * size), np.maximum(ink, veiled * 255)
    lying = np.maximum(lying, np.minimum(_closed(lying, long, 1), seen))
    # Where no line stands at some height it is between two tables, and a rim is none.
    rows = _between(standing, lying, size).any(axis=1)
    standing = np.maximum(standing, _cut_off(ink, standing, veiled, long, size))
    standing = np.maximum(standing, np.minimum(_closed(standing, 1, long), seen))
    standing = _between(standing, lying, size, veiled)
    standing[~rows] = 0
    return lying, standing


def _cut_off(ink: Pixels, standing: Pixels, veiled: Pixels, long: int, size: float) -> Pixels:
    """What a seal leaves of standing lines: shorter strokes that touch it, above or below one."""
    column = cv2.dilate(standing, np.ones((2 * long + 1, 3), np.uint8))
    left = np.minimum(strokes(ink, 1, round(_LEFT * size)), column)
    count, labels = cv2.connectedComponents(left)
    at_seal = np.zeros(count, np.uint8)
    at_seal[labels[cv2.dilate(veiled, np.ones((5, 5), np.uint8)) > 0]] = 255
    at_seal[0] = 0
    return np.asarray(at_seal[labels])


def _between(standing: Pixels, lying: Pixels, size: float, veiled: Pixels | None = None) -> Pixels:
    """Strokes that are long, or run from one lying line to another: those of characters do not. One
    may end at a seal that lies on its way to the next line.
    """
    near = cv2.dilate(lying, np.ones((2 * round(_NEAR * size) + 1, 3), np.uint8))
    if veiled is not None:
        on = cv2.dilate(lying, np.ones((2 * round(_ON * size) + 1, 3), np.uint8))
        behind = cv2.dilate(veiled * 255, np.ones((5, 5), np.uint8))
        near = np.maximum(near, np.minimum(on, behind))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(standing)
    kept = np.zeros(count, np.uint8)
    for number in range(1, count):
        left, top, width, height = (int(side) for side in stats[number][:4])
        ends = near[[top, top + height - 1], left : left + width]
        kept[number] = height > _LONG * size or bool(ends.any(axis=1).all())
    return np.where(kept[labels] > 0, standing, 0).astype(np.uint8)


def _grid(lying: Pixels, standing: Pixels, size: float, left: int, top: int) -> Grid | None:
    ys, xs = _places(lying, size, lies=True), _places(standing, size, lies=False)
    ys = _with_ends(ys, standing, size, lies=False)
    xs = _with_ends(xs, lying, size, lies=True)
    rows, columns = len(ys) - 1, len(xs) - 1
    if columns < 2 or rows < 1 or rows * columns > _MAX_SLOTS or rows * columns < 4:
        return None
    group = _groups(lying, standing, xs, ys, size)
    slots = tuple(
        Slot(
            row=first,
            column=begin,
            rowspan=last - first,
            colspan=end - begin,
            left=left + xs[begin],
            top=top + ys[first],
            right=left + xs[end],
            bottom=top + ys[last],
        )
        for first, begin, last, end in group
    )
    return Grid(slots=slots, rows=rows, columns=columns) if len(slots) >= 4 else None


def _places(lines: Pixels, size: float, *, lies: bool) -> list[float]:
    """Where lines run: the middles of near ones as one, each weighing as much as it is long."""
    count, _, stats, middles = cv2.connectedComponentsWithStats(lines)
    axis, length = (1, 2) if lies else (0, 3)
    found: list[tuple[float, float]] = []
    for place, weight in sorted(
        (float(middles[n][axis]), float(stats[n][length])) for n in range(1, count)
    ):
        if weight < (2 * size if lies else size):
            continue
        if found and place - found[-1][0] < _NEAR * size:
            old, sum_ = found[-1]
            found[-1] = (old * sum_ + place * weight) / (sum_ + weight), sum_ + weight
        else:
            found.append((place, weight))
    return [place for place, _ in found]


def _with_ends(places: list[float], across: Pixels, size: float, *, lies: bool) -> list[float]:
    """Where a table is open at its sides, its edge is where the lines across it end."""
    used = np.flatnonzero(across.any(axis=0 if lies else 1))
    if not len(used):
        return places
    first, last = float(used[0]), float(used[-1])
    if not places or first < places[0] - size:
        places = [first, *places]
    return [*places, last] if last > places[-1] + size else places


def _groups(
    lying: Pixels, standing: Pixels, xs: Sequence[float], ys: Sequence[float], size: float
) -> list[tuple[int, int, int, int]]:
    """Cells as first row, first column, and the row and column behind the last."""
    rows, columns = len(ys) - 1, len(xs) - 1
    owner = np.arange(rows * columns).reshape(rows, columns)
    for row in range(rows):
        for column in range(columns):
            if column + 1 < columns and not _drawn(
                standing.T, xs[column + 1], ys[row], ys[row + 1], size
            ):
                _join(owner, owner[row, column], owner[row, column + 1])
            if row + 1 < rows and not _drawn(lying, ys[row + 1], xs[column], xs[column + 1], size):
                _join(owner, owner[row, column], owner[row + 1, column])
    return _rectangles(owner)


def _drawn(lines: Pixels, place: float, begin: float, end: float, size: float) -> bool:
    """Whether most of a border is drawn."""
    slack, inset = _NEAR * size, min(0.15 * size, (end - begin) / 4)
    band = lines[
        max(round(place - slack), 0) : round(place + slack) + 1,
        round(begin + inset) : round(end - inset),
    ]
    return band.size == 0 or float((band > 0).any(axis=0).mean()) >= _DRAWN


def _join(owner: Pixels, one: int, other: int) -> None:
    owner[owner == other] = one


def _rectangles(owner: Pixels) -> list[tuple[int, int, int, int]]:
    """Each group as the rectangle it spans; groups that would overlap become one."""
    while True:
        spans = dict(_spans(owner))
        grown = next(
            ((name, span) for name, span in spans.items() if (owner[span] != name).any()), None
        )
        if grown is None:
            break
        name, span = grown
        for other in np.unique(owner[span]):
            _join(owner, name, other)
    found = [(s[0].start, s[1].start, s[0].stop, s[1].stop) for s in spans.values()]
    return sorted(found)


def _spans(owner: Pixels) -> Iterator[tuple[int, tuple[slice, slice]]]:
    for name in np.unique(owner):
        rows, columns = np.nonzero(owner == name)
        yield (
            int(name),
            (
                slice(int(rows.min()), int(rows.max()) + 1),
                slice(int(columns.min()), int(columns.max()) + 1),
            ),
        )
