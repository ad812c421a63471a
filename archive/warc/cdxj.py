"""CDXJ: one line for each capture of a WARC file, sorted by URL key and time.

Format: https://specs.webrecorder.net/cdxj/0.1.0/. Kept equal to what cdxj-indexer writes, so
that files indexed by either can be merged: with `--post-append` where something was posted.
"""

import hashlib
import json
from base64 import b32encode
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeAlias

from archive.model.errors import MessageError, WarcError
from archive.warc.folder import WarcFile
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.message import Limits, Response, parse_response
from archive.warc.method_query import Asked, asked
from archive.warc.reader import Record, iterate
from archive.warc.surt import surt

_INDEXED = frozenset({"response", "revisit", "resource", "metadata"})
_LIMITS = Limits()
_Exchange: TypeAlias = "tuple[set[str | None], CdxRow]"
_MARK = '"truncated": "'
# How many answers a request may stand behind its own.
_APART = 16
# Pages are visited once a day at most: what lies closer together are tries of one visit.
_ONE_VISIT = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxRow:
    """One capture as an index knows it.

    timestamp: fourteen digits, UTC. mime and digest: None where the record has none.
    status: None for records that are no HTTP answer (resource, a 304 kept as revisit).
    truncated: why the answer is not whole; None when it is. Common Crawl's index names it so.
    asked: how the URL was asked for; None for GET and HEAD.
    """

    url: str
    timestamp: str
    mime: str | None
    status: int | None
    digest: str | None
    length: int
    offset: int
    filename: str
    truncated: str | None = None
    asked: Asked | None = None

    @property
    def key(self) -> str:
        """The URL key under which an index sorts the capture, and engines look it up."""
        return surt(self.asked.url(self.url) if self.asked else self.url)

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
            "truncated": self.truncated,
            "requestBody": self.asked.query if self.asked else None,
            "method": self.asked.method if self.asked else None,
        }
        return {name: str(value) for name, value in given.items() if value is not None}

    def line(self) -> str:
        """The whole line, with its end."""
        return f"{self.key} {self.timestamp} {json.dumps(self.fields())}\n"


def cdx_rows(path: WarcFile) -> Iterator[CdxRow]:
    """The captures of one WARC file, in its order. Records that cannot be read by their offset
    (several in one gzip member) are left out: an index could not lead to them.

    Raises WarcError at the first place that cannot be read.
    """
    waiting: deque[_Exchange] = deque()
    early: dict[str | None, Asked | None] = {}
    try:
        for record in iterate(path):
            names = {record.record_id, *record.head.all("WARC-Concurrent-To")} - {None}
            if record.record_type == "request":
                early = _give(waiting, names, asked(record.block))
            elif row := _row(record):
                sent = next((early[name] for name in names if name in early), None)
                waiting.append((names, replace(row, asked=sent)))
            if len(waiting) > _APART:
                yield waiting.popleft()[1]
    except WarcError:
        yield from (row for _, row in waiting)
        raise
    yield from (row for _, row in waiting)


def _give(
    waiting: "deque[_Exchange]", names: set[str | None], sent: Asked | None
) -> dict[str | None, Asked | None]:
    """Tells an answer that waits how it was asked for; what is to be told to one that follows."""
    for place, (others, row) in enumerate(waiting):
        if names & others:
            waiting[place] = (others, replace(row, asked=sent))
            return {}
    return dict.fromkeys(names, sent)


def cdxj_lines(path: WarcFile) -> list[str]:
    """The sorted lines of one WARC file, each with its end. Raises WarcError as `cdx_rows`."""
    return sorted(row.line() for row in cdx_rows(path))


def without_retried(rows: Sequence[CdxRow]) -> list[CdxRow]:
    """The captures without cut answers to which the same visit brought a whole one: replay shows
    the capture closest in time, however little of the page it has. A cut answer that is all that a
    visit brought stays, marked: it is evidence of that day.
    """
    whole: defaultdict[tuple[str, Asked | None], list[datetime]] = defaultdict(list)
    for row in rows:
        if row.truncated is None and (row.status or 0) < 400:
            whole[row.url, row.asked].append(_instant(row))
    for instants in whole.values():
        instants.sort()
    return [
        row
        for row in rows
        if row.truncated is None or not _is_near(_instant(row), whole[row.url, row.asked])
    ]


def lines_without_retried(lines: Iterable[str]) -> Iterator[str]:
    """The same for the sorted lines of an index."""
    for _, group in groupby(lines, key=lambda line: line.partition(" ")[0]):
        of_key = list(group)
        if any(_MARK in line for line in of_key):
            rows = {_row_of(line): line for line in of_key}
            of_key = [rows[row] for row in without_retried([*rows])]
        yield from of_key


def _is_near(at: datetime, instants: Sequence[datetime]) -> bool:
    """Whether one of the sorted instants lies within a visit of this one."""
    place = bisect_left(instants, at - _ONE_VISIT)
    return place < len(instants) and instants[place] <= at + _ONE_VISIT


def _instant(row: CdxRow) -> datetime:
    return datetime.strptime(row.timestamp, "%Y%m%d%H%M%S")  # noqa: DTZ007 - UTC, all of them


def _row_of(line: str) -> CdxRow:
    _, timestamp, fields = line.split(" ", 2)
    found = json.loads(fields)
    status, method = found.get("status"), found.get("method")
    return CdxRow(
        url=found["url"],
        timestamp=timestamp,
        mime=found.get("mime"),
        status=int(status) if status else None,
        digest=found.get("digest"),
        length=int(found["length"]),
        offset=int(found["offset"]),
        filename=found["filename"],
        truncated=found.get("truncated"),
        asked=Asked(method=method, query=found["requestBody"]) if method else None,
    )


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
        truncated=_truncated(record),
    )


def _truncated(record: Record) -> str | None:
    """A revisit leaves its body out on purpose and says `length`."""
    return None if record.record_type == "revisit" else record.header("WARC-Truncated")


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
