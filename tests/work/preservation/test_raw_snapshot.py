"""Raw captures from their records, equal to what pywb sends of them."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from archive.warc.cdxj import CdxRow, cdx_rows
from archive.work.preservation import raw_snapshot as module
from archive.work.preservation.raw_snapshot import raw_snapshot
from tests.warc.making import PAGE, answer, coded, exchange, shelf, writer

PREFIX = "http://127.0.0.1:8080/archive/"


def row_of(folder: Path, response: bytes) -> CdxRow:
    warc = writer(folder)
    warc.append(exchange(response, url="http://x.gov.cn/nb/"))
    warc.sync()
    warc.close()
    [path] = folder.glob("*.warc.gz")
    [row] = cdx_rows(path)
    return row


def test_headers_and_body_are_those_of_the_portal_without_the_transfer(tmp_path: Path) -> None:
    row = row_of(tmp_path, coded())
    assert raw_snapshot(tmp_path, row, PREFIX, accepted="br, identity") is None
    found = raw_snapshot(tmp_path, row, PREFIX, accepted="br, GZIP")
    assert found is not None
    assert gzip.decompress(found.body) == PAGE
    headers = dict(found.headers)
    assert headers["Content-Encoding"] == "gzip"
    assert "Transfer-Encoding" not in headers
    assert headers["Memento-Datetime"] == "Sat, 31 Jan 2026 08:00:00 GMT"
    assert '<http://x.gov.cn/nb/>; rel="original"' in headers["Link"]
    assert headers["Content-Location"] == f"{PREFIX}20260131080000id_/http://x.gov.cn/nb/"


def test_a_portal_cannot_say_when_it_was_captured(tmp_path: Path) -> None:
    sent = answer(
        PAGE, b"Memento-Datetime: x", b"LINK: y", b"Content-Length: 7", b"X-A: 1", b"X-A: 2"
    )
    found = raw_snapshot(tmp_path, row_of(tmp_path, sent), PREFIX)
    assert found is not None
    names = [name.lower() for name, _ in found.headers]
    assert [names.count(name) for name in ("memento-datetime", "link", "content-length", "x-a")] == [
        1, 1, 0, 2
    ]  # fmt: skip


def test_what_the_engine_knows_better_is_left_to_it(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    rows = list(cdx_rows(path))
    left = [row for row in rows if not raw_snapshot(tmp_path, row, PREFIX, accepted="gzip")]
    assert {(row.mime, row.status) for row in left} >= {
        ("warc/revisit", 200),
        ("warc/revisit", None),
    }
    assert all(row.status == 200 and row.mime == "text/html" for row in rows if row not in left)


def test_a_record_that_cannot_be_read_or_is_long_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = row_of(tmp_path, answer())
    assert raw_snapshot(tmp_path, row, PREFIX) is not None
    for damaged in (
        replace(row, offset=row.offset + 1),
        replace(row, filename="gone.warc.gz"),
        replace(row, filename="../a.warc.gz"),
    ):
        assert raw_snapshot(tmp_path, damaged, PREFIX) is None
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    assert raw_snapshot(tmp_path, row, PREFIX) is None
