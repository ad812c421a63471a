"""A part of a printed page, small enough to be read in a second."""

import io
from dataclasses import replace
from functools import cache

from PIL import Image

from tests.gate.printed import Style, pictures
from tests.reading.files.report import Report, balanced

STYLE = Style(font="microhei")
APART = ("1\n0", "1\u3000\u20020")
"""Two cells, each of which says two numbers: one under, one beside the other."""


def _with_two_in_a_cell(made: Report) -> Report:
    *above, last = made.tables[2]
    told = [(text, 1, 1) for text in APART]
    return replace(made, tables=(*made.tables[:2], [*above, [*told, *last[2:]]]))


MADE = _with_two_in_a_cell(balanced(3))


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
