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
