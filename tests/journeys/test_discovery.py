"""A crawl from the home page alone finds every report once, and nothing outside the section."""

from collections import Counter
from collections.abc import Iterator

import pytest

from archive.model.frontier import Lease
from archive.model.outcome import Role
from crawler.demo.server import DemoPortal
from crawler.frontier.section_filter import MAX_LISTS, on_the_way
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server


@pytest.fixture
def gongkai(tmp_path) -> Gongkai:
    return Gongkai(tmp_path / "home")


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


def test_the_demo_portals_are_found_from_their_home_pages(gongkai):
    with DemoPortal(per_list=5) as portal:
        gongkai.crawl(*portal.homes.values())
        wanted = {portal.url + report.url for report in portal.reports}
        visited = Counter(portal.url + visit.path for visit in portal.visits)
    kinds = {row["url"]: row["kind"] for row in gongkai.rows("documents")}
    pages = {url for url, kind in kinds.items() if kind in ("report", "article", "other")}
    assert pages == wanted
    assert {url for url in wanted if visited[url] != 1} == set()
    assert [url for url in visited if "/xw/" in url] == []


def html(title: str, body: str) -> bytes:
    return page(f"<html><head><title>{title}</title></head><body>{body}</body></html>")


def section(name: str) -> bytes:
    items = "".join(
        f'<li><a href="{year}.html">{name}{year}年政府信息公开工作年度报告</a></li>'
        for year in (2022, 2021, 2020)
    )
    return html(f"政府信息公开年报_{name}", f"<ul>{items}</ul>")


def report(name: str, year: int) -> bytes:
    title = f"{name}{year}年政府信息公开工作年度报告"
    text = f"<p>{year}年，{name}主动公开政府信息{year}条，收到政府信息公开申请3件。</p>" * 3
    return html(title, f'<h1>{title}</h1><div id="zoom">{text}</div>')


NEWS = "".join(f'<li><a href="/xw/{n}.html">县领导调研第{n}小学</a></li>' for n in range(4))
COUNTY = {
    "/": html("某县人民政府", f'<a href="/">首页</a><a href="/gk/">政务公开</a><ul>{NEWS}</ul>'),
    "/gk/": html(
        "政务公开",
        '<a href="/gk/nb/">政府信息公开年报</a><a href="/gk/bm/">部门信息公开</a>'
        f'<a href="/gk/deep/">乡镇信息公开</a><ul>{NEWS}</ul>',
    ),
    "/gk/bm/": html(
        "部门信息公开", '<a href="/gk/bm/jyj/nb/">教育局年报</a><a href="/gk/bm/czj/">财政局</a>'
    ),
    "/gk/deep/": html("乡镇", '<a href="/gk/deep/1/">乡镇信息公开</a>'),
    "/gk/deep/1/": html("乡镇", '<a href="/gk/deep/1/nb/">政府信息公开年报</a>'),
}
LISTS = {"/gk/nb/": "某县", "/gk/bm/jyj/nb/": "某县教育局"}


def test_sub_sections_are_found_within_three_hops_and_none_beyond(gongkai, server):
    server.answers = dict(COUNTY)
    for path, name in LISTS.items():
        server.answers[path] = section(name)
        server.answers |= {f"{path}{y}.html": report(name, y) for y in (2022, 2021, 2020)}
    gongkai.crawl(f"{server.url}/")
    reports = {p for p in server.requests if p.endswith(".html")}
    assert reports == {f"{path}{year}.html" for path in LISTS for year in (2022, 2021, 2020)}
    assert "/gk/deep/1/" not in server.requests
    assert {
        path: len(requests) for path, requests in server.requests.items() if len(requests) > 1
    } == {}


def test_a_look_follows_the_pages_that_send_on(gongkai, server):
    nowhere = '<meta http-equiv="refresh" content="0;url={}">'
    server.answers = {
        "/": page(nowhere.format("/home.html")),
        "/home.html": html("某县人民政府", '<a href="/nb.html">政府信息公开年报</a>'),
        "/nb.html": page(nowhere.format("/nb/")),
        "/nb/": section("某县"),
    }
    told = gongkai.run("portals", "add", f"{server.url}/", "--delay", "0", "--dry-run")
    assert told.count("redirect ") == 2
    assert f"would read {server.url}/nb/\n" in told


def lease(role: Role, number: int) -> Lease:
    return Lease(
        page_id=number, run_id=1, portal_key="x", url=f"http://x.example/{number}",
        method="GET", body=None, role=role, depth=1, attempts=0, family=None,
    )  # fmt: skip


def test_a_visit_to_find_sections_takes_up_ways_and_few_lists():
    roles = [
        Role.ENTRY,
        Role.NAVIGATION,
        *[Role.LIST] * (MAX_LISTS + 2),
        Role.PAGE,
        Role.ATTACHMENT,
    ]
    leases = [lease(role, number) for number, role in enumerate(roles)]
    wanted, others = on_the_way(leases, 1)
    assert Counter(each.role for each in wanted) == {
        Role.ENTRY: 1, Role.NAVIGATION: 1, Role.LIST: MAX_LISTS - 1,
    }  # fmt: skip
    assert len(wanted) + len(others) == len(leases)
