"""CDXJ: one line for each capture of a WARC file, sorted by URL key and time.

Format: https://specs.webrecorder.net/cdxj/0.1.0/. Kept equal to what cdxj-indexer writes, so
that files indexed by either can be merged.
"""

import hashlib
import json
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.model.errors import MessageError
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.message import Limits, Response, parse_response
from archive.warc.reader import Record, iterate
from archive.warc.surt import surt

_INDEXED = frozenset({"response", "revisit", "resource", "metadata"})
_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxRow:
    """One capture as an index knows it.

    timestamp: fourteen digits, UTC. mime and digest: None where the record has none.
    status: None for records that are no HTTP answer (resource, a 304 kept as revisit).
    """

    url: str
    timestamp: str
    mime: str | None
    status: int | None
    digest: str | None
    length: int
    offset: int
    filename: str

    def fields(self) -> dict[str, str]:
        """The JSON part of a line: strings only, what is None left out."""
        given = {
            "url": self.url,
            "mime": self.mime,
            "status": self.status,
            "digest": self.digest,
            "length": self.length,
            "offset": self.offset,
            "filename": self.filename,
        }
        return {name: str(value) for name, value in given.items() if value is not None}

    def line(self) -> str:
        """The whole line, with its end."""
        return f"{surt(self.url)} {self.timestamp} {json.dumps(self.fields())}\n"


def cdx_rows(path: Path) -> Iterator[CdxRow]:
    """The captures of one WARC file, in its order. Records that cannot be read by their offset
    (several in one gzip member) are left out: an index could not lead to them.

    Raises WarcError at the first place that cannot be read.
    """
    yield from filter(None, map(_row, iterate(path)))


def cdxj_lines(path: Path) -> list[str]:
    """The sorted lines of one WARC file, each with its end. Raises WarcError as `cdx_rows`."""
    return sorted(row.line() for row in cdx_rows(path))


def _row(record: Record) -> CdxRow | None:
    uri, date = record.target_uri, record.date
    fields_only = record.header("Content-Type") == "application/warc-fields"
    if record.record_type not in _INDEXED or not uri or date is None or record.length is None:
        return None
    if fields_only and record.record_type in ("resource", "metadata"):
        return None
    response = _response(record)
    return CdxRow(
        url=uri,
        timestamp=f"{date:%Y%m%d%H%M%S}",
        mime=_mime(record, response),
        status=(response.status or None) if response else None,
        digest=record.header("WARC-Payload-Digest") or _own_digest(record),
        length=record.length,
        offset=record.offset,
        filename=record.file.removesuffix(OPEN_SUFFIX),
    )


def _response(record: Record) -> Response | None:
    if not record.is_http or record.record_type == "metadata":
        return None
    try:
        return parse_response(record.block, limits=_LIMITS)
    except MessageError:
        return None


def _mime(record: Record, response: Response | None) -> str | None:
    if record.record_type == "revisit":
        return "warc/revisit"
    if record.record_type == "response":
        sent = response.header("content-type") if response else None
    else:
        sent = record.header("Content-Type")
    return next(iter((sent or "").replace(";", " ").split()), None)


def _own_digest(record: Record) -> str | None:
    """As indexers do for files without digests; a revisit has no payload of its own."""
    if record.record_type == "revisit":
        return None
    payload = record.block if record.record_type == "metadata" else record.payload
    value = hashlib.sha1(payload, usedforsecurity=False).digest()
    return "sha1:" + b32encode(value).decode()
