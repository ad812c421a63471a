"""HTTP responses taken apart from the bytes of the wire; pure.

As tolerant as browsers are (RFC 9112 section 2.2 and the Fetch standard): heads ended by LF
alone, lines without a colon, folded lines, a Content-Length that is wrong. Nothing is put right
in the bytes that are kept; damage of a body is told, never hidden.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from archive.model.errors import MessageError
from archive.warc.coding import CHUNKED_MISLABELLED, Decoded, Limits, decode

__all__ = ["Decoded", "Limits", "Response", "head_length", "interim_length", "parse_response"]

_END_OF_HEAD = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/(\d+(?:\.\d+)?)[ \t]+(\d{3})(?:[ \t]([^\r\n]*))?")
_INTERIM = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+1(?!01)\d\d(?!\d)")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}")
_CHARSET = re.compile(r"charset\s{0,8}=\s{0,8}[\"']?([\w.:+-]{1,64})", re.IGNORECASE)
_MAX_CHUNK_LINE_BYTES = 16 * 1024
_BODILESS = frozenset({204, 304})
_ASCII = "".join(map(chr, range(128)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer as the server sent it.

    status: 0 when there is no status line (then everything is body).
    reason: as sent, b"" when there is none.
    headers: name and value bytes in the order sent; folded lines joined by one blank, lines
        without a colon left out.
    body: as transferred, behind the final head (heads of 1xx answers are skipped).
    """

    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    limits: Limits

    def header(self, name: str) -> str | None:
        """The first header of that name, latin-1, trimmed; None when it was not sent."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Every value of the headers of that name, in order."""
        wanted = name.lower().encode("latin-1")
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]

    @property
    def location(self) -> str | None:
        """The Location of a redirect; None when it was not sent. Bytes beyond ASCII are escaped
        one by one, as browsers do: an address in raw GBK stays one.
        """
        sent = self.header("location")
        return None if sent is None else quote(sent, safe=_ASCII, encoding="latin-1")

    @property
    def refresh(self) -> str | None:
        """The Refresh header, which pages are sent on with; as `location`."""
        sent = self.header("refresh")
        return None if sent is None else quote(sent, safe=_ASCII, encoding="latin-1")

    @property
    def media_type(self) -> str | None:
        """The last usable Content-Type without its parameters, lower case (Fetch section 3.1.3:
        the last one counts); None when there is none.
        """
        found = [_MEDIA_TYPE.match(value) for value in self.all("content-type")]
        return next((match[0].lower() for match in reversed(found) if match), None)

    @property
    def charset(self) -> str | None:
        """The charset of Content-Type, lower case; None when not sent. A forgotten semicolon
        ("text/html charset=gb2312") is read as browsers of the time did.
        """
        found = [_CHARSET.search(value) for value in self.all("content-type")]
        return next((match[1].lower() for match in reversed(found) if match), None)

    @property
    def chunked(self) -> bool:
        """Whether the last transfer coding is chunked."""
        return _tokens(self.all("transfer-encoding"))[-1:] == ["chunked"]

    @property
    def promised_bytes(self) -> int | None:
        """Content-Length, where it says how long `body` should be; None where it does not
        (chunked, 204, 304, absent or no number).
        """
        value = (self.header("content-length") or "").split(",")[0].strip()
        if self.chunked or self.status in _BODILESS or not (value.isascii() and value.isdigit()):
            return None
        return int(value) if len(value) <= 18 else None

    def transferred(self) -> Decoded:
        """The body without its chunks, still content-coded; damage says where it was cut.

        Raises MessageError when it has more chunks than the limits allow.
        """
        if self.chunked and (self.body or self.status not in _BODILESS):
            return _dechunked(self.body, self.limits)
        missing = (self.promised_bytes or 0) - len(self.body)
        if missing > 0:
            return Decoded(
                body=self.body, damage=f"body is {missing} bytes shorter than Content-Length"
            )
        return Decoded(body=self.body)

    def entity(self) -> Decoded:
        """The body after transfer and content codings: what a reader reads.

        damage and remark as in Decoded, those of all codings joined.
        Raises MessageError when decoding costs more than the limits allow.
        """
        codings = _tokens(self.all("content-encoding"))
        if len(codings) > self.limits.max_codings:
            raise MessageError(f"{len(codings)} content codings on one another; not decoded")
        decoded = self.transferred()
        damages, remarks = [decoded.damage], [decoded.remark]
        for coding in reversed(codings):
            decoded = decode(coding, decoded.body, self.limits)
            damages.append(decoded.damage)
            remarks.append(decoded.remark)
        if len(decoded.body) > self.limits.max_inflated_bytes:
            raise MessageError("the body is larger than the limit; it was not read")
        return Decoded(body=decoded.body, damage=_joined(damages), remark=_joined(remarks))


def parse_response(block: bytes, *, limits: Limits) -> Response:
    """Takes one answer apart. Bytes without a status line, or with a head that was cut, are no
    error: status 0 with everything as body, or the headers that arrived with an empty body.

    Raises MessageError when the head is longer than the limits allow.
    """
    start = interim_length(block)
    match = _STATUS_LINE.match(block, start)
    if match is None:
        return _shapeless(block[start:], limits)
    end = _head_end(block, start, limits)
    return Response(
        status=int(match[2]),
        reason=(match[3] or b"").rstrip(),
        headers=_headers(block[match.end() : end]),
        body=block[end:],
        limits=limits,
    )


def interim_length(block: bytes) -> int:
    """Where the final head of an answer begins: behind the heads of its interim answers (RFC 9110
    section 15.2: any number of 1xx may come first; 101 is final). An interim head behind which no
    other head begins counts as the final one.

    >>> interim_length(b"HTTP/1.1 100 Continue\\r\\n\\r\\nHTTP/1.1 204 No Content\\r\\n\\r\\n")
    25
    """
    start = 0
    while _INTERIM.match(block, start):
        end = head_length(block, start)
        if end is None or not block.startswith(b"HTTP/", end):
            break
        start = end
    return start


def head_length(block: bytes, start: int = 0) -> int | None:
    """Where the head of a message that begins at `start` ends (its empty line included); None
    when it does not end. Callers begin behind the heads of interim answers.

    >>> head_length(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
    27
    """
    match = _END_OF_HEAD.search(block, start)
    return match.end() if match else None


def _shapeless(block: bytes, limits: Limits) -> Response:
    return Response(status=0, reason=b"", headers=(), body=block, limits=limits)


def _head_end(block: bytes, start: int, limits: Limits) -> int:
    match = _END_OF_HEAD.search(block, start, start + limits.max_head_bytes)
    if match:
        return match.end()
    if len(block) - start > limits.max_head_bytes:
        raise MessageError(f"the head is longer than {limits.max_head_bytes} bytes")
    return len(block)


def _headers(head: bytes) -> tuple[tuple[bytes, bytes], ...]:
    pairs: list[tuple[bytes, list[bytes]]] = []
    for line in head.split(b"\n")[1:]:
        name, colon, value = line.rstrip(b"\r").partition(b":")
        if line[:1] in (b" ", b"\t") and pairs:
            pairs[-1][1].append(line.strip())
        elif colon and name.strip():
            pairs.append((name.strip(), [value.strip()]))
    return tuple((name, b" ".join(filter(None, parts))) for name, parts in pairs)


def _tokens(values: list[str]) -> list[str]:
    """The codings of a list header, lower case, in the order they were applied."""
    return [token for token in (t.strip().lower() for t in ",".join(values).split(",")) if token]


def _joined(sayings: list[str | None]) -> str | None:
    return "; ".join(filter(None, sayings)) or None


def _dechunked(body: bytes, limits: Limits) -> Decoded:
    """RFC 9112 section 7.1; extensions and trailers are left out, LF is taken for CRLF."""
    pieces: list[bytes] = []
    position = 0
    while True:
        end = body.find(b"\n", position, position + _MAX_CHUNK_LINE_BYTES)
        size = _CHUNK_SIZE.match(body[position : end if end >= 0 else len(body)].lstrip())
        if size is None or end < 0:
            return _unchunkable(body, pieces, position, cut=end < 0 and size is not None)
        length, position = int(size[0], 16), end + 1
        if length == 0:
            return Decoded(body=b"".join(pieces))
        pieces.append(body[position : position + length])
        if len(pieces) > limits.max_chunks:
            raise MessageError(f"more than {limits.max_chunks} chunks; not decoded")
        position += length
        if position > len(body):
            return Decoded(body=b"".join(pieces), damage="chunked body is cut inside a chunk")
        position += 2 if body.startswith(b"\r\n", position) else body.startswith(b"\n", position)


def _unchunkable(body: bytes, pieces: list[bytes], position: int, *, cut: bool) -> Decoded:
    cut = cut or not body[position : position + 9].strip()
    if position == 0 and not cut:
        return Decoded(body=body, remark=CHUNKED_MISLABELLED)
    if cut:
        return Decoded(body=b"".join(pieces), damage="chunked body is cut before its last chunk")
    return Decoded(body=b"".join(pieces), damage=f"chunked body is damaged at byte {position}")
