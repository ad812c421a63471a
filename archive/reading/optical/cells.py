"""What stands in the cells of a ruled table: lines of text, and ink that no line covers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from archive.reading.optical.engine import Pixels
from archive.reading.optical.grid import Grid, Ruled, Slot

UNREAD: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for ink that no model could read: the cell is neither blank nor a number."""

_MOST: Final = 0.75
_PART: Final = 0.3
_INSET: Final = 0.08
_SPECK: Final = 0.3
_DASH: Final = 0.25
_PAD: Final = 0.25
_APART: Final = 1.0
_DIGIT: Final = 0.4
_TALL: Final = 0.7
_THIN: Final = 0.3
_CONTRAST: Final = 20.0
_SHARE: Final = 0.35


@dataclass(slots=True, kw_only=True)
class Snippet:
    """A line of text to be read, or read: where it stands, and what it says."""

    left: float
    top: float
    right: float
    bottom: float
    text: str = ""
    confidence: float = 0.0
    ink: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Its four sides, as `cut_out` takes them."""
        return self.left, self.top, self.right, self.bottom

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2


@dataclass(slots=True, kw_only=True)
class Filled:
    """A cell of a table and its lines of text."""

    slot: Slot
    snippets: list[Snippet] = field(default_factory=list)


def deal_out(
    grid: Grid, boxes: Sequence[Snippet], sheet: Ruled, size: float
) -> tuple[list[Filled], list[Snippet]]:
    """The cells with the lines in each, and the lines that stand in none. A line that runs over a
    border is cut there; ink that no line covers becomes a line of its own.
    """
    filled = [Filled(slot=slot) for slot in grid.slots]
    left = [box for box in boxes if not _deal(box, filled, size)]
    for cell in filled:
        cell.snippets += uncovered(cell, sheet, size)
    return filled, left


def _deal(box: Snippet, filled: Sequence[Filled], size: float) -> bool:
    """Whether cells take the line: one that holds most of it, or each that holds a part."""
    area = max((box.right - box.left) * (box.bottom - box.top), 1.0)
    shares = [(_overlap(box, cell.slot) / area, cell) for cell in filled]
    best = max(shares, key=lambda share: share[0], default=None)
    if best is None or sum(share for share, _ in shares) < 0.5:
        return False
    if best[0] >= _MOST:
        best[1].snippets.append(_within(box, best[1].slot, size))
        return True
    for _, cell in shares:
        part = _within(box, cell.slot, size)
        wide, high = part.right - part.left, part.bottom - part.top
        if wide > _PART * size and high > 0.5 * min(box.bottom - box.top, size):
            cell.snippets.append(part)
    return True


def _overlap(box: Snippet, slot: Slot) -> float:
    wide = min(box.right, slot.right) - max(box.left, slot.left)
    high = min(box.bottom, slot.bottom) - max(box.top, slot.top)
    return max(wide, 0.0) * max(high, 0.0)


def _within(box: Snippet, slot: Slot, size: float) -> Snippet:
    """The part of a line in a cell, clear of the borders."""
    inset = _INSET * size
    return Snippet(
        left=max(box.left, slot.left + inset),
        top=max(box.top, slot.top + inset),
        right=min(box.right, slot.right - inset),
        bottom=min(box.bottom, slot.bottom - inset),
    )


def uncovered(cell: Filled, sheet: Ruled, size: float) -> list[Snippet]:
    """Ink of a cell that the detector left out, a line for each row of it."""
    slot, inset = cell.slot, max(2, round(_INSET * size))
    top, left = round(slot.top) + inset, round(slot.left) + inset
    here = (slice(top, round(slot.bottom) - inset), slice(left, round(slot.right) - inset))
    grey = sheet.grey[here]
    if not grey.size:
        return []
    own = np.where(
        grey < np.median(grey) - max(_CONTRAST, _SHARE * sheet.contrast), sheet.ink[here], 0
    ).astype(np.uint8)
    for line in cell.snippets:
        own[
            max(round(line.top) - top - 2, 0) : max(round(line.bottom) - top + 2, 0),
            max(round(line.left) - left - 2, 0) : max(round(line.right) - left + 2, 0),
        ] = 0
    rows: list[list[float]] = []
    for x0, y0, x1, y1 in sorted(_marks(own, size), key=lambda mark: (mark[1] + mark[3]) / 2):
        middle = (y0 + y1) / 2
        if rows and middle < rows[-1][3]:
            old = rows[-1]
            rows[-1] = [min(old[0], x0), min(old[1], y0), max(old[2], x1), max(old[3], y1)]
        else:
            rows.append([x0, y0, x1, y1])
    pad = _PAD * size
    found = [
        Snippet(left=left + r[0] - pad, top=top + r[1] - pad, right=left + r[2] + pad,
                bottom=top + r[3] + pad, ink=True)
        for r in rows
    ]  # fmt: skip
    return [_clear(line, slot, size) for line in found]


def lies_on(sealed: Pixels | None, box: tuple[float, float, float, float]) -> bool:
    """Whether a black seal lies on some part of a box."""
    if sealed is None:
        return False
    left, top, right, bottom = (max(round(side), 0) for side in box)
    return bool(sealed[top:bottom, left:right].any())


def hides_a_digit(line: Snippet, slot: Slot, sheet: Ruled) -> bool:
    """Whether a black seal covers so much of a number, or of the paper beside it, that a digit may
    be under it of which nothing is seen.
    """
    if sheet.sealed is None or not lies_on(
        sheet.sealed, (slot.left, slot.top, slot.right, slot.bottom)
    ):
        return False
    top, left = max(round(line.top), 0), max(round(line.left), 0)
    ys, xs = np.nonzero(sheet.ink[top : round(line.bottom), left : round(line.right)])
    if not len(ys):
        return True
    high = int(np.ptp(ys)) + 1
    beside = slice(
        max(round(slot.left), left + int(xs.min()) - high),
        min(round(slot.right), left + int(xs.max()) + high),
    )
    there = sheet.sealed[top + int(ys.min()) : top + int(ys.max()) + 1, beside]
    least = np.ones((max(round(_TALL * high), 1), max(round(_THIN * high), 1)), np.uint8)
    return bool(cv2.erode(there, least, borderType=cv2.BORDER_CONSTANT, borderValue=0).any())


def in_pieces(line: Snippet, sheet: Ruled, size: float, free: float = _APART) -> list[Snippet]:
    """The parts of a line: of two lines that are taken for one, and between which more paper is
    free than that. Only the line where there are none.
    """
    top, left = max(round(line.top), 0), max(round(line.left), 0)
    ink = sheet.ink[top : round(line.bottom), left : round(line.right)]
    rows = [
        run for run in _runs(np.asarray(ink.any(axis=1)), 1.0) if run[1] - run[0] >= _DIGIT * size
    ]
    pad, found = _PAD * size, []
    for first, last in rows if len(rows) > 1 else [(0, len(ink))]:
        above, below = (first - pad, last + pad) if len(rows) > 1 else (first, last)
        found += [
            Snippet(left=left + start - pad, top=top + above, right=left + stop + pad,
                    bottom=top + below, ink=True)
            for start, stop in _runs(np.asarray(ink[first:last].any(axis=0)), free * size)
        ]  # fmt: skip
    return found if len(found) > 1 else [line]


def _runs(inked: Pixels, gap: float) -> list[tuple[int, int]]:
    """Begin and end of what is inked, without gaps larger than that."""
    used = np.flatnonzero(inked)
    if not len(used):
        return []
    ends = np.flatnonzero(np.diff(used) > gap)
    starts, stops = [used[0], *used[ends + 1]], [*used[ends], used[-1]]
    return [(int(start), int(stop) + 1) for start, stop in zip(starts, stops, strict=True)]


def _clear(line: Snippet, slot: Slot, size: float) -> Snippet:
    part = _within(line, slot, size)
    part.ink = True
    return part


def _marks(ink: Pixels, size: float) -> list[tuple[float, float, float, float]]:
    """Pieces of ink as large as a digit or a dash; specks are none."""
    joined: Pixels = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    found = []
    for number in range(1, count):
        x, y, wide, high, area = (float(side) for side in stats[number])
        is_digit = high >= _SPECK * size and area >= 0.02 * size * size
        if min(wide, high) < 0.2 * size and _at_edge(x, y, wide, high, ink):
            continue  # what a border leaves, or shading
        is_dash = wide >= _DASH * size and high >= 2 and area >= 0.6 * wide * high
        if is_digit or is_dash:
            found.append((x, y, x + wide, y + high))
    return found


def _at_edge(x: float, y: float, wide: float, high: float, ink: Pixels) -> bool:
    return x <= 1 or y <= 1 or x + wide >= ink.shape[1] - 1 or y + high >= ink.shape[0] - 1
