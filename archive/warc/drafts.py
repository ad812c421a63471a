"""Exchanges turned into records, before anything is written; pure.

Revisits: section 6.7 of WARC 1.1. Of the ways to write a 304, the one kept here is the form that
two replay engines (pywb 2.10, replayweb.page) were seen to show and that invents nothing: profile
server-not-modified, an empty block, Refers-To-Target-URI and -Date; the 304 itself lies beside it
in a metadata record.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from archive.model.errors import WarcError
from archive.warc.message import Limits, head_length, parse_response
from archive.warc.record import (
    Exchange,
    Profile,
    Revisit,
    digest_of,
    field_lines,
    record_head,
    target_uri,
    warc_date,
)

_RESPONSE_TYPE = "application/http; msgtype=response"
_REQUEST_TYPE = "application/http; msgtype=request"
# A 304 must not look like a capture of the page: indexers list metadata records too.
NOT_MODIFIED_SCHEME = "urn:gongkai:not-modified:"


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
    block: bytes
    extra: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The records of one exchange: `main` is its response or revisit, `request` may be missing,
    `beside` is the kept 304. payload_digest and size_bytes as in Written.
    """

    main: Draft
    request: Draft | None
    beside: Draft | None
    payload_digest: str | None
    size_bytes: int


def draft_exchange(exchange: Exchange, record_id: Callable[[], str]) -> Drafted:
    """The records that keep one exchange. Raises WarcError when it cannot be kept as it says."""
    body_start = head_length(exchange.response)
    payload = memoryview(exchange.response)[body_start:] if body_start else None
    digest = None if payload is None else digest_of(payload)
    response = _response(exchange, record_id(), digest)
    drafted = Drafted(
        main=response,
        request=_request(exchange, response, record_id()) if exchange.request else None,
        beside=None,
        payload_digest=digest,
        size_bytes=len(payload or b""),
    )
    if exchange.revisit is None:
        return drafted
    _refuse_false_revisit(exchange, exchange.revisit, digest)
    if exchange.revisit.profile is Profile.IDENTICAL_PAYLOAD:
        return replace(drafted, main=_identical(response, exchange.revisit, body_start))
    return replace(
        drafted,
        main=_not_modified(response, exchange.revisit),
        beside=_beside(response, record_id()),
        payload_digest=None,
    )


def draft_resource(
    address: str,
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
        uri=target_uri(address),
        date=warc_date(at),
        content_type=media_type,
        block=content,
        extra=(("WARC-Concurrent-To", concurrent_to), ("WARC-Payload-Digest", digest_of(content))),
    )


def draft_warcinfo(
    file_name: str, *, software: str, operator: str | None, at: datetime, record_id: str
) -> Draft:
    """The first record of a file (section 6.2)."""
    about = [
        ("software", software),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/"),
        ("operator", operator),
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


def _response(exchange: Exchange, record_id: str, digest: str | None) -> Draft:
    return Draft(
        record_type="response",
        record_id=record_id,
        uri=target_uri(exchange.address),
        date=warc_date(exchange.started_at),
        content_type=_RESPONSE_TYPE,
        block=exchange.response,
        extra=(
            ("WARC-IP-Address", exchange.ip_address),
            ("WARC-Truncated", exchange.truncated),
            ("WARC-Payload-Digest", digest),
        ),
    )


def _request(exchange: Exchange, response: Draft, record_id: str) -> Draft:
    return replace(
        response,
        record_type="request",
        record_id=record_id,
        content_type=_REQUEST_TYPE,
        block=exchange.request,
        extra=(
            ("WARC-IP-Address", exchange.ip_address),
            ("WARC-Concurrent-To", response.record_id),
        ),
    )


def _refuse_false_revisit(exchange: Exchange, revisit: Revisit, digest: str | None) -> None:
    """A revisit that says more than the bytes show would make the capture unreadable for good."""
    if revisit.profile is Profile.IDENTICAL_PAYLOAD:
        if exchange.truncated or digest != revisit.payload_digest:
            raise WarcError(f"{exchange.address}: the payload is not that of the capture revisited")
    elif parse_response(exchange.response, limits=Limits()).status != 304:
        raise WarcError(f"{exchange.address}: only a 304 can be kept as not modified")


def _refers_to(revisit: Revisit) -> tuple[tuple[str, str], ...]:
    return (
        ("WARC-Profile", revisit.profile.uri),
        ("WARC-Refers-To-Target-URI", target_uri(revisit.address)),
        ("WARC-Refers-To-Date", warc_date(revisit.captured_at)),
    )


def _identical(response: Draft, revisit: Revisit, body_start: int | None) -> Draft:
    """The head of the answer stays; section 6.7.2 asks for the reason `length` where the payload
    was left out.
    """
    ip_address, _, payload_digest = response.extra
    return replace(
        response,
        record_type="revisit",
        block=response.block[:body_start],
        extra=(
            ip_address,
            ("WARC-Truncated", "length"),
            payload_digest,
            *_refers_to(revisit),
        ),
    )


def _not_modified(response: Draft, revisit: Revisit) -> Draft:
    """No payload digest: in this profile it would be a claim about bytes nobody sent."""
    return replace(
        response,
        record_type="revisit",
        content_type=None,
        block=b"",
        extra=(*response.extra[:1], *_refers_to(revisit)),
    )


def _beside(response: Draft, record_id: str) -> Draft:
    return replace(
        response,
        record_type="metadata",
        record_id=record_id,
        uri=f"{NOT_MODIFIED_SCHEME}{response.uri}",
        extra=(*response.extra[:2], ("WARC-Concurrent-To", response.record_id)),
    )
