"""Files whose pages are pictures, read with what was seen on them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from archive.model.optical import OpticalDocument, OpticalLine
from archive.model.reading import Reading, Source
from archive.reading.read import read
from tests.reading.files.made_files import rules
from tests.reading.files.office import docx_of_pictures, ofd_of_pictures
from tests.reading.files.paper import pdf
from tests.support.pictures import recognised, scan

PICTURE = "BI /W 9 /H 9 /BPC 8 /CS /G ID " + "x" * 81 + " EI"
LINES = (
    "本报告根据《中华人民共和国政府信息公开条例》编制。",
    "一、总体情况",
    "全年收到申请 3 件。",
)
LISTED = "云溪县教育局2015年政府信息公开工作年度报告"
PNG, PDF = scan(LINES), pdf(PICTURE)
PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p><img src=1.png></p></body></html>"


def seen(*lines: str) -> OpticalDocument:
    return recognised([scan(lines)])


def of(
    body: bytes, optical: OpticalDocument | None, listed: str | None = None, name: str = "P1.pdf"
) -> Reading:
    url = f"http://www.example.gov.cn/nb/{name}"
    return read(Source(url=url, body=body, optical=optical, listed=listed))


NOTHING = OpticalDocument(engine="double 1.0", pages=())
BODIES = {
    "picture": (PNG, "P1.png"),
    "pdf": (PDF, "P1.pdf"),
    "docx": (docx_of_pictures(PNG), "P1.docx"),
    "ofd": (ofd_of_pictures(PNG), "P1.ofd"),
    "page": (PAGE.format("云溪县2015年政府信息公开工作年度报告").encode(), "t1.html"),
}


@pytest.mark.parametrize("name", BODIES)
def test_what_is_read_is_told_as_unread_no_more(name: str) -> None:
    body, file = BODIES[name]
    assert "image_only" in rules(of(body, None, name=file))
    with_pictures = rules(of(body, seen(*LINES), name=file))
    assert ("image_only" in with_pictures, "read_from_pictures" in with_pictures) == (False, True)
    of_nothing = rules(of(body, NOTHING, name=file))
    assert ("image_only" in of_nothing, "read_from_pictures" in of_nothing) == (True, False)


def test_a_page_that_is_read_stays_a_report() -> None:
    body, file = BODIES["page"]
    assert of(body, None, name=file).kind == of(body, seen(*LINES), name=file).kind


@pytest.mark.parametrize(("body", "name"), [(PNG, "P1.png"), (PDF, "P1.pdf")])
def test_a_scan_without_heading_has_the_year_and_body_that_its_list_gives(
    body: bytes, name: str
) -> None:
    bare = of(body, seen(*LINES), name=name)
    assert (bare.report_year, bare.publisher) == (None, None)
    reading = of(body, seen(*LINES), LISTED, name)
    assert reading.report_year == 2015
    assert reading.publisher is not None
    assert reading.publisher.name == "云溪县教育局"
    [told] = [each for each in reading.fields if each.name == "listed_title"]
    assert (told.value, told.origin) == (LISTED, "list")


def with_heading(heading: str) -> OpticalDocument:
    """A heading in the middle of the page, above the lines."""
    document = seen(heading, *LINES)
    [page] = document.pages
    first, *others = page.blocks
    assert isinstance(first, OpticalLine)
    short = replace(first, box=replace(first.box, x=3_000, width=4_000))
    return replace(document, pages=(replace(page, blocks=(short, *others)),))


def test_a_scan_that_prints_a_heading_goes_by_it() -> None:
    heading = "云溪县人民政府2014年政府信息公开工作年度报告"
    reading = of(PDF, with_heading(heading), LISTED)
    assert (reading.report_year, reading.title) == (2014, heading)
    assert reading.publisher is not None
    assert reading.publisher.name == "云溪县人民政府"


def test_the_year_of_a_heading_without_one_is_that_of_the_list() -> None:
    reading = of(PDF, with_heading("政府信息公开工作年度报告"), LISTED)
    assert (reading.title, reading.report_year) == ("政府信息公开工作年度报告", 2015)


def test_what_a_scan_says_of_itself_counts_before_what_its_list_says() -> None:
    said = "现公布2013年政府信息公开工作年度报告。"
    assert of(PDF, seen(*LINES, said), LISTED).report_year == 2013


@pytest.mark.parametrize("made", [docx_of_pictures, ofd_of_pictures])
def test_pictures_beside_text_are_no_scan(made: Callable[..., bytes]) -> None:
    reading = of(made(PNG, text="全年收到申请三件"), None)
    assert (reading.lines, rules(reading)) == (("全年收到申请三件",), [])
