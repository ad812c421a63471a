"""An answer beyond the limit is asked for once and told; the portal's row can raise the limit."""

import pytest

from tests.crawler.fetch.test_wire import listing
from tests.journeys.test_outcomes import outcomes
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

TWO_MIB, FOUR_MIB = 2 * 1024 * 1024, 4 * 1024 * 1024
PARAGRAPH = "<p>全年主动公开政府信息120条。</p>"


def unasked_for(size: int) -> bytes:
    """An answer of which only the promise is sent."""
    return page("x").replace(b"Content-Length: 1", b"Content-Length: %d" % size)


def test_what_is_too_large_is_asked_for_once_and_the_limit_is_the_portals(
    gongkai: Gongkai, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "tests.support.impatient")
    large = "<html><h1>某县2020年政府信息公开工作年度报告</h1>" + PARAGRAPH
    server.answers = {
        "/index.html": listing("/large", "/promised", "/endless", "/lengths"),
        "/large": page(large + f"<!--{'x' * TWO_MIB}-->"),
        "/promised": unasked_for(FOUR_MIB),
        "/endless": b"HTTP/1.0 200 OK\r\n\r\n" + bytes(FOUR_MIB),
        "/lengths": page("x", headers="Content-Length: 2\r\n"),
    }
    gongkai.home.mkdir()
    (gongkai.home / "portals.toml").write_text(
        f'[p]\nname = "p"\nentries = ["{server.url}/index.html"]\nmax_size_mb = 3\n'
    )
    gongkai.crawl("p", status=None)
    ends = outcomes(gongkai)
    assert ends["large"][0] == "new", "the setting alone would refuse it"
    why = f"answer larger than the limit of {3 * 1024 * 1024} bytes"
    assert ends["promised"] == ends["endless"] == ("failed", why)
    assert ends["lengths"] == (
        "failed", "Content-Length is given as 1, 2: browsers refuse such an answer",
    )  # fmt: skip
    assert {path: len(requests) for path, requests in server.requests.items()} == dict.fromkeys(
        ["/robots.txt", *server.answers], 1
    )
