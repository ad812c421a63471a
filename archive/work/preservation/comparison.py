"""Whether the records of a file are what the ledger committed there: place, kind, id, date, URI,
digest, status and size.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from archive.model.errors import MessageError
from archive.model.frontier import WarcSpot
from archive.model.reading import Severity
from archive.model.sessions import POSTED
from archive.model.url import canonical, key_of
from archive.warc.check import Block, Damage, OnRecord
from archive.warc.folder import WarcFile
from archive.warc.message import Limits, Response, head_length, interim_length, parse_response
from archive.warc.payload import HEAD_ROOM
from archive.warc.record import Profile, parse_date
from archive.warc.rules import profile_of
from archive.warc.scan import Head

_MAX_SHOWN: Final = 200
_NOT_MODIFIED: Final = 304
# What is compared, what the ledger has of it, and the record.
_Pair: TypeAlias = tuple[str, object, object]


class CommittedCapture(Protocol):
    """A capture as the ledger has it (archive.store.rows.CaptureRow is one)."""

    @property
    def spot(self) -> WarcSpot:
        """Where its response, revisit or resource record lies."""

    @property
    def request_spot(self) -> WarcSpot | None:
        """Where its request record lies; None without one."""

    @property
    def record_id(self) -> str:
        """As in the record."""

    @property
    def record_type(self) -> str:
        """response, revisit or resource."""

    @property
    def payload_digest(self) -> str | None:
        """As in the record; None without one."""

    @property
    def url(self) -> str:
        """The key of its page (archive.model.url.key_of)."""

    @property
    def method(self) -> str:
        """GET or POST."""

    @property
    def body(self) -> str | None:
        """What was posted; None for a GET."""

    @property
    def captured_at(self) -> datetime:
        """The WARC-Date."""

    @property
    def status(self) -> int:
        """Of the answer; 0 where its head does not end."""

    @property
    def size_bytes(self) -> int:
        """Length of the body as transferred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """row: None for a request."""

    length: int
    record_type: str
    row: CommittedCapture | None


class Comparison:
    """Meets the records of a file one by one; what the ledger expects and never met is missing."""

    def __init__(self, rows: Sequence[CommittedCapture], met: OnRecord) -> None:
        self.captures = len(rows)
        self._met = met
        self._expected = dict(_expectations(rows))
        self._differing: list[tuple[int, str]] = []

    def meet(self, head: Head, length: int | None, block: Block) -> None:
        """Compares a record with what the ledger expects at its place."""
        self._met(head, length, block)
        expected = self._expected.pop(head.offset, None) if head.first else None
        if expected is None:
            return
        if (length or 0, head.record_type) != (expected.length, expected.record_type):
            found = _described(head.record_type, length or 0)
            wanted = _described(expected.record_type, expected.length)
            self._differing.append((head.offset, f"the ledger expects {wanted} here, not {found}"))
        elif expected.row and (differing := list(_differing(expected.row, head, block))):
            self._differing.append((head.offset, "; ".join(differing)))

    def differences(self, path: WarcFile) -> Iterator[Damage]:
        """What differed, and what is missing, as damages of that file."""
        for offset, message in self._differing:
            yield _error(path, offset, "ledger", message)
        for offset, expected in self._expected.items():
            wanted = _described(expected.record_type, expected.length)
            message = f"the ledger expects {wanted} here"
            yield _error(path, offset, "missing_record", message)


def _expectations(rows: Iterable[CommittedCapture]) -> Iterator[tuple[int, _Expected]]:
    for row in rows:
        expected = _Expected(length=row.spot.length, record_type=row.record_type, row=row)
        yield row.spot.offset, expected
        if row.request_spot:
            length = row.request_spot.length
            request = _Expected(length=length, record_type="request", row=None)
            yield row.request_spot.offset, request


def _described(record_type: str, length: int) -> str:
    return f"a {record_type or 'nameless'} record of {length} bytes"


def _differing(row: CommittedCapture, head: Head, block: Block) -> Iterator[str]:
    for name, stored, found in (*_of_head(row, head), *_of_block(row, head, block)):
        if stored != found:
            yield f"the ledger has the {name} {_short(stored)}, the record {_short(found)}"


def _of_head(row: CommittedCapture, head: Head) -> Iterator[_Pair]:
    yield "record id", row.record_id, head.get("WARC-Record-ID")
    yield "date", row.captured_at, parse_date(head.get("WARC-Date") or "")
    uri = head.target_uri or ""
    if not _is_of(row, uri):
        yield "URL", row.url, key_of(uri, row.method, row.body)
    digest = head.get("WARC-Payload-Digest")
    if row.payload_digest is not None or row.record_type != "revisit":
        yield "payload digest", row.payload_digest, digest


def _is_of(row: CommittedCapture, uri: str) -> bool:
    """A key leaves sessions out and has what was posted; a page that was kept once more for each
    session, long ago, still has its session in its key.
    """
    if row.url == key_of(uri, row.method, row.body):
        return True
    if row.method != "GET":
        sent = f"{POSTED}{row.method}&{row.body or ''}"
        return row.url.startswith(uri) and row.url[len(uri) + 1 :] == sent
    same = canonical(row.url), canonical(uri)
    return None not in same and key_of(f"{same[0]}") == key_of(f"{same[1]}")


def _of_block(row: CommittedCapture, head: Head, block: Block) -> Iterator[_Pair]:
    """A revisit left its body out; a 304 its head too. What a browser rendered has no status."""
    if row.record_type == "resource":
        yield "size", row.size_bytes, block.size_bytes
        return
    if profile_of(head) is Profile.NOT_MODIFIED:
        yield "status", row.status, _NOT_MODIFIED
        return
    start = block.start(HEAD_ROOM)
    response = _response(start)
    if response is None or response.assumed is None:
        yield "status", row.status, response.status if response else 0
    if row.record_type == "response":
        sizes = _body_sizes(start, block.size_bytes)
        yield "size", row.size_bytes, row.size_bytes if row.size_bytes in sizes else sizes[0]


def _response(start: bytes) -> Response | None:
    with suppress(MessageError):
        return parse_response(start, limits=Limits())
    return None


def _body_sizes(start: bytes, size_bytes: int) -> tuple[int, int]:
    """Behind the final head; and behind the first, as older archives counted."""
    interim = interim_length(start)
    final = head_length(start[interim:])
    first = head_length(start)
    return (
        size_bytes - interim - final if final else 0,
        size_bytes - first if first else 0,
    )


def _short(value: object) -> str:
    return "none" if value is None else str(value)[:_MAX_SHOWN]


def _error(path: WarcFile, offset: int, rule: str, message: str) -> Damage:
    return Damage(
        file=str(path), offset=offset, severity=Severity.ERROR, rule=rule, message=message
    )
