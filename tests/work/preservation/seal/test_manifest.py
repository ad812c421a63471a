"""A seal's bytes: spelled in one way, and nothing of a hostile file is believed."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.work.preservation.seal import manifest, standalone
from archive.work.preservation.seal.chain import read_chain
from archive.work.preservation.seal.manifest import (
    Rows,
    Seal,
    SealedFile,
    SealedRun,
    SealedVersion,
    SealError,
    digest_of_numbers,
    digest_of_rows,
    line_of,
    number_text,
    parse_seal,
    sha256,
    spelled,
    version_digest,
)

HASH = "0" * 64
ROWS = Rows(rows=1, sha256=HASH)
WHOLE = Seal(
    number=1, archive="a", created_at="2026-01-01T00:00:00Z", software="gongkai 0", previous=None,
    public_key=None, files=(SealedFile(name="a.warc.gz", size=1, sha256=HASH, captures=ROWS),),
    runs=(SealedRun(run=1, status="finished", sha256=HASH, outcomes=ROWS),),
    versions=(SealedVersion(url="http://x/年", version=1, reader="1", warc_file="a.warc.gz",
                            warc_offset=0, sha256=HASH),),
)  # fmt: skip


def test_a_seal_comes_back_from_its_bytes() -> None:
    assert parse_seal(spelled(WHOLE)) == (WHOLE, None)
    assert parse_seal(spelled(WHOLE, "a" * 128)) == (WHOLE, "a" * 128)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("number",), -1), (("number",), True), (("number",), "1"), (("archive",), 1),
        (("format",), "gongkai-seal/1"), (("previous",), "x"), (("public_key",), "00"),
        (("signature",), "00"), (("files",), None), (("files",), {}), (("more",), 1),
        (("files", 0, "name"), "../a.warc.gz"), (("files", 0, "name"), ".."),
        (("files", 0, "size"), 1.5), (("files", 0, "captures", "rows"), None),
        (("runs", 0, "run"), [1]), (("runs", 0, "sha256"), None), (("versions", 0, "url"), None),
        (("versions", 0, "sha256"), "g" * 64),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused(where: tuple[object, ...], value: object) -> None:
    fields = json.loads(spelled(WHOLE))
    inner = fields
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    content = (json.dumps(fields, sort_keys=True, separators=(",", ":")) + "\n").encode()
    with pytest.raises(SealError):
        parse_seal(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"{}", b"null", b"[" * 100_000, spelled(WHOLE)[:-1], b" " + spelled(WHOLE),
     spelled(WHOLE).replace(b'"number":1', b'"number":7,"number":1')],
    ids=lambda content: repr(content[:12]),
)  # fmt: skip
def test_bytes_that_are_no_seal_are_refused(content: bytes) -> None:
    with pytest.raises(SealError):
        parse_seal(content)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_fault_and_no_error(content: bytes) -> None:
    assert read_chain([(1, content)]).faults


def test_a_seal_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "MAX_SEAL_BYTES", 10)
    with pytest.raises(SealError, match="larger"):
        parse_seal(spelled(WHOLE))


def test_a_number_far_off_is_one_fault() -> None:
    chain = read_chain([(1, spelled(WHOLE)), (999_999_999, spelled(WHOLE))])
    assert [fault.rule for fault in chain.faults] == ["seal_missing", "seal_order"]


def test_rows_are_hashed_in_any_order_once_each() -> None:
    rows = [("b", 1, None), ("a", 2, "年")]
    assert digest_of_rows(rows) == digest_of_rows([*reversed(rows), rows[0]])
    assert digest_of_rows(rows) != digest_of_rows(rows[:1])


def test_numbers_of_a_version_are_hashed_the_same_whatever_was_hashed_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manifest, "_MOST_TEXTS", 2)
    values = zip("abcb", (1, 1.0, "2", None), strict=True)
    rows = [("f", None, text, value, 1, "年" * 200) for text, value in values]
    lines = [(*row[:3], number_text(row[3]), *row[4:]) for row in rows]
    for wanted, given_ in ((lines, rows), (lines[::-1], rows[::-1]), ([], [])):
        numbers = digest_of_numbers(given_)
        assert numbers == digest_of_rows(wanted)
        row = ["url", numbers.sha256]
        assert version_digest(["url"], numbers, digest_of_numbers([])) == sha256(line_of(row))


def test_instants_are_hashed_as_sqlite_keeps_them() -> None:
    at = datetime(2026, 1, 2, 11, 4, 5, 6, tzinfo=timezone(timedelta(hours=8)))
    assert line_of([at]) == b'["2026-01-02T03:04:05.000006Z"]\n'
    assert line_of([at.astimezone(UTC)]) == line_of([at])


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**9, min_value=0))
def test_a_figure_is_one_text_whatever_the_engine_gives(value: Decimal) -> None:
    """SQLite's views give numbers or text, PostgreSQL's decimals with the zeros of the page."""
    text = number_text(value)
    assert Decimal(text or "") == value
    assert number_text(float(value)) == number_text(str(value)) == text == standalone.number(value)
