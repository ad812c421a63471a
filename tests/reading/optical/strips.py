"""A part of a printed page, small enough to be read in a second."""

import io
from functools import cache

from PIL import Image

from tests.gate.printed import Style, pictures
from tests.reading.files.report import balanced

STYLE = Style(font="microhei")
MADE = balanced(3)


@cache
def strip(turned: int = 0) -> bytes:
    """The table of section 4, from its heading on."""
    page = Image.open(io.BytesIO(pictures(MADE, STYLE)[-1]))
    below = page.crop((0, _begin(page), page.width, page.height))
    return as_png(below.crop((0, 0, page.width, 420)).rotate(-turned, expand=True))


def as_png(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def _begin(page: Image.Image) -> int:
    """Where the last but one free band of rows ends: above the heading of the last table."""
    inked = [
        min(page.crop((0, y, page.width, y + 1)).convert("L").tobytes()) < 128
        for y in range(page.height)
    ]
    bands = [y for y in range(1, page.height) if inked[y] and not inked[y - 1]]
    return bands[-3] - 10
