"""CDX queries answered from a ledger with many captures of one page."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from archive.store import Store
from archive.store.query.indexed_captures import pages_at
from archive.store.schema import capture, page, warc_file
from archive.store.write.withdrawals import withdraw
from archive.work.preservation.cdx_query import cdx_query, instant
from archive.work.preservation.ledger_cdx import MAX_NEAR, ledger_rows, why_withdrawn
from tests.support.invented import DAY, YUNHE, fill
from tests.support.invented import url as url_of
from tests.support.transactions import commit

MANY = 3_000
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
URL = url_of(YUNHE, 2019)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An invented archive, one page of which was captured every hour; every tenth answer was cut, and a first one."""
    with fill(tmp_path_factory.mktemp("home")) as store:
        capture_often(store, MANY)
        yield store


def capture_often(store: Store, count: int) -> None:
    with store.write() as connection:
        page_id = connection.scalar(select(page.c.id).where(page.c.key == URL))
        file_id = connection.scalar(select(warc_file.c.id))
        facts = {
            "page_id": page_id, "run_id": 1, "status": 200, "media_type": "text/html",
            "payload_digest": "sha256:A", "size_bytes": 9, "warc_file_id": file_id,
            "warc_length": 9, "record_type": "response", "host": "http://www.yunhe.example:80",
            "elapsed_s": 0.1,
        }  # fmt: skip
        rows = [
            facts
            | {
                "captured_at": BEGIN + timedelta(hours=hour, microseconds=250_000),
                "warc_offset": 2_000_000_000 + hour,
                "record_id": f"<urn:uuid:{hour}>",
                "truncated": "disconnect" if hour == -24 or hour % 10 == 5 else None,
            }
            for hour in (-24, *range(count))
        ]
        connection.execute(insert(capture), rows)


def stamps(store: Store, **parameters: str) -> list[str]:
    asked = cdx_query({"url": URL} | {name.strip("_"): text for name, text in parameters.items()})
    return [row.timestamp for row in ledger_rows(store, asked)]


def test_the_nearest_come_first_from_both_sides(store: Store) -> None:
    found = stamps(store, closest="20200103000000", limit="3")
    assert found == ["20200103000000", "20200102230000", "20200103010000"]


def test_all_come_by_time(store: Store) -> None:
    found = stamps(store)
    assert len(found) > MANY * 0.8
    assert found == sorted(found)
    assert stamps(store, sort="reverse") == found[::-1]


def test_a_limit_and_bounds_hold(store: Store) -> None:
    assert stamps(store, from_="2020010203", to="2020010204") == [
        "20200102030000",
        "20200102040000",
    ]
    assert stamps(store, limit="1") == ["20191231000000"]
    assert stamps(store, closest="2019", from_="20200201", limit="1") == ["20200201000000"]
    assert MAX_NEAR * 0.8 < len(stamps(store, closest="2020")) <= MAX_NEAR


def test_a_cut_answer_beside_a_whole_one_is_left_out(store: Store) -> None:
    assert stamps(store, closest="20200101045900", limit="1") == ["20200101040000"]
    assert "20200101050000" not in stamps(store)


def test_a_cut_answer_that_is_all_of_a_visit_is_shown(store: Store) -> None:
    """The first whole one comes a day later."""
    assert stamps(store, closest="20191231000000", limit="1") == ["20191231000000"]


def test_a_domain_and_a_prefix_are_answered_whole_and_in_order(store: Store) -> None:
    for url in ("*.yunhe.example", "http://www.yunhe.example/*"):
        rows = list(ledger_rows(store, cdx_query({"url": url})))
        assert len(rows) > MANY * 0.8
        assert [row.line() for row in rows] == sorted(row.line() for row in rows)
        assert {row.url.split("/")[2] for row in rows} == {"www.yunhe.example"}


@pytest.mark.parametrize("url", ["*.unhe.example", "http://x.example/", "*.y_nhe.example"])
def test_others_are_not_found(store: Store, url: str) -> None:
    assert list(ledger_rows(store, cdx_query({"url": url}))) == []


def test_nearness_costs_the_same_however_many_captures_there_are(store: Store) -> None:
    """Two index scans; reading and sorting all 3,000 takes more than ten times as long."""

    def best(**parameters: str) -> float:
        taken = []
        for _ in range(5):
            begin = time.perf_counter()
            stamps(store, **parameters)
            taken.append(time.perf_counter() - begin)
        return min(taken)

    assert best(closest="20200201", limit="20") < best() / 5


def withdrawn(store: Store, url: str, version: int | None) -> None:
    with store.read() as connection:
        [found] = pages_at(connection, [url])
    commit(store, withdraw, found.page_id, version, reason="why", by="who", at=DAY)


def test_a_withdrawn_page_is_out_of_every_answer(tmp_path: Path) -> None:
    with fill(tmp_path) as store:
        withdrawn(store, URL, None)
        assert stamps(store) == []
        assert stamps(store, closest="2026") == []
        assert why_withdrawn(store, URL, DAY) == "why"
        assert why_withdrawn(store, URL.replace("http:", "https:"), DAY) == "why"
        assert why_withdrawn(store, url_of(YUNHE, 2020), DAY) is None
        assert why_withdrawn(store, "http://none.example/", DAY) is None


def test_the_captures_of_a_withdrawn_version_are_out_and_no_others(tmp_path: Path) -> None:
    changed = url_of(YUNHE, 2021)
    with fill(tmp_path) as store:
        rows = list(ledger_rows(store, cdx_query({"url": changed})))
        withdrawn(store, changed, 1)
        left = list(ledger_rows(store, cdx_query({"url": changed})))
        assert left == rows[1:]
        assert why_withdrawn(store, changed, DAY) == "why"
        assert why_withdrawn(store, changed, instant(left[0].timestamp, "")) is None
        assert [row.timestamp for row in ledger_rows(
            store, cdx_query({"url": changed, "closest": rows[0].timestamp})
        )] == [row.timestamp for row in left]  # fmt: skip
