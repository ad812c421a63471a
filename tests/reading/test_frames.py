"""Pages whose text stands in a frame, and frames that are no text."""

import pytest

from archive.model.outcome import Role
from archive.model.reading import Kind, Reading
from tests.reading.pages import PARAGRAPHS, page, read_html

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
    reading = read_html(text, address=f"{HOST}/nb/1.html")
    assert [(link.address, link.role) for link in reading.links] == [
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
