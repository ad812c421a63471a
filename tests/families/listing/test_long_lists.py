"""Lists of many pages: whichever page is read first, every other one is found from it."""

from collections.abc import Callable

import pytest
from lxml import html

from archive.families.lists import read_list

HOST = "http://www.x.gov.cn/zwgk/nb/"
PAGES = 100
Made = tuple[str, str]


def trs(number: int) -> Made:
    """Counts from 0, its first page without a number."""
    script = f'<script>createPageHTML({PAGES}, {number}, "index", "html")</script>'
    return f"index_{number}.html" if number else "index.html", script


def counted_down(number: int) -> Made:
    """VSB: the first page has no number, the second the highest."""

    def name(at: int) -> str:
        return f"nb/{PAGES - at}.htm" if at else "nb.htm"

    steps = {"首页": 0, "上页": max(0, number - 1), "下页": min(PAGES - 1, number + 1)}
    steps |= {str(at + 1): at for at in range(max(0, number - 2), min(PAGES, number + 3))}
    steps["尾页"] = PAGES - 1
    up = "../" if number else ""
    links = "".join(f'<a href="{up}{name(at)}">{said}</a>' for said, at in steps.items())
    return name(number), f'<div class="pager">共{PAGES}页 {number + 1}/{PAGES} {links}</div>'


def posted(number: int) -> Made:
    """A hand-made list with its number in the query."""
    near = range(max(0, number - 2), min(PAGES, number + 3))
    links = "".join(f'<a href="list.asp?id=7&page={at + 1}">{at + 1}</a>' for at in near)
    links += f'<a href="list.asp?id=7&page={PAGES}">尾页</a>'
    return f"list.asp?id=7&page={number + 1}", f"<div>第{number + 1}页 共{PAGES}页 {links}</div>"


def named(make: Callable[[int], Made], number: int) -> set[str]:
    name, pager = make(number)
    rows = "".join(
        f'<li><a href="{HOST}t2024{number:04d}_{n}.html">某某镇{2000 + n}年政府信息公开年度报告</a>'
        f"<span>2024-01-{n + 1:02d}</span></li>"
        for n in range(15)
    )
    text = f"<html><body><ul>{rows}</ul>{pager}</body></html>"
    listing = read_list(html.document_fromstring(text), text, HOST + name, None)
    assert len(listing.items) == 15
    return {link.url.removeprefix(HOST) or "index.html" for link in listing.pages}


@pytest.mark.parametrize("make", [trs, counted_down, posted])
@pytest.mark.parametrize("entry", [0, 1, 50, PAGES - 1])
def test_every_page_is_found_from_every_page(make, entry):
    numbers = {make(number)[0]: number for number in range(PAGES)}
    found, waiting = {entry}, [entry]
    while waiting:
        others = {numbers[name] for name in named(make, waiting.pop())} - found
        found |= others
        waiting += others
    assert found == set(range(PAGES))


@pytest.mark.parametrize("make", [trs, counted_down, posted])
def test_the_first_page_names_all_others(make):
    assert named(make, 0) == {make(number)[0] for number in range(1, PAGES)}


@pytest.mark.parametrize("make", [trs, counted_down, posted])
def test_a_further_page_names_those_near_it_alone(make):
    """All to all would be ten thousand links for a hundred pages."""
    assert len(named(make, 50)) <= 15


@pytest.mark.parametrize("make", [trs, counted_down, posted])
def test_one_page_that_fails_does_not_cut_the_chain(make):
    near = {make(number)[0] for number in (48, 49, 51, 52)}
    assert near <= named(make, 50)
