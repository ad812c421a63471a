"""HTTP responses taken apart from the bytes of the wire; pure.

As tolerant as browsers are (RFC 9112 section 2.2 and the Fetch standard): heads ended by LF
alone, lines without a colon, folded lines, a Content-Length that is wrong. Nothing is put right
in the bytes that are kept; damage of a body is reported, never hidden.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from archive.model.errors import MessageError
from archive.warc.coding import Decoded, Limits, decode, unpack_unannounced
from archive.warc.framing import Body, Framing, Heads, Kind, framing_of
from archive.warc.head import Head, end_of_head

__all__ = ["Decoded", "Limits", "Response", "head_length", "interim_length", "parse_response"]

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}")
_CHARSET = re.compile(r"charset\s{0,8}=\s{0,8}[\"']?([\w.:+-]{1,64})", re.IGNORECASE)
_GZIP_CODINGS = ("gzip", "x-gzip")
_GZIP_TYPES = frozenset({"application/gzip", "application/x-gzip", "application/x-gtar"})
_GZIP_NAME = re.compile(r"\.(?:gz|tgz|svgz)$", re.IGNORECASE)
_ATTACHED = re.compile(r"\s{0,8}attachment", re.IGNORECASE)
_PAGE_TYPE = re.compile(r"^text/|[/+]xml$|[/+]json$|javascript$")
_ASCII = "".join(map(chr, range(128)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer as the server sent it.

    status: 0 when there is no status line (then everything is body).
    reason: as sent, b"" when there is none.
    headers: name and value bytes in the order sent; folded lines joined by one blank, lines
        without a colon left out.
    body: as transferred, behind the final head (heads of 1xx answers are skipped).
    assumed: None, or what the head leaves out and was assumed.
    """

    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    limits: Limits
    assumed: str | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name, latin-1, trimmed; None when it was not sent."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Every value of the headers of that name, in order."""
        return self._head.all(name)

    @property
    def location(self) -> str | None:
        """The Location of a redirect; None when it was not sent. Bytes beyond ASCII are escaped
        one by one, as browsers do: a URL in raw GBK stays one.
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
    def framing(self) -> Framing:
        """How the body is delimited, by the same rule as on the wire."""
        return framing_of(self._head if self.status else None)

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return self.framing.kind is Kind.CHUNKED

    @property
    def has_wrapping(self) -> bool:
        """Whether `body` is more than what was transferred: chunks, or bytes behind its end."""
        framing = self.framing
        ends = {Kind.NONE: 0, Kind.LENGTH: framing.length}.get(framing.kind)
        return framing.kind is Kind.CHUNKED or (ends is not None and ends < len(self.body))

    @property
    def promised_bytes(self) -> int | None:
        """Content-Length, where it gives the length that `body` should have; None where it does not
        (chunked, 204, 205, 304, absent, no number, or several).
        """
        return self.framing.length

    def transferred(self) -> Decoded:
        """The body without its chunks and without what stands behind its end, still
        content-coded; damage: where it was cut.

        Raises MessageError when it has more chunks than the limits allow.
        """
        follower = Body(self.framing, self.limits)
        body = b"".join(follower.feed(self.body))
        damage = follower.missing()
        is_cut = damage is not None and follower.is_cut
        return Decoded(body=body, damage=damage, is_cut=is_cut, remark=follower.remark)

    def entity(self, *, name: str = "") -> Decoded:
        """The body after transfer and content codings: what a reader reads.

        name: of the file, or the URL: what is called .gz stays packed.
        damage and remark as in Decoded, those of all codings joined.
        Raises MessageError when decoding costs more than the limits allow.
        """
        codings = self._head.tokens("content-encoding")
        if self._is_gzip_file(name):
            # "application/gzip" with the coding gzip is one gzip file, as browsers save it.
            codings = [each for each in codings if each not in _GZIP_CODINGS]
        codings += self._transfer_codings()
        if len(codings) > self.limits.max_codings:
            raise MessageError(f"{len(codings)} content codings on one another; not decoded")
        steps = [self.transferred()]
        for coding in reversed(codings):
            steps.append(decode(coding, steps[-1].body, self.limits))
        unpacked = None if self.is_file(name) else unpack_unannounced(steps[-1].body, self.limits)
        steps += [unpacked] if unpacked else []
        if len(steps[-1].body) > self.limits.max_inflated_bytes:
            raise MessageError("the body is larger than the limit; it was not read")
        damaged = [each for each in steps if each.damage]
        return Decoded(
            body=steps[-1].body,
            damage=_joined([each.damage for each in steps]),
            is_cut=bool(damaged) and all(each.is_cut for each in damaged),
            remark=_joined([self.assumed, *(each.remark for each in steps)]),
        )

    def _is_gzip_file(self, name: str) -> bool:
        return self.media_type in _GZIP_TYPES or bool(_GZIP_NAME.search(name))

    def is_file(self, name: str) -> bool:
        """Whether a packed body is a file that somebody offers, and no page in a wrapping."""
        if self._is_gzip_file(name) or _ATTACHED.match(self.header("content-disposition") or ""):
            return True
        return not (self.media_type is None or _PAGE_TYPE.search(self.media_type))

    def _transfer_codings(self) -> list[str]:
        """Codings beside the chunks (RFC 9112 section 7.2), in the order they were applied."""
        return [each for each in self._head.tokens("transfer-encoding") if each != "chunked"]

    @property
    def _head(self) -> Head:
        return Head(version="", status=self.status, reason=self.reason, headers=self.headers)


def parse_response(block: bytes, *, limits: Limits) -> Response:
    """Takes one answer apart. Bytes without a status line, or with a head that was cut, are no
    error: status 0 with everything as body, or the headers that arrived with an empty body.

    Raises MessageError when the head is longer than the limits allow.
    """
    heads = Heads(limits)
    heads.feed(block)
    heads.close()
    return response_behind(heads, block, limits=limits)


def response_behind(heads: Heads, block: bytes, *, limits: Limits) -> Response:
    """The answer whose heads were followed to their end."""
    head, body = heads.head, block[heads.end :]
    if head is None:
        return Response(status=0, reason=b"", headers=(), body=body, limits=limits)
    return Response(
        status=head.status,
        reason=head.reason,
        headers=head.headers,
        body=body,
        limits=limits,
        assumed=head.remark,
    )


def interim_length(block: bytes) -> int:
    """Where the final head of an answer begins: behind the heads of its interim answers (RFC 9110
    section 15.2: any number of 1xx may come first; 101 is final). An interim head behind which no
    other head begins counts as the final one.

    >>> interim_length(b"HTTP/1.1 100 Continue\\r\\n\\r\\nHTTP/1.1 204 No Content\\r\\n\\r\\n")
    25
    """
    heads = Heads(Limits())
    with suppress(MessageError):  # where heads do not end, the last that does
        heads.feed(block)
        heads.close()
    return heads.start


def head_length(block: bytes, start: int = 0) -> int | None:
    """Where the head of a message that begins at `start` ends (its empty line included); None
    when it does not end. Callers begin behind the heads of interim answers.

    >>> head_length(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
    27
    """
    return end_of_head(block, start, len(block))


def _joined(sayings: list[str | None]) -> str | None:
    return "; ".join(filter(None, sayings)) or None
