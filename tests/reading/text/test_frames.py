"""Pages whose text stands in a frame, and frames that are no text."""

import pytest

from archive.model.outcome import Role
from archive.model.reading import Kind, Reading, Source
from archive.reading.read import read
from tests.reading.pages import NAVIGATION, PARAGRAPHS, page, read_html

TITLE = "清河县2018年政府信息公开工作年度报告"
HOST = "http://www.example.gov.cn"


def rules(reading: Reading) -> list[str]:
    return [finding.rule for finding in reading.findings]


FRAMED = {
    "in a container": page(
        f'<h1>{TITLE}</h1><div id="zoom"><iframe src="nb2018.html"></iframe></div>'
    ),
    "without a name": page(
        f'<h1>{TITLE}</h1><p><iframe width="900" src="nb2018.html"></iframe></p>'
    ),
    "in a set of frames": (
        f"<html><head><title>{TITLE}</title></head><frameset rows='80,*'><frame src='top.html'>"
        "<frame src='nb2018.html'></frameset></html>"
    ),
}


@pytest.mark.parametrize("text", FRAMED.values(), ids=list(FRAMED))
def test_the_page_in_a_frame_is_a_page_to_visit(text: str) -> None:
    reading = read_html(text, url=f"{HOST}/nb/1.html")
    assert [(link.url, link.role) for link in reading.links] == [
        (f"{HOST}/nb/nb2018.html", Role.PAGE)
    ]
    assert (rules(reading), reading.kind) == (["text_in_frame"], Kind.REPORT)


NOT_TEXT = {
    "beside text": page(f'<h1>{TITLE}</h1>{PARAGRAPHS}<iframe src="/nb2018.html"></iframe>'),
    "a counter": page(f'<h1>{TITLE}</h1><iframe src="/module/visitcount/visit.jsp?a=1"></iframe>'),
    "hidden": page(f'<h1>{TITLE}</h1><iframe style="display:none" src="/nb2018.html"></iframe>'),
    "in hidden parts": page('<div style="display:none"><iframe src="/nb2018.html"></iframe></div>'),
    "another host's": page(f'<h1>{TITLE}</h1><iframe src="//weather.example.com/1.html"></iframe>'),
    "in the head": page('<div class="header"><iframe src="/nb2018.html"></iframe></div>'),
    "nowhere": page(f"<h1>{TITLE}</h1><iframe></iframe>"),
}


@pytest.mark.parametrize("text", NOT_TEXT.values(), ids=list(NOT_TEXT))
def test_other_frames_are_none(text: str) -> None:
    reading = read_html(text)
    assert (reading.links, "text_in_frame" in rules(reading)) == ((), False)


def test_a_file_in_a_frame_is_attached() -> None:
    (link,) = read_html(page(f'<h1>{TITLE}</h1><iframe src="/a.pdf"></iframe>')).links
    assert link.role is Role.ATTACHMENT


LIST = '<iframe src="/data/list.html" width="100%" height="600"></iframe>'
PREFACE = "<p>本栏目公开本县各级行政机关的政府信息公开工作年度报告，欢迎查阅。</p>" * 5
COLUMN = "<title>政府信息公开年报</title>"
FRAMED_LISTS = {
    "a frame": f"{COLUMN}<body>{LIST}</body>",
    "another host of the site": f"{COLUMN}{LIST.replace('/data', '//gk.example.gov.cn/data')}",
    "a set of frames": f'{COLUMN}<frameset><frame src="/top.html"><frame src="/data/list.html"></frameset>',
    "below a preface": f"{COLUMN}{PREFACE}{LIST}",
    "told by the folder": f"<title>清河县人民政府</title>{PREFACE}{LIST}",
    "beside news": f"<title>清河县人民政府</title>{NAVIGATION}{LIST}",
    "brought late": f"{COLUMN}{LIST.replace('src', 'data-src')}",
}


@pytest.mark.parametrize("role", [Role.ENTRY, Role.NAVIGATION, Role.LIST])
@pytest.mark.parametrize("case", FRAMED_LISTS)
def test_a_frame_of_the_section_is_a_list_to_visit(case: str, role: Role) -> None:
    body = FRAMED_LISTS[case].encode()
    reading = read(Source(url=f"{HOST}/zfxxgknb/index.html", body=body, role=role))
    assert [(link.url.rpartition("/")[2], link.role) for link in reading.links] == [
        ("list.html", Role.LIST)
    ]
    assert (reading.kind, reading.soft_404) == (Kind.LIST, None)


def test_a_report_in_a_set_of_frames_is_no_missing_page() -> None:
    reading = read_html(FRAMED["in a set of frames"], url=f"{HOST}/nb/1.html")
    assert (reading.soft_404, len(reading.links)) == (None, 1)


def test_a_report_beside_a_frame_stays_one() -> None:
    body = page(f"<h1>{TITLE}</h1>{PARAGRAPHS}{LIST}").encode()
    reading = read(Source(url=f"{HOST}/zfxxgknb/1.html", body=body, role=Role.ENTRY))
    assert (reading.kind, reading.links) == (Kind.REPORT, ())
