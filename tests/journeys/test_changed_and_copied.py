"""Two questions on the demo portals, each as a command, in SQL and as a call of the API: who took
last year's text or another body's, and what was changed after it was published.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Store
from archive.work.query.changes import COLUMNS
from archive.work.query.similarity import COLUMNS as SIMILAR
from crawler.demo.server import DemoPortal
from tests.support.command import Gongkai
from tests.web.conftest import served

PORTALS = ("trs", "nanjing", "fuzhou")
Rows = list[dict[str, object]]


@pytest.fixture(scope="module")
def portal() -> Iterator[DemoPortal]:
    with DemoPortal() as running:
        yield running


@pytest.fixture(scope="module")
def changed(portal: DemoPortal, tmp_path_factory: pytest.TempPathFactory) -> tuple[Gongkai, str]:
    """An archive of some portals, one page of which changed before the second crawl."""
    gongkai = Gongkai(tmp_path_factory.mktemp("questions") / "home")
    entries = [portal.entries[key] for key in PORTALS]
    gongkai.crawl(*entries)
    url = portal.change_report("trs-1")
    gongkai.crawl(*entries, "--full")
    return gongkai, url


def answers(home: Path, path: str, member: str) -> Rows:
    with Store.open(home, read_only=True) as store, served(store) as client:
        found: Rows = client.get(path).json()[member]
        return found


def sorted_rows(rows: Rows, columns: tuple[str, ...]) -> list[str]:
    return sorted(json.dumps([row[name] for name in columns], ensure_ascii=False) for row in rows)


def test_what_was_changed_after_publishing(changed: tuple[Gongkai, str]) -> None:
    gongkai, url = changed
    told = json.loads(gongkai.run("changes", "--since", "2", "--json"))
    [figure] = [row for row in told if row["what"] == "figure"]
    assert (figure["url"], figure["version"], int(figure["new"]) - int(figure["old"])) == (
        url,
        2,
        1,
    )
    assert {row["url"] for row in told} == {url}
    in_sql = gongkai.rows("changes")
    by_api = answers(gongkai.home, "/api/changes?since=2", "changes")
    assert (
        sorted_rows(told, COLUMNS) == sorted_rows(in_sql, COLUMNS) == sorted_rows(by_api, COLUMNS)
    )


def test_who_took_the_text_of_last_year_or_of_another_body(changed: tuple[Gongkai, str]) -> None:
    gongkai, _ = changed
    told = json.loads(gongkai.run("similar", "--min", "0.9", "--json"))
    who = {(row["body"], row["report_year"], row["other_body"], row["other_year"]) for row in told}
    assert who == {
        ("澄溪县财政局", 2024, "澄溪县财政局", 2023),
        ("鼓楼区人民政府", 2023, "鼓楼区人民政府", 2023),
    }
    assert {row["division"] for row in told if row["scope"] == "across"} < {"350102", "320106"}
    in_sql = [row for row in gongkai.rows("similarity") if row["similarity"] >= 0.9]
    by_api = answers(gongkai.home, "/api/similar", "pairs")
    assert (
        sorted_rows(told, SIMILAR) == sorted_rows(in_sql, SIMILAR) == sorted_rows(by_api, SIMILAR)
    )


def test_each_of_them_can_be_cited(changed: tuple[Gongkai, str]) -> None:
    gongkai, url = changed
    cited = json.loads(gongkai.run("cite", url, "--version", "2", "--json"))
    [row] = [
        each for each in gongkai.rows("citations") if (each["url"], each["version"]) == (url, 2)
    ]
    assert {
        name: cited[name] for name in ("content_hash", "warc_file", "warc_offset", "captured_at")
    } == {name: row[name] for name in ("content_hash", "warc_file", "warc_offset", "captured_at")}
