"""Bytes that are no text are told from text in every character set."""

import bz2
import lzma
import random
import zlib

import brotli
import pytest

from archive.warc.binary import is_binary
from archive.warc.coding import Limits, unpack_unannounced

HTML = b"<html><p>" + "政府信息公开工作年度报告".encode() * 20
PACKED = [brotli.compress(HTML), bz2.compress(HTML), lzma.compress(HTML), zlib.compress(HTML)[2:-4]]


@pytest.mark.parametrize("body", [*PACKED, random.Random(8).randbytes(3000), b"\xff" * 100])
def test_packed_bytes_and_noise_are_binary(body: bytes) -> None:
    assert is_binary(body)


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "big5hkscs", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("markup", ["", "<html><p>"])
def test_text_is_not_binary(charset: str, markup: str) -> None:
    assert not is_binary((markup + "某縣政府年度\t\r\n" * 9).encode(charset))


@pytest.mark.parametrize(
    "body", [b"", b"ok", HTML + bytes(5000), HTML.decode().encode("utf-16-le")]
)
def test_nuls_in_markup_make_no_page_binary(body: bytes) -> None:
    assert not is_binary(body)


@pytest.mark.parametrize("body", [b"x^2 + y", b"\x78\x01 no zlib", zlib.compress(HTML)[:-9]])
def test_what_only_begins_like_zlib_stays_as_it_is(body: bytes) -> None:
    assert unpack_unannounced(body, Limits()) is None
