"""Two questions of an analyst over the demo portals, crawled as a user crawls them: who published late
and by how many days, and which reports are missing. Command, API and SQL give the same numbers.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import httpx
import pytest

from archive.search.index import open_indexed
from crawler.demo.reports import DemoReport
from crawler.demo.server import DemoPortal
from tests.support.command import Gongkai
from tests.web.conftest import served

# Headers that print no day of publication: none at all, and one with the day of writing alone.
UNDATED = {"none", "bar"}
CITED = ("url", "version", "captured_at", "content_hash")


class Asked:
    """The crawled archive, and the truth of its portals by url."""

    def __init__(
        self, gongkai: Gongkai, client: httpx.Client, truth: dict[str, DemoReport]
    ) -> None:
        self.gongkai, self.client, self.truth = gongkai, client, truth

    def command(self, *words: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.gongkai.run(*words, "--json"))
        return found

    def api(self, path: str, **asked: object) -> list[dict[str, object]]:
        answer = self.client.get(path, params={"limit": 200, **asked})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, object]] = answer.json()["rows"]
        return found

    def sql(self, words: str) -> list[dict[str, object]]:
        with closing(sqlite3.connect(self.gongkai.home / "archive.sqlite")) as ledger:
            ledger.row_factory = sqlite3.Row
            return [dict(row) for row in ledger.execute(words)]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    gongkai = Gongkai(tmp_path_factory.mktemp("late") / "home")
    with DemoPortal() as portal:
        gongkai.crawl(*portal.entries.values())
        truth = {portal.url + each.url: each for each in portal.reports}
    with open_indexed(gongkai.home) as store, served(store) as client:
        yield Asked(gongkai, client, truth)


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


def test_those_without_a_date_are_told_apart(asked: Asked) -> None:
    told = asked.command("late", "--undated")
    assert {asked.truth[str(row["url"])].style for row in told} == UNDATED
    assert asked.api("/api/late/undated") == told
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
    rows: list[dict[str, object]] = []
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


def test_counts_of_places_are_those_of_the_rows(asked: Asked) -> None:
    counts = Counter[tuple[object, object, object]]()
    for row in asked.sql("SELECT province, year, state FROM coverage"):
        counts[row["province"], row["year"], row["state"]] += 1
    found = asked.client.get("/api/coverage/counts").json()["rows"]
    assert {(row["name"], row["year"], row["state"]): row["bodies"] for row in found} == counts
