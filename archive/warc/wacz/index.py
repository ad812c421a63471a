"""The index of a WACZ: sorted CDXJ lines in gzip members of some lines each (index.cdx.gz), and
where each member begins (index.idx), so that a reader fetches one member for one URL.

Spelled as cdxj-indexer does (format cdxj-gzip-1.0), which py-wacz, pywb and wabac.js read.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from archive.model.errors import MessageError
from archive.model.frontier import WarcSpot
from archive.warc.cdxj import CdxRow
from archive.warc.copying import ReadRecord
from archive.warc.message import Limits, Response, parse_response
from archive.warc.method_query import asked
from archive.warc.record import parse_date
from archive.warc.wacz.package import INDEX, INDEX_OF_BLOCKS
from archive.warc.wacz.packing import Container

FORMAT: Final = "cdxj-gzip-1.0"
_LINES: Final = 1024
_LEVEL: Final = 6


def put_index(container: Container, lines: Iterable[str], idx: Path) -> int:
    """Writes both files of the index; returns the number of lines.

    lines: sorted, each with its end. idx: a file to put the blocks' places in until the index is
    written: a container has one open entry at a time.
    """
    count = 0
    name = INDEX.rpartition("/")[2]
    with container.entry(INDEX, deflated=False) as entry, idx.open("w", encoding="utf-8") as places:
        places.write(f"!meta 0 {json.dumps({'format': FORMAT, 'filename': name})}\n")
        for block in _blocks(lines):
            packed = gzip.compress("".join(block).encode(), _LEVEL, mtime=0)
            place = {
                "offset": entry.size_bytes,
                "length": len(packed),
                "digest": f"sha256:{hashlib.sha256(packed).hexdigest()}",
            }
            places.write(f"{' '.join(block[0].split(' ', 2)[:2])} {json.dumps(place)}\n")
            entry.write(packed)
            count += len(block)
    with container.entry(INDEX_OF_BLOCKS, deflated=True) as entry, idx.open("rb") as written:
        while piece := written.read(1024 * 1024):
            entry.write(piece)
    return count


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(lines)
    while block := list(islice(rest, _LINES)):
        yield block


def capture_line(
    record: ReadRecord, request: ReadRecord | None, spot: WarcSpot, digest: str
) -> str:
    """The line of a capture that was copied. request: of the same exchange; None without one. spot:
    where the record lies in the bundle. digest: SHA-256 of it, in hex.
    """
    head = record.head
    at = parse_date(head.get("WARC-Date") or "")
    answer = _answer(record)
    is_revisit = head.record_type == "revisit"
    sent = answer.header("content-type") if answer else head.get("Content-Type")
    row = CdxRow(
        url=head.target_uri or "",
        timestamp=f"{at:%Y%m%d%H%M%S}" if at else "0" * 14,
        mime="warc/revisit" if is_revisit else media_type(sent),
        status=(answer.status or None) if answer else None,
        digest=head.get("WARC-Payload-Digest"),
        length=spot.length,
        offset=spot.offset,
        filename=spot.file,
        truncated=None if is_revisit else head.get("WARC-Truncated"),
        asked=asked(request.start) if request else None,
    )
    fields = row.fields() | {"recordDigest": f"sha256:{digest}"}
    return f"{row.key} {row.timestamp} {json.dumps(fields)}\n"


def looked_up(record: ReadRecord, request: ReadRecord | None) -> str:
    """The URL under which players look a capture up: with what was posted, where something was."""
    sent = asked(request.start) if request else None
    url = record.head.target_uri or ""
    return sent.url(url) if sent else url


def media_type(sent: str | None) -> str | None:
    """The media type of a Content-Type, without its parameters; None where there is none.

    >>> media_type("text/html; charset=gb2312")
    'text/html'
    """
    return next(iter((sent or "").replace(";", " ").split()), None)


def _answer(record: ReadRecord) -> Response | None:
    if not record.head.is_http:
        return None
    with suppress(MessageError):
        return parse_response(record.start, limits=Limits())
    return None
