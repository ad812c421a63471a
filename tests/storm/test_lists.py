"""Lists that misbehave without an error: each is noticed, and each crawl ends."""

from collections.abc import Callable

import pytest

from archive.work.ingest.outcomes import ENDLESS_LIST, MAX_LIST_HOPS
from tests.storm.conftest import Storm
from tests.storm.county import Answer, Weather, county_of
from tests.storm.portals import county_site, fair, listing, report, title

ENTRY = "/nb/index.html"
SEVEN = {f"/nb/{year}.html": title(year) for year in range(2017, 2024)}
REPORTS = {path: report(name, 7) for path, name in SEVEN.items()}


def verdict(storm: Storm, weather: Weather, *args: str, status: int = 1) -> tuple[str, set[str]]:
    """Why a portal in that weather is judged as it is, and what was asked of it."""
    with county_of({"127.11.0.1": weather}) as county:
        storm.catalogue({"p": county.url("127.11.0.1", ENTRY)})
        storm.run("crawl", "p", "--delay", "0", *args, status=status)
        visited = county.paths("127.11.0.1")
    assert len(visited) == len(set(visited)), "a URL was asked for twice"
    return str(storm.rows("runs")[-1]["reason"]), set(visited)


def paged(page: Callable[[int], bytes]) -> Weather:
    """A list whose page N (from 0) is made by `page`."""

    def weather(path: str, _: int) -> Answer | None:
        number = path.removeprefix("/nb/index_").removesuffix(".html")
        if path == ENTRY or (path.startswith("/nb/index_") and number.isdecimal()):
            return Answer(body=page(0 if path == ENTRY else int(number)))
        return Answer(body=REPORTS[path]) if path in REPORTS else None

    return weather


def test_a_list_that_answers_every_page_with_the_first_is_told(storm: Storm) -> None:
    pager = b'<script>createPageHTML(6, 0, "index", "html");</script>'
    same = listing(SEVEN) + pager
    why, visited = verdict(storm, paged(lambda _: same))
    assert "4 of its 6 lists repeat another one" in why
    assert {f"/nb/index_{n}.html" for n in range(1, 6)} <= visited


def test_a_list_that_leads_back_ends_and_is_no_fault(storm: Storm) -> None:
    """下一页 of the last page is the first one: all is read once."""
    _, visited = verdict(storm, fair(county_site()), status=0)
    assert visited == {"/robots.txt", *county_site()}


@pytest.mark.timeout(200)
def test_a_list_that_never_ends_is_left_and_told(storm: Storm) -> None:
    """Each page names a further one, and now and then entries that look new."""

    def page(number: int) -> bytes:
        strange = {f"/nb/x{number}.html": title(2000 + number)} if number % 10 == 9 else {}
        return listing(SEVEN | strange, f"/nb/index_{number + 1}.html")

    why, visited = verdict(storm, paged(page))
    assert ENDLESS_LIST in why
    lists = {path for path in visited if path.startswith("/nb/index")}
    assert len(lists) == MAX_LIST_HOPS + 1


def test_a_list_that_shrinks_is_told(storm: Storm) -> None:
    shown = dict(SEVEN)
    weather = paged(lambda _: listing(shown))
    with county_of({"127.11.0.1": weather}) as county:
        storm.catalogue({"p": county.url("127.11.0.1", ENTRY)})
        storm.run("crawl", "p", "--delay", "0")
        for path in list(shown)[:5]:
            del shown[path]
        storm.run("crawl", "p", "--delay", "0", status=1)
    assert "name 2 pages where they named 7" in str(storm.rows("runs")[-1]["reason"])


def test_a_home_page_in_place_of_a_report_is_no_new_version_and_leads_nowhere(storm: Storm) -> None:
    """Portals answer for what they removed with their home page and status 200."""
    news = {f"/xw/{number}.html": f"我县召开第{number}次防汛工作会议" for number in range(9)}
    home = listing(news).replace("政府信息公开年报".encode(), "某县人民政府门户网站".encode())
    gone = "/nb/2019.html"
    removed: list[str] = []

    def weather(path: str, times: int) -> Answer | None:
        if path in removed or path in news:
            return Answer(body=home)
        return paged(lambda _: listing(SEVEN))(path, times)

    with county_of({"127.11.0.1": weather}) as county:
        storm.catalogue({"p": county.url("127.11.0.1", ENTRY)})
        storm.run("crawl", "p", "--delay", "0")
        removed.append(gone)
        storm.run("crawl", "p", "--full", "--delay", "0")
        visited = set(county.paths("127.11.0.1"))
        [end] = [
            row
            for row in storm.rows("outcomes")
            if row["url"] == county.url("127.11.0.1", gone) and row["run"] == 2
        ]
    assert (end["outcome"], end["reason"]) == (
        "soft_404", "a home page stands here: 某县人民政府门户网站",
    )  # fmt: skip
    assert visited.isdisjoint(news)
    assert [row["version"] for row in storm.rows("versions") if gone in str(row["url"])] == [1]
