"""Numbers that say one thing at the first look and another at the second."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from archive.model.optical import OpticalTable
from archive.reading.optical.engine import Engine, Pixels
from archive.reading.optical.page import read_page
from tests.gate.printed import FONTS, Style, is_here

COLUMNS, ROWS, WIDE, HIGH = 16, 3, 70, 34
PLACES = [(60 + column * WIDE, 50 + row * HIGH) for row in range(ROWS) for column in range(COLUMNS)]


class Eyes(Engine):
    """Reads as it does, lines of text that are where they are told to be."""

    def detect(self, pixels: Pixels) -> Pixels:
        return np.array(
            [
                [(x + 18, y + 5), (x + 48, y + 5), (x + 48, y + 30), (x + 18, y + 30)]
                for x, y in PLACES
            ],
            float,
        )


def sevens() -> Pixels:
    """Rows of small, blurred ones."""
    page = Image.new("RGB", (1_240, 200), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(FONTS["microhei"]), 16)
    for left, top in PLACES:
        draw.rectangle((left, top, left + WIDE, top + HIGH), outline="black")
        draw.text((left + 30, top + 7), "7", "black", font)
    page = page.filter(ImageFilter.GaussianBlur(0.8))
    grain = np.random.default_rng(1).integers(-25, 26, (page.height, page.width, 1))
    page = Image.fromarray(np.clip(np.array(page) + grain, 0, 255).astype(np.uint8))
    made = io.BytesIO()
    page.save(made, "JPEG", quality=50)
    return np.array(Image.open(made).convert("RGB"))


@pytest.mark.skipif(
    not is_here(Style(font="microhei")), reason="a font is not here: fonts-wqy-microhei"
)
def test_two_further_looks_settle_what_two_say_differently() -> None:
    page = read_page(sevens(), Eyes(), source=0, page=1, of=1)
    [table] = [block for block in page.blocks if isinstance(block, OpticalTable)]
    assert [cell.text for cell in table.cells] == ["7"] * COLUMNS * ROWS
