"""The block of a record as it passes: digested, and looked into where it is an HTTP answer."""

from collections.abc import Iterator

from archive.model.errors import MessageError, WarcError
from archive.model.reading import Severity
from archive.warc.coding import CHUNKED_MISLABELLED, GZIP_MISLABELLED
from archive.warc.digest import Digest, Hash, parse_digest
from archive.warc.message import Limits, Response, head_length, interim_length, parse_response
from archive.warc.rules import Complaint
from archive.warc.scan import Head
from archive.warc.unchunk import Unchunked

# Larger blocks are digested as they pass; their HTTP coding is not looked into.
MAX_HELD_BYTES = 32 * 1024 * 1024
# An answer whose body is missing altogether: right if the request was HEAD.
NO_BODY = "no_body"
_LIMITS = Limits()


class Block:
    """`add` the pieces, then read `complaints`.

    whole: False for one segment of a record: no more than its block digest can be looked at.
    joined: True for all segments together: the block digest is then that of the first alone.
    """

    def __init__(self, head: Head, *, whole: bool = True, joined: bool = False) -> None:
        self._head = head
        self._whole = whole
        self._block_digest = None if joined else _readable(head.get("WARC-Block-Digest"))
        self._payload_digest = _readable(head.get("WARC-Payload-Digest")) if whole else None
        self._hash = self._block_digest.hasher() if self._block_digest else None
        self._payload_hash = self._payload_digest.hasher() if self._payload_digest else None
        self._unchunked = Unchunked(self._payload_digest) if self._payload_digest else None
        self._in_payload = not head.is_http
        self._start = bytearray()
        self._held = bytearray()
        self.size_bytes = 0

    def add(self, piece: bytes) -> None:
        """Takes the next piece in."""
        self.size_bytes += len(piece)
        if self._hash:
            self._hash.update(piece)
        if self.size_bytes <= MAX_HELD_BYTES:
            self._held += piece
        self._add_payload(piece)

    def _add_payload(self, piece: bytes) -> None:
        if self._payload_hash is None:
            return
        if not self._in_payload:
            self._start += piece
            end = head_length(bytes(self._start))
            if end is None and len(self._start) <= _LIMITS.max_head_bytes:
                return
            self._in_payload, piece = True, bytes(self._start[end or 0 :])
            self._start.clear()
        self._payload_hash.update(piece)
        if self._unchunked:
            self._unchunked.add(piece)

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the block, now that all of it has passed."""
        if _differs(self._hash, self._block_digest):
            yield Severity.ERROR, "block_digest", "the block does not fit its digest"
        if not self._whole:
            return
        held = bytes(self._held) if self.size_bytes <= MAX_HELD_BYTES else None
        response = None
        if held is not None and self._head.is_http and self._head.record_type == "response":
            try:
                response = parse_response(held, limits=_LIMITS)
            except MessageError as error:
                yield Severity.WARNING, "http_limits", str(error)
        yield from self._payload_complaints(response)
        if response and held is not None:
            if interim_length(held):
                message = "the block begins with an interim answer (1xx): replay may show that one"
                yield Severity.WARNING, "interim_head", message
            truncated = self._head.get("WARC-Truncated") is not None
            yield from _http_complaints(response, truncated=truncated)

    def start(self, most_bytes: int) -> bytes:
        """The first bytes of what has passed."""
        return bytes(memoryview(self._held)[:most_bytes])

    @property
    def begins_with_head_method(self) -> bool:
        """Whether the block of a request is a HEAD request."""
        return self._held[:5] == b"HEAD "

    def _payload_complaints(self, response: Response | None) -> Iterator[Complaint]:
        """We and some others digest the body without its chunks; our older files and most others
        digest everything behind the first head.
        """
        if self._head.record_type == "revisit" or self._payload_digest is None:
            return
        if not _differs(self._payload_hash, self._payload_digest):
            return
        if self.size_bytes > MAX_HELD_BYTES:
            if self._unchunked is None or not self._unchunked.fits():
                message = "a large payload fits its digest neither as transferred nor unchunked"
                yield Severity.WARNING, "payload_digest", message
        elif response is None or not _fits_otherwise(response, self._payload_digest):
            yield Severity.ERROR, "payload_digest", "the payload does not fit its digest"


def _readable(text: str | None) -> Digest | None:
    """A digest that cannot be read is reported by the rules of the head."""
    try:
        return parse_digest(text) if text else None
    except WarcError:
        return None


def _differs(found: Hash | None, declared: Digest | None) -> bool:
    return found is not None and declared is not None and found.digest() != declared.value


def _fits_otherwise(response: Response, digest: Digest) -> bool:
    """Behind interim heads too, and without chunks."""
    try:
        return digest.fits(response.body) or digest.fits(response.transferred().body)
    except MessageError:
        return False


def _http_complaints(response: Response, *, truncated: bool) -> Iterator[Complaint]:
    if not response.status and not truncated:
        yield Severity.ERROR, "http", "the block has no HTTP status line"
    promised = response.promised_bytes
    is_longer = promised is not None and promised < len(response.body)
    if is_longer:
        message = f"HTTP Content-Length says {promised}, the body has {len(response.body)} bytes"
        yield Severity.ERROR, "http_length", message
    try:
        entity = response.entity()
    except MessageError as error:
        yield Severity.WARNING, "http_limits", str(error)
        return
    if entity.damage and not truncated:
        yield Severity.ERROR, "http_body" if response.body else NO_BODY, entity.damage
    if entity.remark and not is_longer:
        wrong = any(label in entity.remark for label in (CHUNKED_MISLABELLED, GZIP_MISLABELLED))
        yield Severity.ERROR if wrong else Severity.WARNING, "http_coding", entity.remark
