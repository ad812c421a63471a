"""What a camera and a seal do to a page, undone."""

from typing import Final

import cv2
import numpy as np

from archive.reading.optical.engine import Pixels
from archive.reading.optical.grid import ink_of, strokes

_LEAST: Final = 0.25
_MOST: Final = 0.12
_FULL: Final = 0.96
_TABLE: Final = 6.0
_WHITE: Final = 255.0
_RED: Final = 50
_EVEN: Final = 15
_FAINT: Final = 225
_GRAINS: Final = 4
_SEAL: Final = (0.08, 0.4)
_STROKE: Final = 80  # a page is so many times as wide as the widest stroke of a seal's words
_LETTER: Final = 300  # so many times as the widest stroke of a letter under it
_ROUND: Final = 0.5
_BLACK: Final = 110
_THICK: Final = 220  # a page is so many times as wide as the rim of a black seal
_CIRCLE: Final = 0.88


def without_seals(pixels: Pixels) -> tuple[Pixels, Pixels | None, Pixels | None]:
    """The page with the red of round seals taken for paper: text under it stays, as it is darker.
    Red headings stay too. And where a seal is filled so far that a digit under it may not be seen
    any more, and where seals lie at all (1; 0 elsewhere); None where nothing is.
    """
    parts = pixels.astype(np.int16)
    redness = parts[..., 0] - np.maximum(parts[..., 1], parts[..., 2])
    red = (redness > _RED).astype(np.uint8)
    if not red.any():
        return pixels, None, None
    side = min(pixels.shape[:2])
    joined = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((side // 60 | 1,) * 2, np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    shown, filled, veiled = pixels, np.zeros_like(red), np.zeros_like(red)
    solid = cv2.morphologyEx(red, cv2.MORPH_OPEN, np.ones((side // _STROKE | 1,) * 2, np.uint8))
    for left, top, wide, high, _ in stats[1:count].tolist():
        longest, shortest = max(wide, high), min(wide, high)
        if shortest < _ROUND * longest or not _SEAL[0] * side < longest < _SEAL[1] * side:
            continue
        shown = shown.copy() if shown is pixels else shown
        here = (slice(max(top - 3, 0), top + high + 3), slice(max(left - 3, 0), left + wide + 3))
        near = cv2.dilate(red[here], np.ones((7, 7), np.uint8)) > 0
        level = np.median(pixels[here][~near], axis=0) / _WHITE
        shown[here][near] = _under(pixels[here], red[here], side)[near][:, None] * level
        filled[here], veiled[here] = solid[here], near
    return shown, filled if filled.any() else None, veiled if veiled.any() else None


def black_seals(grey: Pixels) -> Pixels | None:
    """Where black seals lie, as fax machines and copiers make them (1; 0 elsewhere): a round rim
    that is thicker than letters, and what is as thick within. None where there is none.
    """
    side = min(grey.shape[:2])
    black = (grey < _BLACK).astype(np.uint8)
    thick = cv2.morphologyEx(black, cv2.MORPH_OPEN, np.ones((side // _THICK | 1,) * 2, np.uint8))
    count, labels, stats, middles = cv2.connectedComponentsWithStats(thick)
    rims = [
        number for number in range(1, count)
        if _SEAL[0] * side < max(stats[number][2:4]) < _SEAL[1] * side
        and _is_round(labels, number, stats[number])
    ]  # fmt: skip
    if not rims:
        return None
    kept = np.zeros(count, np.uint8)
    for left, top, wide, high, _ in stats[rims].tolist():
        off = np.hypot(*(middles - (left + wide / 2, top + high / 2)).T)
        kept |= (off < max(wide, high) / 2).astype(np.uint8)
    kept[0] = 0
    return cv2.dilate(kept[labels], np.ones((5, 5), np.uint8))


def _is_round(labels: Pixels, number: int, place: Pixels) -> bool:
    left, top, wide, high = place[:4].tolist()
    own = (labels[top : top + high, left : left + wide] == number).astype(np.uint8)
    hull = cv2.convexHull(cv2.findNonZero(own))
    _, radius = cv2.minEnclosingCircle(hull)
    return bool(cv2.contourArea(hull) > _CIRCLE * np.pi * radius**2)


def _under(pixels: Pixels, red: Pixels, side: int) -> Pixels:
    """Of a seal the grey of what is printed under it. Within it: what is darker than the ink around
    it, by more than its grain. Elsewhere it is dark in the red part of the light, too: that is not
    so of the seal's thin words, and the first is not of its rim, of which a JPEG blurs the colour.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    around = np.ones((side // _LETTER | 1,) * 2, np.uint8)
    ink = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, around)
    darker = grey * (_WHITE / np.maximum(ink, 1))
    light = pixels[..., 0] * (_WHITE / max(float(np.median(pixels[..., 0][red > 0])), 1))
    is_within = ink < np.median(grey[red > 0]) + _EVEN
    under = np.where(is_within, darker, np.maximum(light, darker))
    usual = float(np.median(under[red > 0]))
    grain = float(np.median(np.abs(under[red > 0] - usual)))
    under[under > min(_FAINT, usual - _GRAINS * grain)] = _WHITE
    return np.clip(under, 0, _WHITE)


def flattening(grey: Pixels, size: float) -> Pixels | None:
    """What makes the largest ruled table of a photographed page a rectangle: 3 × 3. None where
    there is none, or it is one already.
    """
    ink = ink_of(grey, size)
    lines = np.maximum(strokes(ink, round(1.5 * size), 1), strokes(ink, 1, round(size)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(lines, np.ones((7, 7), np.uint8))
    )
    order = np.argsort(stats[1:, 2] * stats[1:, 3])[::-1] + 1
    if not len(order) or min(stats[order[0]][2:4]) < _TABLE * size:
        return None
    points = cv2.findNonZero((labels == order[0]).astype(np.uint8))
    corners = _corners(cv2.convexHull(points))
    if corners is None:
        return None
    wide = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    high = (np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    middle = corners.mean(axis=0)
    halves = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) / 2
    wanted = (middle + halves).astype(np.float32)
    off = float(np.abs(wanted - corners).max())
    if not _LEAST * size < off < _MOST * max(grey.shape):
        return None
    return np.asarray(cv2.getPerspectiveTransform(corners, wanted), dtype=np.float64)


def _corners(hull: Pixels) -> Pixels | None:
    """The four corners of an outline, clockwise from the upper left; None when it has others."""
    around = cv2.arcLength(hull, closed=True)
    for slack in (0.01, 0.02, 0.03, 0.05):
        found = cv2.approxPolyDP(hull, slack * around, closed=True).reshape(-1, 2)
        if len(found) == 4:
            if cv2.contourArea(found) < _FULL * cv2.contourArea(hull):
                return None
            sums, differences = found.sum(axis=1), np.diff(found, axis=1)[:, 0]
            places = [sums.argmin(), differences.argmin(), sums.argmax(), differences.argmax()]
            return found[places].astype(np.float32) if len(set(places)) == 4 else None
    return None
