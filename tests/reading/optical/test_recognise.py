"""Pictures in, what stands on them out: cells, places, and findings instead of exceptions."""

import io
import struct
import sys
import zlib

import pytest
from PIL import Image

from archive.model.errors import CannotRunError
from archive.model.optical import OpticalDocument, OpticalLimits, OpticalTable
from archive.model.reading import CellState, Source
from archive.reading.optical import pages, pictures
from archive.reading.optical.places import places_of
from archive.reading.optical.recognise import recognise
from archive.reading.read import read
from archive.reading.values.numbers import parse_number
from tests.gate.printed import is_here
from tests.reading.files.paper import pdf
from tests.reading.optical.strips import APART, MADE, STYLE, as_png, strip

needs_font = pytest.mark.skipif(
    not is_here(STYLE), reason="a font is not here: apt-get install fonts-wqy-microhei"
)
TURNED = 90
"""One reading serves all tests: of the page on its side, which is the harder one."""
LAST_ROW = [" ¦ ".join(text.split()) for text, _, _ in MADE.tables[2][-1]]


@pytest.fixture(scope="module")
def seen() -> OpticalDocument:
    return recognise([strip(TURNED)])


def table_of(seen: OpticalDocument) -> OpticalTable:
    (table,) = (b for page in seen.pages for b in page.blocks if isinstance(b, OpticalTable))
    return table


@needs_font
def test_every_cell_of_a_row_is_read(seen: OpticalDocument) -> None:
    assert [cell.text for cell in table_of(seen).cells if cell.row == 3] == LAST_ROW


@needs_font
def test_two_numbers_in_a_cell_are_none(seen: OpticalDocument) -> None:
    """Under or clear of each other, they may be one that was broken: no value, and a doubt."""
    first = [cell.text for cell in table_of(seen).cells if cell.row == 3][: len(APART)]
    assert first == ["1 ¦ 0", "1 ¦ 0"]
    assert parse_number(first[0]) == (None, CellState.GIVEN, None)


@needs_font
def test_cells_that_reach_over_others_are_one(seen: OpticalDocument) -> None:
    spans = [(cell.rowspan, cell.colspan) for cell in table_of(seen).cells]
    assert spans[:3] == [(1, 5), (1, 10), (2, 1)]


@needs_font
def test_a_box_is_where_the_number_stands(seen: OpticalDocument) -> None:
    picture = Image.open(io.BytesIO(strip(TURNED))).convert("L")
    for cell in table_of(seen).cells:
        left, top = cell.box.x * picture.width // 10_000, cell.box.y * picture.height // 10_000
        right = left + cell.box.width * picture.width // 10_000
        bottom = top + cell.box.height * picture.height // 10_000
        inside = picture.crop((left + 4, top + 4, right - 4, bottom - 4))
        assert min(inside.tobytes()) < 100


@needs_font
def test_a_page_on_its_side_is_turned_and_its_boxes_are_those_of_the_picture(
    seen: OpticalDocument,
) -> None:
    assert seen.pages[0].turned % 360 == 360 - TURNED
    last = [cell for cell in table_of(seen).cells if cell.row == 3]
    assert [cell.text for cell in last] == LAST_ROW
    assert [cell.box.y for cell in last] == sorted(cell.box.y for cell in last)


@needs_font
def test_every_line_of_a_file_has_its_places(seen: OpticalDocument) -> None:
    reading = read(Source(url="http://a.gov.cn/a.png", body=strip(TURNED), optical=seen))
    assert [len(places) for places in places_of(reading, seen).lines] == [1, 2, 7, 10, 15, 1]


def test_without_recognition_a_picture_reads_as_before() -> None:
    reading = read(Source(url="http://a.gov.cn/a.png", body=as_png(Image.new("L", (60, 60)))))
    assert [finding.rule for finding in reading.findings] == ["image_only"]


def bomb() -> bytes:
    """A PNG that says it has 10 billion pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


def large() -> bytes:
    made = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(made, "PNG")
    return made.getvalue()


def tiff(pages_: int) -> bytes:
    """A TIFF of blank pages, 60 × 60 in black and white, all with the same pixels."""
    white = b"\xff" * 480
    tags = {256: 60, 257: 60, 258: 1, 259: 1, 262: 1, 273: 8, 278: 60, 279: len(white)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    size, first = 2 + len(entries) + 4, 8 + len(white)
    places = [*(first + size * number for number in range(1, pages_)), 0]
    made = [struct.pack("<H", len(tags)) + entries + struct.pack("<I", place) for place in places]
    return b"II*\0" + struct.pack("<I", first) + white + b"".join(made)


def cut_jpeg() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((400, 400), 90).save(made, "JPEG")
    return made.getvalue()[:4_000]


def large_page() -> bytes:
    """A PDF whose page is 70 kilometres wide and high, and a picture of one pixel."""
    picture = "200000000 0 0 200000000 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 /F /AHx ID 80> EI\n"
    return pdf(picture).replace(b"[0 0 600 840]", b"[0 0 200000000 200000000]")


HOSTILE = {
    "10 billion pixels": bomb(),
    "100 megapixels": large(),
    "a JPEG without its end": cut_jpeg(),
    "a PDF of 70 kilometres": large_page(),
    "a page": b"<html></html>",
    "nothing": b"",
    "only the first bytes": b"\x89PNG\r\n\x1a\n",
    "a broken PDF": b"%PDF-1.4\n%%EOF",
    "a broken Word file": b"PK\x03\x04word/document.xml",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_a_finding(name: str) -> None:
    seen = recognise([HOSTILE[name]])
    assert (seen.pages, len(seen.findings)) == ((), 1)


@pytest.mark.parametrize("most", [Image.MAX_IMAGE_PIXELS, 40_000_000])
def test_too_many_pixels_are_told_as_that(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Beyond twice as many Pillow refuses to open a picture at all."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
    [told] = recognise([large()]).findings
    assert told.message == "picture 1 was not read: it has more than 80000000 pixels"


def test_of_a_thousand_pages_so_many_are_looked_at_as_the_limit_says() -> None:
    seen = recognise([tiff(1_000)], limits=OpticalLimits(pages=2))
    assert [page.page for page in seen.pages] == [1, 2]
    assert "only 2 pages" in seen.findings[0].message


def test_a_larger_body_than_the_limit_is_left_out() -> None:
    seen = recognise([as_png(Image.new("L", (60, 60)))], limits=OpticalLimits(bytes=10))
    assert (seen.pages, seen.findings[0].rule) == ((), "picture_unread")


def test_an_empty_page_has_nothing_on_it() -> None:
    (page,) = recognise([as_png(Image.new("L", (200, 100), 255))]).pages
    assert page.blocks == ()


def test_blank_pages_are_told_and_not_shown_to_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "read_page", None)
    made, page = io.BytesIO(), Image.new("L", (60, 60), 250)
    page.save(made, "TIFF", save_all=True, append_images=[page])
    seen = recognise([made.getvalue()])
    assert [each.blocks for each in seen.pages] == [(), ()]
    [told] = seen.findings
    assert (told.rule, told.message) == ("picture_blank", "2 of the pages are blank")
    assert told.evidence == "picture 1 page 1, picture 1 page 2"


def test_behind_a_page_that_took_too_long_none_is_begun() -> None:
    blank = as_png(Image.new("L", (60, 60), 250))
    clock = iter([0.0, 119.0, 119.0, 240.0])
    seen = recognise([blank, blank, blank], spent=lambda: next(clock))
    assert [each.source for each in seen.pages] == [0, 1]
    assert seen.findings[0].message.endswith(
        "page 1 took more than 120 seconds; the pages behind it are not looked at"
    )


@pytest.mark.parametrize("where", [(pages, "read_page"), (pictures, "_pixels")])
def test_a_page_that_never_ends_is_left_and_told(
    monkeypatch: pytest.MonkeyPatch, where: tuple[object, str]
) -> None:
    """The alarm goes off where a page is looked at, or where it is decoded."""
    inked, armed = as_png(Image.linear_gradient("L")), []
    clock = iter([0.0, 121.0])

    def never_ends(*_: object, **__: object) -> None:
        raise TimeoutError("it took more than 120 seconds of the processor")

    monkeypatch.setattr(*where, never_ends)
    seen = recognise([inked] * 3, spent=lambda: next(clock), alarm=armed.append)
    assert (seen.pages, set(armed), armed[-1]) == ((), {120.0, 0}, 0)
    assert (seen.findings[0].rule, seen.findings[0].evidence[-16:]) == (
        "picture_unread", "of the processor",
    )  # fmt: skip


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "archive.reading.optical.pages", None)
    with pytest.raises(CannotRunError, match=r'pip install "gongkai\[ocr\]"'):
        recognise([])
