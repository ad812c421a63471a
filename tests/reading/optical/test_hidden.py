"""What a seal hides, with a double of the models."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from archive.model.optical import OpticalTable
from archive.reading.optical.cells import UNREAD
from archive.reading.optical.engine import Engine, Pixels
from archive.reading.optical.page import read_page

WIDE, HIGH, LINE = 1_200, 1_700, 30
LEFTS, TOPS = (100, 400, 700), (200, 280, 360)
RED = (220, 40, 40)


class Eyes(Engine):
    """Sees a number in the three cells that are not the last."""

    def detect(self, pixels: Pixels) -> Pixels:
        places = [(240, 225), (540, 225), (240, 305)]
        scale = pixels.shape[1] / WIDE
        return scale * np.array(
            [[(x, y), (x + 40, y), (x + 40, y + LINE), (x, y + LINE)] for x, y in places], float
        )

    def read(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        return [("7", 0.99)] * len(crops)


def paper(stamp: str) -> Pixels:
    """A table of two rows and columns; a seal over its last cell."""
    page = np.full((HIGH, WIDE, 3), 255, np.uint8)
    for x in LEFTS:
        cv2.line(page, (x, TOPS[0]), (x, TOPS[-1]), (0, 0, 0), 2)
    for y in TOPS:
        cv2.line(page, (LEFTS[0], y), (LEFTS[-1], y), (0, 0, 0), 2)
    middle = (550, 320)
    if stamp:
        cv2.circle(page, middle, 120, RED, 6)
    if stamp == "filled":
        cv2.circle(page, middle, 40, RED, -1)
    if stamp == "words":
        cv2.putText(page, "8", (530, 345), cv2.FONT_HERSHEY_SIMPLEX, 1.6, RED, 4)
    return page


@pytest.mark.parametrize(("stamp", "said"), [("filled", UNREAD), ("words", ""), ("", "")])
def test_a_cell_under_the_filled_part_of_a_seal_is_unread_and_not_blank(
    stamp: str, said: str
) -> None:
    page = read_page(paper(stamp), Eyes(), source=0, page=1, of=1)
    [table] = [block for block in page.blocks if isinstance(block, OpticalTable)]
    assert [cell.text for cell in table.cells] == ["7", "7", "7", said]
