"""Pictures that Word and OFD files hold, within the limits of all pictures."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image

from archive.model.optical import OpticalLimits, OpticalTable
from archive.reading.files.held import HELD
from archive.reading.files.magic import kind_of
from archive.reading.optical.pictures import Pictures
from archive.reading.optical.recognise import recognise
from tests.gate.printed import is_here
from tests.reading.files.office import docx_of_pictures, ofd_of_pictures, zipped
from tests.reading.optical.strips import MADE, STYLE, strip

LIMITS = OpticalLimits()
Holding = Callable[..., bytes]
both = pytest.mark.parametrize("holding", [docx_of_pictures, ofd_of_pictures])


def png(shade: int, side: int = 60) -> bytes:
    out = io.BytesIO()
    Image.new("L", (side, side), shade).save(out, "PNG")
    return out.getvalue()


def looked_at(
    body: bytes, limits: OpticalLimits = LIMITS
) -> tuple[list[tuple[int, int]], list[str]]:
    """Page and shade of each picture, and what is said of the others."""
    pictures = Pictures(bodies=[body], limits=limits)
    found = [(each.page, int(each.pixels[0, 0, 0])) for each in pictures]
    return found, [f"{each.message} {each.evidence}" for each in pictures.findings]


@both
def test_they_come_in_the_order_in_which_the_file_shows_them(holding: Holding) -> None:
    body = holding(png(10), png(90), png(30))
    assert kind_of(body) in HELD
    assert looked_at(body) == ([(1, 10), (2, 90), (3, 30)], [])


def test_one_that_each_page_shows_is_looked_at_once() -> None:
    with zipfile.ZipFile(io.BytesIO(ofd_of_pictures(png(10), png(90)))) as made:
        parts: dict[str, bytes | str] = {name: made.read(name) for name in made.namelist()}
    page = parts["Doc_0/Pages/0.xml"]
    assert isinstance(page, bytes)
    parts["Doc_0/Pages/1.xml"] = page
    assert looked_at(zipped(parts)) == ([(1, 10)], [])


@both
def test_what_is_no_picture_is_told_and_no_file_in_it_is_opened(holding: Holding) -> None:
    inner = holding(png(10))
    found, said = looked_at(holding(inner, png(30)[:60], png(90), b"<svg/>"))
    assert found == [(3, 90)]
    assert ["its picture 1" in said[0], "damaged" in said[1], "its picture 4" in said[2]] == [
        True
    ] * 3


@both
def test_limits_hold_for_them(holding: Holding) -> None:
    large, few = replace(LIMITS, pixels=8_000), replace(LIMITS, pages=2)
    found, said = looked_at(holding(png(10), png(30, 100), png(90)), large)
    assert (found, "more than 8000 pixels" in said[0]) == ([(1, 10), (3, 90)], True)
    found, said = looked_at(holding(*map(png, (10, 20, 30))), few)
    assert (found, "only 2 pages" in said[0]) == ([(1, 10), (2, 20)], True)
    _, [said_of_all] = looked_at(holding(png(10)), replace(LIMITS, bytes=100))
    assert "more than 100 bytes" in said_of_all


@pytest.mark.parametrize("lost", ["Doc_0/DocumentRes.xml", "Doc_0/Res/0.bin", "Doc_0/PageRes.xml"])
def test_resources_that_are_not_there_are_passed_over(lost: str) -> None:
    with zipfile.ZipFile(io.BytesIO(ofd_of_pictures(png(10), png(90)))) as made:
        parts: dict[str, bytes | str] = {
            name: made.read(name) for name in made.namelist() if name != lost
        }
    found, said = looked_at(zipped(parts))
    assert ([shade for _, shade in found], said) == ([10] if "Page" in lost else [90], [])


@pytest.mark.skipif(
    not is_here(STYLE), reason="a font is not here: apt-get install fonts-wqy-microhei"
)
def test_the_engine_reads_the_page_of_an_ofd_file() -> None:
    seen = recognise([ofd_of_pictures(strip())])
    [table] = [block for block in seen.pages[0].blocks if isinstance(block, OpticalTable)]
    last = [" ¦ ".join(text.split()) for text, _, _ in MADE.tables[2][-1]]
    assert [cell.text for cell in table.cells if cell.row == 3] == last
