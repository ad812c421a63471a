"""Seals across a table: its lines go on behind them, and a digit that a black one hides is told."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from archive.model.optical import OpticalTable
from archive.reading.optical.cells import UNREAD
from archive.reading.optical.engine import Engine, Pixels
from archive.reading.optical.flat import black_seals
from archive.reading.optical.grid import ruled
from archive.reading.optical.page import read_page

WIDE, HIGH, SIZE = 1_200, 1_700, 30
LEFTS, TOPS = (100, 400, 700, 1_000), (200, 280, 360, 440)
MIDDLE, RADIUS, THICK = (520, 320), 118, 9


def paper() -> Pixels:
    """A table of three rows and columns."""
    page = np.full((HIGH, WIDE), 255, np.uint8)
    for x in LEFTS:
        cv2.line(page, (x, TOPS[0]), (x, TOPS[-1]), 0, 2)
    for y in TOPS:
        cv2.line(page, (LEFTS[0], y), (LEFTS[-1], y), 0, 2)
    return page


def test_lines_go_on_behind_a_seal_and_begin_nowhere_under_it() -> None:
    page, veiled = paper(), np.zeros((HIGH, WIDE), np.uint8)
    veiled[TOPS[1] - 30 : TOPS[2] + 30, LEFTS[1] - 20 : LEFTS[1] + 120] = 1
    page[veiled > 0] = 255
    [blind], [grid] = ruled(page, SIZE).grids, ruled(page, SIZE, veiled=veiled).grids
    assert (len(blind.slots), len(grid.slots)) == (6, 9)


def test_a_line_of_which_a_seal_leaves_a_piece_goes_on_to_the_end_of_the_table() -> None:
    page, veiled = paper(), np.zeros((HIGH, WIDE), np.uint8)
    for top, bottom in ((TOPS[2] - 10, TOPS[2] + 30), (TOPS[2] + 50, TOPS[3] + 20)):
        veiled[top:bottom, LEFTS[1] - 20 : LEFTS[1] + 120] = 1
    page[veiled > 0] = 255
    [grid] = ruled(page, SIZE, veiled=veiled).grids
    assert len(grid.slots) == 9
    page[TOPS[2] + 1 : TOPS[3] - 1, LEFTS[1] - 20 : LEFTS[1] + 120] = 255
    [grid] = ruled(page, SIZE, veiled=veiled).grids
    assert len(grid.slots) == 8


def test_two_tables_under_one_seal_stay_two() -> None:
    page, veiled = paper(), np.zeros((HIGH, WIDE), np.uint8)
    below = np.roll(paper(), TOPS[-1] - TOPS[0] + 60, axis=0)
    page = np.minimum(page, below)
    veiled[TOPS[-1] - 60 : TOPS[-1] + 120, LEFTS[1] - 20 : LEFTS[1] + 120] = 1
    page[veiled > 0] = 255
    page[TOPS[-1] + 5 : TOPS[-1] + 45, LEFTS[1] - 4 : LEFTS[1] + 2] = 0  # of the rim
    grids = ruled(page, SIZE, veiled=veiled).grids
    assert [len(grid.slots) for grid in grids] == [9, 9]


def test_the_rim_of_a_black_seal_is_no_line() -> None:
    page = paper()
    cv2.circle(page, MIDDLE, RADIUS, 0, THICK)
    [grid] = ruled(page, SIZE, black_seals(page)).grids
    assert (grid.rows, grid.columns, len(grid.slots)) == (3, 3, 9)


def test_tables_and_letters_are_no_black_seal() -> None:
    page = paper()
    cv2.rectangle(page, (300, 600), (500, 800), 0, THICK)
    cv2.putText(page, "2023", (300, 1_000), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 4)
    assert black_seals(page) is None


class Eyes(Engine):
    """Sees a number in the middle of the table."""

    def detect(self, pixels: Pixels) -> Pixels:
        box = [(440, 300), (500, 300), (500, 300 + SIZE), (440, 300 + SIZE)]
        return np.asarray(np.array([box], float) * (pixels.shape[1] / WIDE))

    def read(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        return [("18", 0.99)] * len(crops)


@pytest.mark.parametrize(("middle", "said"), [(498 + RADIUS, UNREAD), (600 + RADIUS, "18")])
def test_a_number_beside_which_a_black_seal_may_hide_a_digit_is_unread(
    middle: int, said: str
) -> None:
    page = paper()
    cv2.putText(page, "18", (450, 328), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    cv2.circle(page, (middle, 320), RADIUS, 0, THICK)
    seen = read_page(cv2.cvtColor(page, cv2.COLOR_GRAY2RGB), Eyes(), source=0, page=1, of=1)
    [table] = [block for block in seen.blocks if isinstance(block, OpticalTable)]
    assert [cell.text for cell in table.cells if (cell.row, cell.column) == (1, 1)] == [said]
