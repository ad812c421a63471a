"""Captures of others as records of our own; pure. The bytes of the exchange stay as they are, its
date too; where it was found is noted in fields of ours beside those of the norm (section 4 of WARC
1.1: readers ignore fields that they do not know).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from archive.warc.digest import Digest
from archive.warc.drafts import INTERIM_SCHEME, Draft
from archive.warc.message import Limits, parse_response
from archive.warc.payload import payload_of
from archive.warc.record import (
    NOT_MODIFIED_SCHEME,
    Profile,
    Revisit,
    digest_of,
    target_uri,
    warc_date,
)
from archive.warc.spool import Content

RESPONSE_TYPE: Final = "application/http; msgtype=response"
REQUEST_TYPE: Final = "application/http; msgtype=request"
SOURCE_FILE: Final = "Gongkai-Source-File"
SOURCE_PART: Final = "Gongkai-Source-Part"
SOURCE_DIGEST: Final = "Gongkai-Source-Digest"
SOURCE_OFFSET: Final = "Gongkai-Source-Offset"
SOURCE_RECORD: Final = "Gongkai-Source-Record-ID"
# The head of an answer as it was where its own begins otherwise than that of HTTP/1.1, or says less
# than the length of its body.
HEAD_SCHEME: Final = "urn:gongkai:head:"
_LATER_HTTP: Final = re.compile(rb"HTTP/([23])(?:\.0)?(?=[ \t\r\n])")
_HTTP1: Final = b"HTTP/1.1"
_LENGTH: Final = re.compile(rb"(?im)^content-length[ \t]*:")
_KEPT_LENGTH: Final = b"X-Archive-Orig-Content-Length:"
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_MAX_VALUE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """Where a capture was found. file: the name of the file that was taken in. sha256: of all of
    it, in hex. part: the file inside a WACZ; "" without one. offset: of the record, or of the gzip
    member that holds it. record_id: the record's own; None without one.
    """

    file: str
    sha256: str
    part: str
    offset: int
    record_id: str | None

    def fields(self, record_id: str | None) -> tuple[tuple[str, str | None], ...]:
        """The note as header fields of a record that was `record_id` there."""
        return (
            (SOURCE_FILE, clean(self.file)),
            (SOURCE_PART, clean(self.part) or None),
            (SOURCE_DIGEST, f"sha256:{self.sha256}"),
            (SOURCE_OFFSET, str(self.offset)),
            (SOURCE_RECORD, clean(record_id) if record_id else None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignCapture:
    """A capture to transcribe. record_type: response, resource or revisit. block: behind the head
    of its record. request: b"" without one; request_id: its record's own id there. content_type:
    of a resource. ip_address, truncated: None where the record does not say. revisit: what a
    revisit repeats, in this archive; None for all others. declared: the payload's digest as the
    record has it; None without one.
    """

    url: str
    at: datetime
    record_type: str
    block: Content
    content_type: str | None
    source: SourceNote
    request: bytes = b""
    request_id: str | None = None
    ip_address: str | None = None
    truncated: str | None = None
    revisit: Revisit | None = None
    declared: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """The records of one capture. payload_digest, size_bytes: see archive.warc.record.Written."""

    main: Draft
    request: Draft | None
    beside: tuple[Draft, ...]
    payload_digest: str | None
    size_bytes: int


def clean(text: str) -> str:
    """A text of others as a header field can hold it."""
    return _UNSAFE.sub("\ufffd", text)[:_MAX_VALUE].strip()


def transcribe(capture: ForeignCapture, record_id: Callable[[], str]) -> Transcribed:
    """The records that keep a capture of others. Raises WarcError where its URL is no http(s) URL.

    Heads of interim answers, and the 304 of a revisit, lie beside it as with our own captures, so
    that every replay engine shows the page. So does the head of HTTP/2 and 3: engines refuse what
    does not begin as HTTP/1.1, which the record then does.
    """
    plain = capture.record_type == "resource"
    payload = None if plain else payload_of(capture.block)
    main = Draft(
        record_type=capture.record_type,
        record_id=record_id(),
        uri=target_uri(capture.url),
        date=warc_date(capture.at),
        content_type=capture.content_type if plain else RESPONSE_TYPE,
        block=payload.final if payload else capture.block,
        extra=_common(capture),
    )
    digest = payload.digest if payload else digest_of(capture.block)
    beside: tuple[Draft, ...] = ()
    if payload and payload.interim:
        beside = (_beside(main, payload.interim, record_id(), INTERIM_SCHEME),)
    head_bytes = payload.head_bytes if payload else None
    line, longer = _LATER_HTTP.match(main.block[:10]), _is_longer(capture, main.block, head_bytes)
    if head_bytes and (line or longer):
        beside = (*beside, _beside(main, main.block[:head_bytes], record_id(), HEAD_SCHEME))
    if longer and head_bytes:
        main, head_bytes = _without_length(main, head_bytes)
        digest = digest_of(main.block[head_bytes:])
    if line and head_bytes:
        main, head_bytes = _as_http1(main, line), head_bytes + len(_HTTP1) - line.end()
    revisit = capture.revisit
    body_bytes = _body_bytes(capture, head_bytes, main.block)
    if revisit is None:
        main = replace(main, extra=(*main.extra, ("WARC-Payload-Digest", digest)))
    elif revisit.profile is Profile.IDENTICAL_PAYLOAD:
        digest = revisit.payload_digest
        main = _revisit(main, revisit, head_bytes)
    else:
        digest = None
        if len(main.block):
            beside = (*beside, _beside(main, main.block, record_id(), NOT_MODIFIED_SCHEME))
        main = _revisit(main, revisit, 0)
    return Transcribed(
        main=_noted(main, capture),
        request=_request(capture, main, record_id()) if capture.request else None,
        beside=beside,
        payload_digest=digest,
        size_bytes=body_bytes,
    )


def _is_longer(capture: ForeignCapture, block: Content, head_bytes: int | None) -> bool:
    """Whether the body goes on behind its Content-Length, as that of a crawler which decodes it and
    keeps the header: the record's digest says so. Without one what stands there belongs to nothing.
    """
    if capture.record_type != "response" or capture.declared is None or head_bytes is None:
        return False
    length = parse_response(block[:head_bytes], limits=Limits()).promised_bytes
    if length is None or head_bytes + length >= len(block):
        return False
    whole = capture.declared.fits(block[head_bytes:])
    return whole and not capture.declared.fits(block[head_bytes : head_bytes + length])


def _without_length(main: Draft, head_bytes: int) -> tuple[Draft, int]:
    """The record with its Content-Length under another name, and how long its head is."""
    head = _LENGTH.sub(_KEPT_LENGTH, main.block[:head_bytes])
    return replace(main, block=head + main.block[head_bytes:]), len(head)


def _as_http1(main: Draft, line: re.Match[bytes]) -> Draft:
    """The record with a status line of HTTP/1.1. line: what its own begins with."""
    protocol = ("WARC-Protocol", f"h{line[1].decode()}")
    block = _HTTP1 + main.block[line.end() :]
    return replace(main, block=block, extra=(*main.extra, protocol))


def _common(capture: ForeignCapture) -> tuple[tuple[str, str | None], ...]:
    truncated = None if capture.revisit else capture.truncated
    return (("WARC-IP-Address", capture.ip_address), ("WARC-Truncated", truncated))


def _body_bytes(capture: ForeignCapture, head_bytes: int | None, block: Content) -> int:
    if capture.revisit:
        return 0
    if capture.record_type == "resource":
        return len(block)
    return len(block) - head_bytes if head_bytes else 0


def _revisit(main: Draft, revisit: Revisit, head_bytes: int | None) -> Draft:
    """Only the head of the answer stays (all of it where there is no body)."""
    block = main.block[:head_bytes] if head_bytes is not None else main.block
    identical = revisit.profile is Profile.IDENTICAL_PAYLOAD
    return replace(
        main,
        record_type="revisit",
        content_type=main.content_type if len(block) else None,
        block=block,
        extra=(
            *main.extra[:1],
            ("WARC-Truncated", "length" if identical else None),
            ("WARC-Payload-Digest", revisit.payload_digest if identical else None),
            ("WARC-Profile", revisit.profile.uri),
            ("WARC-Refers-To-Target-URI", target_uri(revisit.url)),
            ("WARC-Refers-To-Date", warc_date(revisit.captured_at)),
        ),
    )


def _beside(main: Draft, block: Content, record_id: str, scheme: str) -> Draft:
    return replace(
        main,
        record_type="metadata",
        record_id=record_id,
        uri=f"{scheme}{main.uri}",
        block=block,
        extra=(*main.extra[:1], ("WARC-Concurrent-To", main.record_id)),
    )


def _request(capture: ForeignCapture, main: Draft, record_id: str) -> Draft:
    return replace(
        main,
        record_type="request",
        record_id=record_id,
        content_type=REQUEST_TYPE,
        block=capture.request,
        extra=(
            ("WARC-IP-Address", capture.ip_address),
            ("WARC-Concurrent-To", main.record_id),
            *capture.source.fields(capture.request_id),
        ),
    )


def _noted(main: Draft, capture: ForeignCapture) -> Draft:
    return replace(main, extra=(*main.extra, *capture.source.fields(capture.source.record_id)))
