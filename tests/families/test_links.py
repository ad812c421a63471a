"""Sections, comparison of pages, and what a list page must never name."""

from dataclasses import replace

import pytest
from lxml import html

from archive.families.lists import read_list, same_items
from archive.families.records import ListPage
from archive.families.registry import family
from archive.families.roles import role_of
from archive.families.sublists import report_sections
from archive.model.outcome import Role
from archive.model.reading import Link

HOME = "http://x.example/"


def parsed(text):
    return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))


def listed(text, address=HOME, key=None):
    return read_list(parsed(text), text, address, key)


def page_of(*addresses):
    links = [Link(address=address, text="", role=Role.PAGE) for address in addresses]
    return ListPage(items=tuple(links))


def test_two_pages_with_the_same_entries_in_another_order_are_the_same():
    assert same_items(page_of("http://a/1", "http://a/2"), page_of("http://a/2", "http://a/1"))


def test_a_page_that_lost_an_entry_is_not_the_same():
    assert not same_items(page_of("http://a/1", "http://a/2"), page_of("http://a/1"))


def test_two_empty_pages_are_not_the_same():
    assert not same_items(ListPage(), ListPage())


def test_two_posts_to_one_address_are_two_entries():
    one = page_of("http://a/1")
    other = ListPage(items=(replace(one.items[0], body="p=2"),))
    assert not same_items(one, other)


def test_an_empty_page_says_so():
    assert [finding.rule for finding in listed("<html></html>").findings] == ["empty_list"]


def test_a_list_of_a_million_pages_is_cut_and_says_so():
    pager = '<script>createPageHTML(99999, 0, "index", "html")</script>'
    text = f'<ul><li><a href="t20200101_1.html">2019年年报</a></li></ul>{pager}'
    page = listed(text, "http://x.example/nb/")
    assert (len(page.pages), page.findings[-1].rule) == (1_999, "list_too_long")


def test_printed_page_numbers_far_apart_are_filled_only_to_the_limit():
    text = '<a href="list_2.htm">2</a> <a href="list_9000.htm">9000</a>'
    assert len(listed(text, "http://x.example/nb/list.htm").pages) <= 2_002


def test_the_base_element_is_heeded():
    text = '<base href="/nb/"><ul><li><a href="2016.htm">2016年政府信息公开年报</a></li></ul>'
    assert listed(text).items[0].address == "http://x.example/nb/2016.htm"


def test_a_given_family_is_not_guessed_again():
    text = "<script>createPageHTML('page_div',2, 1,'list','shtml',40);</script>"
    assert listed(text, "http://x.example/c1/list.shtml", "trs").pages == ()


def test_a_link_that_says_only_download_is_called_by_its_row():
    rows = "".join(
        f'<tr><td>{year}年政府信息公开年报</td><td><a href="{year}.doc">下载</a></td></tr>'
        for year in (2013, 2012)
    )
    page = listed(f"<table>{rows}</table>", "http://x.example/nb/")
    assert [(link.text, link.role) for link in page.items] == [
        ("2013年政府信息公开年报", Role.ATTACHMENT),
        ("2012年政府信息公开年报", Role.ATTACHMENT),
    ]


def test_the_way_from_a_home_page_to_the_reports_is_found():
    text = """<div class="nav"><a href="/zwgk/">政务公开</a>
    <a href="/zwgk/zfxxgknb/">政府信息公开年报</a></div>
    <a href="/xw/202501/t20250101_1.html">我县召开政府信息公开年度报告编制会议</a>"""
    assert [link.address for link in report_sections(parsed(text), text, HOME)] == [
        "http://x.example/zwgk/zfxxgknb/"
    ]


def test_the_usual_name_of_the_column_comes_first():
    text = '<a href="/a/">政府信息公开年度报告编制工作</a><a href="/b/">政府信息公开年报</a>'
    assert report_sections(parsed(text), text, HOME)[0].address == "http://x.example/b/"


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("http://x.example/a/W020170222.PDF", Role.ATTACHMENT),
        ("http://x.example/module/download/downfile.jsp?classid=0&filename=a.pdf", Role.ATTACHMENT),
        ("http://x.example/system/_content/download.jsp?wbfileid=1", Role.ATTACHMENT),
        ("http://x.example/nb/2016/", Role.LIST),
        ("http://x.example/nb/2016.htm", Role.PAGE),
    ],
)
def test_a_role_is_told_by_the_address(address, role):
    assert role_of(address, None) is role


def test_a_family_knows_its_own_lists_and_pages():
    assert role_of("http://x.example/zbgg.htm", family("vsb")) is Role.LIST
    assert role_of("http://x.example/info/1082/16404.htm", family("vsb")) is Role.PAGE
