"""What others rightly write is no error, and what contradicts itself is told; over files too."""

import gzip
import itertools
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError
from archive.model.reading import Severity
from archive.warc import facts, seen
from archive.warc.check import Seen, check_file
from archive.warc.scan import Head
from archive.work.preservation.verify import verify_files
from tests.warc.making import PAGE, answer, check_bytes, packed, plain_record, sha1
from tests.warc.test_check import GOOD, IDENTICAL, SECOND, not_modified_record, revisit_record

ERROR, WARNING = Severity.ERROR, Severity.WARNING
FIRST = "<urn:uuid:00000000-0000-4000-8000-000000000001>"
THIRD = "<urn:uuid:00000000-0000-4000-8000-000000000003>"
PROMISING = answer(b"", b"Content-Length: 102")
NO_REFERENCE = {"WARC_Refers_To_Date": None, "WARC_Refers_To_Target_URI": None}
UNCHANGED = "a.warc.gz"


def request_record(method: str, **fields: str | None) -> bytes:
    facts = {
        "WARC_Type": "request",
        "WARC_Record_ID": SECOND,
        "WARC_Payload_Digest": None,
        "Content_Type": "application/http; msgtype=request",
    }
    block = method.encode() + b" / HTTP/1.1\r\nHost: www.example.gov.cn\r\n\r\n"
    return plain_record(block, **(facts | fields))


def warcinfo(name: str) -> bytes:
    return plain_record(
        b"software: x/1\r\n",
        WARC_Type="warcinfo",
        WARC_Target_URI=None,
        WARC_Payload_Digest=None,
        WARC_Filename=name,
        Content_Type="application/warc-fields",
    )


def dated(second: int, **fields: str | None) -> bytes:
    return plain_record(WARC_Date=f"2024-03-10T08:00:0{second}Z", WARC_Record_ID=THIRD, **fields)


RIGHT = {
    "browsertrix: a protocol for each layer": [
        plain_record(
            WARC_Protocol="h2\r\nWARC-Protocol: tls/1.3",
            WARC_Cipher_Suite="TLS_A\r\nWARC-Cipher-Suite: TLS_B",
        )
    ],
    "a profile of the drafts": [
        GOOD,
        revisit_record(WARC_Profile=IDENTICAL.replace("1.0", "0.18")),
    ],
    "a 304 that names its record by id": [
        GOOD,
        not_modified_record(WARC_Refers_To=FIRST, **NO_REFERENCE),
    ],
    "a 304 that names the date alone": [GOOD, not_modified_record(WARC_Refers_To_Target_URI=None)],
    "an answer to HEAD before its request": [
        plain_record(PROMISING),
        request_record("HEAD", WARC_Concurrent_To=FIRST),
    ],
    "an answer to HEAD behind its request": [
        request_record("HEAD", WARC_Concurrent_To=FIRST),
        plain_record(PROMISING),
    ],
    "an answer to HEAD that names its request": [
        request_record("HEAD"),
        plain_record(PROMISING, WARC_Concurrent_To=SECOND),
    ],
    "an answer to HEAD that would be chunked": [
        plain_record(answer(b"", b"Transfer-Encoding: chunked")),
        request_record("HEAD", WARC_Concurrent_To=FIRST),
    ],
    "a file that says its name": [warcinfo(UNCHANGED)],
    "a file that was packed since": [warcinfo("a.warc")],
    "files joined": [GOOD, warcinfo("other.warc.gz").replace(FIRST.encode(), SECOND.encode())],
    "a 304 that names the time alone": [GOOD, not_modified_record(WARC_Refers_To_Target_URI=None)],
    "an IPv6 address": [plain_record(WARC_IP_Address="2001:db8::1")],
    "two captures of one second, told apart": [
        plain_record(WARC_Date="2024-03-10T08:00:00.1Z"),
        plain_record(
            answer(b"other"), WARC_Date="2024-03-10T08:00:00.2Z", WARC_Record_ID=SECOND
        ),
    ],
    "wget's notes, of one second": [
        plain_record(WARC_Type="resource", WARC_Target_URI="metadata://x/"),
        plain_record(
            b"other",
            WARC_Type="resource",
            WARC_Target_URI="metadata://x/",
            WARC_Record_ID=SECOND,
            WARC_Payload_Digest=sha1(b"other"),
            Content_Type="text/plain",
        ),
    ],
    "one capture twice": [GOOD, plain_record(WARC_Record_ID=SECOND)],
    "a revisit digested otherwise than its capture": [
        GOOD,
        revisit_record(WARC_Payload_Digest="md5:" + "0" * 32),
    ],
    "a fragment of what is no page": [plain_record(WARC_Target_URI="urn:view:http://x/#a")],
}  # fmt: skip


@pytest.mark.parametrize("kind", RIGHT)
def test_what_others_rightly_write_is_no_damage(tmp_path: Path, kind: str) -> None:
    assert check_bytes(tmp_path, packed(*RIGHT[kind])) == []


WRONG = {
    "another revisit profile": (
        [GOOD, revisit_record(WARC_Profile=IDENTICAL.replace("identical", "uri-agnostic"))],
        [(WARNING, "profile")],
    ),
    "another revisit profile, again and again": (
        [
            GOOD,
            *(
                revisit_record(WARC_Profile="http://x/", WARC_Record_ID=f"<urn:x:{number}>")
                for number in range(3)
            ),
        ],
        [(WARNING, "profile")],
    ),
    "a 304 of WARC 1.0 that names nothing": (
        [GOOD, not_modified_record(version="1.0", **NO_REFERENCE)],
        [(WARNING, "refers_to")],
    ),
    "no body, and GET was asked": (
        [plain_record(PROMISING), request_record("GET", WARC_Concurrent_To=FIRST)],
        [(ERROR, "http_body")],
    ),
    "no body, and GET was asked before": (
        [request_record("GET", WARC_Concurrent_To=FIRST), plain_record(PROMISING)],
        [(ERROR, "http_body")],
    ),
    "no body, and nobody knows what was asked": (
        [plain_record(PROMISING)],
        [(WARNING, "http_no_body")],
    ),
    "no body, no id": (
        [plain_record(PROMISING, WARC_Record_ID=None)],
        [(ERROR, "record_id"), (WARNING, "http_no_body")],
    ),
    "the capture revisited has another digest": (
        [GOOD, revisit_record(WARC_Payload_Digest=sha1(b"other"))],
        [(ERROR, "revisit_digest")],
    ),
    "the capture revisited by id has another digest": (
        [
            GOOD,
            revisit_record(
                WARC_Payload_Digest=sha1(b"other"), WARC_Refers_To=FIRST, **NO_REFERENCE
            ),
        ],
        [(ERROR, "revisit_digest")],
    ),
    "concurrent to nothing": (
        [plain_record(WARC_Concurrent_To=THIRD)],
        [(WARNING, "concurrent_to")],
    ),
    "of no warcinfo": (
        [
            plain_record(WARC_Warcinfo_ID=THIRD),
            plain_record(WARC_Warcinfo_ID=THIRD, WARC_Record_ID=SECOND),
        ],
        [(WARNING, "warcinfo_id")],
    ),
    "an interim head first": (
        [plain_record(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(), WARC_Payload_Digest=sha1(PAGE))],
        [(WARNING, "interim_head")],
    ),
    "one instant, two bodies": (
        [GOOD, plain_record(answer(b"other"), WARC_Record_ID=SECOND)],
        [(WARNING, "two_bodies")],
    ),
    "a 304 that names nothing, with the digest of no body": (
        [GOOD, not_modified_record(WARC_Payload_Digest=sha1(b""), **NO_REFERENCE)],
        [(WARNING, "refers_to")],
    ),
    "an IPv6 address as URLs have it": (
        [plain_record(WARC_IP_Address="[2001:db8::1]")],
        [(WARNING, "ip_address")],
    ),
    "no IP address": (
        [plain_record(WARC_IP_Address="www.example.gov.cn")],
        [(ERROR, "ip_address")],
    ),
    "another file's name": ([warcinfo("b.warc.gz")], [(WARNING, "file_name")]),
    "a fragment": (
        [plain_record(WARC_Target_URI="http://www.example.gov.cn/#top")],
        [(WARNING, "uri_fragment")],
    ),
    "an empty member": ([GOOD, b"", b"", dated(1)], [(WARNING, "empty_member")]),
    "nothing but an empty member": ([b""], [(WARNING, "empty_member"), (ERROR, "empty")]),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_contradicts_itself_is_told_as_what_it_is(tmp_path: Path, kind: str) -> None:
    records, expected = WRONG[kind]
    found = check_bytes(tmp_path, packed(*records))
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_a_damage_over_records_names_its_place(tmp_path: Path) -> None:
    other = tmp_path / "b.warc.gz"
    other.write_bytes(packed(GOOD))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(
        packed(dated(1), plain_record(WARC_Record_ID=SECOND, WARC_Concurrent_To="<x:1>"))
    )
    [damage] = verify_files([other, path])
    assert (damage.file, damage.offset) == (str(path), len(packed(dated(1))))


# --- segments -------------------------------------------------------------------------------

WHOLE = answer(PAGE, b"Content-Length: %d" % len(PAGE))


def segments(*cuts: int, block: bytes = WHOLE, total: int | None = None) -> list[bytes]:
    """The record in segments, cut at these places."""
    edges = [0, *cuts, len(block)]
    parts = [block[start:end] for start, end in itertools.pairwise(edges)]
    records = [
        plain_record(
            parts[0],
            WARC_Segment_Number="1",
            WARC_Payload_Digest=sha1(block.partition(b"\r\n\r\n")[2]),
        )
    ]
    for number, part in enumerate(parts[1:], start=2):
        last = number == len(parts)
        records.append(
            plain_record(
                part,
                WARC_Type="continuation",
                WARC_Record_ID=f"<urn:x:{number}>",
                WARC_Segment_Number=str(number),
                WARC_Segment_Origin_ID=FIRST,
                WARC_Segment_Total_Length=str(total or len(block)) if last else None,
                WARC_Payload_Digest=None,
                Content_Type=None,
            )
        )
    return records


def over_files(folder: Path, records: list[bytes]) -> list[tuple[Severity, str]]:
    paths = [folder / f"{number}.warc.gz" for number in range(len(records))]
    for path, record in zip(paths, records, strict=True):
        path.write_bytes(packed(record))
    return [(damage.severity, damage.rule) for damage in verify_files(paths)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_segments_are_joined_over_files_in_any_order(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    records = segments(150, 250)
    assert over_files(tmp_path, [records[number] for number in order]) == []


@pytest.mark.parametrize("pack", [packed, lambda *records: b"".join(records)])
def test_segments_are_joined_in_one_file(tmp_path: Path, pack) -> None:
    assert check_bytes(tmp_path, pack(*segments(20, 250))) == []


def test_segments_in_one_member_are_joined(tmp_path: Path) -> None:
    found = check_bytes(tmp_path, gzip.compress(b"".join(segments(150, 250))))
    assert found == [(ERROR, "one_member")]


BAD_SEGMENTS = {
    "no first": (segments(150, 250)[1:], [(ERROR, "segment_origin")]),
    "one missing": ([segments(150, 250)[0], segments(150, 250)[2]], [(ERROR, "segment_missing")]),
    "no last": (segments(150, 250)[:2], [(ERROR, "segment_missing")]),
    "another length": (segments(150, total=7), [(ERROR, "segment_length")]),
    "another payload": (
        [segments(200)[0], segments(200, block=WHOLE[:-2] + b"!!")[1]],
        [(ERROR, "payload_digest")],
    ),
    "no origin": (
        [plain_record(b"x", WARC_Type="continuation", Content_Type=None, WARC_Payload_Digest=None)],
        [(ERROR, "segment")],
    ),
    "a number that is none": ([plain_record(WARC_Segment_Number="one")], [(ERROR, "segment")]),
    "a body shorter than it says": (
        segments(200, block=answer(PAGE, b"Content-Length: 9999")),
        [(ERROR, "http_body")],
    ),
}


@pytest.mark.parametrize("kind", BAD_SEGMENTS)
def test_segments_that_do_not_fit_are_told(tmp_path: Path, kind: str) -> None:
    records, expected = BAD_SEGMENTS[kind]
    assert over_files(tmp_path, records) == expected


def test_segments_that_are_gone_meanwhile_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(packed(*segments(200)))
    with Seen() as both:
        assert list(check_file(path, seen=both)) == []
        path.write_bytes(packed(segments(200)[0]))
        assert [damage.rule for damage in both.unresolved()] == ["segment"]


# --- other formats --------------------------------------------------------------------------

OTHERS = {
    "an ARC file": [b"filedesc://x.arc 0.0.0.0 20140216050221 text/plain 75\n1 0 x\n"] * 2,
    "a WACZ file": [b"PK\x03\x04" + bytes(26) + b"archive/data.warc.gz"],
    "a ZIP archive": [b"PK\x03\x04" + bytes(26) + b"a.txt"],
    "compressed with lz4": [b"\x04\x22\x4d\x18" + bytes(40)],
    "compressed with zstd": [b"\x28\xb5\x2f\xfd" + bytes(40), b"\x5d\x2a\x4d\x18" + bytes(40)],
    "compressed with bzip2": [b"BZh91AY&SY"],
    "a tar archive": [gzip.compress(b"a".ljust(257, b"\0") + b"ustar" + bytes(250))],
    "a CDX index": [b" CDX N b a m s k r M S V g\n"],
}
OTHERS["an ARC file"][1] = gzip.compress(OTHERS["an ARC file"][1])


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_format_is_named_and_not_looked_at(tmp_path: Path, name: str) -> None:
    for content in OTHERS[name]:
        path = tmp_path / "a"
        path.write_bytes(content)
        [damage] = check_file(path)
        assert (damage.severity, damage.rule) == (WARNING, "another_format")
        assert damage.message == f"{name}; not looked at"


# --- memory ---------------------------------------------------------------------------------


def heads(count: int) -> Iterator[Head]:
    """Responses and requests of which none has met its partner yet."""
    for number in range(count):
        yield Head(
            offset=number, version="1.1", first=True,
            fields=(
                ("WARC-Type", "response"),
                ("WARC-Record-ID", f"<urn:x:{number}>"),
                ("WARC-Concurrent-To", f"<urn:x:{count - number - 1}>"),
                ("WARC-Warcinfo-ID", f"<urn:x:{number}>"),
                ("WARC-Date", "2024-03-10T08:00:00Z"),
                ("WARC-Target-URI", f"http://www.example.gov.cn/{number}"),
                ("WARC-Payload-Digest", sha1(b"%d" % number)),
            ),
        )  # fmt: skip


def peak_bytes(count: int) -> int:
    tracemalloc.start()
    try:
        with Seen() as all_seen:
            for head in heads(count):
                all_seen.note(head, "a")
            assert list(all_seen.unresolved()) == []
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_stays_flat_over_many_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_IN_MEMORY_BYTES", 1024)
    monkeypatch.setattr(seen, "_MAX_RECENT", 16)
    peak_bytes(100)
    few, many = peak_bytes(1_000), peak_bytes(3_000)
    assert many - few < 2_000 * 100, "a record costs less than a hundred bytes in memory"


def test_no_room_for_temporary_files_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(facts, "_IN_MEMORY_BYTES", 10)
    monkeypatch.setattr(facts, "TemporaryFile", full)
    with pytest.raises(CannotRunError, match="set TMPDIR"):
        check_bytes(tmp_path, packed(GOOD))
