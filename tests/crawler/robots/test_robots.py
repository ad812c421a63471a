"""robots.txt by RFC 9309, over the wire: whatever a host answers there, the crawl ends in order."""

import gzip
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from crawler.robots.rules import read_rules
from tests.crawler.fetch.test_wire import listing
from tests.journeys.test_outcomes import report
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server

RULES = "User-agent: *\nDisallow: /secret\n"
LONG_HEAD = b"".join(b"X-%d: " % n + b"a" * 8000 + b"\r\n" for n in range(40))
FILLER = "#" * (500 * 1024 - len(RULES) - len("\nDisallow: /"))
# A second byte may be a letter: what stands behind it must not be swallowed.
GBK_RULES = f"# 禁止抓取下列目录\n{RULES}Disallow: /机构職能/ # 镕\n"
OURS = "User-agent: Gongkai/1.0 (archive)\nDisallow: /secret\n"
OTHERS = "".join(f"User-agent: bot{n}\n" for n in range(9)) + "Disallow: /\n\n"
GZIP = "Content-Encoding: gzip\r\n"


@pytest.fixture
def other() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


def moved(to: str) -> bytes:
    return page("", head="HTTP/1.1 301 Moved", headers=f"Location: {to}\r\n")


def ends(gongkai: Gongkai, server: RawServer) -> dict[str, str]:
    """How the pages of a server ended, by path."""
    rows = [row for row in gongkai.rows("outcomes") if row["url"].startswith(server.url)]
    return {row["url"].removeprefix(server.url): row["outcome"] for row in rows}


# What stands at /robots.txt, and how a page under /secret ends; None: nothing may be asked for.
ANSWERS = {
    "a byte order mark": (page("\ufeff" + RULES), "robots"),
    "two byte order marks": (page("\ufeff\ufeff" + RULES), "robots"),
    "UTF-16 with its mark": (page(RULES.encode("utf-16")), "robots"),
    "big-endian UTF-16 with its mark": (page(b"\xfe\xff" + RULES.encode("utf-16-be")), "robots"),
    "comments and paths in GBK": (page(GBK_RULES.encode("gbk")), "robots"),
    "a group by our name": (page(f"User-agent: *\nDisallow: /\n\n{OURS}"), "robots"),
    "our name among others": (page(f"{OTHERS}{OURS}"), "robots"),
    "another's name in ours": (page("User-agent: gong\nUser-agent: kai\nDisallow: /"), "new"),
    "a line beyond the limit": (page(f"{RULES}Allow: /{'a' * 600_000}"), "robots"),
    "another 2xx": (page(RULES, head="HTTP/1.1 203 By proxy"), "robots"),
    "lines ended by CR": (page(RULES.replace("\n", "\r")), "robots"),
    "half a rule at the limit": (page(f"{RULES}{FILLER}\nDisallow: /other\n"), "robots"),
    "redirects to itself": (moved("/robots.txt"), "new"),
    "redirect loop": (moved("/pool"), "new"),
    "the body of a 404": (page(b"\x1f\x8b", head="HTTP/1.1 404 No", headers=GZIP), "new"),
    "cut gzip": (page(gzip.compress(RULES.encode())[:-12], headers=GZIP), None),
    "a head beyond every limit": (
        b"HTTP/1.1 200 OK\r\n" + LONG_HEAD + b"Content-Length: 2\r\n\r\nok",
        None,
    ),
}


def test_every_answer_gives_rules_or_closes_its_host(gongkai: Gongkai) -> None:
    with ExitStack() as stack:
        servers = {name: stack.enter_context(raw_server()) for name in ANSWERS}
        for name, server in servers.items():
            server.answers = {
                "/robots.txt": ANSWERS[name][0],
                "/pool": moved("/robots.txt"),
                "/index.html": listing("/open", "/secret"),
                "/open": report(),
                "/secret": report(2019),
            }
        gongkai.crawl(*(f"{each.url}/index.html" for each in servers.values()), status=1)
        for name, server in servers.items():
            found, secret = ends(gongkai, server), ANSWERS[name][1]
            if secret is None:
                assert found["/index.html"] == "failed", name
                assert set(server.requests) == {"/robots.txt"}, name
            else:
                assert (found["/open"], found["/secret"]) == ("new", secret), name


def test_hosts_whose_robots_txt_redirects_to_the_same_one_share_its_answer(
    gongkai: Gongkai, server: RawServer, other: RawServer
) -> None:
    """http://x/robots.txt usually leads to https://x/robots.txt, whichever is asked first."""
    with raw_server() as third:
        other.answers["/robots.txt"] = page(RULES)
        server.answers["/robots.txt"] = third.answers["/robots.txt"] = moved(
            f"{other.url}/robots.txt"
        )
        urls = [f"{each.url}/{path}" for each in (other, third) for path in ("o", "secret")]
        server.answers["/index.html"] = listing("/secret", *urls)
        for each in (server, other, third):
            each.answers |= {"/secret": report(2019), "/o": report()}
        gongkai.crawl(f"{server.url}/index.html", status=None)
        assert [ends(gongkai, each)["/secret"] for each in (server, other, third)] == ["robots"] * 3
        assert [ends(gongkai, each)["/o"] for each in (other, third)] == ["new"] * 2
        assert len(other.requests["/robots.txt"]) == 1
        assert [row["status"] for row in gongkai.rows("runs")] == ["finished"]


def test_a_hop_of_a_redirect_keeps_the_pause_of_its_host(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.answers = {
        "/robots.txt": moved("/rules.txt"),
        "/rules.txt": page(RULES),
        "/index.html": listing("/open"),
        "/open": report(),
    }
    gongkai.run("crawl", f"{server.url}/index.html", "--delay", "0.5", status=None)
    pauses = [later - earlier for earlier, later in zip(server.at, server.at[1:], strict=False)]
    assert len(pauses) == 3
    assert min(pauses) >= 0.5


DIES_BEFORE_THE_OUTCOME = """
import os
from archive.work.ingest import archive_writer
from crawler.cli import main
archive_writer.record = lambda *_, **__: os._exit(9)
main()
"""


def test_an_answer_that_was_cut_before_a_crash_is_asked_for_again(
    gongkai: Gongkai, server: RawServer
) -> None:
    """Half of the rules must not be taken for all of them."""
    whole = page(RULES + "Disallow: /open\n")
    server.answers = {
        "/robots.txt": lambda connection: connection.sendall(whole[:-16]),
        "/index.html": listing("/open"),
        "/open": report(),
    }
    crawl = ["crawl", f"{server.url}/index.html", "--delay", "0"]
    assert gongkai.patched(DIES_BEFORE_THE_OUTCOME, *crawl) == 9
    server.answers["/robots.txt"] = whole
    gongkai.crawl(f"{server.url}/index.html", status=None)
    assert ends(gongkai, server)["/open"] == "robots"
    assert len(server.requests["/robots.txt"]) == 2


def test_thousands_of_groups_over_thousands_of_rules_cost_their_sum() -> None:
    """A file of half a megabyte would else take minutes and gigabytes."""

    def seconds(count: int) -> float:
        names = "".join(f"User-agent: a{n}\n" for n in range(count))
        text = names + "".join(f"Disallow: /{n}\n" for n in range(count))
        best = float("inf")
        for _ in range(3):  # other work on the machine costs cache, not only turns
            began = time.process_time()
            read_rules(200, text, "gongkai")
            best = min(best, time.process_time() - began)
        return best

    assert seconds(16_000) < 8 * seconds(4_000)
