"""What a request adds to the key of its URL."""

import base64
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.method_query import Asked, asked

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def query_of(body: bytes, media_type: str, length: object = None) -> str:
    said = len(body) if length is None else length
    head = f"POST /a HTTP/1.1\r\nContent-Type: {media_type}\r\nContent-Length: {said}\r\n\r\n"
    found = asked(head.encode() + body)
    assert found is not None
    return found.query


@pytest.mark.parametrize(
    "request_",
    [b"GET /a HTTP/1.1\r\n\r\n", b"HEAD /a HTTP/1.1\r\n\r\n", b"", b"POST", b"\xff", b"a b c\r\n"],
)
def test_a_get_adds_nothing(request_: bytes) -> None:
    assert asked(request_) is None


@pytest.mark.parametrize(
    ("body", "media_type", "query"),
    [
        (b"start=1&q=a+b%20c", FORM, "start=1&q=a b c"),
        (b'{"a": 1, "b": {"a": [2.0, 0.5, true, false, null]}}', JSON,
         "a=1&a.2_=2&a.3_=0.5&a.4_=true&a.5_=false&a.6_=null"),
        (b"[1, 2]", JSON, ""),
        (b"no json", JSON, ""),
        (b"\xff", JSON, ""),
        (b'{"a": 1}', "text/plain", "a=1"),
        (b"words", "text/plain", "__wb_post_data=d29yZHM="),
        (b"<a/>", "text/xml", "__wb_post_data=PGEvPg=="),
        (b"[" * 5_000, JSON, ""),
        (b"[" * 90 + b'{"a": NaN, "b": Infinity}' + b"]" * 90, JSON, "a=nan&b=inf"),
        (b"[" * 101 + b'{"a": 1}' + b"]" * 101, JSON, ""),
    ],
)  # fmt: skip
def test_what_was_sent_is_spelled_as_pywb_looks_it_up(
    body: bytes, media_type: str, query: str
) -> None:
    assert query_of(body, media_type) == query


def test_only_the_announced_bytes_count() -> None:
    assert query_of(b"a=1&b=2", FORM, 3) == "a=1"
    assert query_of(b"a=1", FORM, "many") == ""


def test_a_long_body_is_cut() -> None:
    assert len(query_of(b"a" * 100_000, FORM)) == 4_096


@given(st.binary(max_size=200), st.sampled_from([FORM, JSON, "text/plain", "", "x/y"]))
def test_no_body_is_an_error(body: bytes, media_type: str) -> None:
    query_of(body, media_type)


@given(st.binary(min_size=1, max_size=60))
def test_bytes_of_no_known_kind_are_kept_whole(body: bytes) -> None:
    assert base64.b64decode(query_of(body, "x/y").partition("=")[2]) == body


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()))
def test_two_forms_have_two_queries(text: str) -> None:
    assert query_of(f"q={quote_plus(text)}".encode(), FORM) == f"q={text}"


def test_a_url_with_a_query_gets_one_more_part() -> None:
    assert Asked(method="PUT", query="").url("http://x/?a=1") == "http://x/?a=1&__wb_method=PUT"
