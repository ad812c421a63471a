"""A report that was read from pictures: the picture beside what was read, boxes, certainties."""

import httpx
import pytest
from lxml import html

from tests.support.invented import YUNHE, url
from tests.web.conftest import SCANNED


def test_the_page_shows_picture_box_and_how_sure_each_number_is(scans: httpx.Client) -> None:
    page = html.fromstring(scans.get("/page", params={"url": SCANNED}).text)
    [image] = page.xpath("//div[@class='sheet']/img")
    assert scans.get(image.get("src")).headers["Content-Type"] == "image/png"
    assert image.get("alt") == "page 1 as it was captured"
    [cell] = page.xpath("//td[@id='t1r4c4']")
    [mark] = cell.xpath("a[starts-with(@class, 'sure')]")
    [box] = page.xpath(f"//*[@id='{mark.get('href')[1:]}']")
    assert box.get("class") == "confirmed" == mark.get("title")
    assert int(box.get("x")) > 0 < int(box.get("width"))
    said = " ".join(page.text_content().split())
    assert "contradicted: a sum that includes it fails; not counted" in said
    assert "double 1.0 read this report from 1 pages of pictures" in said


def test_it_speaks_chinese(scans: httpx.Client) -> None:
    said = scans.get("/page", params={"url": SCANNED, "lang": "zh"}).text
    assert "由图片识别" in said
    assert "有矛盾：所在的合计不成立，不计入统计" in said


def test_boxes_are_shown_by_rules_of_numbers_alone(scans: httpx.Client) -> None:
    sheet = scans.get("/picture.css", params={"url": SCANNED})
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert ".beside:has(#t1r4c4:is(:hover, :focus-within)) #b0 " in sheet.text
    assert not scans.get("/picture.css", params={"url": url(YUNHE, 2022)}).text


def test_pictures_are_image_bytes_and_nothing_runs(scans: httpx.Client) -> None:
    answer = scans.get("/picture", params={"url": SCANNED, "page": 1})
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"url": SCANNED, "page": 2}, 404), ({"url": SCANNED}, 400), ({"url": SCANNED, "page": "x"}, 400),
     ({"url": url(YUNHE, 2022), "page": 1}, 404), ({"url": "nothing", "page": 1}, 404)],
)  # fmt: skip
def test_what_is_no_picture_is_refused(
    scans: httpx.Client, asked: dict[str, str], status: int
) -> None:
    assert scans.get("/picture", params=asked).status_code == status


def test_a_report_of_text_has_none_of_it(scans: httpx.Client) -> None:
    page = scans.get("/page", params={"url": url(YUNHE, 2022)}).text
    assert "picture.css" not in page
    assert 'class="sheet"' not in page
