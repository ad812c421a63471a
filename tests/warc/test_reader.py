"""Records read back: by their place or in order, and never anything that is not what it says."""

import gzip
import hashlib
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.errors import WarcError
from archive.model.frontier import WarcSpot
from archive.warc import reader
from archive.warc.cdxj import cdx_rows
from archive.warc.digest import parse_digest
from archive.warc.folder import file_of
from archive.warc.reader import iterate, read_block, read_record
from archive.warc.record import digest_of, parse_date, warc_date
from archive.warc.scan import Scanner
from archive.warc.unpack import BrokenError
from tests.warc.making import (
    PAGE,
    answer,
    coded,
    exchange,
    packed,
    plain_record,
    sha1,
    shelf,
    writer,
)

SECOND = "<urn:uuid:00000000-0000-4000-8000-000000000002>"


def written(folder: Path) -> WarcSpot:
    warc = writer(folder)
    spot = warc.append(exchange(coded())).spot
    warc.close()
    return spot


def test_a_record_knows_where_it_lies(tmp_path: Path) -> None:
    spot = written(tmp_path)
    record = read_record(tmp_path, spot)
    assert (record.file, record.offset, record.length) == (spot.file, spot.offset, spot.length)


def test_the_places_of_a_file_are_those_that_the_writer_gave(tmp_path: Path) -> None:
    spot = written(tmp_path)
    found = [(each.offset, each.length) for each in iterate(tmp_path / spot.file)]
    assert (spot.offset, spot.length) in found


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"length": 40}, "cut"),
        ({"length": 5_000}, "not exactly one record"),
        ({"offset": 3}, "no WARC record"),
        ({"offset": 999_999}, "not exactly one record"),
        ({"file": "none.warc.gz"}, "missing"),
        ({"file": "../x"}, "no file name"),
    ],
)
def test_a_spot_that_is_wrong_is_an_error(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    spot = written(tmp_path)
    with pytest.raises(WarcError, match=complaint):
        read_block(tmp_path, replace(spot, **change))


def test_an_error_names_file_and_offset(tmp_path: Path) -> None:
    spot = written(tmp_path)
    path = tmp_path / spot.file
    changed = bytearray(path.read_bytes())
    changed[spot.offset + spot.length - 3] ^= 1
    path.write_bytes(changed)
    with pytest.raises(WarcError, match=f"{path}, offset {spot.offset}: the gzip member is damag"):
        read_block(tmp_path, spot)


def test_an_error_travels_from_a_reading_process() -> None:
    error = BrokenError(Path("a.warc.gz"), 7, "gzip", "the gzip member is cut")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made on this line
    assert (type(again), str(again), again.rule) == (BrokenError, str(error), "gzip")


def test_a_file_that_cannot_be_opened_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "file_of", lambda folder, name: folder)
    with pytest.raises(WarcError, match="offset 7: Is a directory"):
        read_block(tmp_path, WarcSpot(file="a", offset=7, length=1))


def test_a_block_that_does_not_fit_its_digest_is_an_error(tmp_path: Path) -> None:
    content = packed(plain_record(WARC_Block_Digest=sha1(b"")))
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(WarcError, match="does not fit its digest"):
        read_block(tmp_path, WarcSpot(file="a", offset=0, length=len(content)))


@pytest.mark.parametrize(
    ("digest", "damage"),
    [
        (None, None),
        (sha1(b""), "the block does not fit its digest"),
        ("sha1:x", "digest 'sha1:x' cannot be read"),
    ],
)
def test_in_a_whole_file_a_doubtful_block_comes_with_its_damage(
    tmp_path: Path, digest: str | None, damage: str | None
) -> None:
    path = tmp_path / "a"
    path.write_bytes(packed(plain_record(WARC_Block_Digest=digest)))
    [record] = iterate(path)
    assert (record.block, record.damage) == (answer(), damage)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize(
    "content",
    [
        packed,
        lambda *records: b"".join(records),
        lambda *records: gzip.compress(b"".join(records)),
        lambda *records: b"\r\n" + b"\r\n\r\n".join(records) + b"\n\n",
    ],
    ids=["by record", "plain", "as a whole", "with empty lines"],
)
def test_files_of_others_are_read_however_they_are_packed(
    tmp_path: Path, version: str, content: object
) -> None:
    path = tmp_path / "a.warc"
    bracketed = "<http://www.example.gov.cn/>"
    first = plain_record(version=version, WARC_Target_URI=bracketed)
    path.write_bytes(content(first, plain_record(WARC_Record_ID=SECOND)))
    found = [(record.target_uri, record.block) for record in iterate(path)]
    assert found == [("http://www.example.gov.cn/", answer())] * 2


def test_only_a_record_with_a_member_of_its_own_has_a_length(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(plain_record() * 2))
    assert [record.length for record in iterate(path)] == [None, None]


def test_what_stands_before_damage_is_read(tmp_path: Path) -> None:
    path = shelf(tmp_path)
    count = len(list(iterate(path)))
    path.write_bytes(path.read_bytes()[:-5])
    records = iterate(path)
    for _ in range(count - 1):
        next(records)
    with pytest.raises(WarcError, match="is cut"):
        next(records)


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n"])
def test_a_file_without_records_is_no_warc(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(WarcError, match="no WARC record"):
        list(iterate(path))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WarcError, match="No such file"):
        list(iterate(tmp_path / "none"))


def test_a_block_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_BLOCK_BYTES", 1_000)
    path = tmp_path / "a"
    path.write_bytes(packed(plain_record(bytes(5_000))))
    with pytest.raises(WarcError, match="exceeds 1000 bytes"):
        list(iterate(path))


def test_folded_and_nameless_fields_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(packed(plain_record(X="a\r\n b", Y="年", WARC_Type=None)))
    [record] = iterate(path)
    assert (record.header("x"), record.header("Y"), record.record_type) == ("a b", "年", "")


def test_a_field_that_is_not_utf_8_stays_visible(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(packed(plain_record(Y="@").replace(b"@", "年".encode("gbk"))))
    [record] = iterate(path)
    assert record.header("Y").encode("latin-1").decode("gbk") == "年"


def test_the_payload_is_what_stands_behind_the_http_head(tmp_path: Path) -> None:
    spot = written(tmp_path)
    assert bytes(read_record(tmp_path, spot).payload) == coded().partition(b"\r\n\r\n")[2]


def test_a_file_that_is_closed_between_two_looks_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").touch()
    looks = iter([False, False, True])
    monkeypatch.setattr(Path, "is_file", lambda path: next(looks))
    assert file_of(tmp_path, "a") == tmp_path / "a"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-10T08:00:00Z", datetime(2024, 3, 10, 8, tzinfo=UTC)),
        ("2024-03-10T08:00:00.123456789Z", datetime(2024, 3, 10, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2024-03-10T08:00Z", datetime(2024, 3, 10, 8, tzinfo=UTC)),
        ("2024-03", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-13", None),
        ("2024-03-10 08:00:00", None),
        ("２０２４", None),
    ],
)
def test_dates_are_read_as_the_norm_allows(text: str, date: datetime | None) -> None:
    assert parse_date(text) == date


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)))  # noqa: DTZ001 - bound
def test_a_written_date_is_read_back(at: datetime) -> None:
    assert parse_date(warc_date(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        digest_of(b"x"),
        digest_of(b"x").rstrip("="),
        digest_of(b"x").replace("sha256", "SHA-256"),
        "sha256:" + hashlib.sha256(b"x").hexdigest(),
        "md5:" + hashlib.md5(b"x", usedforsecurity=False).hexdigest(),
    ],
)
def test_digests_of_others_are_read(text: str) -> None:
    assert parse_digest(text).fits(b"x")


@pytest.mark.parametrize(
    "text", ["", "sha256", "crc:AAAAAAAAAAAAAAAA", "sha1:" + "Z" * 40, "sha1:" + "1" * 32]
)
def test_a_digest_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(WarcError, match="digest"):
        parse_digest(text)


def test_a_scanner_skips_the_blocks_that_nobody_reads(tmp_path: Path) -> None:
    with shelf(tmp_path).open("rb") as stream:
        types = [head.record_type for head in Scanner(stream, tmp_path).heads()]
    assert types[:4] == ["warcinfo", "response", "request", "revisit"]


@pytest.mark.parametrize("code", [b"100 Continue", b"103 Early Hints"])
def test_older_records_that_begin_with_interim_heads_are_read(tmp_path: Path, code: bytes) -> None:
    """Older archives kept them in front of the final head; replay by others fails on them."""
    block = b"HTTP/1.1 " + code + b"\r\nLink: x\r\n\r\n" + answer()
    path = tmp_path / "a.warc.gz"
    path.write_bytes(packed(plain_record(block)))
    [record] = iterate(path)
    assert bytes(record.payload) == PAGE
    [row] = cdx_rows(path)
    assert (row.status, row.mime) == (200, "text/html")
