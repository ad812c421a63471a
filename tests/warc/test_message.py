"""HTTP answers taken apart: what browsers forgive is forgiven, what is lost is said."""

import functools
import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.model.errors import MessageError
from archive.warc.message import Limits, Response, head_length, parse_response

# Without the time of day: names of tests are made of it, in every process that collects them.
zipped = functools.partial(gzip.compress, mtime=0)

PAGE = "政府信息公开工作年度报告".encode() * 20
LIMITS = Limits()
CODERS = {
    b"gzip": zipped, b"deflate": zlib.compress, b"br": brotli.compress,
    b"zstd": zstandard.compress,
}  # fmt: skip
HTML = b"<html><p>" + PAGE


def answer(*headers: bytes, body: bytes = b"", status: bytes = b"200 OK") -> Response:
    head = b"\r\n".join([b"HTTP/1.1 " + status, *headers])
    return parse_response(head + b"\r\n\r\n" + body, limits=LIMITS)


def chunked(content: bytes, size: int = 7) -> bytes:
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\nA: b\r\n\r\n"


def test_the_status_line_is_kept_as_sent() -> None:
    response = answer(status="404 找不到".encode("gbk"))
    assert (response.status, response.reason) == (404, "找不到".encode("gbk"))


def test_headers_keep_order_case_and_repetition() -> None:
    response = answer(b"Set-Cookie: a", b"X-b:1", b"set-cookie: c")
    assert response.headers == ((b"Set-Cookie", b"a"), (b"X-b", b"1"), (b"set-cookie", b"c"))


def test_a_folded_header_is_one_header() -> None:
    assert answer(b"A: b", b"\tc", b" d").headers == ((b"A", b"b c d"),)


def test_a_line_without_colon_is_left_out() -> None:
    assert answer(b"broken", b"A: b").headers == ((b"A", b"b"),)


def test_a_header_that_was_not_sent_is_none() -> None:
    assert answer().header("etag") is None


def test_a_head_of_lf_lines_is_read() -> None:
    response = parse_response(b"HTTP/1.0 200 OK\nA: b\n\nbody", limits=LIMITS)
    assert (response.headers, response.body) == (((b"A", b"b"),), b"body")


def test_interim_answers_are_skipped() -> None:
    block = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    assert parse_response(block, limits=LIMITS).status == 204


def test_an_interim_answer_alone_is_itself() -> None:
    assert answer(status=b"100 Continue").status == 100


def test_bytes_without_a_status_line_are_all_body() -> None:
    response = parse_response(b"<html>", limits=LIMITS)
    assert (response.status, response.body, response.media_type) == (0, b"<html>", None)


def test_a_cut_head_gives_the_headers_that_arrived() -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\nA: b\r\nC", limits=LIMITS)
    assert (response.headers, response.body) == (((b"A", b"b"),), b"")


def test_an_endless_head_is_refused() -> None:
    with pytest.raises(MessageError, match="head is longer"):
        parse_response(b"HTTP/1.1 200 OK\r\n" + b"a" * 300_000, limits=LIMITS)


def test_where_a_head_ends_is_none_when_it_does_not() -> None:
    assert head_length(b"HTTP/1.1 200 OK\r\nA: b") is None


@pytest.mark.parametrize(
    ("values", "media_type", "charset"),
    [
        ([b"text/html; charset=GB2312"], "text/html", "gb2312"),
        ([b"Text/HTML charset='utf-8'"], "text/html", "utf-8"),
        ([b"text/plain", b"text/html;charset=gbk"], "text/html", "gbk"),
        ([b"text/html", b"nonsense"], "text/html", None),
        ([], None, None),
    ],
)
def test_the_last_usable_content_type_counts(
    values: list[bytes], media_type: str | None, charset: str | None
) -> None:
    response = answer(*[b"Content-Type: " + value for value in values])
    assert (response.media_type, response.charset) == (media_type, charset)


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        (b"gzip", zipped(PAGE)),
        (b"x-gzip", zipped(PAGE[:60]) + zipped(PAGE[60:])),
        (b"deflate", zlib.compress(PAGE)),
        (b"deflate", zlib.compress(PAGE, wbits=-15)),
        (b"br", brotli.compress(PAGE)),
        (b"zstd", zstandard.compress(PAGE)),
        (b"zstd", zstandard.compress(PAGE[:60]) + zstandard.compress(PAGE[60:])),
        (b"zstd", b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstandard.compress(PAGE)),
        (b"identity", PAGE),
        (b"deflate, gzip", zipped(zlib.compress(PAGE))),
        (b"br , GZIP", zipped(brotli.compress(PAGE))),
        (b"zstd, br", brotli.compress(zstandard.compress(PAGE))),
    ],
)
def test_content_codings_come_off(coding: bytes, coded: bytes) -> None:
    entity = answer(b"Content-Encoding: " + coding, body=coded).entity()
    assert (entity.body, entity.damage, entity.remark) == (PAGE, None, None)


def test_chunks_and_gzip_come_off_together() -> None:
    response = answer(
        b"Transfer-Encoding: chunked",
        b"Content-Encoding: gzip",
        body=chunked(zipped(PAGE)),
    )
    assert response.entity().body == PAGE


def test_chunks_that_end_with_lf_are_read() -> None:
    body = chunked(PAGE, 50).replace(b"\r\n", b"\n")
    assert answer(b"Transfer-Encoding: chunked", body=body).entity().body == PAGE


@pytest.mark.parametrize("cut", [1, 9, 40, 60])
@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_cut_body_gives_what_there_is_and_says_so(coding: bytes, cut: int) -> None:
    noise = bytes(range(256)) * 2
    entity = answer(b"Content-Encoding: " + coding, body=CODERS[coding](noise)[:-cut]).entity()
    assert noise.startswith(entity.body)
    assert (entity.damage or "").endswith("body is cut")


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_garbled_body_is_damaged(coding: bytes) -> None:
    body = b"\x1f\x8b\x08" + b"\xff" * 40
    assert "body is damaged" in (answer(b"Content-Encoding: " + coding, body=body).entity().damage)


@pytest.mark.parametrize("end", [0, 3, 8, 15, -15])
def test_a_cut_chunk_gives_what_there_is_and_says_so(end: int) -> None:
    entity = answer(b"Transfer-Encoding: chunked", body=chunked(PAGE)[:end]).entity()
    assert PAGE.startswith(entity.body)
    assert "chunked body is cut" in (entity.damage or "")


def test_garbage_between_chunks_is_damage() -> None:
    entity = answer(b"Transfer-Encoding: chunked", body=b"3\r\nabc\r\nzz\r\n").entity()
    assert (entity.body, entity.damage) == (b"abc", "chunked body is damaged at byte 8")


@pytest.mark.parametrize(
    ("header", "body", "remark"),
    [
        (b"Content-Encoding: gzip", PAGE, "header says gzip, the body is not"),
        (b"Transfer-Encoding: chunked", PAGE, "header says chunked, the body is not"),
        (b"Content-Encoding: utf-8", PAGE, "content coding 'utf-8' is not known"),
        (
            b"Content-Encoding: gzip",
            zipped(PAGE) + b"\0\0\0",
            "3 bytes behind the end of gzip were left out",
        ),
    ],
)
def test_a_wrong_header_loses_nothing(header: bytes, body: bytes, remark: str) -> None:
    entity = answer(header, body=body).entity()
    assert (entity.body, entity.damage, entity.remark) == (PAGE, None, remark)


@pytest.mark.parametrize("coding", [b"compress", b"exi", b"x-bzip2", b"rot13", b"gzip, lzma"])
def test_a_coding_that_nobody_knows_is_damage(coding: bytes) -> None:
    coded = zipped(PAGE) if b"," in coding else PAGE
    entity = answer(b"Content-Encoding: " + coding, body=coded).entity()
    assert "is not known" in (entity.damage or "")
    assert not entity.is_cut


def test_a_transfer_coding_that_nobody_knows_is_damage() -> None:
    entity = answer(b"Transfer-Encoding: lzma", b"Content-Length: 4", body=b"abcd").entity()
    assert entity.damage == "content coding 'lzma' is not known"


@pytest.mark.parametrize("coding", [b"none", b"UTF-8", b"gb2312", b"8bit", b"text/html"])
def test_a_word_of_another_header_is_no_coding(coding: bytes) -> None:
    entity = answer(b"Content-Encoding: " + coding, body=PAGE).entity()
    assert (entity.body, entity.damage) == (PAGE, None)


@pytest.mark.parametrize("coding", CODERS)
def test_a_plain_page_under_any_coding_is_read(coding: bytes) -> None:
    entity = answer(b"Content-Encoding: " + coding, body=HTML).entity()
    assert (entity.body, entity.damage) == (HTML, None)
    assert "the body is not" in (entity.remark or "")


def test_a_window_beyond_what_browsers_bear_is_damage() -> None:
    coder = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27)
    ).compressobj()
    body = coder.compress(PAGE) + coder.flush()
    assert "zstd body is damaged" in (answer(b"Content-Encoding: zstd", body=body).entity().damage)


GZ, GZ2 = zipped(HTML), zipped(zipped(HTML))


@pytest.mark.parametrize(
    ("headers", "body", "name"),
    [
        ([b"Content-Type: text/html"], GZ, "/nb/index.html"),
        ([b"Content-Type: text/html"], GZ2, "/nb/index.html"),
        ([b"Content-Type: text/html", b"Content-Encoding: gzip"], GZ2, "/"),
        ([b"Content-Type: application/json"], GZ, "/list.do"),
        ([], GZ, "/list"),
    ],
)
def test_gzip_that_no_header_names_is_unpacked_with_a_remark(
    headers: list[bytes], body: bytes, name: str
) -> None:
    entity = answer(*headers, body=body).entity(name=name)
    assert (entity.body, entity.damage) == (HTML, None)
    assert "gzip that no header names was unpacked" in (entity.remark or "")


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ([b"Content-Type: application/gzip"], "/a"),
        ([b"Content-Type: application/x-gzip", b"Content-Encoding: x-gzip"], "/a"),
        ([b"Content-Type: text/plain", b"Content-Encoding: gzip"], "/a.gz"),
        ([b"Content-Type: text/html"], "/a.TGZ"),
        ([b"Content-Type: application/octet-stream"], "/a"),
        ([b"Content-Type: text/html", b"Content-Disposition: attachment; filename=a"], "/a"),
    ],
)
def test_a_gzip_file_stays_a_file(headers: list[bytes], name: str) -> None:
    entity = answer(*headers, body=GZ).entity(name=name)
    assert (entity.body, entity.damage) == (GZ, None)


def test_a_packed_archive_stays_a_file_under_any_type() -> None:
    body = zipped(b"name.txt" + bytes(504) + PAGE)
    assert answer(b"Content-Type: text/html", body=body).entity(name="/a").body == body


@pytest.mark.parametrize("cut", range(1, 9))
def test_of_a_gzip_body_only_the_check_sum_may_be_missing(cut: int) -> None:
    entity = answer(b"Content-Encoding: gzip", body=zipped(HTML)[:-cut]).entity()
    assert (entity.body, entity.is_cut) == (HTML, True)
    assert (entity.damage or "").endswith("body is cut")


@given(st.binary(max_size=600), st.integers(9, 100), st.integers(0, 9))
def test_cut_data_are_never_taken_for_a_missing_check_sum(
    content: bytes, cut: int, level: int
) -> None:
    coded = zipped(content, level)
    cut = min(cut, len(coded) - 3)
    entity = answer(b"Content-Encoding: gzip", body=coded[:-cut]).entity()
    assert entity.damage
    assert not entity.is_cut or entity.body == content


@pytest.mark.parametrize(
    ("header", "body", "is_cut"),
    [
        (b"Content-Length: 9", b"1234", True),
        (b"Transfer-Encoding: chunked", b"4\r\n1234\r\n", True),
        (b"Transfer-Encoding: chunked", b"9\r\n1234", True),
        (b"Transfer-Encoding: chunked", b"4\r\n1234\r\n-\r\n", False),
        (b"Content-Length: 4, 5", b"1234", False),
    ],
)
def test_a_missing_end_is_told_from_other_damage(header: bytes, body: bytes, is_cut: bool) -> None:  # noqa: FBT001 - a column
    entity = answer(header, body=body).entity()
    assert (bool(entity.damage), entity.is_cut) == (True, is_cut)


def test_a_body_shorter_than_promised_is_cut() -> None:
    entity = answer(b"Content-Length: 9", body=b"1234").entity()
    assert entity.damage == "body is 5 bytes shorter than Content-Length"


def test_a_body_longer_than_promised_ends_where_it_was_promised_as_in_browsers() -> None:
    response = answer(b"Content-Length: 2", body=b"1234")
    entity = response.entity()
    assert (entity.body, entity.damage) == (b"12", None)
    assert entity.remark == "2 bytes behind the end of the answer were left out"
    assert response.body == b"1234", "what came is kept"


@pytest.mark.parametrize("value", [b"x", b"-5", "５".encode(), b"9" * 30])
def test_a_content_length_that_is_no_length_promises_nothing(value: bytes) -> None:
    assert answer(b"Content-Length: " + value).promised_bytes is None


@pytest.mark.parametrize("header", [b"Content-Length: 9", b"Transfer-Encoding: chunked"])
def test_a_304_has_no_body_to_miss(header: bytes) -> None:
    assert answer(header, status=b"304 Not Modified").entity().damage is None


def bomb(coding: bytes) -> bytes:
    return CODERS[coding](bytes(20_000_000))


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_bomb_is_refused_by_its_ratio(coding: bytes) -> None:
    with pytest.raises(MessageError, match="inflates beyond"):
        answer(b"Content-Encoding: " + coding, body=bomb(coding)).entity()


def test_a_body_is_refused_by_its_size() -> None:
    small = Limits(max_inflated_bytes=100)
    block = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + zipped(PAGE)
    with pytest.raises(MessageError, match="inflates beyond"):
        parse_response(block, limits=small).entity()


def test_a_plain_body_is_refused_by_its_size() -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 101
    with pytest.raises(MessageError, match="larger than the limit"):
        parse_response(block, limits=Limits(max_inflated_bytes=100)).entity()


def test_codings_without_end_are_refused() -> None:
    with pytest.raises(MessageError, match="codings on one another"):
        answer(b"Content-Encoding: " + b"gzip," * 9, body=b"x").entity()


def test_members_without_end_are_refused() -> None:
    body = zipped(b"") * 1_001
    with pytest.raises(MessageError, match="too many members"):
        answer(b"Content-Encoding: gzip", body=body).entity()


def test_chunks_without_end_are_refused() -> None:
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(PAGE, 1)
    with pytest.raises(MessageError, match="more than 5 chunks"):
        parse_response(block, limits=Limits(max_chunks=5)).entity()


def test_a_member_border_on_a_piece_border_is_seen() -> None:
    for size in range(65_500, 65_540):
        stored = zipped(b"a" * size, compresslevel=0)
        body = stored + zipped(b"")
        entity = answer(b"Content-Encoding: gzip", body=body).entity()
        assert (len(entity.body), entity.damage, entity.remark) == (size, None, None)


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_apart_or_refused(block: bytes) -> None:
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    for candidate in (block, start + block, b"HTTP/1.1 200 " + block):
        parse_response(candidate, limits=LIMITS).entity()


@given(st.binary(max_size=2_000), st.integers(1, 400))
def test_chunking_is_undone(content: bytes, size: int) -> None:
    entity = answer(b"Transfer-Encoding: chunked", body=chunked(content, size)).entity()
    assert (entity.body, entity.damage) == (content, None)
