"""Menus whose heading is no link: the years below it lead to the section."""

import pytest

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.read import read

HOST = "http://x.example"
HEADING = "政府信息<br>公开年报"
NEWS = "".join(
    f'<li><a href="/zcfg/202401/t{n}.html">关于公布规范性文件清理结果的通知{n}</a><b>2024-01-0{n}</b></li>'
    for n in (1, 2, 3)
)


def years(*urls: str, row: str = "<li><a href='{}'>{}</a></li>") -> str:
    return "".join(row.format(each, 2024 - n) for n, each in enumerate(urls))


TWO = years("/c2024/zwgklist.html", "/c2023/zwgklist.html")
OTHER = '<h3>规范性文件</h3><ul><li><a href="/zcfg/list.html">2024</a></li></ul>'
MENUS = {
    "h3 and ul": f"<h3><em></em><div>{HEADING}</div><span></span></h3><ul>{TWO}</ul>{OTHER}",
    "dt and dd": f"<dl><dt>{HEADING}</dt><dd><ul>{TWO}</ul></dd>{OTHER}</dl>",
    "one item": f"<ul><li><span>{HEADING}</span><ul>{TWO}</ul></li><li>{OTHER}</li></ul>",
    "a bare text": f"<ul><li>政府信息公开年报<ul>{TWO}</ul></li><li>{OTHER}</li></ul>",
    "a text behind a sign": f"<ul><li><b>+</b>政府信息公开年报<!-- x --><ul>{TWO}</ul></li></ul>{OTHER}",
    "divs": f'<div class="t">{HEADING}</div><div class="l">{TWO}</div><div class="t">制度</div>{OTHER}',
    "rows": f"<table><tr><td>{HEADING}</td></tr><tr><td><ul>{TWO}</ul></td></tr></table>{OTHER}",
    "a dead link": f'<h3><a href="javascript:;">{HEADING}</a></h3><ul>{TWO}</ul>{OTHER}',
    "before a linked part": f'<h3>{HEADING}</h3><ul>{TWO}</ul><h3><a href="/zd/">制度</a></h3>{OTHER}',
}


def led_to(menu: str, path: str, role: Role) -> list[tuple[str, Role]]:
    text = f"<title>政府信息公开平台</title><div class='side'>{menu}</div><ul>{NEWS}</ul>"
    reading = read(Source(url=HOST + path, body=text.encode(), role=role))
    return [(link.url.removeprefix(HOST), link.role) for link in reading.links]


@pytest.mark.parametrize("role", [Role.ENTRY, Role.NAVIGATION])
@pytest.mark.parametrize("case", MENUS)
def test_the_years_under_the_columns_name_are_its_lists(case: str, role: Role) -> None:
    assert led_to(MENUS[case], "/pt/index.html", role) == [
        ("/c2024/zwgklist.html", Role.LIST),
        ("/c2023/zwgklist.html", Role.LIST),
    ]


@pytest.mark.parametrize("role", [Role.ENTRY, Role.LIST])
def test_a_year_of_the_menu_names_the_others(role: Role) -> None:
    report = '<li><a href="/c2024/t20240120_1.html">某局2023年政府信息公开工作年度报告</a><b>2024-01-20</b></li>'
    menu = f"<h3>{HEADING}</h3><ul>{TWO}</ul></div><div>{report}"
    text = f"<title>2024</title><div class='side'>{menu}</div>"
    url = f"{HOST}/c2024/zwgklist.html"
    reading = read(Source(url=url, body=text.encode(), role=role))
    assert [(link.url.removeprefix(HOST), link.role) for link in reading.links] == [
        ("/c2024/t20240120_1.html", Role.PAGE),
        ("/c2023/zwgklist.html", Role.LIST),
    ]


def test_years_that_are_single_pages_are_pages() -> None:
    menu = (
        f"<h3>{HEADING}</h3><ul>{years('/nb/t20240120_1.html', '/art/2023/1/20/art_1_2.html')}</ul>"
    )
    assert led_to(menu, "/pt/index.html", Role.NAVIGATION) == [
        ("/nb/t20240120_1.html", Role.PAGE),
        ("/art/2023/1/20/art_1_2.html", Role.PAGE),
    ]


def test_the_columns_of_offices_under_the_heading_are_lists() -> None:
    menu = f"<h3>{HEADING}</h3><p><a href='/bm/'>部门</a><a href='/xz/'>乡镇街道年报</a></p>"
    assert led_to(menu, "/pt/index.html", Role.NAVIGATION) == [
        ("/bm/", Role.LIST),
        ("/xz/", Role.LIST),
    ]


@pytest.mark.parametrize(
    "menu",
    [
        f"<h3>政策文件</h3><ul>{TWO}</ul>",
        f"<h3>统计年度报告</h3><ul>{TWO}</ul>",
        f"<h3>{HEADING}</h3><h3>政策文件</h3><ul>{TWO}</ul>",
        f"<h3>{HEADING}</h3><ul><li><a href='/zd/'>制度</a></li></ul><ul>{TWO}</ul>",
        f"<p>{HEADING}编制培训会今日召开，各部门参加</p><ul>{TWO}</ul>",
    ],
)
def test_years_under_something_else_are_no_ways(menu: str) -> None:
    assert "/c2024/zwgklist.html" not in [url for url, _ in led_to(menu, "/pt/", Role.NAVIGATION)]
