"""The way from a home page to the annual reports, on pages of our own making."""

import time

import pytest

from archive.model.outcome import Role
from archive.model.reading import Kind, Source
from archive.reading.read import read

HOME = "http://www.x.example/"
NAV = '<div class="nav"><a href="/">首页</a><a href="/xw/">新闻</a>{}</div>'
NEWS = "".join(
    f'<li><a href="/xw/2025/n{n}.html">我县召开第{n}次防汛工作会议</a><span>2025-02-1{n}</span></li>'
    for n in range(5)
)


def reading_of(body: str, url: str = HOME, role: Role = Role.ENTRY):
    page = f"<html><head><title>某县人民政府</title></head><body>{body}</body></html>"
    return read(Source(url=url, body=page.encode(), media_type="text/html", role=role))


def led_to(body: str, url: str = HOME, role: Role = Role.ENTRY):
    links = reading_of(body, url, role).links
    return [(link.role.value, link.url.removeprefix(HOME)) for link in links]


def home(*links: str) -> str:
    return NAV.format("".join(links)) + f"<ul>{NEWS}</ul>"


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/a/">政府信息公开年报</a>',
        '<a href="/a/">信息公开年报</a>',
        '<a href="/a/">政府信息公开工作年度报告</a>',
        '<a href="/a/">政府信息公开年度报告</a>',
        '<a href="/a/" title="政府信息公开年报">政府信息...</a>',
        '<a href="/a/"><img src="x.gif" alt="政府信息公开年报"></a>',
    ],
)
def test_a_link_that_names_the_section_is_a_list(link):
    assert led_to(home(link)) == [("list", "a/")]


@pytest.mark.parametrize(
    "slug", ["zfxxgknb", "zfxxgkndbg", "xxgknb", "gknb", "ndbg", "annual_report", "nb"]
)
def test_a_usual_slug_makes_a_bare_name_sure(slug):
    assert led_to(home(f'<a href="/zwgk/{slug}/">年报</a>')) == [("list", f"zwgk/{slug}/")]


@pytest.mark.parametrize("text", ["年报", "年度报告", "某县信息公开工作年报"])
def test_a_name_that_may_be_another_is_looked_at_before_it_is_believed(text):
    assert led_to(home(f'<a href="/a/">{text}</a>')) == [("navigation", "a/")]


@pytest.mark.parametrize(
    "text", ["企业年报公示", "政府网站工作年度报告", "法治政府建设年度报告", "财政决算年度报告"]
)
def test_annual_reports_about_something_else_lead_nowhere(text):
    assert led_to(home(f'<a href="/zwgk/ndbg/">{text}</a>')) == []


@pytest.mark.parametrize(
    "text", ["政府信息公开", "政务公开", "信息公开目录", "某县政府信息公开平台"]
)
def test_without_the_section_the_public_information_is_a_way(text):
    assert led_to(home(f'<a href="/gk/">{text}</a>')) == [("navigation", "gk/")]


def test_the_section_makes_other_ways_needless():
    links = ('<a href="/gk/">政务公开</a>', '<a href="/gk/nb/">政府信息公开年报</a>')
    assert led_to(home(*links)) == [("list", "gk/nb/")]


@pytest.mark.parametrize("text", ["部门信息公开", "乡镇（街道）信息公开", "县直部门政务公开"])
def test_sections_of_departments_and_townships_are_ways_beside_the_section(text):
    links = ('<a href="/gk/nb/">政府信息公开年报</a>', f'<a href="/bm/">{text}</a>')
    assert led_to(home(*links)) == [("list", "gk/nb/"), ("navigation", "bm/")]


def test_the_site_map_is_the_last_way():
    site_map = '<a href="/wzdt/">网站地图</a>'
    assert led_to(home(site_map)) == [("navigation", "wzdt/")]
    assert led_to(home(site_map, '<a href="/gk/">政务公开</a>')) == [("navigation", "gk/")]


def test_frames_are_ways():
    frames = '<frameset><frame src="/main.html" name="main"></frameset>'
    assert led_to(frames) == [("navigation", "main.html")]


@pytest.mark.parametrize(
    "shell",
    [
        '<meta http-equiv="refresh" content="0; url=/index2/">',
        "<script>window.location.href='/index2/';</script>",
        '<script>location.replace("/index2/")</script>',
    ],
)
def test_a_shell_sends_to_its_page(shell):
    assert reading_of(shell).forward.url == f"{HOME}index2/"


def test_a_shell_that_decides_by_script_has_more_than_one_way():
    shell = "<script>if (a) location = '/one/'; else location.href = '/two/'</script>"
    assert led_to(shell) == [("navigation", "one/"), ("navigation", "two/")]


def test_a_home_page_that_leads_nowhere_names_nothing_and_says_so():
    nowhere = reading_of(home())
    assert nowhere.links == ()
    assert [finding.rule for finding in nowhere.findings] == ["no_section"]


def test_news_on_a_home_page_make_no_version():
    link = '<a href="/gk/nb/">政府信息公开年报</a>'
    today, tomorrow = reading_of(home(link)), reading_of(home(link) + "<p>明日有雨</p>")
    assert today.kind is Kind.LIST
    assert today.content_hash == tomorrow.content_hash


def test_bodies_are_ways_where_public_information_is_kept_and_not_on_a_home_page():
    bodies = '<ul><li><a href="/gk/bm/jyj/">教育局</a></li><li><a href="/gk/bm/dhz/">东河镇</a></li></ul>'
    assert led_to(home(bodies)) == []
    url = f"{HOME}gk/bm/"
    assert led_to(bodies, url, Role.NAVIGATION) == [
        ("navigation", "gk/bm/jyj/"),
        ("navigation", "gk/bm/dhz/"),
    ]


def test_bodies_own_sites_are_no_ways():
    bodies = '<a href="/jyj/">教育局</a>'
    assert led_to(bodies, f"{HOME}gk/bm/", Role.NAVIGATION) == []


def a_list(texts):
    rows = "".join(
        f'<li><a href="/q/{n}.html">{text}</a><span>2025-01-1{n}</span></li>'
        for n, text in enumerate(texts)
    )
    return f"<ul>{rows}</ul>"


REPORTS = a_list(f"某县{year}年政府信息公开工作年度报告" for year in (2023, 2022, 2021))
PLANS = a_list(f"某县{year}年国民经济和社会发展规划纲要" for year in (2023, 2022, 2021))


@pytest.mark.parametrize("role", [Role.ENTRY, Role.NAVIGATION])
def test_a_list_of_reports_is_read_as_the_list_it_is(role):
    assert led_to(NAV.format("") + REPORTS, f"{HOME}q/", role) == [
        ("page", "q/0.html"), ("page", "q/1.html"), ("page", "q/2.html"),
    ]  # fmt: skip


def test_a_list_that_its_breadcrumb_names_is_one_whatever_its_entries_say():
    crumbs = '<div class="position">当前位置：<a href="/">首页</a> > 政府信息公开年报</div>'
    assert len(led_to(crumbs + PLANS, f"{HOME}q/", Role.NAVIGATION)) == 3


def test_a_list_whose_meta_tags_name_the_column_is_one():
    meta = '<meta name="ColumnType" content="信息公开年报">'
    page = f"<html><head>{meta}</head><body>{PLANS}</body></html>"
    source = Source(
        url=f"{HOME}q/", body=page.encode(), media_type="text/html", role=Role.NAVIGATION
    )
    assert len(read(source).links) == 3


def test_a_list_of_something_else_on_the_way_is_not_followed():
    assert led_to(PLANS, f"{HOME}q/", Role.NAVIGATION) == []


def test_a_list_that_the_user_named_is_read():
    assert len(led_to(PLANS, f"{HOME}q/list.html", Role.ENTRY)) == 3


@pytest.mark.parametrize("path", ["zwgk/", "xxgk/index.html", "plain/"])
def test_the_front_of_a_section_is_no_list(path):
    body = f'<a href="/{path}">首页</a><a href="/b/">政府信息公开</a>{PLANS}'
    assert led_to(body, HOME + path) == [("navigation", "b/")]


def test_a_report_as_entry_leads_nowhere_else():
    crumbs = '<div class="position"><a href="/gk/nb/">政府信息公开年报</a></div>'
    text = "<p>2020年，某县主动公开政府信息120条。</p>" * 5
    body = f"{crumbs}<h1>某县2020年政府信息公开工作年度报告</h1><div id='zoom'>{text}</div>"
    assert led_to(body, f"{HOME}gk/nb/2020.html") == []


SECTION = '<div class="position">当前位置：<a href="/">首页</a> > 政府信息公开年报</div>'


def test_the_front_of_the_sections_columns_leads_into_each():
    columns = '<p><a href="/q/xzf/">政府信息公开年报</a></p><p><a href="/q/bm/nb/">部门年报</a></p>'
    assert led_to(SECTION + columns, f"{HOME}q/") == [("list", "q/xzf/"), ("list", "q/bm/nb/")]


def test_a_section_whose_list_a_script_brings_is_not_left_for_another():
    menu = '<div class="nav"><a href="/z/nb/">政府信息公开年报</a><a href="/zw/">政务公开</a></div>'
    page = reading_of(SECTION + menu + '<div id="app"></div>', f"{HOME}q/")
    assert page.links == ()
    assert [f.rule for f in page.findings if f.rule == "no_section"] == []


@pytest.mark.parametrize(
    "text", ["部门年报", "乡镇（街道）年报", "县直部门信息公开年报", "区政府年报"]
)
def test_the_columns_beside_a_list_are_lists_of_the_section(text):
    tab = f'<div class="tabs"><a href="/other/">{text}</a></div>'
    assert ("list", "other/") in led_to(SECTION + tab + REPORTS, f"{HOME}q/nb/", Role.LIST)


@pytest.mark.parametrize(
    "body",
    [
        '<div class="position">' * 2_000 + "当前位置：首页 > 年报" + "</div>" * 2_000,
        '<div class="position">当前位置 > > > > </div>' * 20_000,
        "".join(f'<a href="/{n}/">{"部门和" * 12}</a>' for n in range(5_000)),
        f"<script>{'location = ' * 250}</script>",
        f'<meta http-equiv="refresh" content="{"0;url=" * 5_000}">',
    ],
)
def test_hostile_pages_are_looked_at_in_time(body):
    started = time.process_time()
    reading_of(body)
    assert time.process_time() - started < 5
