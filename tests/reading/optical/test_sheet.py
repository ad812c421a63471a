"""Pages that lie on a side, upside down and askew, with a double of the models."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from archive.reading.optical.engine import Engine, Pixels
from archive.reading.optical.sheet import straight

WIDE, HIGH, LINE = 1_000, 1_400, 30


class Eyes(Engine):
    """Sees ten lines where they are on a page turned clockwise; reads only what is upright."""

    def __init__(self, degrees: float) -> None:
        turning = cv2.getRotationMatrix2D((0, 0), -degrees, 1)
        corners = np.array([[(0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)]], dtype=float)
        low = cv2.transform(corners, turning)[0].min(axis=0)
        lines = [
            [(100, y), (900, y), (900, y + LINE), (100, y + LINE)] for y in range(100, 1_100, 100)
        ]
        self.size = np.ceil(cv2.transform(corners, turning)[0].max(axis=0) - low).astype(int)
        self.quads = np.array(
            [_clockwise(q) for q in cv2.transform(np.array(lines, float), turning) - low]
        )
        self.asked = 0
        self.upright = degrees < 135

    def detect(self, pixels: Pixels) -> Pixels:
        return self.quads * pixels.shape[1] / self.size[0]

    def read(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        self.asked += 1
        return [("", 0.95 if self.upright == (self.asked == 1) else 0.4)] * len(crops)


def _clockwise(quad: Pixels) -> Pixels:
    """Corners as the models give them: from the upper left one."""
    return np.roll(quad, -int(quad.sum(axis=1).argmin()), axis=0)


@pytest.mark.parametrize("degrees", [0.0, 2.0, -90.0, -88.0, 180.0, 182.0])
def test_a_page_is_turned_the_right_way_up_and_made_level(degrees: float) -> None:
    eyes = Eyes(degrees)
    sheet = straight(np.full((eyes.size[1], eyes.size[0], 3), 255, np.uint8), eyes)
    assert (sheet.turned + degrees) % 360 == pytest.approx(0, abs=0.05)
    wide, high = (sheet.boxes[:, 2:] - sheet.boxes[:, :2]).mean(axis=0)
    assert wide / high == pytest.approx(800 / LINE, rel=0.05)
