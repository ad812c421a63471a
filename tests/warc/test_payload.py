"""What is digested, and what lies beside an answer: chunks and interim heads are the wire's."""

import gzip
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.model.errors import MessageError
from archive.warc.cdxj import cdx_rows
from archive.warc.check import check_file
from archive.warc.message import Limits, head_length, interim_length, parse_response
from archive.warc.payload import payload_of
from archive.warc.reader import iterate, read_record
from archive.warc.record import digest_of
from archive.warc.writer import Profile, Revisit
from tests.warc.making import (
    ADDRESS,
    BEGIN,
    PAGE,
    REQUEST,
    answer,
    coded,
    exchange,
    revisit,
    shelf,
    writer,
)

TOOLS = Path(sys.executable).parent
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"


PIECES = (
    b"HTTP/1.1 100 Continue\r\n\r\n", EARLY, b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 204 No Content\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"\r\n",
    b"\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"abc", b"\x00\xff", b"HTTP/1.1 000 \r\n\r\n", EARLY * 60,
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=9).map(b"".join))
def test_heads_are_followed_once_for_all_that_a_record_needs(received: bytes) -> None:
    """As if each question took the answer apart anew."""
    payload = payload_of(received)
    start = interim_length(received)
    final = received[start:]
    end = head_length(final)
    assert (payload.interim, payload.final, payload.head_bytes) == (received[:start], final, end)
    body = final[end:] if end is not None else None
    with suppress(MessageError):
        alone = parse_response(final, limits=Limits())
        if body is not None and alone.has_wrapping and not alone.transferred().damage:
            body = alone.transferred().body
    assert payload.digest == (None if body is None else digest_of(body))
    with suppress(MessageError):
        answer = parse_response(received, limits=Limits())
        assert (payload.answer.status, payload.answer.headers) == (answer.status, answer.headers)


def test_warcio_finds_nothing_wrong_but_the_digest_of_chunked_bodies(tmp_path: Path) -> None:
    """It digests the chunks too, against section 5.9 of the norm."""
    done = subprocess.run(
        [TOOLS / "warcio", "check", shelf(tmp_path)], capture_output=True, check=False
    )
    lines = [line.strip() for line in done.stdout.decode().splitlines()]
    digest = digest_of(gzip.compress(PAGE, mtime=0))
    assert [line for line in lines if "failed" in line] == [f"payload digest failed {digest}"]


def test_warcio_finds_nothing_wrong_with_other_bodies(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.append(exchange(EARLY + answer()))
    warc.append(exchange(day=1, revisit=revisit(first)))
    written = warc.append(exchange(coded()[:-30], day=2, truncated="disconnect"))
    warc.close()
    command = [TOOLS / "warcio", "check", tmp_path / written.spot.file]
    assert subprocess.run(command, check=False).returncode == 0


def test_the_payload_digest_is_over_the_body_without_its_chunks(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    written = [warc.append(exchange(coded(first=first))) for first in (1, 20, None)]
    digest = digest_of(gzip.compress(PAGE, mtime=0))
    assert {each.payload_digest for each in written} == {digest}
    assert written[0].size_bytes == len(coded(first=1).partition(b"\r\n\r\n")[2])


BROKEN_CHUNKS = {
    "cut": coded()[:-30],
    "damaged": coded().replace(b"\r\n0\r\n", b"\r\nzz zz zz zz zz zz\r\n"),
    "none": answer(PAGE, b"Transfer-Encoding: chunked"),
}


@pytest.mark.parametrize("kind", BROKEN_CHUNKS)
def test_the_digest_of_a_body_with_broken_chunks_is_over_all_that_came(
    tmp_path: Path, kind: str
) -> None:
    """Nobody can say what such a body is; two that differ behind the damage must not be one."""
    response = BROKEN_CHUNKS[kind]
    written = writer(tmp_path).append(exchange(response))
    assert written.payload_digest == digest_of(response.partition(b"\r\n\r\n")[2])


def test_one_body_in_other_chunks_is_a_revisit(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.append(exchange(coded(first=1)))
    second = warc.append(exchange(coded(first=20), day=1, revisit=revisit(first)))
    warc.close()
    assert (second.record_type, second.payload_digest) == ("revisit", first.payload_digest)
    assert list(check_file(tmp_path / first.spot.file)) == []


@pytest.mark.parametrize("response", [coded(), EARLY + answer()])
def test_a_revisit_of_an_older_record_has_that_records_digest(
    tmp_path: Path, response: bytes
) -> None:
    """Older archives digested everything behind the first head."""
    former = digest_of(response.partition(b"\r\n\r\n")[2])
    kept = Revisit(
        url=ADDRESS, captured_at=BEGIN, payload_digest=former,
        profile=Profile.IDENTICAL_PAYLOAD,
    )  # fmt: skip
    warc = writer(tmp_path)
    written = warc.append(exchange(response, day=1, revisit=kept))
    warc.close()
    assert written.payload_digest == former
    record = read_record(tmp_path, written.spot)
    assert record.header("WARC-Payload-Digest") == former
    assert record.block == payload_of(response).final[: len(record.block)]
    assert record.block.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("truncated", [None, "disconnect"])
def test_interim_heads_lie_beside_the_final_answer(tmp_path: Path, truncated: str | None) -> None:
    heads = EARLY + b"HTTP/1.1 100 Continue\r\n\r\n" + EARLY
    warc = writer(tmp_path)
    written = warc.append(exchange(heads + answer(), truncated=truncated))
    warc.close()
    path = tmp_path / written.spot.file
    _, response, request, beside = iterate(path)
    assert (response.block, request.block, beside.block) == (answer(), REQUEST, heads)
    assert (beside.record_type, beside.header("WARC-Truncated")) == ("metadata", None)
    assert beside.target_uri == f"urn:gongkai:interim:{response.target_uri}"
    assert beside.header("WARC-Concurrent-To") == response.record_id
    assert written.payload_digest == digest_of(PAGE)
    assert [row.status for row in cdx_rows(path)] == [200, None]


def test_a_304_behind_an_interim_head_has_both_beside(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.append(exchange())
    not_modified = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    kept = revisit(first, Profile.NOT_MODIFIED)
    warc.append(exchange(EARLY + not_modified, day=1, revisit=kept))
    warc.close()
    records = list(iterate(tmp_path / first.spot.file))
    assert [each.block for each in records if each.record_type == "metadata"] == [
        EARLY, not_modified,
    ]  # fmt: skip
    assert list(check_file(tmp_path / first.spot.file)) == []


@pytest.mark.parametrize("tool", ["warcio", "fastwarc"])
def test_other_readers_see_the_final_status(tmp_path: Path, tool: str) -> None:
    warc = writer(tmp_path)
    written = warc.append(exchange(EARLY + answer()))
    warc.close()
    with (tmp_path / written.spot.file).open("rb") as file:
        if tool == "warcio":
            record = next(r for r in ArchiveIterator(file) if r.rec_type == "response")
            seen = (record.http_headers.get_statuscode(), record.content_stream().read())
        else:
            record = next(r for r in FastIterator(file) if r.record_type == WarcRecordType.response)
            seen = (str(record.http_headers.status_code), record.reader.read())
    assert seen == ("200", PAGE)
