"""Exchanges turned into records, before anything is written; pure.

Revisits: section 6.7 of WARC 1.1. Of the ways to write a 304, the one kept here is the form that
two replay engines (pywb 2.10, replayweb.page) were seen to show and that invents nothing: profile
server-not-modified, an empty block, Refers-To-Target-URI and -Date; the 304 itself lies beside it
in a metadata record. Heads of interim answers (100, 103) lie beside it likewise: replay engines
take the first head of a response record for its answer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from archive.model.errors import WarcError
from archive.warc.message import Limits, parse_response
from archive.warc.payload import HEAD_ROOM, Payload, payload_of
from archive.warc.record import (
    ARCHIVE_FIELD,
    NOT_MODIFIED_SCHEME,
    Exchange,
    Fields,
    Profile,
    Revisit,
    archive_uri,
    digest_of,
    field_lines,
    record_head,
    target_uri,
    warc_date,
)
from archive.warc.spool import Content

_RESPONSE_TYPE = "application/http; msgtype=response"
_REQUEST_TYPE = "application/http; msgtype=request"
_LINES_TYPE = "application/x-ndjson"
_PROTOCOL = re.compile(rb"HTTP/(\d(?:\.\d)?)[ \r\n]")
# As NOT_MODIFIED_SCHEME: no indexer takes these for a page.
INTERIM_SCHEME = "urn:gongkai:interim:"
RUN_SCHEME = "urn:gongkai:run:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record before it is spelled out.

    uri: None for warcinfo. content_type: None where there is no block. extra: fields behind the
    common ones; those with None are left out.
    """

    record_type: str
    record_id: str
    uri: str | None
    date: str
    content_type: str | None
    block: Content
    extra: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The records of one exchange: `main` is its response or revisit, `request` may be missing,
    `beside` are the heads of interim answers and the kept 304. payload_digest and size_bytes as
    in Written.
    """

    main: Draft
    request: Draft | None
    beside: tuple[Draft, ...]
    payload_digest: str | None
    size_bytes: int


def draft_exchange(
    exchange: Exchange, record_id: Callable[[], str], payload: Payload | None = None
) -> Drafted:
    """The records that keep one exchange. Raises WarcError when it contradicts itself. payload: of
    its response, where the caller knows it.
    """
    payload = payload or payload_of(exchange.response)
    digest = payload.digest
    response = _response(exchange, record_id(), payload)
    request = _request(exchange, response, record_id()) if exchange.request else None
    beside: tuple[Draft, ...] = (
        (_interim(response, payload.interim, record_id()),) if payload.interim else ()
    )
    revisit = exchange.revisit
    if revisit:
        _refuse_false_revisit(exchange, revisit, payload)
    if revisit is None:
        main = response
    elif revisit.profile is Profile.IDENTICAL_PAYLOAD:
        main, digest = _identical(response, revisit, payload), revisit.payload_digest
    else:
        main, digest = _not_modified(response, revisit), None
        beside += (_beside(response, record_id(), NOT_MODIFIED_SCHEME),)
    body_bytes = len(payload.final) - payload.head_bytes if payload.head_bytes else 0
    return Drafted(
        main=main, request=request, beside=beside, payload_digest=digest, size_bytes=body_bytes
    )


def draft_resource(
    url: str,
    content: bytes,
    media_type: str,
    concurrent_to: str,
    *,
    at: datetime,
    record_id: str,
) -> Draft:
    """A document made from an exchange (section 6.4)."""
    return Draft(
        record_type="resource",
        record_id=record_id,
        uri=target_uri(url),
        date=warc_date(at),
        content_type=media_type,
        block=content,
        extra=(("WARC-Concurrent-To", concurrent_to), ("WARC-Payload-Digest", digest_of(content))),
    )


def draft_warcinfo(
    file_name: str,
    *,
    software: str,
    operator: str | None,
    archive_id: str | None,
    about_crawl: Fields,
    at: datetime,
    record_id: str,
) -> Draft:
    """The first record of a file (section 6.2). about_crawl: what else is known of the crawl."""
    about = [
        ("software", software),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/"),
        ("operator", operator),
        (ARCHIVE_FIELD, archive_uri(archive_id) if archive_id else None),
        *about_crawl,
    ]
    return Draft(
        record_type="warcinfo",
        record_id=record_id,
        uri=None,
        date=warc_date(at),
        content_type="application/warc-fields",
        block=field_lines(about),
        extra=(("WARC-Filename", file_name),),
    )


def draft_lines(uri: str, lines: bytes, *, at: datetime, record_id: str) -> Draft:
    """JSON Lines about captures (section 6.6: metadata). uri: of a scheme of ours."""
    return Draft(
        record_type="metadata",
        record_id=record_id,
        uri=uri,
        date=warc_date(at),
        content_type=_LINES_TYPE,
        block=lines,
    )


def spelled_head(draft: Draft, warcinfo_id: str) -> bytes:
    """The head of a record as it is written, with block digest and length."""
    return record_head(
        [
            ("WARC-Type", draft.record_type),
            ("WARC-Record-ID", draft.record_id),
            ("WARC-Date", draft.date),
            ("WARC-Target-URI", draft.uri),
            ("WARC-Warcinfo-ID", None if draft.record_type == "warcinfo" else warcinfo_id),
            *draft.extra,
            ("WARC-Block-Digest", digest_of(draft.block)),
            ("Content-Type", draft.content_type),
            ("Content-Length", str(len(draft.block))),
        ]
    )


def _response(exchange: Exchange, record_id: str, payload: Payload) -> Draft:
    return Draft(
        record_type="response",
        record_id=record_id,
        uri=target_uri(exchange.url),
        date=warc_date(exchange.started_at),
        content_type=_RESPONSE_TYPE,
        block=payload.final,
        extra=(
            ("WARC-IP-Address", exchange.ip_address),
            ("WARC-Protocol", _protocol(payload.final)),
            ("WARC-Truncated", exchange.truncated),
            ("WARC-Payload-Digest", payload.digest),
        ),
    )


def _protocol(answer: Content) -> str | None:
    """As the proposal for WARC-Protocol spells it; None where the answer does not say."""
    found = _PROTOCOL.match(answer[:16])
    return f"http/{found[1].decode()}" if found else None


def _request(exchange: Exchange, response: Draft, record_id: str) -> Draft:
    return replace(
        response,
        record_type="request",
        record_id=record_id,
        content_type=_REQUEST_TYPE,
        block=exchange.request,
        extra=(
            *response.extra[:2],
            ("WARC-Concurrent-To", response.record_id),
        ),
    )


def _refuse_false_revisit(exchange: Exchange, revisit: Revisit, payload: Payload) -> None:
    """A revisit that claims more than the bytes show would make the capture unreadable for good."""
    if revisit.profile is Profile.IDENTICAL_PAYLOAD:
        if exchange.truncated or revisit.payload_digest not in payload.digests:
            raise WarcError(f"{exchange.url}: the payload is not that of the capture revisited")
    elif parse_response(payload.final[:HEAD_ROOM], limits=Limits()).status != 304:
        raise WarcError(f"{exchange.url}: only a 304 can be kept as not modified")


def _refers_to(revisit: Revisit) -> tuple[tuple[str, str | None], ...]:
    return (
        ("WARC-Profile", revisit.profile.uri),
        ("WARC-Refers-To", revisit.record_id),
        ("WARC-Refers-To-Target-URI", target_uri(revisit.url)),
        ("WARC-Refers-To-Date", warc_date(revisit.captured_at)),
    )


def _identical(response: Draft, revisit: Revisit, payload: Payload) -> Draft:
    """The head of the answer stays; section 6.7.2 requires the reason `length` where the payload
    was left out. The digest is spelled as the record has it that is referred to.
    """
    return replace(
        response,
        record_type="revisit",
        block=response.block[: payload.head_bytes],
        extra=(
            *response.extra[:2],
            ("WARC-Truncated", "length"),
            ("WARC-Payload-Digest", revisit.payload_digest),
            *_refers_to(revisit),
        ),
    )


def _not_modified(response: Draft, revisit: Revisit) -> Draft:
    """No payload digest: in this profile it would be a claim about bytes nobody sent. The
    Content-Type stays, though nothing has it: warcat reads no record without one.
    """
    return replace(
        response,
        record_type="revisit",
        block=b"",
        extra=(*response.extra[:2], *_refers_to(revisit)),
    )


def _interim(response: Draft, heads: bytes, record_id: str) -> Draft:
    """All heads of interim answers in one record; they and the response are what the wire had."""
    whole = replace(response, block=heads, extra=(*response.extra[:2], ("WARC-Truncated", None)))
    return _beside(whole, record_id, INTERIM_SCHEME)


def _beside(response: Draft, record_id: str, scheme: str) -> Draft:
    return replace(
        response,
        record_type="metadata",
        record_id=record_id,
        uri=f"{scheme}{response.uri}",
        extra=(*response.extra[:3], ("WARC-Concurrent-To", response.record_id)),
    )
