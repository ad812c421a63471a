"""Sites that make ever new urls of the same lists: each crawl ends, says why, and leaves nothing."""

import json
from collections.abc import Callable

import pytest

from archive.work.ingest.list_watch import CUT, EQUAL_LISTS_LIMIT
from tests.storm.conftest import Storm
from tests.storm.county import Answer, Weather, county_of
from tests.storm.portals import listing, report, title

HOST = "127.11.1.1"
ENTRY = "/nb/index.html"
THREE = {year: title(year) for year in (2021, 2022, 2023)}
SLACK = 12  # lists that were under way or being read when the portal was cut
UNREAD = 30  # more of them where the site answers without a pause and a busy machine reads behind


def page(links: dict[str, str], *further: str) -> bytes:
    """A list of three reports that names further lists."""
    more = "".join(f'<a href="{url}">政府信息公开年报</a> ' for url in further)
    return listing(links).replace(b"</body>", f"<div>{more}</div></body>".encode())


def here(year: int) -> str:
    return f"./{year}01/t{year}0110_1.html"


def path_info(path: str, _: int) -> Answer | None:
    """A forgotten http:// on a server that answers every path below."""
    if "/t20" in path:
        year = int(path.rpartition("/t")[2][:4])
        return Answer(body=report(title(year), 7))
    links = {here(year): name for year, name in THREE.items()}
    return Answer(body=page(links, "www.gov.cn/nb/", "index.html/")) if path[:4] == "/nb/" else None


def growing(path: str, _: int) -> Answer | None:
    """Every folder names a folder in itself; the reports are named by whole paths."""
    if path.startswith("/bg/"):
        return Answer(body=report(title(int(path[4:8])), 7))
    links = {f"/bg/{year}.html": name for year, name in THREE.items()}
    return Answer(body=page(links, "nb/")) if path[:4] == "/nb/" else None


def queries(path: str, _: int) -> Answer | None:
    """Every list names itself with one parameter more, in two ways."""
    if path.startswith("/bg/"):
        return Answer(body=report(title(int(path[4:8])), 7))
    links = {f"/bg/{year}.html": name for year, name in THREE.items()}
    if path[:4] != "/nb/":
        return None
    joint = "&" if "?" in path else "?"
    return Answer(body=page(links, f"{path}{joint}a=1", f"{path}{joint}b=2"))


@pytest.mark.parametrize("weather", [path_info, growing, queries])
def test_lists_that_repeat_under_new_urls_end_the_portal(
    weather: Callable[[str, int], Answer | None], storm: Storm
) -> None:
    with county_of({HOST: weather}) as county:
        storm.catalogue({"p": county.url(HOST, ENTRY)})
        storm.run("crawl", "p", "--delay", "0", status=1)
        first = len(county.paths(HOST))
        lists = [path for path in county.paths(HOST) if path[:4] == "/nb/" and "/t20" not in path]
        storm.run("crawl", "p", "--delay", "0", status=1)
        second = len(county.paths(HOST)) - first
        left = json.loads(storm.run("status", "--json"))["frontier"]
    runs = storm.rows("runs")
    assert str(runs[0]["reason"]).startswith(f"{CUT}{EQUAL_LISTS_LIMIT} in a row repeat")
    assert runs[1]["verdict"] == "bad"
    assert len(lists) <= EQUAL_LISTS_LIMIT + SLACK + UNREAD  # of 1,000 that a run may visit
    assert second <= len(lists) + SLACK
    assert left == {}
    reports = {str(row["url"]) for row in storm.rows("documents") if row["kind"] == "report"}
    assert len(reports) <= 15
    assert len({url.rpartition("/")[2] for url in reports}) == 3


def calendar(path: str, _: int) -> Answer | None:
    """A month names the next and the one before, and an entry that looks new."""
    if path.startswith("/bg/"):
        return Answer(body=report(title(2020), 7))
    month = int(path.partition("m=")[2] or "0")
    links = {f"/bg/{month}.html": f"{title(2020)}（{month}）"}
    links |= {f"/bg/x{month}{n}.html": f"{title(2019)}（{month}-{n}）" for n in (1, 2)}
    further = (f"/nb/index.html?m={month + 1}", f"/nb/index.html?m={month + 100}")
    return Answer(body=page(links, *further)) if path[:4] == "/nb/" else None


def test_a_portal_that_names_more_lists_than_its_budget_is_cut(storm: Storm) -> None:
    with county_of({HOST: calendar}) as county:
        storm.catalogue({"p": county.url(HOST, ENTRY)}, "max_lists = 20")
        storm.run("crawl", "p", "--delay", "0", status=1)
        storm.run("crawl", "p", "--delay", "0", status=1)
        lists = {path for path in county.paths(HOST) if path[:4] == "/nb/"}
    told = [row["reason"] for row in storm.rows("runs")]
    assert all("20 lists a run are its budget" in str(reason) for reason in told[:1])
    assert 20 <= len(lists) <= 20 + SLACK
    outcomes = [(row["run"], row["url"]) for row in storm.rows("outcomes")]
    assert len(outcomes) == len(set(outcomes))
    assert {row["outcome"] for row in storm.rows("outcomes")} >= {"new", "out_of_scope"}


def departments(path: str, _: int) -> Answer | None:
    """Forty departments with the same column: the same lines, reports of their own."""
    if path == ENTRY:
        links = {f"/bm/{n}/nb/index.html": f"第{n}局政府信息公开年报" for n in range(40)}
        return Answer(body=page({f"/bg/{y}.html": t for y, t in THREE.items()}, *links))
    if path.endswith("/index.html"):
        links = {f"./{year}.html": name for year, name in THREE.items()}
        return Answer(body=page(links))
    return Answer(body=report(title(int(path[-9:-5])), 7)) if path[-5:] == ".html" else None


def test_departments_whose_lists_look_alike_are_all_read(storm: Storm) -> None:
    weather: Weather = departments
    with county_of({HOST: weather}) as county:
        storm.catalogue({"p": county.url(HOST, ENTRY)})
        storm.run("crawl", "p", "--delay", "0", status=None)
        visited = {path for path in county.paths(HOST) if path.startswith("/bm/")}
    lists = {path for path in visited if path.endswith("/index.html")}
    assert not any(str(row["reason"]).startswith(CUT) for row in storm.rows("outcomes"))
    assert len(visited) == 4 * len(lists)
