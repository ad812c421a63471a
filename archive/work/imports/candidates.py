"""Which records of a foreign file are captures of pages, and what is told of the others. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from archive.model.errors import MessageError
from archive.model.url import MAX_URL, canonical, key_of
from archive.warc.exchanges import ForeignExchange
from archive.warc.message import Limits, Response, head_length, parse_response
from archive.warc.payload import HEAD_ROOM
from archive.warc.record import Profile, parse_date
from archive.warc.rules import profile_of, segment_number
from archive.warc.scan import Head

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
NOT_MODIFIED: Final = 304
_CAPTURES: Final = frozenset({"response", "resource", "revisit"})
_REQUISITE_TYPE: Final = re.compile(
    r"image/|audio/|video/|font/|text/css$|application/(?:x-)?font|application/wasm$"
    r"|application/vnd\.ms-fontobject$|application/x-shockwave-flash$|(?:text|application)/"
    r"(?:x-)?(?:java|ecma)script$"
)
_REQUISITE_NAME: Final = re.compile(
    r"\.(?:css|js|mjs|png|jpe?g|gif|bmp|svg|webp|ico|woff2?|ttf|eot|otf|mp3|mp4|flv|swf|map)$",
    re.IGNORECASE,
)
_REQUEST_LINE: Final = re.compile(rb"([A-Za-z]{1,20}) ")
_MAX_FORM_BYTES: Final = 64 * 1024
_REASONS: Final = frozenset({"length", "time", "disconnect", "unspecified"})

# Why a record is left out: what `gongkai import` prints. Damage is what should be there and is not.
REASONS: Final = {
    "description": "metadata that describes captures; it stays in its file",
    "requisite": "images, styles, scripts and the like: no page is read from them",
    "robots": "robots.txt",
    "scheme": "no http(s) URL (dns:, ftp:, file: …)",
    "method": "answers to requests other than GET and POST of a form",
    "no_portal": "pages of no portal: name one with --portal, or take all in with --all",
    "segment": "records in segments, which are not joined",
    "head": "records whose URL or date is missing or malformed",
    "digest": "records whose bytes do not fit their digest",
    "unreadable": "places that cannot be read",
    "revisit": "revisits of captures that are in none of these files and not in the archive",
}
DAMAGE: Final = frozenset({"segment", "head", "digest", "unreadable", "revisit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A capture that may be taken in.

    url: in its one spelling. method, body: of the request; GET without one. response: the begin of
    the answer taken apart; None for a resource and for a revisit without a head. profile: of a
    revisit; None for all others.
    """

    exchange: ForeignExchange
    url: str
    method: str
    body: str | None
    at: datetime
    record_type: str
    response: Response | None
    profile: Profile | None
    ip_address: str | None
    truncated: str | None

    @property
    def key(self) -> str:
        """The key of its page."""
        return key_of(self.url, self.method, self.body)

    @property
    def status(self) -> int:
        """Of the answer; 0 where it has no status line; 200 for a file by itself."""
        if self.profile is Profile.NOT_MODIFIED:
            return NOT_MODIFIED
        if self.response is not None:
            return self.response.status
        return 200 if self.record_type == "resource" else 0

    @property
    def media_type(self) -> str | None:
        """As the answer, or the record of a file, says it; None where neither does."""
        if self.response is not None:
            return self.response.media_type
        if self.record_type != "resource":
            return None
        return (self.exchange.answer.head.get("Content-Type") or "").split(";")[0].lower() or None


def why_not(head: Head) -> str | None:
    """Why the block of a record is not wanted, as a key of REASONS; "" for what nobody needs to
    be told (warcinfo); None when it is wanted.
    """
    if head.record_type == "warcinfo":
        return ""
    if segment_number(head) is not None or head.record_type == "continuation":
        return "segment"
    if head.record_type not in _CAPTURES | {"request"}:
        return "description"
    if not head.target_uri or _date(head) is None:
        return "head"
    return _unwanted_scheme(head.target_uri.lower(), head.record_type)


def _unwanted_scheme(uri: str, record_type: str) -> str | None:
    if uri.startswith(("http:", "https:")):
        return None
    if record_type == "request":
        return ""
    return "description" if uri.startswith(("metadata:", "urn:")) else "scheme"


def candidate_of(exchange: ForeignExchange, latest: datetime) -> Candidate | str:
    """The capture that an exchange is, or why it is none: a key of REASONS. latest: no capture can
    be later; one that were would stand for its page for ever.
    """
    head = exchange.answer.head
    url, at = canonical(head.target_uri or ""), _date(head)
    if url is None or at is None or at > latest or len(url) > MAX_URL:
        return "head"
    if exchange.answer.damage is not None:
        return "digest"
    asked = _asked(exchange)
    if asked is None:
        return "method"
    method, body = asked
    record_type = head.record_type if head.is_http or head.record_type == "revisit" else "resource"
    found = Candidate(
        exchange=exchange,
        url=url,
        method=method,
        body=body,
        at=at,
        record_type=record_type,
        response=_response(exchange) if record_type != "resource" else None,
        profile=(profile_of(head) or _assumed(head)) if record_type == "revisit" else None,
        ip_address=_address(head.get("WARC-IP-Address")),
        truncated=_truncated(head.get("WARC-Truncated")),
    )
    if urlsplit(url).path == "/robots.txt":
        return "robots"
    return "requisite" if _is_requisite(found) else found


def _date(head: Head) -> datetime | None:
    at = parse_date(head.get("WARC-Date") or "")
    return at if at is not None and at >= EARLIEST else None


def _asked(exchange: ForeignExchange) -> tuple[str, str | None] | None:
    """Method and form of the request; None for a method whose answer is no page."""
    request = exchange.request
    if request is None:
        return "GET", None
    block = bytes(request.block)
    line = _REQUEST_LINE.match(block)
    method = line[1].decode().upper() if line else "GET"
    if method != "POST":
        return (method, None) if method == "GET" else None
    form = block[head_length(block) or len(block) :]
    if len(form) > _MAX_FORM_BYTES:
        return None
    try:
        return method, form.decode()
    except UnicodeDecodeError:
        return None


def _response(exchange: ForeignExchange) -> Response | None:
    start = exchange.answer.block[:HEAD_ROOM]
    if exchange.answer.head.record_type == "revisit" and not start:
        return None
    try:
        return parse_response(start, limits=Limits())
    except MessageError:
        return Response(status=0, reason=b"", headers=(), body=start, limits=Limits())


def _assumed(head: Head) -> Profile:
    """Of a revisit whose profile is missing or another's."""
    profile = head.get("WARC-Profile") or ""
    return Profile.NOT_MODIFIED if "not-modified" in profile else Profile.IDENTICAL_PAYLOAD


def _is_requisite(found: Candidate) -> bool:
    """By its type where it came and says something (a server that does not know .ttf sends bytes);
    by its name where it did not (404, 304, a redirect).
    """
    media_type = found.media_type
    if found.status == 200 and media_type not in {None, "application/octet-stream"}:
        return _REQUISITE_TYPE.match(media_type) is not None
    return _REQUISITE_NAME.search(urlsplit(found.url).path) is not None


def _address(text: str | None) -> str | None:
    try:
        return str(ip_address((text or "").strip()))
    except ValueError:
        return None


def _truncated(text: str | None) -> str | None:
    if text is None:
        return None
    return text if text in _REASONS else "unspecified"
