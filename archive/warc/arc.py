"""Reads ARC files (Internet Archive, 1996, versions 1 and 2), the format before WARC, record by
record: each comes with the head that a WARC record of it would have.
"""

from collections.abc import Iterator
from typing import BinaryIO

from archive.warc.folder import WarcFile
from archive.warc.scan import BlockScanner, Head
from archive.warc.unpack import BrokenError

_MAX_LINE_BYTES = 64 * 1024
_MAX_LENGTH_DIGITS = 15
# How many values stand behind the URL of a record's line, by the version of the file.
_VALUES_V1, _VALUES_V2 = 4, 9
_VERSION = "ARC"


class ArcScanner(BlockScanner):
    """Used as `archive.warc.scan.Scanner`. The file's own record (filedesc) is left out. An ARC
    file has no mark by which a record could be found again: behind damage nothing is read.
    """

    def __init__(self, stream: BinaryIO, path: WarcFile) -> None:
        super().__init__(stream, path)
        self._values = _VALUES_V1

    def heads(self) -> Iterator[Head]:
        """Every record's head; what the loop leaves of a block is skipped."""
        while not self._lost:
            try:
                if self._bytes.at_member_end() and not self._bytes.next_member():
                    return
                head = self._head()
            except BrokenError as error:
                self._break(error)
                return
            if head is not None:
                yield head
            self.close()

    def close(self) -> None:
        """Reads the record to its end; a second call does nothing."""
        for _ in self.pieces():
            pass

    def _head(self) -> Head | None:
        offset = self._bytes.member_offset if self._bytes.packed else self._bytes.position
        line = self._bytes.line(_MAX_LINE_BYTES)
        if not line.strip():
            return None
        text = line.decode("latin-1").strip()
        if text.startswith("filedesc:"):
            self._values = _VALUES_V2 if len(text.split(" ")) > _VALUES_V2 else _VALUES_V1
        parts = text.rsplit(" ", self._values)
        length = parts[-1]
        if len(parts) <= self._values or not _is_length(length):
            raise self._bytes.error("junk", "what stands here is no ARC record")
        self._left = int(length)
        if text.startswith("filedesc:"):
            return None
        return Head(offset=offset, version=_VERSION, fields=self._fields(parts), first=True)

    def _fields(self, parts: list[str]) -> tuple[tuple[str, str], ...]:
        url, address, at, media_type = parts[:4]
        is_http = self._bytes.peek(5) == b"HTTP/"
        return (
            ("WARC-Type", "response" if is_http else "resource"),
            ("WARC-Target-URI", url),
            ("WARC-Date", _date(at)),
            *((("WARC-IP-Address", address),) if address.strip("0.-") else ()),
            ("Content-Type", "application/http; msgtype=response" if is_http else media_type),
            ("Content-Length", parts[-1]),
        )


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_LENGTH_DIGITS


def _date(text: str) -> str:
    """A date of 14 digits (or its begin) as WARC-Date; as it is where it is none.

    >>> _date("20140216050221")
    '2014-02-16T05:02:21Z'
    """
    if not (text.isascii() and text.isdigit() and len(text) >= len("20140216")):
        return text
    full = text[:14].ljust(14, "0")
    return f"{full[:4]}-{full[4:6]}-{full[6:8]}T{full[8:10]}:{full[10:12]}:{full[12:]}Z"
