"""Recognises files that are no WARC files but archives of another kind, by their first bytes."""

import zlib

_START_BYTES = 4096
_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
# The first bytes, and what such a file is called.
_MAGIC = (
    (b"filedesc:", "an ARC file"),
    (b"\x04\x22\x4d\x18", "compressed with lz4"),
    (b"\x02\x21\x4c\x18", "compressed with lz4"),
    (_ZSTD_FRAME, "compressed with zstd"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%PDF-", "a PDF file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b" CDX ", "a CDX index"),
    (b"!meta", "a CDXJ index"),
    (b'{"log"', "a HAR file"),
)
_WACZ_MARKS = (b"datapackage.json", b"archive/", b"indexes/")


def other_format(start: bytes) -> str | None:
    """What a file is that begins so, as the end of the sentence "this is …"; None where it may be
    a WARC file, or damage of one.

    start: its first bytes, a few thousand.
    """
    if start.startswith(b"\x1f\x8b\x08"):
        unpacked = _unpacked(start)
        return _named(unpacked) or ("a tar archive" if unpacked[257:262] == b"ustar" else None)
    return _named(start)


def _named(start: bytes) -> str | None:
    if start.startswith(b"PK\x03\x04"):
        is_wacz = any(mark in start for mark in _WACZ_MARKS)
        return "a WACZ file" if is_wacz else "a ZIP archive"
    # A skippable frame (magic 50…5f 2a 4d 18) holds the dictionary of a WARC file.
    if 0x50 <= (start[:1] or b"\0")[0] <= 0x5F and start[1:4] == b"\x2a\x4d\x18":
        return "compressed with zstd"
    return next((name for magic, name in _MAGIC if start.startswith(magic)), None)


def _unpacked(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(start, _START_BYTES)
    except zlib.error:
        return b""
