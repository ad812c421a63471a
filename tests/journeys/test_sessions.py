"""A site that gives every visit a session of its own, in every URL."""

import itertools
import re

from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page
from tests.support.site import pages_of


class Sessions(dict[str, bytes]):
    """Answers by path; every link carries a fresh session and a number against caches."""

    def __init__(self, pages: dict[str, str]) -> None:
        super().__init__()
        self.pages = pages
        self.numbers = itertools.count(1)

    def get(self, path: str, missing: bytes) -> bytes:  # type: ignore[override]  # as it is asked
        text = self.pages.get(path.partition("?")[0])
        if text is None:
            return missing
        fresh = f"?PHPSESSID={next(self.numbers):032x}&_={next(self.numbers)}"
        return page(re.sub(r'href="(/nb/[^"]+)"', rf'href="\1{fresh}"', text))


def test_sessions_neither_double_pages_nor_make_lists_endless(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.answers = Sessions(pages_of(12, per_list=5))
    entry = f"{server.url}/nb/index.html"
    told = gongkai.crawl(entry)
    assert told["outcomes"] == {"new": 15}
    told = gongkai.crawl(entry, "--full")
    assert set(told["outcomes"]) == {"unchanged"}
    urls = [str(row["url"]) for row in gongkai.rows("documents")]
    assert (len(urls), any("PHPSESSID" in url for url in urls)) == (15, False)
    assert {row["version"] for row in gongkai.rows("versions")} == {1}
    visited = {path.partition("?")[0] for path in server.requests}
    assert all(
        "PHPSESSID" in path
        for path in server.requests
        if path not in {"/robots.txt", "/nb/index.html"}
    )
    assert len(visited) == 16
    gongkai.run("verify")


def test_a_page_that_redirects_to_itself_with_a_session_is_read(
    gongkai: Gongkai, server: RawServer
) -> None:
    site = {path: page(text) for path, text in pages_of(3).items()}
    listed = site["/nb/index.html"]
    away = page("", head="HTTP/1.1 302 Found", headers="Location: /nb/index.html?PHPSESSID=77\r\n")
    site |= {"/nb/index.html": away, "/nb/index.html?PHPSESSID=77": listed}
    server.answers = site  # type: ignore[assignment]  # bytes are answers
    told = gongkai.crawl(f"{server.url}/nb/index.html")
    assert (told["verdict"], told["outcomes"]) == ("good", {"new": 4})
