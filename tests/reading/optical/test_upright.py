"""Two numbers under each other that the model's first look takes for one that stands upright."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from archive.model.optical import OpticalTable
from archive.reading.optical.engine import Engine, Pixels
from archive.reading.optical.page import read_page
from tests.gate.printed import FONTS, Style, is_here

Box = tuple[int, int, int, int]
LINE, STEP, TOP = 30, 40, 100
COLUMNS = (600, 750, 900)
ROWS = (("一、新收数量", "12", "30", "8"), ("二、结转数量", "5", "2", "4"), ("三、办理数量", "7", "1", "9"),
        ("四、其他数量", "24", "13", "6"))  # fmt: skip


class Eyes(Engine):
    """Reads as it does, lines of text that are where they are told to be."""

    def detect(self, pixels: Pixels) -> Pixels:
        return np.array(
            [[(x, y), (to, y), (to, end), (x, end)] for x, y, to, end in boxes()], float
        )


def boxes() -> list[Box]:
    """One for each text, but the last numbers of the two rows in the middle have one together."""
    found: list[Box] = []
    for row, (label, *numbers) in enumerate(ROWS):
        top = TOP + STEP * row
        found.append((95, top, 105 + 24 * len(label), top + LINE))
        for left, number in zip(COLUMNS, numbers, strict=True):
            if (row, left) != (2, COLUMNS[-1]):
                high = STEP + LINE if (row, left) == (1, COLUMNS[-1]) else LINE
                found.append((left - 6, top, left + 6 + 13 * len(number), top + high))
    return found


def paper() -> Pixels:
    page = Image.new("RGB", (1_240, 400), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(FONTS["microhei"]), 24)
    for row, (label, *numbers) in enumerate(ROWS):
        draw.text((100, TOP + STEP * row), label, "black", font)
        for left, number in zip(COLUMNS, numbers, strict=True):
            draw.text((left, TOP + STEP * row), number, "black", font)
    return np.array(page)


@pytest.mark.skipif(
    not is_here(Style(font="microhei")), reason="a font is not here: fonts-wqy-microhei"
)
def test_each_stands_in_its_own_row() -> None:
    page = read_page(paper(), Eyes(), source=0, page=1, of=1)
    [table] = [block for block in page.blocks if isinstance(block, OpticalTable)]
    rows = [[cell.text for cell in table.cells if cell.row == row] for row in range(table.rows)]
    assert rows == [list(row) for row in ROWS]
