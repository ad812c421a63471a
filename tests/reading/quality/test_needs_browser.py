"""Which pages are told to need a browser: read from what stands in them, without one."""

import pytest

from archive.model.outcome import Role
from archive.model.reading import Reading, Source
from archive.reading.read import read
from tests.support.browser_portal import (
    CHALLENGE,
    paragraphs,
    plain_portal,
    scripted_portal,
    title_of,
)


def reading_of(page: str, role: Role = Role.PAGE) -> Reading:
    source = Source(url="http://www.yt.gov.cn/nb/a.html", body=page.encode(), role=role)
    return read(source)


def shell(inside: str) -> str:
    return f"<html><head><title>年报</title></head><body>{inside}</body></html>"


@pytest.mark.parametrize(
    ("inside", "mark"),
    [
        ("<div id=app></div><script src=/js/app.3f2.js></script>", "empty root"),
        ("<ul></ul><script>$.ajax({url: '/list'})</script>", "loads data"),
        ("<script>var s = document.createElement('script')</script>", "loads scripts"),
        ("<div id=zoom></div><script>document.write(text)</script>", "a script writes"),
        ("<ul class='news-list'></ul><script src=/js/list.js></script>", "empty place"),
        ("<script src=/js/all.js></script>", "nothing but scripts"),
    ],
)
def test_a_page_without_text_but_with_scripts_needs_a_browser(inside: str, mark: str) -> None:
    for role in (Role.PAGE, Role.LIST):
        need = reading_of(shell(inside), role).needs_browser
        assert need is not None
        assert mark in need


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (CHALLENGE, "cookie challenge"),
        ("<script>document.cookie='C3VK=ab1; path=/';location.reload();</script>", "C3VK"),
        ('<html><body><script>go({"bts":["a","b"]})</script></body></html>', "加速乐"),
        ("<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script><p></p>", "瑞数"),
    ],
)  # fmt: skip
def test_a_challenge_is_named_and_needs_a_browser(page: str, name: str) -> None:
    found = reading_of(page)
    assert found.blocked is not None
    assert name in found.blocked
    assert found.needs_browser == found.blocked


def test_a_refusal_in_words_is_no_challenge() -> None:
    found = reading_of(shell("<p>您的访问被拦截</p><script src=/waf.js></script>"))
    assert found.blocked is not None
    assert found.needs_browser is None


def test_pages_that_can_be_read_need_none() -> None:
    report = shell(f"<h1>{title_of(2023)}</h1>{paragraphs(2023)}<script>$.get('/hits')</script>")
    assert reading_of(report).needs_browser is None
    listing = plain_portal()["/nb/index.html"].body  # type: ignore[union-attr]  # it is a page
    assert reading_of(f"{listing}<script>fetch('/hits')</script>", Role.LIST).needs_browser is None
    assert reading_of(shell("<p>页面不存在</p><script>fetch('/x')</script>")).needs_browser is None


def test_a_title_alone_is_no_report_that_was_read() -> None:
    page = scripted_portal()["/nb/2024.html"]
    assert reading_of(page.body).needs_browser is not None  # type: ignore[union-attr]  # a page


def test_hostile_markup_costs_no_time() -> None:
    for piece in ("<div id=", "<ul class='list'", "<script src=", "document.cookie=", "$ . "):
        assert reading_of(shell(piece * 30_000)) is not None
