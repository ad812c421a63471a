"""Seals over text: their ink is taken for paper, what is printed under it stays."""

import io

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from archive.reading.optical.engine import Pixels
from archive.reading.optical.flat import without_seals

WIDE, HIGH, ACROSS = 1_240, 1_754, 236
RED = (220, 40, 40)
LEFT, TOP = 500, 600
MIDDLE = (LEFT + ACROSS // 2, TOP + ACROSS // 2)


def stamped(quality: int | None, grain: int = 0) -> Pixels:
    """Thin lines, a little blurred, and a seal on them: its rim, a filled middle and a thin red
    stroke as of its words. grain: by how much pixels are brighter or darker, of a greyer paper.
    """
    page = Image.new("RGB", (WIDE, HIGH), "white")
    for y in (MIDDLE[1], TOP + 4):
        ImageDraw.Draw(page).line((LEFT - 60, y, LEFT + ACROSS + 60, y), "black", 1)
    layer = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(layer)
    draw.ellipse((LEFT, TOP, LEFT + ACROSS, TOP + ACROSS), outline=RED, width=8)
    draw.regular_polygon((*MIDDLE, 40), 5, fill=RED)
    draw.line((MIDDLE[0] - 60, TOP + 50, MIDDLE[0] + 60, TOP + 50), RED, 2)
    page = ImageChops.multiply(page, layer).filter(ImageFilter.GaussianBlur(0.4 if grain else 0.8))
    if grain:
        grains = np.random.default_rng(1).integers(-2 * grain, 1, (HIGH, WIDE, 1))
        page = Image.fromarray(np.clip(np.array(page) + grains, 0, 255).astype(np.uint8))
    if quality is not None:
        made = io.BytesIO()
        page.save(made, "JPEG", quality=quality)
        page = Image.open(made).convert("RGB")
    return np.array(page)


@pytest.mark.parametrize("quality", [None, 80, 50])
def test_thin_lines_under_a_seal_stay_and_its_ink_is_gone(quality: int | None) -> None:
    shown, filled, _ = without_seals(stamped(quality))
    dark = shown.min(axis=2) < 190
    line = dark[MIDDLE[1] - 2 : MIDDLE[1] + 4, LEFT : LEFT + ACROSS].any(axis=0)
    assert line.mean() > 0.95
    clear = dark[TOP + 12 : MIDDLE[1] - 6, LEFT - 3 : LEFT + ACROSS + 3]
    assert clear.mean() < 0.005
    assert filled is not None
    assert filled[MIDDLE[1] + 16, MIDDLE[0]]


def test_grain_within_a_seal_is_no_letter_and_paper_there_is_as_grey_as_elsewhere() -> None:
    shown, _, _ = without_seals(stamped(80, grain=20))
    there = shown[TOP + 12 : MIDDLE[1] - 6, LEFT - 3 : LEFT + ACROSS + 3].min(axis=2)
    assert (there < 150).mean() < 0.005
    rim = shown[MIDDLE[1] - 10 : MIDDLE[1] - 4, LEFT + 2 : LEFT + 7]
    around = shown[MIDDLE[1] - 10 : MIDDLE[1] - 4, LEFT - 30 : LEFT - 10]
    assert abs(float(np.median(rim)) - float(np.median(around))) < 8
