"""The six questions of an analyst over the demo portals, crawled as a user crawls them: command, page,
API and SQL give the same numbers, each with its citation.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from archive.search.index import open_indexed
from archive.work.query.changes import COLUMNS
from archive.work.query.similarity import COLUMNS as SIMILAR
from crawler.demo.reports import DemoReport
from crawler.demo.server import DemoPortal
from tests.support.command import Gongkai
from tests.web.conftest import served

# Headers that print no day of publication: none at all, and one with the day of writing alone.
UNDATED = {"none", "bar"}
CITED = ("url", "version", "captured_at", "content_hash")
Rows = list[dict[str, object]]
COUNTIES = ("--level", "county")


class Asked:
    """The crawled archive, and the truth of its portals by url. changed: the page with a figure that
    was another one at the first crawl.
    """

    def __init__(
        self, gongkai: Gongkai, client: httpx.Client, truth: dict[str, DemoReport], changed: str
    ) -> None:
        self.gongkai, self.client, self.truth, self.changed = gongkai, client, truth, changed

    def command(self, *words: str) -> Rows:
        found: Rows = json.loads(self.gongkai.run(*words, "--json"))
        return found

    def api(self, path: str, member: str = "rows", **asked: object) -> Rows:
        answer = self.client.get(path, params={"limit": 200, **asked})
        assert answer.status_code == 200, answer.text
        found: Rows = answer.json()[member]
        return found

    def sql(self, words: str) -> Rows:
        with closing(sqlite3.connect(self.gongkai.home / "archive.sqlite")) as ledger:
            ledger.row_factory = sqlite3.Row
            return [dict(row) for row in ledger.execute(words)]

    def page(self, path: str, section: str = "//main") -> list[tuple[list[str], list[str]]]:
        """The cells of each row of the tables in a page's section, and the reports that they cite."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        rows = html.fromstring(answer.text).xpath(f"{section}//tbody/tr")
        return [
            ([cell.text_content().strip() for cell in row],
             [cited(link) for link in row.xpath(".//a/@href") if link.startswith("/page?")])
            for row in rows
        ]  # fmt: skip


def cited(link: str) -> str:
    return parse_qs(urlsplit(link).query)["url"][0]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    gongkai = Gongkai(tmp_path_factory.mktemp("questions") / "home")
    with DemoPortal() as portal:
        gongkai.crawl(*portal.entries.values())
        truth = {portal.url + each.url: each for each in portal.reports}
        changed = portal.change_report("trs-1")
        gongkai.crawl(portal.entries["trs"], "--full")
    with open_indexed(gongkai.home) as store, served(store) as client:
        yield Asked(gongkai, client, truth, changed)


def test_which_counties_answered_fewer_requests_in_2023_than_in_2022(asked: Asked) -> None:
    told = asked.command(
        "table",
        "requests_answered",
        *COUNTIES,
        "--from",
        "2022",
        "--to",
        "2023",
        "--change",
        "down",
    )
    assert told
    assert all(int(str(row["change"])) < 0 for row in told)
    query = {"indicator": "requests_answered", "level": "county", "from": 2022, "to": 2023}
    by_api = asked.api("/api/table", change="down", **query)
    assert [{name: row[name] for name in told[0]} for row in by_api] == told
    in_sql = asked.sql("""
        SELECT b.body_id, a.value AS first, b.value AS last, a.url AS first_url, b.url AS last_url
        FROM figures_current a JOIN figures_current b USING (body_id, concept)
        WHERE concept = 'requests_answered' AND a.report_year = 2022 AND b.report_year = 2023
            AND b.kind = 'government' AND b.level = 'county' AND b.value < a.value
        ORDER BY b.value - a.value, b.body, b.division""")
    assert in_sql == [{name: row[name] for name in in_sql[0]} for row in told]
    path = "/indicator/requests_answered?level=county&year=2023&since=2022"
    on_page = asked.page(path, "//h3[text()='What fell']/..")
    assert [(int(cells[1]), int(cells[2]), int(cells[3])) for cells, _ in on_page] == [
        (row["first"], row["last"], row["change"]) for row in told
    ]
    assert [links for _, links in on_page] == [[row["first_url"], row["last_url"]] for row in told]


def test_how_many_reviews_by_county_and_year(asked: Asked) -> None:
    told = asked.command("table", "reviews", "--by", "place", *COUNTIES)
    assert {row["place"] for row in told} == {"鼓楼区"}
    assert len({row["division"] for row in told}) == 4
    by_api = asked.api("/api/table", indicator="reviews", by="place", level="county")
    assert [{name: row[name] for name in told[0]} for row in by_api] == told
    in_sql = asked.sql("""
        SELECT report_year, division, place, sum(value) AS value, count(value) AS bodies
        FROM figures_current
        WHERE concept = 'reviews' AND kind = 'government' AND level = 'county'
        GROUP BY report_year, division ORDER BY report_year, division""")
    with_number = [row for row in told if row["bodies"]]
    assert in_sql == [{name: row[name] for name in in_sql[0]} for row in with_number]
    for year in {row["report_year"] for row in told}:
        path = f"/indicator/reviews?level=county&year={year}"
        ranked = asked.page(path, "//h2[@id='ranking']/..")
        [sums] = [cells for cells, _ in asked.page(path, "//h2[@id='over-years']/..")
                  if cells[0] == str(year)]  # fmt: skip
        values = sorted(int(str(row["value"])) for row in with_number if row["report_year"] == year)
        assert sorted(int(cells[3]) for cells, _ in ranked) == values
        assert int(sums[1]) == sum(values)
        assert all(links for _, links in ranked)


def days_late(known: DemoReport) -> int:
    """By the portals' own truth: departments until 31 January, governments until 31 March."""
    is_department = known.agency.endswith("局") and known.year >= 2019
    due = date(known.year + 1, 1, 31) if is_department else date(known.year + 1, 3, 31)
    return (known.published_on - due).days


def test_who_published_late_and_by_how_many_days(asked: Asked) -> None:
    told = asked.command("late")
    late = {
        url: days_late(known)
        for url, known in asked.truth.items()
        if known.style not in UNDATED
        and days_late(known) > 0
        # Published as a page of its own long after the report, which was in time.
        and known.key != "trs-24"
    }
    assert {row["url"]: row["days_late"] for row in told} == late
    assert [row["days_late"] for row in told] == sorted(late.values(), reverse=True)
    assert asked.api("/api/late") == told
    assert (
        asked.sql(
            "SELECT * FROM coverage WHERE days_late > 0 ORDER BY days_late DESC, body_id, year"
        )
        == told
    )
    assert all(row[name] is not None for row in told for name in CITED)
    on_page = asked.page("/late")
    assert [(int(cells[0]), cells[1]) for cells, _ in on_page] == [
        (row["days_late"], row["body"]) for row in told
    ]
    assert [links for _, links in on_page] == [[row["url"]] for row in told]


def test_those_without_a_date_are_told_apart(asked: Asked) -> None:
    told = asked.command("late", "--undated")
    assert {asked.truth[str(row["url"])].style for row in told} == UNDATED
    assert asked.api("/api/late/undated") == told
    assert [links for _, links in asked.page("/late/undated")] == [[row["url"]] for row in told]
    answer = asked.client.get("/api/late").json()
    assert answer["undated"] == len(told)
    assert f"{answer['late']} late, {answer['in_time']} in time, {answer['undated']} without" in (
        asked.gongkai.run("late")
    )


LATENESS = """
SELECT count(*) AS late, max(days_late) AS most_days, round(avg(days_late), 1) AS mean_days
FROM coverage WHERE days_late > 0 GROUP BY
"""


@pytest.mark.parametrize(
    ("by", "column"), [("body", "body_id"), ("province", "province"), ("year", "year")]
)
def test_lateness_is_counted(asked: Asked, by: str, column: str) -> None:
    told = asked.command("late", "--by", by)
    assert asked.api("/api/late/counts", by=by) == told
    counted = asked.sql(LATENESS + column)
    names = ("late", "most_days", "mean_days")
    found = Counter(tuple(row[name] for name in names) for row in told if row["late"])
    assert found == Counter(tuple(row[name] for name in names) for row in counted)
    on_page = [cells[-6] for cells, _ in asked.page(f"/late/counts?by={by}")]
    assert on_page == [str(row["late"]) for row in told]


def test_which_reports_are_missing(asked: Asked) -> None:
    told = asked.command("coverage", "--state", "missing")
    of_2021 = {(row["body"], row["portal"]) for row in told if row["year"] == 2021}
    there = {known.agency for known in asked.truth.values() if known.year == 2021}
    assert "鼓楼区人民政府" in {body for body, _ in of_2021} & there  # one of the four
    assert {body for body, _ in of_2021} - {"鼓楼区人民政府"} == {
        known.agency.replace("东圩街道人民政府", "东圩街道办事处")
        for known in asked.truth.values()
        if known.agency and known.agency not in there
    }
    rows: Rows = []
    cursor = ""
    while cursor is not None:
        answer = asked.client.get(
            "/api/coverage", params={"state": "missing", "limit": 200, "after": cursor}
        ).json()
        rows, cursor = rows + answer["rows"], answer["next"]
    missing = asked.sql("SELECT * FROM coverage WHERE state = 'missing' ORDER BY body_id, year")
    assert rows == missing
    keys = {(row["body_id"], row["year"]) for row in missing}
    assert {(row["body_id"], row["year"]) for row in told} == keys
    assert len(told) == len(keys)
    assert all(row["reason"] for row in told)
    assert missing_on_pages(asked, {row["division"] or "unknown" for row in missing}) == keys


def missing_on_pages(asked: Asked, places: set[object]) -> set[tuple[int, int]]:
    """Body and year of each missing report on the pages of places, whose cells lead to the reason."""
    found = set()
    for place in places:
        page = html.fromstring(asked.client.get(f"/coverage?division={place}").text)
        for link in page.xpath("//td[contains(@class, 'missing')]/a/@href"):
            body, year = re.fullmatch(r"/body/(\d+)#y(\d+)", link).groups()  # type: ignore[union-attr]
            found.add((int(body), int(year)))
    return found


def test_counts_of_places_are_those_of_the_rows(asked: Asked) -> None:
    counts = Counter[tuple[object, object, object]]()
    for row in asked.sql("SELECT province, year, state FROM coverage"):
        counts[row["province"], row["year"], row["state"]] += 1
    found = asked.client.get("/api/coverage/counts").json()["rows"]
    assert {(row["name"], row["year"], row["state"]): row["bodies"] for row in found} == counts


def in_order(rows: Rows, columns: tuple[str, ...]) -> list[str]:
    return sorted(json.dumps([row[name] for name in columns], ensure_ascii=False) for row in rows)


def test_what_was_changed_after_publishing(asked: Asked) -> None:
    told = asked.command("changes", "--since", "2")
    [figure] = [row for row in told if row["what"] == "figure"]
    old, new = int(str(figure["old"])), int(str(figure["new"]))
    assert (figure["url"], figure["version"], new - old) == (asked.changed, 2, 1)
    assert {row["url"] for row in told} == {asked.changed}
    in_sql = asked.sql("SELECT * FROM changes")
    by_api = asked.api("/api/changes", "changes", since=2)
    assert in_order(told, COLUMNS) == in_order(in_sql, COLUMNS) == in_order(by_api, COLUMNS)
    page = html.fromstring(asked.client.get("/changes?since=2").text)
    assert page.xpath("//article//li//del/text()") == [str(old)]
    assert page.xpath("//article//li//ins/text()") == [str(new)]
    assert cited(page.xpath("//article/h2/a/@href")[0]) == asked.changed


def test_who_took_the_text_of_last_year_or_of_another_body(asked: Asked) -> None:
    told = asked.command("similar", "--min", "0.9")
    who = {(row["body"], row["report_year"], row["other_body"], row["other_year"]) for row in told}
    assert who >= {
        ("澄溪县财政局", 2024, "澄溪县财政局", 2023),
        ("鼓楼区人民政府", 2023, "鼓楼区人民政府", 2023),
    }
    in_sql = [row for row in asked.sql("SELECT * FROM similarity") if row["similarity"] >= 0.9]  # type: ignore[operator]
    by_api = asked.api("/api/similar", "pairs")
    assert in_order(told, SIMILAR) == in_order(in_sql, SIMILAR) == in_order(by_api, SIMILAR)
    assert [links for _, links in asked.page("/similar")] == [
        [row["url"], row["other_url"]] for row in told
    ]


def test_each_of_them_can_be_cited(asked: Asked) -> None:
    told = json.loads(asked.gongkai.run("cite", asked.changed, "--version", "2", "--json"))
    rows = asked.sql("SELECT * FROM citations WHERE version = 2")
    [row] = [each for each in rows if each["url"] == asked.changed]
    names = ("content_hash", "warc_file", "warc_offset", "captured_at")
    by_api = asked.client.get("/api/cite", params={"url": asked.changed, "version": 2}).json()
    assert (
        {n: told[n] for n in names} == {n: row[n] for n in names} == {n: by_api[n] for n in names}
    )
    page = asked.client.get("/page", params={"url": asked.changed, "version": 2}).text
    assert all(str(told[name]) in page for name in names)
