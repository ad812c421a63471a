"""Scoring what was read from pictures: cells right, wrong, unread, and what the sums say of each."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.model.optical import Certainty, OpticalDocument
from archive.model.reading import Reading, Source
from archive.reading.optical.places import certainties
from archive.reading.optical.recognise import recognise
from archive.reading.read import read
from tests.gate.printed import Style, pictures
from tests.reading.files.report import Truth, balanced

SMALL = (Style(font="song", dpi=150, skew=0.7, jpeg=70, stamp=True, shaded=True),)
"""What `make gate` and the normal tests read: two pages, some ten seconds of processor."""

RIGHT_OF_GOOD = 0.999
RIGHT_OF_SOME = 0.995
"""Of 25 reports; the floor above is of all: a page under a fax's seal has cells that nobody can read."""
WRONG_OF_POOR = 0.005
RIGHT_OF_UNRULED = 0.95
_FONTS = ("song", "hei", "microhei")
URL = "http://www.example.gov.cn/report.html"
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><div class=content>{1}</div></body>"


@dataclass(slots=True, kw_only=True)
class Cells:
    """Counts of cells: right, wrong, unread; wrong ones by certainty; each miss in words."""

    right: int = 0
    wrong: int = 0
    unread: int = 0
    wrong_ones: Counter[Certainty] = field(default_factory=Counter)
    certain: Counter[Certainty] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.right + self.wrong + self.unread

    @property
    def wrong_confirmed(self) -> int:
        return self.wrong_ones[Certainty.CONFIRMED]

    def told(self) -> str:
        """The counts in words."""
        return (
            f"{self.right} right, {self.wrong} wrong, {self.unread} unread, "
            f"{self.wrong_confirmed} wrong ones confirmed"
        )

    def add(self, other: "Cells") -> None:
        """Counts those of other reports too."""
        self.right += other.right
        self.wrong += other.wrong
        self.unread += other.unread
        self.wrong_ones += other.wrong_ones
        self.certain += other.certain
        self.misses += other.misses

    def take(self, truth: Truth, reading: Reading, name: str) -> None:
        """Compares the figures of a reading."""
        told = certainties(reading)
        self.certain.update(told)
        found = {
            (figure.indicator, figure.applicant): (figure, certainty)
            for figure, certainty in zip(reading.figures, told, strict=True)
            if figure.indicator is not None
        }
        for key, number in truth.items():
            figure, certainty = found.get(key, (None, Certainty.UNCONFIRMED))
            if figure is not None and figure.value == number:
                self.right += 1
                continue
            if figure is None or figure.value is None:
                self.unread += 1
            else:
                self.wrong += 1
                self.wrong_ones[certainty] += 1
            printed = figure and figure.printed
            self.misses.append(f"{name} {key}: {printed!r} instead of {number} ({certainty})")


def fallen(cells: Cells, *, poor: bool, ruled: bool = True, some: bool = False) -> list[str]:
    """Which floors are not reached. poor: of pictures of 100 dpi, and of photographs; ruled: of
    tables with lines, else without; some: of a part of the set.
    """
    least = RIGHT_OF_UNRULED if not ruled else RIGHT_OF_SOME if some else RIGHT_OF_GOOD
    wrong, right = cells.wrong / cells.count, cells.right / cells.count
    told = []
    if cells.wrong_confirmed:
        told.append(f"{cells.wrong_confirmed} wrong cells are confirmed")
    if (poor or not ruled) and wrong > WRONG_OF_POOR:
        told.append(f"{wrong:.2%} of the cells are wrong, the floor is {WRONG_OF_POOR:.1%}")
    if not poor and right < least:
        told.append(f"{right:.2%} of the cells are right, the floor is {least:.1%}")
    return told


def style_of(seed: int, *, poor: bool, ruled: bool = True) -> Style:
    """How the report of a seed is printed and scanned; poor: at 100 dpi, or photographed; ruled:
    with the lines of its tables, else with those around heads or none.
    """
    rng = random.Random(f"style {seed} {poor}")
    photo = poor and rng.random() < 0.5
    return Style(
        font=rng.choice(_FONTS),
        dpi=rng.choice([150, 200]) if photo else 100 if poor else rng.choice([150, 200, 300]),
        points=rng.choice([9.0, 10.5, 10.5, 12.0]),
        skew=round(rng.uniform(-2.5, 2.5), 2) if rng.random() < 0.7 else 0.0,
        turned=rng.choice([0, 0, 0, 0, 1, 2, 3]),
        blur=rng.choice([0.0, 0.0, 0.4]) if poor else rng.choice([0.0, 0.0, 0.5, 0.8]),
        noise=rng.choice([0, 0, 12, 25]),
        jpeg=rng.choice([None, 50, 65, 80]),
        stamp=rng.random() < 0.3,
        shaded=rng.random() < 0.3,
        fax=not poor and rng.random() < 0.15,
        photo=photo,
        lines="all" if ruled else rng.choice(["none", "head"]),
    )


def page_of(pictures_: Sequence[bytes]) -> bytes:
    """The HTML page that shows them."""
    shown = "".join(f'<p><img src="p{n}.png"></p>' for n in range(len(pictures_)))
    return _PAGE.format("云溪县人民政府2023年政府信息公开工作年度报告", shown).encode()


def read_pictures(bodies: Sequence[bytes]) -> tuple[Reading, OpticalDocument]:
    """The reading of a page that shows these pictures."""
    seen = recognise(bodies)
    return read(Source(url=URL, body=page_of(bodies), optical=seen)), seen


def scored(styles: Sequence[Style], *, seed: int = 0) -> Cells:
    """A report for each style, printed and read."""
    cells = Cells()
    for number, style in enumerate(styles, seed):
        made = balanced(number)
        reading, _ = read_pictures(pictures(made, style, number))
        cells.take(made.truth, reading, f"{number} {style}")
    return cells
