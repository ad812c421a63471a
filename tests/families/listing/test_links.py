"""Sections, comparison of pages, and what a list page must never name."""

from string import Formatter

import pytest
from lxml import etree, html

from archive.families.listing.anchors import prepare
from archive.families.listing.roles import role_of
from archive.families.lists import read_list
from archive.families.navigation import navigation_links
from archive.families.registry import families, family
from archive.model.outcome import Role

HOME = "http://x.example/"


def parsed(text):
    return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))


def listed(text, url=HOME, key=None):
    return read_list(parsed(text), text, url, key)


def sections_of(text):
    """Where a home page leads, best first."""
    page = prepare(parsed(text), text, HOME, None)
    return [each.link.url for each in navigation_links(page, bodies=False)]


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
    assert listed(text).items[0].url == "http://x.example/nb/2016.htm"


ONE = '<ul><li><a href="2016.htm">2016年政府信息公开年报</a></li></ul>'


@pytest.mark.parametrize(
    "bases",
    [
        '<base target="_blank"><base href="../nb/"><base href="/wrong/">',
        '<p><b><base href="/nb/"></b></p>',
        '<base href="http://x.example/nb/index.html?a=1#b">',
        '<base href="//x.example\\nb\\">',
    ],
)
def test_the_first_base_with_an_url_counts_wherever_it_stands(bases):
    (item,) = listed(bases + ONE, "http://x.example/col/").items
    assert item.url == "http://x.example/nb/2016.htm"


@pytest.mark.parametrize("base", ["http://", "data:text/html,x", "http://a／b/", "", "#", "x:y"])
def test_a_base_that_leads_nowhere_leaves_the_page_its_own(base):
    text = f'<base href="{base}"><base href="/wrong/">{ONE}'
    (item,) = listed(text, "http://x.example/nb/").items
    assert item.url == "http://x.example/nb/2016.htm"


def test_frames_and_pagers_are_relative_to_the_base_too():
    pager = "<script>createPageHTML(2, 0, 'index', 'html')</script>"
    text = f'<base href="/nb/">{ONE}{pager}'
    pages = listed(text, HOME, "trs").pages
    assert [p.url.partition("/nb/")[2] for p in pages] == ["", "index_1.html"]
    text = '<base href="/nb/"><iframe src="list.html" width="900"></iframe>'
    assert [i.url for i in listed(text, HOME).items] == ["http://x.example/nb/list.html"]


def test_forms_and_pagers_of_a_gbk_page_are_sent_in_gbk():
    tree = parsed(
        "<input name='__VIEWSTATE' value='年'>"
        "<a href=\"javascript:__doPostBack('年','2')\">2</a><a href='?lm=年&page=2'>下一页</a>"
    )
    known = family("aspnet").key
    page = read_list(tree, etree.tostring(tree, encoding=str), HOME, known, encoding="gbk")
    assert [(link.url, link.body) for link in page.pages] == [
        ("http://x.example/?lm=%C4%EA&page=2", None),
        (HOME, "__EVENTTARGET=%C4%EA&__EVENTARGUMENT=2&__VIEWSTATE=%C4%EA"),
    ]


def test_the_windows_of_an_answer_keep_the_bytes_of_its_query():
    answer = '{"total": 3, "rows": [{"title": "2016年年报", "url": "/1.htm"}, {"title": "b", "url": "/2.htm"}]}'
    page = listed(answer, "http://x.example/list?lm=%C4%EA&page=1")
    assert page.pages[0].url == "http://x.example/list?lm=%C4%EA&page=2"


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
    assert sections_of(text) == ["http://x.example/zwgk/zfxxgknb/"]


def test_the_usual_name_of_the_column_comes_first():
    text = '<a href="/a/">政府信息公开年度报告编制工作</a><a href="/b/">政府信息公开年报</a>'
    assert sections_of(text)[0] == "http://x.example/b/"


@pytest.mark.parametrize(
    ("url", "role"),
    [
        ("http://x.example/a/W020170222.PDF", Role.ATTACHMENT),
        ("http://x.example/module/download/downfile.jsp?classid=0&filename=a.pdf", Role.ATTACHMENT),
        ("http://x.example/system/_content/download.jsp?wbfileid=1", Role.ATTACHMENT),
        ("http://x.example/nb/2016/", Role.LIST),
        ("http://x.example/nb/2016.htm", Role.PAGE),
    ],
)
def test_a_role_is_told_by_the_url(url, role):
    assert role_of(url, None) is role


def test_a_family_knows_its_own_lists_and_pages():
    assert role_of("http://x.example/zbgg.htm", family("vsb")) is Role.LIST
    assert role_of("http://x.example/info/1082/16404.htm", family("vsb")) is Role.PAGE


def test_a_date_inside_the_link_is_no_part_of_its_title():
    rows = "".join(
        f'<li><a href="{y}.htm">{y}年政府信息公开年报 <i>{y + 1}-02-22</i></a></li>'
        for y in (2013, 2012)
    )
    items = listed(f"<ul>{rows}</ul>", "http://x.example/nb/").items
    assert [(link.text, link.printed_date) for link in items] == [
        ("2013年政府信息公开年报", "2014-02-22"),
        ("2012年政府信息公开年报", "2013-02-22"),
    ]


def test_links_written_behind_a_text_are_found():
    text = "<div><script>document.write('第1页 <a href=\"list_2.htm\">下一页</a>')</script></div>"
    pages = listed(text, "http://x.example/nb/list.htm").pages
    assert [link.url for link in pages] == ["http://x.example/nb/list_2.htm"]


def test_a_script_at_the_root_writes_nowhere():
    tree = parsed("<p>x</p>").makeelement("script")
    tree.text = "document.write('<a href=\"a.htm\">年报</a>')"
    assert read_list(tree, tree.text, HOME, None).items == ()


@pytest.mark.parametrize("odd", ["\x00", "\x0b", "\ud800", "\ufffe"])
def test_odd_characters_in_records_lose_no_record(odd):
    record = f"<record><![CDATA[<a href='/art/2017/2/2/art_1_1.html'>年报{odd}</a>]]></record>"
    text = f"<datastore><recordset>{record}</recordset></datastore>"
    items = read_list(parsed("<p>x</p>"), text, "http://x.example/col/col1/", "hanweb").items
    assert [link.url for link in items] == ["http://x.example/art/2017/2/2/art_1_1.html"]


def test_a_record_without_a_text_is_no_entry():
    text = "<datastore><record><![CDATA[<a href='/a.html'></a>]]></record></datastore>"
    assert read_list(parsed("<p>x</p>"), text, HOME, "hanweb").items == ()


@pytest.mark.parametrize("odd", ["\\u0000", "\\ud800"])
def test_odd_characters_in_json_stay_writable(odd):
    text = f'{{"rows": [{{"title": "2016年年报{odd}", "url": "a.htm"}}]}}'
    assert [link.text.encode("utf-8")[:4] for link in listed(text).items] == [b"2016"]


def test_odd_characters_in_html_inside_json_stay_writable():
    text = '{"html": "<a href=\'a.htm\'>2016年政府信息公开年报\\ud800</a>"}'
    assert [link.text.encode("utf-8")[:4] for link in listed(text).items] == [b"2016"]


@pytest.mark.parametrize(
    "text", ['{"a": ', "[" * 100_000, '{"a": 1}', "result(x)", '[{"title": 1}]']
)
def test_what_is_no_list_in_json_names_nothing(text):
    assert listed(text).items == ()


def test_a_json_answer_larger_than_any_list_is_left_alone():
    entry = '{"title": "2016年年报", "url": "a.htm"}'
    assert listed(f'{{"x": "{"y" * 5_000_000}", "list": [{entry}]}}').items == ()


def test_a_frame_of_a_few_pixels_holds_no_list():
    text = '<iframe src="nr.htm" height="30"></iframe><iframe src="lb.htm" height="600"></iframe>'
    assert [link.url for link in listed(text).items] == ["http://x.example/lb.htm"]


def test_a_pager_without_entries_a_page_names_nothing():
    text = "<script>pagebar: {prepage: 0, recordCount: '20'}</script>"
    assert read_list(parsed(text), text, "http://x.example/nb/", "trs").pages == ()


def test_attachments_and_single_pages_are_no_report_sections():
    text = '<a href="/nb/2016.pdf">政府信息公开年报</a><a href="/t20170222_1.html">公开年报</a>'
    assert sections_of(text) == []


def test_every_pager_fills_its_templates_from_what_it_finds():
    given = {"p", "p0", "back", "start", "end"}
    for known in families():
        for pager in known.pagers:
            found = {name for pattern in pager.patterns for name in pattern.groupindex}
            for template in (pager.page, pager.first or ""):
                names = {part[1] for part in Formatter().parse(template) if part[1]}
                assert names <= found | given
            assert "pages" in found or {"records", "perpage"} <= found


@pytest.mark.parametrize(
    "steps",
    [
        ("index.html?rnd=17", "index.html?rnd=90417"),
        ("index.html?rnd=0.5347534117", "index.html?rnd=0.9"),
        ("index.html?t=1764446400977", "index.html?t=1764446401954"),
        (
            "index.html?s=0cc175b9c0f1b6a831c399e269772661",
            "index.html?s=0cc175b9c0f1b6a831c399e269772662",
        ),
        ("index.html?page=2", "index.html?page=900000"),
    ],
)
def test_digits_of_chance_are_not_counted_through(steps):
    pager = "".join(
        f'<a href="{step}">{word}</a>' for step, word in zip(steps, ("下一页", "尾页"), strict=True)
    )
    read = listed(f"{ONE}<div>{pager}</div>", "http://x.example/nb/index.html")
    assert len(read.pages) <= 2


def test_pages_between_printed_numbers_are_counted_through():
    pager = "".join(f'<a href="index.html?page={n}">{n}</a>' for n in (1, 2, 3, 56))
    read = listed(f"{ONE}<div>{pager}</div>", "http://x.example/nb/index.html")
    assert len(read.pages) >= 55
