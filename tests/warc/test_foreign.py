"""Files that other crawlers made, and files that only look like it."""

import gzip
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from archive.warc import foreign
from archive.warc.exchanges import ForeignExchange, exchanges
from archive.warc.foreign import ForeignRecord, Found, Unreadable, foreign_records, format_of
from archive.warc.scan import Head
from archive.warc.spool import Spool
from tests.warc.making import answer, packed, plain_record

ARC_HEAD = b"filedesc://x.arc 0.0.0.0 20140216050221 text/plain 75\n1 0 LiveWeb Capture\nURL IP-address Archive-date Content-type Archive-length\n\n"
BODIES = (b"one", b"two" * 1000, b"three")


def record(number: int, body: bytes) -> bytes:
    name = f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>"
    uri = f"http://www.example.gov.cn/{number}"
    return plain_record(answer(body), WARC_Record_ID=name, WARC_Target_URI=uri)


RECORDS = tuple(record(number, body) for number, body in enumerate(BODIES))
PLAIN = b"".join(RECORDS)


def found_in(path: Path) -> list[Found]:
    def why_not(head: Head) -> str | None:
        return None if head.record_type in ("response", "resource", "request") else "other"

    return list(foreign_records(path, why_not=why_not, spool=lambda: Spool(path.parent)))


def bodies(path: Path) -> list[bytes]:
    """Of the records, b"?" for each place that cannot be read."""
    return [
        bytes(each.block).partition(b"\r\n\r\n")[2] if isinstance(each, ForeignRecord) else b"?"
        for each in found_in(path)
    ]


def with_dictionary(content: bytes) -> bytes:
    """As .warc.zst has it: the dictionary in a skippable frame before the first one."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: text/html" * 20
    dictionary = zstandard.ZstdCompressionDict(raw)
    engine = zstandard.ZstdCompressor(dict_data=dictionary)
    frames = b"".join(engine.compress(each) for each in RECORDS) if content else b""
    return b"\x5d\x2a\x4d\x18" + len(raw).to_bytes(4, "little") + raw + frames


def arc(*, version: int = 1) -> bytes:
    """Two pages as Heritrix 1 wrote them, packed one by one."""
    head = ARC_HEAD if version == 1 else ARC_HEAD.replace(
        b"text/plain 75", b"text/plain 200 - - 0 x.arc 75"
    )  # fmt: skip
    blocks = [answer(body) for body in BODIES[:2]]
    more = b" 200 checksum - 100 x.arc" if version == 2 else b""
    lines = [
        b"http://www.example.gov.cn/%d 192.0.2.7 20140216050221 text/html%s %d\n%s\n"
        % (number, more, len(block), block)
        for number, block in enumerate(blocks)
    ]
    return packed(head, *lines)


def wacz(path: Path, content: bytes, *, method: int = zipfile.ZIP_STORED, name: str = "") -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("datapackage.json", "{}")
        made.writestr(name or "archive/data.warc.gz", content)
        made.writestr("pages/pages.jsonl", "")
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.warc.gz", packed(*RECORDS)),
        ("a.warc", PLAIN),
        ("whole.warc.gz", gzip.compress(PLAIN)),
        ("a.warc.zst", zstandard.compress(PLAIN)),
        ("each.warc.zst", b"".join(map(zstandard.compress, RECORDS))),
        ("dictionary.warc.zst", with_dictionary(PLAIN)),
        ("named-wrongly.pdf", packed(*RECORDS)),
    ],
)
def test_a_warc_is_read_however_it_is_packed(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert format_of(path) == "warc"
    assert bodies(path) == list(BODIES)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("is_packed", [True, False])
def test_an_arc_file_is_read(tmp_path: Path, version: int, is_packed: bool) -> None:  # noqa: FBT001
    path = tmp_path / "a.arc.gz"
    content = arc(version=version)
    path.write_bytes(content if is_packed else gzip.decompress(content))
    assert format_of(path) == "arc"
    assert bodies(path) == list(BODIES[:2])
    [first, _] = found_in(path)
    assert isinstance(first, ForeignRecord)
    assert first.head.target_uri == "http://www.example.gov.cn/0"
    assert first.head.get("WARC-Date") == "2014-02-16T05:02:21Z"


def test_an_arc_file_that_is_cut_gives_what_came(tmp_path: Path) -> None:
    path = tmp_path / "a.arc"
    path.write_bytes(gzip.decompress(arc())[:-20])
    assert bodies(path) == [BODIES[0], b"?"]
    path.write_bytes(arc()[:-20])
    assert bodies(path) == [BODIES[0], b"?"]
    path.write_bytes(ARC_HEAD + b"what is this\n")
    assert bodies(path) == [b"?"]


def test_the_warc_files_inside_a_wacz_are_read_and_nothing_is_extracted(tmp_path: Path) -> None:
    stored = wacz(tmp_path / "a.wacz", packed(*RECORDS))
    assert (format_of(stored), bodies(stored)) == ("wacz", list(BODIES))
    packed_again = wacz(tmp_path / "b.wacz", packed(*RECORDS), method=zipfile.ZIP_DEFLATED)
    assert bodies(packed_again) == list(BODIES)
    climbing = wacz(tmp_path / "c.wacz", PLAIN, name="../../climbs/out.warc")
    assert bodies(climbing) == list(BODIES)
    assert [each.part for each in found_in(climbing)] == ["../../climbs/out.warc"] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wacz", "b.wacz", "c.wacz"]
    empty = wacz(tmp_path / "d.wacz", b"", name="notes.txt")
    assert bodies(empty) == [b"?"]


def test_a_collection_of_wacz_is_read_bundle_by_bundle(tmp_path: Path) -> None:
    """As Browsertrix hands collections over."""
    bundle = wacz(tmp_path / "a.wacz", packed(*RECORDS)).read_bytes()
    collection = wacz(tmp_path / "all.wacz", bundle, name="crawl-1.wacz")
    assert bodies(collection) == list(BODIES)
    assert {each.part for each in found_in(collection)} == {"crawl-1.wacz/archive/data.warc.gz"}
    again = wacz(tmp_path / "b.wacz", bundle, name="x.wacz", method=zipfile.ZIP_DEFLATED)
    cut = wacz(tmp_path / "c.wacz", bundle[:-40], name="x.wacz")
    nested = wacz(tmp_path / "d.wacz", collection.read_bytes(), name="x.wacz")
    for path, told in (
        (again, "packed once more"), (cut, "cannot be read"), (nested, "0 WARC files in it"),
    ):  # fmt: skip
        [only] = found_in(path)
        assert (only.part, told in only.message) == ("x.wacz", True), only


def test_a_wacz_that_lies_about_its_sizes_is_told(tmp_path: Path) -> None:
    path = wacz(tmp_path / "a.wacz", packed(*RECORDS))
    honest = path.read_bytes()
    size = len(packed(*RECORDS))
    at = honest.rindex(size.to_bytes(4, "little"))
    for lie in (size - 200, size * 9):
        path.write_bytes(honest[:at] + lie.to_bytes(4, "little") + honest[at + 4 :])
        whole = bodies(path)
        assert whole == list(BODIES) if lie > size else b"?" in whole


def test_half_a_wacz_and_a_damaged_member_are_told(tmp_path: Path) -> None:
    long = record(9, bytes(range(256)) * 1_000)
    path = wacz(tmp_path / "a.wacz", PLAIN + long, name="a.warc")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert bodies(path) == [b"?"]
    path.write_bytes(whole.replace(b"three", b"tHree"))
    *records, told = found_in(path)
    assert isinstance(told, Unreadable)
    assert "CRC" in told.message
    assert [getattr(each, "damage", None) is None for each in records] == [True, True, False]


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc.zst", "a.wacz"])
def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(foreign, "MAX_UNPACKED_BYTES", 1_000_000)
    bomb = record(1, b"\0" * 60_000_000)
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(packed(RECORDS[0], bomb))
    elif name.endswith(".zst"):
        path.write_bytes(zstandard.compress(RECORDS[0] + bomb))
    else:
        wacz(path, RECORDS[0] + bomb, method=zipfile.ZIP_DEFLATED, name="a.warc")
    [*records, told] = found_in(path)
    assert len(records) == 1
    assert isinstance(told, Unreadable)
    assert "unpacks to more than" in told.message


def test_what_is_cut_or_damaged_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    whole = packed(*RECORDS)
    path.write_bytes(whole[:-30])
    assert bodies(path) == [*BODIES[:2], b"?"]
    first = len(packed(RECORDS[0]))
    path.write_bytes(whole[: first + 60] + b"\0\0\0\0" + whole[first + 64 :])
    assert bodies(path) == [BODIES[0], b"?", BODIES[2]]
    path.write_bytes(zstandard.compress(PLAIN)[:-30])
    assert b"?" in bodies(path)
    path.write_bytes(packed(RECORDS[0], RECORDS[1].replace(b"twotwo", b"tWotwo", 1)))
    [_, damaged] = found_in(path)
    assert isinstance(damaged, ForeignRecord)
    assert damaged.damage is not None


def test_a_block_beyond_the_limit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "MAX_BLOCK_BYTES", 1_000)
    path = tmp_path / "a.warc"
    path.write_bytes(PLAIN)
    assert bodies(path) == [BODIES[0], b"?", BODIES[2]]


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7", b"7z\xbc\xaf\x27\x1c", b"", b"not a warc at all\n" * 9]
)
def test_other_files_are_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    [told] = found_in(path)
    assert isinstance(told, Unreadable)


def test_whatever_a_byte_becomes_nothing_but_records_and_places_come_out(tmp_path: Path) -> None:
    """A few hundred of the mutations that tens of thousands were tried of."""
    chance = random.Random(20261130)
    seeds = [
        packed(*RECORDS), PLAIN, gzip.compress(PLAIN), zstandard.compress(PLAIN), arc(),
        with_dictionary(PLAIN), wacz(tmp_path / "x.wacz", packed(*RECORDS)).read_bytes(),
    ]  # fmt: skip
    path = tmp_path / "a"
    for _ in range(300):
        mutant = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 5, 30))):
            at = chance.randrange(len(mutant))
            mutant[at : at + chance.randrange(20)] = chance.randbytes(chance.randrange(20))
        path.write_bytes(mutant or b"x")
        format_of(path)
        assert list(exchanges(iter(found_in(path)))) is not None


def asked(answer_id: str, request_id: str, *, first: bool) -> Iterator[bytes]:
    request = plain_record(
        b"POST /nb HTTP/1.1\r\n\r\npage=2", WARC_Type="request", WARC_Record_ID=request_id,
        WARC_Concurrent_To=answer_id, WARC_Payload_Digest=None,
    )  # fmt: skip
    response = plain_record(answer(b"list"), WARC_Record_ID=answer_id)
    yield from (request, response) if first else (response, request)


@pytest.mark.parametrize("first", [True, False])
def test_a_request_is_found_before_and_behind_its_answer(tmp_path: Path, first: bool) -> None:  # noqa: FBT001
    path = tmp_path / "a.warc"
    ids = [f"<urn:uuid:00000000-0000-4000-8000-{n:012d}>" for n in range(40)]
    pairs = zip(ids[::2], ids[1::2], strict=True)
    path.write_bytes(b"".join(each for a, r in pairs for each in asked(a, r, first=first)))
    found = list(exchanges(iter(found_in(path))))
    assert len(found) == 20
    for each in found:
        assert isinstance(each, ForeignExchange)
        assert each.request is not None
        assert each.request.head.get("WARC-Concurrent-To") == each.answer.head.get("WARC-Record-ID")
