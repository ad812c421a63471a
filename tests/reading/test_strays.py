"""What stands at a report's URL when the report is gone: a home page, a column of news."""

from itertools import pairwise

import pytest

from archive.model.outcome import Role
from archive.model.reading import Kind, Source
from archive.reading.read import read

HERE = "http://www.x.example/zwgk/nb/2016.html"
NEWS = [f"我县召开第{number}次防汛工作会议" for number in range(8)]
OFFICES = ["教育局", "民政局", "财政局", "水利局", "审计局", "统计局", "信访局", "司法局"]
REPORTS = [f"某县{year}年政府信息公开工作年度报告" for year in range(2012, 2020)]


def reading_of(
    title: str, items: list[str], role: Role = Role.PAGE, folder: str = "/xw/", above: str = ""
):
    rows = "".join(
        f'<li><a href="{folder}n{number}.html">{text}</a><span>2025-02-1{number}</span></li>'
        for number, text in enumerate(items)
    )
    nav = '<div class="nav"><a href="/">首页</a><a href="/gk/">政务公开</a></div>'
    body = f"{nav}{above}<ul>{rows}</ul>"
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return read(Source(url=HERE, body=page.encode(), media_type="text/html", role=role))


@pytest.mark.parametrize("title", ["某县人民政府门户网站", "某县人民政府", "首页_某县人民政府网站"])
@pytest.mark.parametrize("role", [Role.PAGE, Role.ATTACHMENT])
def test_a_home_page_is_a_soft_404_and_nothing_it_names_is_followed(title, role):
    page = reading_of(title, NEWS, role)
    assert page.soft_404 == f"a home page stands here: {title}"
    assert page.links == ()


def test_a_column_of_news_is_read_and_doubted_and_not_followed():
    page = reading_of("工作动态_某县人民政府网站", NEWS)
    assert (page.kind, page.soft_404, page.links) == (Kind.LIST, None, ())
    assert [each.rule for each in page.findings] == ["off_section"]
    assert len(page.lines) == len(NEWS)


def test_the_reports_among_its_entries_are_followed():
    page = reading_of("工作动态_某县人民政府网站", [*NEWS, REPORTS[0]])
    assert [link.text for link in page.links] == [REPORTS[0]]


@pytest.mark.parametrize(
    ("title", "items"),
    [("某县人民政府门户网站", REPORTS), ("历年政府信息公开年报_某县人民政府网站", NEWS)],
)
def test_a_list_of_reports_below_the_list_is_followed_whole(title, items):
    page = reading_of(title, items)
    assert (page.soft_404, page.findings) == (None, ())
    assert len(page.links) == len(items)


@pytest.mark.parametrize("title", ["某县人民政府网站", "2016年_某县人民政府网站"])
@pytest.mark.parametrize("folder", ["/zwgk/nb/2016/", "/bm/"])
def test_a_list_of_offices_at_an_url_of_the_section_is_followed_whole(title, folder):
    """Each has its report behind it, beside the list or in a section of its own."""
    page = reading_of(title, OFFICES, folder=folder)
    assert (page.soft_404, page.findings, len(page.links)) == (None, (), len(OFFICES))


def test_a_list_of_a_year_below_the_section_is_followed_whole():
    steps = '首页</a> &gt; <a href="/zwgk/nb/">政府信息公开年报</a> &gt; 2016年'
    trail = f'<div class="position">当前位置：<a href="/">{steps}</div>'
    page = reading_of("某县人民政府", NEWS, above=trail)
    assert (page.soft_404, page.findings, len(page.links)) == (None, (), len(NEWS))


@pytest.mark.parametrize("role", [Role.LIST, Role.ENTRY])
def test_what_was_asked_for_as_a_list_is_read_as_one(role):
    page = reading_of("工作动态_某县人民政府网站", NEWS, role)
    assert len(page.links) == len(NEWS)
    assert all(one != other for one, other in pairwise(page.links))
