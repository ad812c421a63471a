"""Pages whose report is in pictures."""

import pytest

from archive.model.reading import Kind, Reading
from tests.reading.pages import FOOT, NAVIGATION, PARAGRAPHS, page, read_html

TITLE = "清河县2018年政府信息公开工作年度报告"
SCANS = "".join(
    f'<p align="center"><img src="W0201901_{n}.jpg" width="800"></p>' for n in (1, 2, 3)
)
LOGO = '<div class="header"><img src="/images/header1.jpg"></div>'
MODAL = "<div class='modal'><p>您访问的链接即将离开本门户网站 是否继续？</p></div>"
FILE = '<p>附件：<a href="nb.pdf"><img src="/i/big.gif">年报.pdf</a></p>'


def rules(reading: Reading) -> list[str]:
    return [finding.rule for finding in reading.findings]


DRAWN = {
    "in an editor's container": f'<h1>{TITLE}</h1><div class="TRS_Editor">{SCANS}</div>',
    "beside a window of the site": f'<h1>{TITLE}</h1><div id="zoom">{SCANS}</div>{MODAL}',
    "without any name": f"<h1>{TITLE}</h1><div>{SCANS}</div>",
    "below a short sentence": f'<h1>{TITLE}</h1><div id="zoom"><p>现公布本县年度报告。</p>{SCANS}</div>',
}


@pytest.mark.parametrize("body", DRAWN.values(), ids=list(DRAWN))
def test_a_report_of_pictures_is_told(body: str) -> None:
    reading = read_html(page(LOGO + body))
    assert (rules(reading), reading.kind, reading.needs_browser) == (
        ["image_only"],
        Kind.REPORT,
        None,
    )


def test_the_finding_counts_the_pictures_and_names_them() -> None:
    (found,) = read_html(page(DRAWN["without any name"])).findings
    assert found.message.startswith("3 pictures")
    assert found.evidence.startswith("W0201901_1.jpg W0201901_2.jpg")


def test_an_article_of_pictures_is_an_article() -> None:
    assert read_html(page(f'<h1>图解</h1><div id="zoom">{SCANS}</div>')).kind is Kind.ARTICLE


WRITTEN = {
    "text with pictures": f'<h1>{TITLE}</h1><div id="zoom">{PARAGRAPHS}{SCANS}</div>',
    "the text in a file": f'<h1>{TITLE}</h1><div id="zoom">{SCANS}{FILE}</div>',
    "ornaments": f'<h1>{TITLE}</h1><div id="zoom"><img src="/i/icon_pdf.png"><img src="a.gif" width="16">'
    '<img src="/ewm.png"></div>',
    "pictures of the site": f'{LOGO}<h1>{TITLE}</h1><a href="/zt"><img src="/zt.jpg" width="900"></a>',
}


@pytest.mark.parametrize("body", WRITTEN.values(), ids=list(WRITTEN))
def test_pictures_beside_text_or_around_it_are_no_finding(body: str) -> None:
    assert "image_only" not in rules(read_html(page(body)))


def test_a_script_s_empty_page_still_needs_a_browser() -> None:
    text = page(f'{LOGO}<h1>{TITLE}</h1><div id="content"></div><script>$.get("/x")</script>')
    reading = read_html(text.replace(NAVIGATION, "").replace(FOOT, ""))
    assert (rules(reading), reading.needs_browser is None) == ([], False)


SIDE_BAR = '<ul class="content">{}</ul>'.format(
    "".join(
        f'<li><a class="content" href="/n{year}.html">清河县{year}年政府信息公开工作年度报告</a></li>'
        for year in range(2008, 2018)
    )
)
IN_PLACE_OF_TEXT = {
    "a canvas": '<canvas width="800"></canvas>',
    "an image of svg": '<svg><image xlink:href="/nb1.jpg"/></svg>',
    "a background": "<div style=\"height:900px;background:url('/nb1.jpg') no-repeat\"></div>",
    "a button": '<input type="image" src="/nb1.jpg">',
    "a picture": '<img src="/nb1.jpg">',
}
FRAMED = {
    "embed": '<embed src="/nb.pdf">',
    "object": '<object data="/nb.pdf"></object>',
    "iframe": '<iframe src="/nb.pdf"></iframe>',
    "a viewer": '<p><iframe src="/viewer.html?file=/nb.pdf"></iframe></p>',
}


@pytest.mark.parametrize("order", ["{0}{1}", "{1}{0}"], ids=["list behind", "list before"])
@pytest.mark.parametrize("shown", IN_PLACE_OF_TEXT.values(), ids=list(IN_PLACE_OF_TEXT))
def test_a_list_beside_what_shows_the_report_makes_no_list_of_it(shown: str, order: str) -> None:
    body = f'<h1>{TITLE}</h1><div id="zoom">{shown}</div>'
    reading = read_html(page(order.format(body, SIDE_BAR)))
    assert (reading.kind, reading.report_year) == (Kind.REPORT, 2018)
    assert rules(reading) == ["image_only"]


@pytest.mark.parametrize("order", ["{0}{1}", "{1}{0}"], ids=["list behind", "list before"])
@pytest.mark.parametrize("shown", FRAMED.values(), ids=list(FRAMED))
def test_a_list_beside_a_framed_file_makes_no_list_of_it(shown: str, order: str) -> None:
    body = f'<h1>{TITLE}</h1><div id="zoom">{shown}</div>'
    reading = read_html(page(order.format(body, SIDE_BAR)))
    assert (reading.kind, reading.report_year) == (Kind.REPORT, 2018)
    assert [link.url for link in reading.links] == ["http://www.example.gov.cn/nb.pdf"]


def test_a_page_of_the_site_in_a_frame_beside_a_list_is_told() -> None:
    body = f'<h1>{TITLE}</h1><div id="zoom"><iframe src="/nb/text.html"></iframe></div>'
    reading = read_html(page(body + SIDE_BAR))
    assert (reading.kind, rules(reading)) == (Kind.REPORT, ["text_in_frame"])


HIDDEN = {
    "hidden canvas": '<canvas style="display:none"></canvas>',
    "hidden around": '<div style="display:none"><svg><image href="/a.jpg"/></svg></div>',
    "a pattern": '<div style="background:url(/a.jpg) repeat-x"></div>',
}


@pytest.mark.parametrize("shown", HIDDEN.values(), ids=list(HIDDEN))
def test_what_nobody_sees_is_no_picture(shown: str) -> None:
    body = f'<h1>{TITLE}</h1><div id="zoom"><p>现公布如下。</p>{shown}</div>'
    assert "image_only" not in rules(read_html(page(body)))
