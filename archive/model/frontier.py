"""The records that travel between the frontier, the crawl and the ledger.

pending → leased → kept (first transaction) → done (second transaction, with the outcome)
"""

from dataclasses import dataclass
from datetime import datetime

from archive.model.outcome import Outcome, Role
from archive.model.packed import PackedReading
from archive.model.reading import Link, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcSpot:
    """Where a record lies: file inside HOME/warc, byte offset and length of its gzip member."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What is known of a page before it is visited again; all None/empty on a first visit.

    capture_id and spot are of the latest capture that carries a body (never of a revisit).
    held: False when its record is no longer in the WARC folder, so that nothing may refer to it.
    truncated: why that capture is not whole; None when it is. record_id: of its record.
    of_pictures: whether its text is in pictures, read or not.
    """

    capture_id: int
    spot: WarcSpot
    captured_at: datetime
    payload_digest: str
    etag: str | None
    last_modified: str | None
    version_id: int | None
    version_number: int | None
    content_hash: str | None
    reader_version: str | None
    body_digest: str | None = None
    kind: str | None = None
    report_year: int | None = None
    held: bool = True
    truncated: str | None = None
    record_id: str | None = None
    of_pictures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A URL handed to the crawl. `hops` is the chain of URLs that redirected here.

    division: code of the portal's place when the catalogue gives it; None when it does not.
    """

    page_id: int
    run_id: int
    portal_key: str
    url: str
    method: str
    body: str | None
    role: Role
    depth: int
    attempts: int
    family: str | None
    division: str | None = None
    hops: tuple[str, ...] = ()
    previous: Previous | None = None
    pending_capture: "StoredCapture | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """A capture as the first transaction stored it. record_type and record_id as in NewCapture."""

    capture_id: int
    spot: WarcSpot
    status: int
    captured_at: datetime
    record_type: str
    payload_digest: str | None
    truncated: str | None
    record_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCapture:
    """What the first transaction stores: one row per exchange, right after the fsync.

    status: HTTP status; 0 when not even a status line arrived.
    payload_digest: "sha256:<base32>" over the body without its chunks (as in the WARC record).
    body_digest: hex SHA-256 of the body after transfer and content coding; None when not decoded.
    size_bytes: length of the body as transferred.
    record_type: response or revisit (or resource for a rendered document).
    truncated: None, or WARC-Truncated's reason (length, time, disconnect, unspecified).
    refers_to: capture_id of the capture a revisit repeats, or a document was rendered from.
    """

    page_id: int
    run_id: int
    captured_at: datetime
    status: int
    media_type: str | None
    payload_digest: str | None
    body_digest: str | None
    size_bytes: int
    spot: WarcSpot
    request_spot: WarcSpot | None
    record_id: str
    record_type: str
    truncated: str | None
    etag: str | None
    last_modified: str | None
    refers_to: int | None
    host: str
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the second transaction stores: how a lease ends.

    reading: None when nothing was read (304, failure, robots …).
    packed: the reading's bulk, made ready by the process that read; the reading is then without
        it. None when the reading is whole.
    new_version: True stores the reading as the page's next version.
    body_digest: hex SHA-256 of the body after transfer and content coding, for the capture row;
        None when the body was not taken apart.
    supersede_reader: True when the content is the same but an older reader version made the
        stored version: its reading is replaced in place, no new version is made.
    completes: True when the version's content came whole for the first time: its capture is from
        now on this one.
    links: discovered URLs that belong to the section, to be scheduled in the same run.
    """

    page_id: int
    run_id: int
    capture_id: int | None
    outcome: Outcome
    reason: str
    at: datetime
    reading: Reading | None = None
    new_version: bool = False
    supersede_reader: bool = False
    completes: bool = False
    links: tuple[Link, ...] = ()
    hops: tuple[str, ...] = ()
    body_digest: str | None = None
    packed: PackedReading | None = None
