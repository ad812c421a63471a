"""What is measured of a whole job: by stage, by table, beside a server that is no bottleneck."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from bench import crawling
from bench.crawling import AGAIN, BARE, FIRST
from bench.ledger import bytes_by_table
from bench.served import serving
from bench.stages import READ


@pytest.mark.parametrize("mixed", [False, True])
def test_the_portal_is_served_whole(*, mixed: bool) -> None:
    with serving(44, seed=1, mixed=mixed) as served:
        first = httpx.get(served.url)
        last = httpx.get(f"{served.url}index_2.html")
        assert (first.status_code, last.status_code) == (200, 200)
        href = last.text.rpartition('<li><a href="')[2].partition('"')[0]
        report = httpx.get(httpx.URL(served.url).join(href))
        assert "年度报告" in report.text
        assert httpx.get(report.url, headers={"If-Modified-Since": report.headers["Last-Modified"]}
                         ).status_code == 304  # fmt: skip
        assert served.cpu_s() >= 0


@pytest.mark.slow
def test_a_round_tells_stages_and_tables() -> None:
    runs, stored, _ = crawling.rounds(1, reports=20, mixed=True)
    assert [each.pages for each in runs.values()] == [[21], [21], [21]]
    assert runs[FIRST].ms_a_page("fetch") > 0
    assert runs[FIRST].ms_a_page(READ) > runs[AGAIN].ms_a_page(READ)
    assert runs[BARE].stages == [{}]
    assert stored.by_table["figure"] > stored.by_table["portal"]
    assert sum(stored.by_table.values()) <= stored.ledger_bytes


def test_the_tables_of_a_text_index_count_as_one(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        connection.execute("CREATE TABLE page (id INTEGER PRIMARY KEY, url TEXT UNIQUE)")
        connection.execute("CREATE VIRTUAL TABLE term USING fts5(text)")
        connection.commit()
        assert connection.execute("PRAGMA page_count").fetchone()[0] * 4096 == sum(
            bytes_by_table(tmp_path / "a.sqlite").values()
        )
    assert set(bytes_by_table(tmp_path / "a.sqlite")) == {"page", "term", "sqlite_schema"}
