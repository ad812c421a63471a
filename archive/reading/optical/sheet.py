"""A page made straight: turned the right way up, its lines level, of a size the models like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from archive.reading.optical.engine import Engine, Pixels
from archive.reading.optical.flat import flattening, without_seals

_SMALLEST: Final = 1_200.0
_LARGEST: Final = 2_000.0
_LONG: Final = 2.5
_SHARPEST: Final = 2.0
_WIDE: Final = 3.0
_SAMPLE: Final = 6
_TELLING: Final = 6.0
_UNSURE: Final = 0.85
_STEEPEST: Final = 30.0
_LEVEL: Final = 0.1
_PLACES: Final = 6  # so many steps across a box, of which the ends are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A straight page.

    back: 3 × 3, from its pixels to those of the picture as it is kept. turned: degrees clockwise.
    size: how high a line of text is, pixels. boxes: left, top, right, bottom of each: n × 4.
    filled: where on the picture a seal may hide a digit; veiled: where on the sheet one may hide a
    line (1; 0 elsewhere); None without such.
    """

    pixels: Pixels
    back: Pixels
    turned: float
    size: float
    boxes: Pixels
    filled: Pixels | None = None
    veiled: Pixels | None = None

    def is_hidden(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a seal's filled parts lie on the middle of a box of the sheet."""
        if self.filled is None:
            return False
        left, top, right, bottom = box
        across = np.linspace(left, right, _PLACES)[1:-1]
        down = np.linspace(top, bottom, _PLACES)[1:-1]
        places = np.array([[(x, y) for x in across for y in down]], dtype=np.float64)
        there = np.rint(cv2.perspectiveTransform(places, self.back)[0]).astype(int)
        high, wide = self.filled.shape
        return any(self.filled[y, x] for x, y in there.tolist() if 0 <= x < wide and 0 <= y < high)


def straight(picture: Pixels, engine: Engine) -> Sheet:
    """The page on a picture, and where its lines of text stand."""
    shown, filled, veiled = without_seals(picture)
    kept = _Turning(shown)
    kept.scale(_scale(picture))
    quads = engine.detect(kept.pixels)
    if _stands(quads):
        quads = kept.turn(90.0, quads)
    if _is_upside_down(kept.pixels, quads, engine):
        quads = kept.turn(180.0, quads)
    skew = _skew(quads)
    if abs(skew) > _LEVEL:
        quads = kept.turn(-skew, quads)
    grey = cv2.cvtColor(kept.pixels, cv2.COLOR_RGB2GRAY)
    flat = flattening(grey, _size(_bounds(quads)))
    if flat is not None:
        quads = kept.warp(flat, quads)
    boxes = _bounds(quads)
    return Sheet(
        pixels=kept.pixels,
        back=np.linalg.inv(kept.matrix),
        turned=round(kept.turned, 2),
        size=_size(boxes),
        boxes=boxes,
        filled=filled,
        veiled=None if veiled is None else kept.placed(veiled),
    )


class _Turning:
    """A picture on its way to be straight, and the way back."""

    def __init__(self, picture: Pixels) -> None:
        self.pixels = picture
        self.matrix: Pixels = np.eye(3)
        self.turned = 0.0

    def scale(self, factor: float) -> None:
        if factor == 1.0:
            return
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        before = self.pixels.shape
        self.pixels = cv2.resize(self.pixels, None, fx=factor, fy=factor, interpolation=how)
        across, down = self.pixels.shape[1] / before[1], self.pixels.shape[0] / before[0]
        self.matrix = np.diag([across, down, 1.0]) @ self.matrix

    def turn(self, degrees: float, quads: Pixels) -> Pixels:
        """Turns clockwise; the corners go along, and begin at the upper left again."""
        height, width = self.pixels.shape[:2]
        turning = np.vstack(
            [cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1), (0, 0, 1)]
        )
        corners = _moved(np.array([[(0, 0), (width, 0), (width, height), (0, height)]]), turning)[0]
        low, high = corners.min(axis=0), corners.max(axis=0)
        turning = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ turning
        self.turned += degrees
        moved = self._show(turning, high - low, quads)
        return np.roll(moved, round(degrees / 90), axis=1)

    def warp(self, matrix: Pixels, quads: Pixels) -> Pixels:
        """Makes a photographed page flat; the corners go along."""
        return self._show(matrix, np.array(self.pixels.shape[1::-1]), quads)

    def placed(self, mask: Pixels) -> Pixels:
        """Where a part of the picture is now."""
        high, wide = self.pixels.shape[:2]
        return cv2.warpPerspective(mask, self.matrix, (wide, high), flags=cv2.INTER_NEAREST)

    def _show(self, matrix: Pixels, size: Pixels, quads: Pixels) -> Pixels:
        wide, high = (round(float(side)) for side in size)
        self.pixels = cv2.warpPerspective(
            self.pixels, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)
        )
        self.matrix = matrix @ self.matrix
        return _moved(quads, matrix)


def _moved(quads: Pixels, matrix: Pixels) -> Pixels:
    if not len(quads):
        return quads
    return np.asarray(cv2.perspectiveTransform(quads.astype(np.float64), matrix))


def _scale(picture: Pixels) -> float:
    """What brings the lines of most pages to a height that the models like."""
    height, width = picture.shape[:2]
    is_strip = max(height, width) > _LONG * min(height, width)
    side = float(width) if is_strip else float(height * width) ** 0.5
    if side < _SMALLEST:
        return min(_SMALLEST / side, _SHARPEST)
    return min(_LARGEST / side, 1.0)


def _lengths(quads: Pixels) -> tuple[Pixels, Pixels]:
    across = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    down = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return across, down


def _stands(quads: Pixels) -> bool:
    """Whether the lines of text run up or down the picture."""
    if not len(quads):
        return False
    across, down = _lengths(quads)
    lying, standing = across > _WIDE * down, down > _WIDE * across
    return bool(down[standing].sum() > 1.5 * across[lying].sum())


def _is_upside_down(pixels: Pixels, quads: Pixels, engine: Engine) -> bool:
    """Whether lines of a phrase read better from the other side."""
    across, down = _lengths(quads)
    order = np.argsort(np.abs(across / np.maximum(down, 1.0) - _TELLING))[:_SAMPLE]
    crops = [cut_out(pixels, box) for box in _bounds(quads)[order]]
    upright = _sure(engine, crops)
    if not crops or upright > _UNSURE:
        return False
    return _sure(engine, [np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops]) > upright


def _sure(engine: Engine, crops: Sequence[Pixels]) -> float:
    told = engine.read(crops)
    return float(np.mean([score for _, score in told])) if told else 0.0


def _skew(quads: Pixels) -> float:
    """By how many degrees the lines fall to the right: of the long ones, the middle one."""
    if not len(quads):
        return 0.0
    across, down = _lengths(quads)
    long = quads[across > _WIDE * down]
    if len(long) < 3:
        return 0.0
    ways = (long[:, 1] - long[:, 0]) + (long[:, 2] - long[:, 3])
    angles = np.degrees(np.arctan2(ways[:, 1], ways[:, 0]))
    order = np.argsort(angles)
    weights = np.cumsum(np.hypot(ways[:, 0], ways[:, 1])[order])
    middle = float(angles[order][np.searchsorted(weights, weights[-1] / 2)])
    return middle if abs(middle) < _STEEPEST else 0.0


def _bounds(quads: Pixels) -> Pixels:
    if not len(quads):
        return np.empty((0, 4))
    return np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)


def _size(boxes: Pixels) -> float:
    if not len(boxes):
        return 30.0
    return float(np.median(np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])))


def cut_out(pixels: Pixels, box: Sequence[float] | Pixels) -> Pixels:
    """The pixels of a box, as far as they are on the picture."""
    left, top, right, bottom = (round(float(side)) for side in box)
    return pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
