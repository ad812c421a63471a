"""The records of WARC files: what is written, what comes back, how it is spelled.

WARC 1.1 (ISO 28500:2017; https://iipc.github.io/warc-specifications/).
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from archive.model.errors import WarcError
from archive.model.frontier import WarcSpot
from archive.model.url import canonical
from archive.warc.spool import Content, pieces_of

# warcinfo names the archive that a file belongs to (DCMI isPartOf, section 6.2 of WARC 1.1).
ARCHIVE_FIELD = "isPartOf"
# What lies beside must not look like a capture of the page: indexers list metadata records too.
NOT_MODIFIED_SCHEME = "urn:gongkai:not-modified:"
# Which run of the archive made the file, and what it was called.
RUN_FIELD, JOB_FIELD = "gongkai-run", "gongkai-job"
Truncated = Literal["length", "time", "disconnect", "unspecified"]
Fields = Sequence[tuple[str, str | None]]

_PROFILES = "http://netpreserve.org/warc/1.1/revisit/"
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z)?)?)?", re.ASCII
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class Profile(StrEnum):
    """Why a revisit record stands for a body that is stored elsewhere (section 6.7)."""

    IDENTICAL_PAYLOAD = "identical-payload-digest"
    NOT_MODIFIED = "server-not-modified"

    @property
    def uri(self) -> str:
        """The WARC-Profile of section 6.7 (annex B.6 of the norm forgets `/revisit/`)."""
        return _PROFILES + self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """The stored capture that an exchange repeats: its URL, its WARC-Date, its WARC-Record-ID (None
    when it is not known) and the payload digest of its record ("sha256:…"), and how we know that it
    is repeated.
    """

    url: str
    captured_at: datetime
    payload_digest: str
    profile: Profile
    record_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as bytes on the wire.

    request: b"" when nothing was sent. response: may be empty or cut.
    ip_address: None when not known. truncated: None, or why the answer is not whole.
    revisit: None stores the answer in full. elapsed_s: how long it took; no record holds it.
    """

    url: str
    request: bytes
    response: Content
    started_at: datetime
    ip_address: str | None = None
    truncated: Truncated | None = None
    revisit: Revisit | None = None
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where an exchange was put; durable only after the next `sync`.

    request_spot: None when no request record was made.
    payload_digest: over the body without its transfer coding (archive.warc.payload); of an
        identical revisit, that of the record it refers to. None for a 304 and where no body can
        be told from the head (nothing arrived, or a head that was cut).
    size_bytes: length of the body as transferred.
    """

    spot: WarcSpot
    request_spot: WarcSpot | None
    record_id: str
    record_type: str
    payload_digest: str | None
    size_bytes: int


def digest_of(content: Content | memoryview) -> str:
    """The digest of some bytes as WARC-Block-Digest and WARC-Payload-Digest spell it.

    >>> digest_of(b"")
    'sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ===='
    """
    return digest_of_pieces(pieces_of(content))


def digest_of_pieces(pieces: Iterable[bytes | memoryview]) -> str:
    """As `digest_of`, of bytes that come in pieces."""
    hasher = hashlib.sha256()
    for piece in pieces:
        hasher.update(piece)
    return "sha256:" + base64.b32encode(hasher.digest()).decode()


def archive_uri(archive_id: str) -> str:
    """An archive's id as warcinfo spells it."""
    return f"urn:uuid:{archive_id}"


def warc_date(at: datetime) -> str:
    """An instant as WARC-Date (section 5.4), to the microsecond. Raises WarcError when it has no
    time zone.

    >>> warc_date(datetime(2026, 1, 31, 8, 0, tzinfo=UTC))
    '2026-01-31T08:00:00.000000Z'
    """
    if at.tzinfo is None:
        raise WarcError(f"the time {at} has no time zone; pass an aware datetime")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_date(text: str) -> datetime | None:
    """A WARC-Date in UTC, cut to microseconds; None when it is malformed. Shortened dates
    (2024, 2024-03, 2024-03-10, to the minute) are allowed by WARC 1.1 section 5.4.

    >>> parse_date("2024-03-10T08:00:00Z")
    datetime.datetime(2024, 3, 10, 8, 0, tzinfo=datetime.timezone.utc)
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction = match.groups()
    try:
        return datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=UTC,
        )
    except ValueError:
        return None


def target_uri(url: str) -> str:
    """The WARC-Target-URI of a URL, percent-encoded. Raises WarcError for anything that is
    no http(s) URL.

    >>> target_uri("http://www.pingtan.gov.cn/年报.htm")
    'http://www.pingtan.gov.cn/%E5%B9%B4%E6%8A%A5.htm'
    """
    uri = canonical(url)
    if uri is None:
        raise WarcError(f"{url!r} is no http(s) URL")
    return uri


def field_lines(fields: Fields) -> bytes:
    """`Name: value` lines; fields with None are left out. Raises WarcError when a value would
    break out of its line.
    """
    given = [(name, value) for name, value in fields if value is not None]
    for name, value in given:
        if _UNSAFE.search(value):
            raise WarcError(f"{name} holds a control character: {value!r}")
    return "".join(f"{name}: {value}\r\n" for name, value in given).encode()


def record_head(fields: Fields) -> bytes:
    """The head of a WARC 1.1 record with its empty line; errors as in `field_lines`."""
    return b"WARC/1.1\r\n" + field_lines(fields) + b"\r\n"
