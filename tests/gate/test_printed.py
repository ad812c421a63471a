"""The printed page: no text leaves its cell, as in no real report does."""

import io

import pytest
from PIL import Image

from tests.gate.printed import Style, is_here, pictures
from tests.reading.files.report import balanced

STYLE = Style(font="microhei", dpi=72, points=12.0)


@pytest.mark.skipif(not is_here(STYLE), reason="a font is not here: fonts-wqy-microhei")
def test_a_table_that_a_page_cuts_ends_with_its_border() -> None:
    first = Image.open(io.BytesIO(pictures(balanced(0), STYLE)[0])).convert("L")
    rows = [first.crop((0, y, first.width, y + 1)).tobytes() for y in range(first.height)]
    last = [row for row in rows if min(row) < 128][-1]
    assert sum(pixel < 128 for pixel in last) > first.width // 2
