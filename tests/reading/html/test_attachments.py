"""Files that a page attaches."""

import pytest

from archive.model.outcome import Role
from archive.model.reading import Link
from archive.reading.html.attachments import is_file
from tests.reading.pages import PARAGRAPHS, page, read_html


def attached(body: str) -> list[tuple[str, str]]:
    text = page(f'<h1>说明</h1><div id="zoom">{PARAGRAPHS}{body}</div>')
    return [(link.url, link.text) for link in read_html(text).links]


def test_a_file_is_linked_with_its_printed_name() -> None:
    assert attached('<a href="./P020200101.doc">2019年统计表.doc</a>') == [
        ("http://www.example.gov.cn/zwgk/nb/P020200101.doc", "2019年统计表.doc")
    ]


def test_the_role_is_attachment() -> None:
    text = page(f'{PARAGRAPHS}<a href="a.pdf">年报</a>')
    assert read_html(text).links == (
        Link(url="http://www.example.gov.cn/zwgk/nb/a.pdf", text="年报", role=Role.ATTACHMENT),
    )


def test_a_nameless_link_is_called_by_its_title() -> None:
    assert attached('<a href="a.pdf" title="年度报告.pdf">点击下载</a>')[0][1] == "年度报告.pdf"


def test_a_nameless_link_without_a_title_is_called_by_its_file() -> None:
    assert attached('<a href="/f/nb2019.pdf">下载</a>')[0][1] == "nb2019.pdf"


def test_the_same_file_twice_is_one_attachment() -> None:
    assert len(attached('<a href="a.pdf"><img src="pdf.png"></a><a href="a.pdf">年报</a>')) == 1


def test_a_file_in_the_navigation_belongs_to_the_site() -> None:
    text = page(PARAGRAPHS).replace('<a href="/hd/">互动交流</a>', '<a href="/help.pdf">帮助</a>')
    assert read_html(text).links == ()


def test_a_file_shown_in_a_frame_is_an_attachment() -> None:
    assert attached('<iframe src="/viewer.html?file=/f/nb.pdf"></iframe>')[0][0] == (
        "http://www.example.gov.cn/f/nb.pdf"
    )


def test_the_base_of_the_page_counts() -> None:
    text = page('<a href="a.pdf">年报</a>' + PARAGRAPHS, head='<base href="/files/">')
    assert read_html(text).links[0].url == "http://www.example.gov.cn/files/a.pdf"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("http://x.gov.cn/module/download/downfile.jsp?classid=0&filename=9f.xlsx", True),
        ("http://x.gov.cn/system/_content/download.jsp?urltype=news.DownloadAttachUrl&id=1", True),
        ("http://x.gov.cn/P0201.OFD", True),
        ("http://x.gov.cn/%E5%B9%B4%E6%8A%A5.docx?v=1", True),
        ("http://x.gov.cn/t20200101_1.htm", False),
        ("http://x.gov.cn/show.php?id=385009", False),
        ("http://x.gov.cn/download/", False),
    ],
)
def test_a_file_is_known_by_its_url(url: str, file: bool) -> None:  # noqa: FBT001  a table of cases
    assert is_file(url) is file
