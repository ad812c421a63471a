"""Every scheduled URL ends with one outcome and its reason; a failure is loud."""

import gzip
import zlib
from pathlib import Path

import pytest

from tests.crawler.fetch.test_wire import listing
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

REPORT = """<html><head><title>某县{year}年政府信息公开工作年度报告</title></head><body>
<h1>某县{year}年政府信息公开工作年度报告</h1><div id="zoom">
<p>{year}年，某县认真贯彻落实《中华人民共和国政府信息公开条例》。</p>
<p>{text}</p></div></body></html>"""


def report(year: int = 2020, text: str = "全年主动公开政府信息120条。") -> bytes:
    return page(REPORT.format(year=year, text=text))


def outcomes(gongkai: Gongkai) -> dict[str, tuple[str, str]]:
    """The latest outcome of every URL, by the last part of its path."""
    rows = sorted(gongkai.rows("outcomes"), key=lambda row: row["run"])
    return {r["url"].split("/", 3)[3]: (r["outcome"], r["reason"]) for r in rows}


def test_every_kind_of_ending_has_its_outcome(gongkai: Gongkai, server: RawServer) -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 9)
    cut = zlib.compress(("<html><body><p>" + "正文" * 5000).encode())[:-40]
    server.answers = {
        "/good": report(),
        "/gone": page("x", head="HTTP/1.1 404 Not Found"),
        "/blocked": page("x", head="HTTP/1.1 412 Precondition Failed"),
        "/moved": page("", head="HTTP/1.1 302 Found", headers="Location: /target\r\n"),
        "/target": report(2019),
        "/loop": page("", head="HTTP/1.1 302 Found", headers="Location: /pool\r\n"),
        "/pool": page("", head="HTTP/1.1 302 Found", headers="Location: /loop\r\n"),
        "/away": page(
            "", head="HTTP/1.1 302 Found", headers="Location: http://www.example.com/\r\n"
        ),
        "/bomb": page(bomb, headers="Content-Encoding: gzip\r\n"),
        "/cutgzip": page(cut, headers="Content-Encoding: deflate\r\n"),
        "/weird": page("x", head="HTTP/1.1 299 Whatever"),
    }
    # /pool is known by /loop alone: of two that are listed either may be asked for first.
    server.answers["/index.html"] = listing(*(each for each in server.answers if each != "/pool"))
    gongkai.crawl(f"{server.url}/index.html", status=None)
    ends = outcomes(gongkai)
    assert {path: outcome for path, (outcome, _) in ends.items()} == {
        "robots.txt": "gone", "index.html": "new", "good": "new", "gone": "gone",
        "blocked": "blocked", "moved": "redirected", "target": "new", "loop": "redirected",
        "pool": "failed", "away": "out_of_scope", "bomb": "failed", "cutgzip": "failed",
        "weird": "failed",
    }  # fmt: skip
    assert "redirect loop" in ends["pool"][1]
    versions = {row["url"].split("/", 3)[3] for row in gongkai.rows("versions")}
    assert versions == {"index.html", "good", "target"}


def test_a_server_that_is_down_gives_a_bad_verdict_and_status_1(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.close()
    verdict = gongkai.crawl(f"{server.url}/index.html", status=1)
    assert verdict["verdict"] == "bad"
    assert "nothing could be reached" in verdict["reason"]
    assert outcomes(gongkai)["index.html"] == (
        "failed", "connection refused (robots.txt is asked for first)",
    )  # fmt: skip


def test_a_second_crawl_stores_nothing_new(gongkai: Gongkai, server: RawServer) -> None:
    server.answers = {"/index.html": listing("/a", "/b"), "/a": report(2020), "/b": report(2019)}
    gongkai.crawl(f"{server.url}/index.html")
    before = len(gongkai.rows("versions"))
    gongkai.crawl(f"{server.url}/index.html", "--full")
    assert len(gongkai.rows("versions")) == before == 3
    assert {outcome for outcome, _ in outcomes(gongkai).values()} <= {"unchanged", "gone"}


def test_a_changed_sentence_makes_one_new_version_and_a_counter_none(
    gongkai: Gongkai, server: RawServer
) -> None:
    counter = '<p id="c">浏览次数：<span>{}</span>次</p></body>'
    first, second = report(2020), report(2020, "全年主动公开政府信息121条。")
    server.answers = {"/index.html": listing("/a"), "/a": first}
    gongkai.crawl(f"{server.url}/index.html")
    server.answers["/a"] = page(
        first.split(b"\r\n\r\n", 1)[1].decode().replace("</body>", counter.format(17))
    )
    gongkai.crawl(f"{server.url}/index.html", "--full")
    assert outcomes(gongkai)["a"][0] == "unchanged"
    server.answers["/a"] = second
    gongkai.crawl(f"{server.url}/index.html", "--full")
    assert outcomes(gongkai)["a"][0] == "changed"
    assert [row["version"] for row in gongkai.rows("versions") if row["url"].endswith("/a")] == [
        1,
        2,
    ]


def test_an_empty_list_where_reports_were_known_is_a_failure(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.answers = {
        "/index.html": listing("/a", "/b", "/c"),
        **{p: report() for p in ("/a", "/b", "/c")},
    }
    gongkai.crawl(f"{server.url}/index.html")
    server.answers["/index.html"] = listing()
    verdict = gongkai.crawl(f"{server.url}/index.html", status=1)
    assert verdict["verdict"] == "bad"
    assert outcomes(gongkai)["index.html"][0] in {"failed", "soft_404"}
    assert len(gongkai.rows("documents")) >= 3, "what was stored stays"


def test_robots_rules_are_kept_and_their_failure_closes_the_host(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.answers = {
        "/robots.txt": page("User-agent: *\nDisallow: /secret\n"),
        "/index.html": listing("/open", "/secret/a"),
        "/open": report(),
        "/secret/a": report(2019),
    }
    gongkai.crawl(f"{server.url}/index.html", status=None)
    assert outcomes(gongkai)["secret/a"][0] == "robots"
    assert "/secret/a" not in server.requests


def test_a_robots_txt_that_fails_means_no_request(gongkai: Gongkai, server: RawServer) -> None:
    server.answers = {
        "/robots.txt": page("x", head="HTTP/1.1 503 Busy"),
        "/index.html": listing("/a"),
    }
    verdict = gongkai.crawl(f"{server.url}/index.html", status=1)
    assert verdict["verdict"] == "bad"
    assert set(server.requests) == {"/robots.txt"}
    assert outcomes(gongkai)["index.html"] == (
        "robots", "robots.txt answered 503: the host is left alone",
    )  # fmt: skip


def test_retry_after_is_kept(gongkai: Gongkai, server: RawServer) -> None:
    busy = page("x", head="HTTP/1.1 503 Busy", headers="Retry-After: 1\r\n")
    server.answers = {"/index.html": listing("/a"), "/a": [busy, report()]}
    gongkai.crawl(f"{server.url}/index.html")
    assert outcomes(gongkai)["a"][0] == "new"


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "nosuchportal"])
def test_a_target_that_means_nothing_is_wrong_usage(gongkai: Gongkai, target: str) -> None:
    gongkai.run("crawl", target, status=2)
    assert gongkai.stderr.count("\n") == 1


def test_crawling_the_web_needs_a_contact(gongkai: Gongkai) -> None:
    gongkai.run("crawl", "http://www.example.gov.cn/nb/", status=2)
    assert "GONGKAI_CONTACT" in gongkai.stderr


def test_an_unwritable_home_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = Gongkai(tmp_path / "file" / "home")
    blocked.run("crawl", "http://127.0.0.1:9/index.html", status=4)
    assert blocked.stderr.count("\n") == 1


def test_a_malformed_catalogue_row_names_file_row_and_field(gongkai: Gongkai) -> None:
    gongkai.home.mkdir()
    (gongkai.home / "portals.toml").write_text('[x]\nname = "x"\nentries = "not a list"\n')
    gongkai.run("crawl", "--due", status=2)
    assert all(word in gongkai.stderr for word in ("portals.toml", "[x]", "entries"))


def test_two_crawls_of_one_home_do_not_run_at_once(gongkai: Gongkai, server: RawServer) -> None:
    server.answers = {
        "/index.html": listing("/a", "/b", "/c"),
        **{p: report() for p in ("/a", "/b", "/c")},
    }
    first = gongkai.begin("crawl", f"{server.url}/index.html", "--delay", "2")
    try:
        while not (gongkai.home / "archive.sqlite").exists():
            pass
        gongkai.run("crawl", f"{server.url}/index.html", status=4)
        assert str(first.pid) in gongkai.stderr
    finally:
        first.kill()
        first.communicate()
