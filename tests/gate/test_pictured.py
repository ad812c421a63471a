"""Reports read from pictures: how many cells are right, and that no wrong one is called confirmed."""

import io
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pypdfium2
import pytest

from archive.model.optical import Certainty
from archive.model.reading import Source
from archive.reading.optical.places import certainties, places_of
from archive.reading.optical.recognise import recognise
from archive.reading.read import read
from tests.gate import pictured
from tests.gate.files import numbers
from tests.gate.pictured import Cells, fallen, read_pictures, scored, style_of
from tests.gate.printed import FONTS, is_here, pictures
from tests.reading.files.report import balanced

REPORTS = int(os.environ.get("GONGKAI_TEST_PICTURES") or 250)
absent = [str(path) for path in FONTS.values() if not path.exists()]
needs_fonts = pytest.mark.skipif(bool(absent), reason=f"fonts are not here: {', '.join(absent)}")
needs_small = pytest.mark.skipif(
    not all(map(is_here, pictured.SMALL)), reason="a font is not here: fonts-arphic-uming"
)
GOOD, POOR, UNRULED = "150 dpi and more", "100 dpi and photographs", "no ruled lines"
GROUP = 25
Counted: TypeAlias = dict[tuple[str, range], Cells]


def groups() -> Iterator[tuple[str, range]]:
    """Which reports a test reads: of one kind, as many as five minutes take."""
    poor, unruled = REPORTS // 5, REPORTS // 10
    for kind, count in ((GOOD, REPORTS - poor - unruled), (POOR, poor), (UNRULED, unruled)):
        for first in range(0, max(count, 1), GROUP):
            yield kind, range(first, min(first + GROUP, max(count, 1)))


@pytest.fixture(scope="module")
def counted() -> Counted:
    """What the groups came to that this process has read."""
    return {}


@needs_small
def test_a_report_of_pictures_is_read_whole() -> None:
    style, made = pictured.SMALL[0], balanced(0)
    reading, seen = read_pictures(pictures(made, style))
    cells, places = Cells(), places_of(reading, seen)
    cells.take(made.truth, reading, "small")
    assert (fallen(cells, poor=False), cells.misses) == ([], [])
    assert [place for place in places.figures if place is None] == []
    said = Counter(certainties(reading))
    assert said == {Certainty.CONFIRMED: 190, Certainty.UNCONFIRMED: 10}
    assert (reading.report_year, reading.publisher.name) == (2023, "云溪县人民政府")


def test_a_wrong_cell_that_is_confirmed_falls() -> None:
    cells = Cells(right=9_999, wrong=1, wrong_ones=Counter({Certainty.CONFIRMED: 1}))
    assert [*fallen(cells, poor=True), *fallen(cells, poor=False)] == [
        "1 wrong cells are confirmed"
    ] * 2


def test_too_many_cells_that_are_not_right_fall() -> None:
    assert fallen(Cells(right=998, unread=2), poor=False)
    assert fallen(Cells(right=990, wrong=10), poor=True)
    assert fallen(Cells(right=990, wrong=10), poor=False, ruled=False)
    assert fallen(Cells(right=940, unread=60), poor=False, ruled=False)
    assert not fallen(Cells(right=960, unread=40), poor=False, ruled=False)
    assert fallen(Cells(right=998, unread=2), poor=False, some=True) == []
    assert fallen(Cells(right=994, unread=6), poor=False, some=True)


@needs_fonts
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seeds"), list(groups()), ids=str)
def test_floors_hold_over_many_reports(
    kind: str, seeds: range, counted: Counted, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two pages each; GONGKAI_TEST_PICTURES says how many reports, a fifth of them poor, a tenth
    without ruled lines. A group of them is a test, so that several processes share them and one
    that failed is run again.
    """
    poor, ruled, cells = kind == POOR, kind != UNRULED, Cells()
    for seed in seeds:
        cells.add(scored([style_of(seed, poor=poor, ruled=ruled)], seed=seed))
        with capsys.disabled():
            print(f"\n{kind}, report {seed} of {seeds}: {cells.told()}", end="", flush=True)
    print(*cells.misses, sep="\n")
    counted[kind, seeds] = cells
    assert fallen(cells, poor=poor, ruled=ruled, some=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", [GOOD, POOR, UNRULED])
def test_floors_hold_for_the_whole_set(
    kind: str, counted: Counted, capsys: pytest.CaptureFixture[str]
) -> None:
    """Behind its groups, in the same process."""
    cells = Cells()
    for group in groups():
        if group[0] == kind and group not in counted:
            pytest.skip(f"not read by this process: {kind}, {group[1]}")
        if group[0] == kind:
            cells.add(counted[group])
    with capsys.disabled():
        print(f"\n{kind}, all: {cells.told()}", end="", flush=True)
    assert fallen(cells, poor=kind == POOR, ruled=kind != UNRULED) == []


@pytest.mark.slow
@pytest.mark.parametrize("dpi", [110, 150, 200])
def test_the_real_pdf_as_pictures(shared: Path, dpi: int) -> None:
    document = pypdfium2.PdfDocument(shared / "files" / "hongze-2024-report.pdf")
    drawn = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    file = io.BytesIO()
    drawn[0].save(file, "TIFF", save_all=True, append_images=drawn[1:])
    seen = recognise([file.getvalue()])
    reading = read(Source(url=pictured.URL, body=file.getvalue(), optical=seen))
    gold = json.loads((shared / "files" / "hongze-2024-report.tables.json").read_text("utf-8"))
    wanted = [number for part in "234" for number in numbers(gold[f"section{part}"])]
    assert [figure.value for figure in reading.figures] == wanted
    assert Counter(certainties(reading))[Certainty.CONFIRMED] == 176
