"""`gongkai portals …`: a portal is found and added, a list taken in, the catalogue shown."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.work.catalogue.load import user_portals
from crawler.cli import main
from crawler.demo.server import DemoPortal
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server


@pytest.fixture
def gongkai(tmp_path) -> Gongkai:
    return Gongkai(tmp_path / "home")


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


def test_add_finds_the_section_from_the_home_page_and_the_crawl_goes_on_from_there(gongkai):
    with DemoPortal(per_list=5) as portal:
        home, section = portal.homes["trs"], portal.entries["trs"]
        told = json.loads(
            gongkai.run("portals", "add", home, "--key", "x", "--delay", "0", "--json")
        )
        visited = {visit.path for visit in portal.visits}
        gongkai.crawl("x")
        wanted = {each.url for each in portal.reports if each.url.startswith("/trs/")}
        read = {row["url"].removeprefix(portal.url) for row in gongkai.rows("documents")}
        again = gongkai.run("portals", "add", section, status=2)
    assert {path for path in visited if "index_" not in path} == {
        "/robots.txt", "/trs/", "/trs/zwgk/zfxxgk/zfxxgknb/",
    }  # fmt: skip
    assert (again, "is in the catalogue already, as x" in gongkai.stderr) == ("", True)
    (row,) = user_portals(gongkai.home)
    assert (row.key, row.entries, row.family) == ("x", (section,), "trs")
    assert row.delay_s == 0
    assert (row.name, row.division) == ("澄溪县人民政府", "990101")
    (found,) = told["found"]["sections"]
    assert found["why"] == ["text:政府信息公开年报", "names reports", "slug:zfxxgknb"]
    assert (len(found["items"]), found["further_pages"]) == (5, 4)
    assert found["evidence"][0].startswith("regex:createPage")
    assert wanted <= read


def test_a_dry_run_shows_the_same_and_writes_no_row(gongkai):
    with DemoPortal(per_list=5) as portal:
        told = gongkai.run("portals", "add", portal.homes["hanweb"], "--dry-run", "--delay", "0")
    assert "would read" in told
    assert "hanweb by" in told
    assert "临岚区2024年政府信息公开工作年度报告" in told
    assert user_portals(gongkai.home) == []


def test_a_portal_without_a_section_is_not_added(gongkai, server):
    server.answers = {"/": page("<html><body><a href='/xw/'>新闻</a>欢迎光临本网站</body></html>")}
    told = gongkai.run("portals", "add", f"{server.url}/", "--delay", "0", status=1)
    assert "give the URL of the list itself" in gongkai.stderr
    assert f"home page {server.url}/" in told
    assert set(server.requests) == {"/robots.txt", "/"}
    assert user_portals(gongkai.home) == []
    stands = json.loads(gongkai.run("status", "--json"))
    assert (stands["portals"], stands["silent"], stands["next_visits"]) == ([], [], [])


def test_robots_are_honoured_and_told(gongkai, server):
    server.answers = {"/robots.txt": page("User-agent: *\nDisallow: /\n")}
    told = gongkai.run("portals", "add", f"{server.url}/", "--delay", "0", status=1)
    assert set(server.requests) == {"/robots.txt"}
    assert "robots: " in told


class Told:
    """What a command printed, and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], home: Path) -> None:
        self._capsys, self._home = capsys, home

    def __call__(self, *words: str) -> tuple[int, str, str]:
        try:
            status = main(["portals", *words, "--home", str(self._home)])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, err = self._capsys.readouterr()
        return status, out, err


@pytest.fixture
def portals(capsys, tmp_path) -> Told:
    return Told(capsys, tmp_path)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "ftp://x/"), "not an http"),
        (("add", "http://127.0.0.1/", "--key", "a b"), "key"),
        (("add", "http://127.0.0.1/", "--division", "1"), "six digits"),
        (("add", "http://x.example/"), "GONGKAI_CONTACT"),
        (("add", "http://127.0.0.1/", "--delay", "soon"), "number of seconds"),
        (("show", "nosuch"), "no portal has the key"),
    ],
)
def test_wrong_usage_is_told_in_a_line(portals, words, told):
    status, _, err = portals(*words)
    assert (status, told in err, err.count("\n")) == (2, True, 1)


def test_a_portal_is_shown_as_its_row_says_it(portals):
    status, out, _ = portals("show", "pingtan")
    assert (status, "None" in out, "[" in out) == (0, False, False)
    shown = [line.split() for line in out.splitlines()]
    assert ["entries", "https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/"] in shown


def test_import_tells_what_it_took_and_why_not_the_rest(portals, tmp_path):
    (tmp_path / "list.csv").write_text(
        "name,url\n甲县,http://a.example/\n乙县,http://a.example/\n丙县,ftp://c/\n", "utf-8"
    )
    status, out, _ = portals("import", str(tmp_path / "list.csv"))
    assert status == 1
    assert "1 portal added, 1 in the catalogue already, 1 line that cannot be used" in out
    assert "left out: line 3: 乙县: http://a.example/ is in the catalogue as a-example" in out
    assert "refused: line 4: 丙县: 'ftp://c/' is not an http(s) URL" in out
    assert "甲县" in portals("list", "甲")[1]
    assert json.loads(portals("show", "a-example", "--json")[1])["name"] == "甲县"


def test_the_list_of_all_counties_is_imported_listed_and_checked(portals, shared):
    started = time.perf_counter()
    status, out, _ = portals("import", str(shared / "portals.csv"))
    assert time.perf_counter() - started < 10
    assert (status, "0 lines that cannot be used" in out) == (0, True)
    known = json.loads(portals("list", "--json")[1])
    assert len(known) > 3_000
    assert portals("check")[0] == 0


def test_check_names_a_family_that_does_not_exist(portals, tmp_path):
    row = '[x]\nname = "甲县"\nentries = ["http://a.example/"]\nfamily = "nosuch"\n'
    (tmp_path / "portals.toml").write_text(row, "utf-8")
    status, _, err = portals("check")
    assert (status, "[x] family: nosuch is none of" in err) == (1, True)
