"""Every kind of defect is seen: errors as errors, doubts as warnings, and nothing else."""

import gzip
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from archive.model.reading import Severity
from archive.warc import block, scan
from archive.warc.check import Seen, check_file
from archive.warc.message import Limits
from tests.warc.making import PAGE, answer, check_bytes, coded, packed, plain_record, sha1

ERROR, WARNING = Severity.ERROR, Severity.WARNING
SECOND = "<urn:uuid:00000000-0000-4000-8000-000000000002>"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
IDENTICAL = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
PACKED_PAGE = gzip.compress(PAGE)


def revisit_record(**fields: str | None) -> bytes:
    """A correct revisit of the record that `plain_record()` makes."""
    block = answer().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    facts = {
        "WARC_Type": "revisit",
        "WARC_Record_ID": SECOND,
        "WARC_Date": "2024-03-11T08:00:00Z",
        "WARC_Profile": IDENTICAL,
        "WARC_Payload_Digest": sha1(PAGE),
        "WARC_Refers_To_Target_URI": "http://www.example.gov.cn/",
        "WARC_Refers_To_Date": "2024-03-10T08:00:00Z",
    }
    return plain_record(block, **(facts | fields))


def not_modified_record(**fields: str | None) -> bytes:
    facts = {"WARC_Profile": NOT_MODIFIED, "WARC_Payload_Digest": None, "Content_Length": "0"}
    record = revisit_record(**(facts | {"WARC_Block_Digest": None} | fields))
    return record.partition(b"\r\n\r\n")[0] + b"\r\n\r\n\r\n\r\n"


def lf_only(record: bytes) -> bytes:
    head, _, rest = record.partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + rest


def flipped(record: bytes) -> bytes:
    return record.replace("政府".encode("gb2312"), "政户".encode("gb2312"), 1)


GOOD = plain_record()
MUTANTS = {
    "payload bit flip": (
        packed(flipped(GOOD)),
        [(ERROR, "block_digest"), (ERROR, "payload_digest")],
    ),
    "no digests": (
        packed(plain_record(WARC_Block_Digest=None, WARC_Payload_Digest=None)),
        [(WARNING, "no_digest")],
    ),
    "length too short": (
        packed(plain_record(Content_Length=str(len(answer()) - 10))),
        [(ERROR, "content_length")],
    ),
    "length too long": (
        packed(plain_record(Content_Length=str(len(answer()) + 10))),
        [(ERROR, "content_length")],
    ),
    "no length": (packed(plain_record(Content_Length=None)), [(ERROR, "content_length")]),
    "no date": (packed(plain_record(WARC_Date=None)), [(ERROR, "date")]),
    "malformed date": (packed(plain_record(WARC_Date="10.3.2024")), [(ERROR, "date")]),
    "impossible date": (packed(plain_record(WARC_Date="2024-02-31T08:00:00Z")), [(ERROR, "date")]),
    "no id": (packed(plain_record(WARC_Record_ID=None)), [(ERROR, "record_id")]),
    "id without brackets": (
        packed(plain_record(WARC_Record_ID="urn:x:1")),
        [(WARNING, "record_id")],
    ),
    "same id twice": (packed(GOOD, GOOD), [(ERROR, "record_id_twice")]),
    "revisit without profile": (
        packed(GOOD, revisit_record(WARC_Profile=None)),
        [(ERROR, "profile")],
    ),
    "revisit with the profile of annex B.6": (
        packed(GOOD, revisit_record(WARC_Profile=NOT_MODIFIED.replace("revisit/", ""))),
        [(ERROR, "profile")],
    ),
    "identical revisit without digest": (
        packed(GOOD, revisit_record(WARC_Payload_Digest=None)),
        [(ERROR, "profile")],
    ),
    "revisit to nothing": (
        packed(GOOD, revisit_record(WARC_Refers_To_Date="2023-03-10T08:00:00Z")),
        [(ERROR, "unresolved_revisit")],
    ),
    "revisit to nothing by digest": (
        packed(
            GOOD,
            revisit_record(
                WARC_Payload_Digest=sha1(b"other"),
                WARC_Refers_To_Date=None,
                WARC_Refers_To_Target_URI=None,
            ),
        ),
        [(ERROR, "unresolved_revisit")],
    ),
    "last member cut": (
        packed(GOOD, plain_record(WARC_Record_ID=SECOND))[:-9],
        [(ERROR, "truncated")],
    ),
    "one member for all": (
        gzip.compress(GOOD + plain_record(WARC_Record_ID=SECOND)),
        [(ERROR, "one_member")],
    ),
    "junk between records": (
        packed(GOOD) + b"junk\x1f\x8b\x08junk" + packed(plain_record(WARC_Record_ID=SECOND)),
        [(ERROR, "junk")],
    ),
    "uri in brackets": (
        packed(plain_record(WARC_Target_URI="<http://www.example.gov.cn/>")),
        [(WARNING, "uri_brackets")],
    ),
    "no uri": (packed(plain_record(WARC_Target_URI=None)), [(ERROR, "target_uri")]),
    "gzip said, body decoded": (
        packed(plain_record(answer(PAGE, b"Content-Encoding: gzip"))),
        [(ERROR, "http_coding")],
    ),
    "chunked said, body whole": (
        packed(plain_record(answer(PAGE, b"Transfer-Encoding: chunked"))),
        [(ERROR, "http_coding")],
    ),
    "unknown coding": (
        packed(plain_record(answer(PAGE, b"Content-Encoding: utf-8"))),
        [(WARNING, "http_coding")],
    ),
    "payload digest wrong": (
        packed(plain_record(WARC_Payload_Digest=sha1(b""))),
        [(ERROR, "payload_digest")],
    ),
    "fraction in a 1.0 date": (
        packed(plain_record(version="1.0", WARC_Date="2024-03-10T08:00:00.5Z")),
        [(ERROR, "date_precision")],
    ),
    "lf instead of crlf": (packed(lf_only(GOOD)), [(ERROR, "line_ends")]),
    "lf behind the block": (
        packed(GOOD.removesuffix(b"\r\n\r\n") + b"\n\n"),
        [(ERROR, "line_ends")],
    ),
    "nothing behind the block": (packed(GOOD.removesuffix(b"\r\n\r\n")), [(ERROR, "record_end")]),
    "http length too small": (
        packed(plain_record(answer(PAGE, b"Content-Length: 5"))),
        [(ERROR, "http_length")],
    ),
    "http length too large": (
        packed(plain_record(answer(PAGE, b"Content-Length: 9999"))),
        [(ERROR, "http_body")],
    ),
    "304 without refers-to": (
        packed(GOOD, not_modified_record(WARC_Refers_To_Date=None, WARC_Refers_To_Target_URI=None)),
        [(WARNING, "refers_to")],
    ),
    "chinese in the uri": (
        packed(plain_record(WARC_Target_URI="http://www.example.gov.cn/年报")),
        [(ERROR, "uri_characters")],
    ),
    "date in 2199": (
        packed(plain_record(WARC_Date="2199-03-10T08:00:00Z")),
        [(WARNING, "date_future")],
    ),
    "digest that is none": (
        packed(plain_record(WARC_Block_Digest="sha1:AAAA", WARC_Payload_Digest="x")),
        [(ERROR, "digest"), (ERROR, "digest")],
    ),
    "field twice": (
        packed(plain_record(WARC_IP_Address="192.0.2.1\r\nWARC-IP-Address: 192.0.2.2")),
        [(ERROR, "repeated_field")],
    ),
    "no type": (packed(plain_record(WARC_Type=None)), [(ERROR, "type")]),
    "unknown type": (packed(plain_record(WARC_Type="answer")), [(WARNING, "type")]),
    "old version": (packed(plain_record(version="0.18")), [(WARNING, "version")]),
    "unknown truncation": (
        packed(plain_record(WARC_Truncated="tired")),
        [(WARNING, "truncated_reason")],
    ),
    "no status line": (packed(plain_record(b"<html>\r\n\r\n" + PAGE)), [(ERROR, "http")]),
    "bomb": (
        packed(plain_record(answer(gzip.compress(bytes(5_000_000)), b"Content-Encoding: gzip"))),
        [(WARNING, "http_limits")],
    ),
    "endless http head": (
        packed(plain_record(b"HTTP/1.1 200 OK\r\n" + b"a" * 300_000, WARC_Payload_Digest=None)),
        [(WARNING, "http_limits")],
    ),
    "empty file": (b"", [(ERROR, "empty")]),
    "no warc at all": (b"<html>" * 99, [(ERROR, "junk")]),
    "head without end": (packed(GOOD[:60]), [(ERROR, "head")]),
    "endless line": (packed(b"WARC/1.1\r\n" + b"a" * 70_000), [(ERROR, "head")]),
    "endless head": (
        packed(b"WARC/1.1\r\n" + (b"C: " + b"d" * 997 + b"\r\n") * 270),
        [(ERROR, "head")],
    ),
}


def test_a_good_file_has_no_damage(tmp_path: Path) -> None:
    content = packed(GOOD, revisit_record(), not_modified_record(WARC_Record_ID="<urn:x:3>"))
    assert check_bytes(tmp_path, content) == []


def test_a_good_plain_file_has_no_damage(tmp_path: Path) -> None:
    assert check_bytes(tmp_path, GOOD + revisit_record()) == []


@pytest.mark.parametrize("kind", MUTANTS)
def test_every_kind_of_defect_is_seen_as_what_it_is(tmp_path: Path, kind: str) -> None:
    content, expected = MUTANTS[kind]
    assert check_bytes(tmp_path, content) == expected


@pytest.mark.parametrize(
    "block",
    [
        coded(),
        answer(PACKED_PAGE, b"Content-Encoding: gzip", b"Content-Length: %d" % len(PACKED_PAGE)),
        answer(b"", status=b"204 No Content"),
    ],
)
def test_what_servers_rightly_send_is_no_defect(tmp_path: Path, block: bytes) -> None:
    assert check_bytes(tmp_path, packed(plain_record(block))) == []


def test_a_digest_over_the_payload_without_chunks_is_accepted(tmp_path: Path) -> None:
    record = plain_record(coded(), WARC_Payload_Digest=sha1(gzip.compress(PAGE, mtime=0)))
    assert check_bytes(tmp_path, packed(record)) == []


@pytest.mark.parametrize("digested", [answer(), PAGE])
def test_a_digest_behind_either_head_of_a_record_with_an_interim_head_is_accepted(
    tmp_path: Path, digested: bytes
) -> None:
    block = b"HTTP/1.1 100 Continue\r\n\r\n" + answer()
    record = plain_record(block, WARC_Payload_Digest=sha1(digested))
    assert ERROR not in [severity for severity, _ in check_bytes(tmp_path, packed(record))]


def test_chunks_beyond_the_limit_do_not_stop_the_checker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block, "_LIMITS", Limits(max_chunks=5))
    many = answer(b"1\r\na\r\n" * 9, b"Transfer-Encoding: chunked")
    record = plain_record(many, WARC_Payload_Digest=sha1(b""))
    assert check_bytes(tmp_path, packed(record)) == [
        (ERROR, "payload_digest"),
        (WARNING, "http_limits"),
    ]


def test_an_answer_that_is_marked_as_cut_may_be_cut(tmp_path: Path) -> None:
    record = plain_record(answer(PAGE, b"Content-Length: 9999"), WARC_Truncated="disconnect")
    assert check_bytes(tmp_path, packed(record)) == []


def test_a_block_too_large_to_hold_is_digested_as_it_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block, "MAX_HELD_BYTES", 10)
    assert check_bytes(tmp_path, packed(GOOD)) == []
    assert check_bytes(tmp_path, packed(plain_record(WARC_Payload_Digest=sha1(b"")))) == [
        (WARNING, "payload_digest")
    ]


@pytest.mark.parametrize("length", [1, 7, 64 * 1024])
def test_a_large_body_is_digested_without_its_chunks_as_it_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(block, "MAX_HELD_BYTES", 10)
    monkeypatch.setattr(scan, "_PIECE_BYTES", length)
    whole = plain_record(coded(), WARC_Payload_Digest=sha1(gzip.compress(PAGE, mtime=0)))
    assert check_bytes(tmp_path, packed(whole)) == []
    for broken in (coded()[:-30], coded().replace(b"\r\n0\r\n", b"\r\nzz\r\n")):
        record = plain_record(broken, WARC_Payload_Digest=sha1(gzip.compress(PAGE, mtime=0)))
        assert check_bytes(tmp_path, packed(record)) == [(WARNING, "payload_digest")]


@pytest.mark.parametrize("change", ["no digest", "lf"])
def test_what_is_wrong_with_every_record_alike_is_told_once(tmp_path: Path, change: str) -> None:
    none = {"WARC_Block_Digest": None, "WARC_Payload_Digest": None} if change != "lf" else {}
    records = [plain_record(WARC_Record_ID=f"<urn:x:{number}>", **none) for number in range(3)]
    if change == "lf":
        records = [lf_only(record) for record in records]
    assert len(check_bytes(tmp_path, packed(*records))) == 1


def test_the_payload_of_a_resource_is_its_block(tmp_path: Path) -> None:
    fields = {"WARC_Type": "resource", "Content_Type": "text/html"}
    good = plain_record(b"a\r\n\r\nb", WARC_Payload_Digest=sha1(b"a\r\n\r\nb"), **fields)
    assert check_bytes(tmp_path, packed(good)) == []


def test_damage_names_file_and_offset(tmp_path: Path) -> None:
    content = packed(GOOD, flipped(plain_record(WARC_Record_ID=SECOND)))
    path = tmp_path / "b.warc.gz"
    path.write_bytes(content)
    damage = next(check_file(path))
    assert str(damage) == (
        f"{path}, offset {len(packed(GOOD))}: error block_digest: the block does not fit its digest"
    )


def test_the_checker_goes_on_behind_damage(tmp_path: Path) -> None:
    broken = bytearray(packed(GOOD))
    broken[200] ^= 255
    last = plain_record(WARC_Record_ID=SECOND, WARC_Date=None)
    found = check_bytes(tmp_path, bytes(broken) + packed(last))
    assert found[-1] == (ERROR, "date")
    assert found[0] in {(ERROR, "gzip"), (ERROR, "block_digest")}


def test_a_file_full_of_false_beginnings_is_passed_over(tmp_path: Path) -> None:
    last = packed(plain_record(WARC_Record_ID=SECOND))
    content = packed(GOOD) + b"junk" + b"\x1f\x8b\x08" * 100_000 + last
    assert check_bytes(tmp_path, content) == [(ERROR, "junk")]


@pytest.mark.parametrize("pack", [packed, lambda *records: b"".join(records)])
def test_behind_a_wrong_length_the_next_record_is_found(
    tmp_path: Path, pack: Callable[..., bytes]
) -> None:
    short = plain_record(Content_Length="10")
    missing = plain_record(Content_Length="x", WARC_Record_ID="<urn:x:9>")
    last = plain_record(WARC_Record_ID=SECOND, WARC_Date=None)
    found = check_bytes(tmp_path, pack(short, missing, last))
    assert found == [(ERROR, "content_length"), (ERROR, "content_length"), (ERROR, "date")]


def test_an_endless_line_in_a_plain_file_is_passed_over(tmp_path: Path) -> None:
    content = b"WARC/" + b"a" * 200_000 + b"\r\n" + GOOD
    assert check_bytes(tmp_path, content) == [(ERROR, "head")]


def test_a_plain_file_that_ends_in_junk_is_read_to_its_end(tmp_path: Path) -> None:
    assert check_bytes(tmp_path, GOOD + b"junk without end") == [(ERROR, "junk")]


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    [damage] = check_file(tmp_path / "none.warc.gz")
    assert (damage.rule, damage.message) == ("file", "No such file or directory")


def test_revisits_are_looked_for_in_all_files_that_belong_together(tmp_path: Path) -> None:
    seen = Seen()
    for name, record in (("b", revisit_record()), ("a", GOOD)):
        path = tmp_path / name
        path.write_bytes(packed(record))
        assert list(check_file(path, seen=seen)) == []
    assert list(seen.unresolved()) == []


def test_a_revisit_may_name_its_record_by_id(tmp_path: Path) -> None:
    by_id = revisit_record(
        WARC_Refers_To="<urn:uuid:00000000-0000-4000-8000-000000000001>",
        WARC_Refers_To_Date=None,
        WARC_Refers_To_Target_URI=None,
    )
    assert check_bytes(tmp_path, packed(GOOD, by_id)) == []


def test_a_revisit_of_a_revisit_is_unresolved(tmp_path: Path) -> None:
    of_revisit = revisit_record(
        WARC_Record_ID="<urn:x:3>", WARC_Refers_To_Date="2024-03-11T08:00:00Z"
    )
    found = check_bytes(tmp_path, packed(GOOD, revisit_record(), of_revisit))
    assert found == [(ERROR, "unresolved_revisit")]


def test_an_old_file_is_measured_by_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(packed(GOOD))
    before = datetime(2020, 1, 1).timestamp()  # noqa: DTZ001 - any zone will do
    os.utime(path, (before, before))
    assert [damage.rule for damage in check_file(path)] == ["date_future"]


def test_a_clock_that_ran_ahead_is_one_line_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    ahead = [
        plain_record(WARC_Record_ID=f"<urn:x:{number}>", WARC_Date=f"2199-03-10T08:00:{number:02}Z")
        for number in range(30)
    ]
    path.write_bytes(packed(GOOD, *ahead))
    [told] = check_file(path)
    assert (told.severity, told.rule, told.offset) == (WARNING, "date_future", len(packed(GOOD)))
    assert told.message == (
        "2199-03-10T08:00:00Z is later than the file itself, and so are 29 more"
    )
