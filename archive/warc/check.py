"""Our own checker of WARC files: one pass, bounded memory, every damage with its offset.

It exists because the public tools let much through: of 24 kinds of defect, twelve pass all of
gzip -t, warcio, fastwarc, cdxj-indexer, warcat and metawarc (measured with one file for each
kind). Among these are the two that a careless writer makes: a header that says gzip or chunked
over a body that is not.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from archive.model.errors import MessageError, WarcError
from archive.model.reading import Severity
from archive.warc.coding import CHUNKED_MISLABELLED, GZIP_MISLABELLED
from archive.warc.digest import Digest, Hash, parse_digest
from archive.warc.message import Limits, Response, head_length, parse_response
from archive.warc.rules import Complaint, complaints
from archive.warc.scan import Damage, Head, Scanner
from archive.warc.seen import Seen

__all__ = ["Damage", "Seen", "check_file"]

# Larger blocks are digested as they pass; their HTTP coding is not looked into.
MOST_HELD_BYTES = 32 * 1024 * 1024
_LIMITS = Limits()


def check_file(
    path: Path,
    *,
    seen: Seen | None = None,
    on_record: Callable[[Head, int | None], None] | None = None,
) -> Iterator[Damage]:
    """Everything that is wrong with a WARC file, in order, and at the end the revisits that
    refer to nothing in it.

    seen: pass one for several files that belong together; what revisits refer to is then looked
    for in all of them, and it is the caller's to ask `seen.unresolved()` after the last.
    on_record: called with the head and the length (None when it has no gzip member of its own)
    of every record that can be read.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        yield _damage(path, 0, (Severity.ERROR, "file", error.strerror or "cannot be read"))
        return
    with stream:
        run = _Check(path, stream, seen or Seen(), on_record)
        yield from run.damages(own=seen is None)


class _Check:
    """One run over one file."""

    def __init__(
        self,
        path: Path,
        stream: BinaryIO,
        seen: Seen,
        on_record: Callable[[Head, int | None], None] | None,
    ) -> None:
        self._path = path
        self._on_record = on_record
        self._scanner = Scanner(stream, path)
        self._seen = seen
        self._latest = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        self._told: set[str] = set()

    def damages(self, *, own: bool) -> Iterator[Damage]:
        nothing = True
        for head in self._scanner.heads():
            yield from self._scanned()
            yield from self._record(head)
            nothing = False
        if nothing and not self._scanner.damages:
            yield _damage(self._path, 0, (Severity.ERROR, "empty", "no WARC record in the file"))
        yield from self._scanned()
        if self._seen.full:
            message = "too many records: repeated ids and revisits were not all looked at"
            yield _damage(self._path, 0, (Severity.WARNING, "too_many", message))
        if own:
            yield from self._seen.unresolved()

    def _scanned(self) -> Iterator[Damage]:
        damages, self._scanner.damages = self._scanner.damages, []
        yield from damages

    def _record(self, head: Head) -> Iterator[Damage]:
        for complaint in self._complaints(head):
            if complaint[1] == "no_digest":
                if complaint[1] in self._told:
                    continue
                self._told.add(complaint[1])
            yield _damage(self._path, head.offset, complaint)

    def _complaints(self, head: Head) -> Iterator[Complaint]:
        yield from complaints(head, latest=self._latest)
        if self._seen.note(head, str(self._path)):
            message = f"WARC-Record-ID {head.get('WARC-Record-ID')} was seen before"
            yield Severity.ERROR, "record_id_twice", message
        block = _Block(head)
        for piece in self._scanner.pieces():
            block.add(piece)
        self._scanner.close()
        # A block that was cut is told already; that it fits no digest then says nothing more.
        if all(damage.readable for damage in self._scanner.damages):
            yield from block.complaints()
            if self._on_record:
                self._on_record(head, self._scanner.length)


class _Block:
    """A block as it passes: digested, and held as long as it is not too large."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._block_digest = _readable(head.get("WARC-Block-Digest"))
        self._payload_digest = _readable(head.get("WARC-Payload-Digest"))
        self._hash = self._block_digest.hasher() if self._block_digest else None
        self._payload_hash = self._payload_digest.hasher() if self._payload_digest else None
        self._in_payload = not head.is_http
        self._start = bytearray()
        self._held = bytearray()
        self._size_bytes = 0

    def add(self, piece: bytes) -> None:
        self._size_bytes += len(piece)
        if self._hash:
            self._hash.update(piece)
        if self._size_bytes <= MOST_HELD_BYTES:
            self._held += piece
        self._add_payload(piece)

    def _add_payload(self, piece: bytes) -> None:
        if self._payload_hash is None:
            return
        if self._in_payload:
            self._payload_hash.update(piece)
            return
        self._start += piece
        end = head_length(bytes(self._start))
        if end is not None or len(self._start) > _LIMITS.max_head_bytes:
            self._in_payload = True
            self._payload_hash.update(bytes(self._start[end or 0 :]))
            self._start.clear()

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the block, now that all of it has passed."""
        if _differs(self._hash, self._block_digest):
            yield Severity.ERROR, "block_digest", "the block does not fit its digest"
        whole = self._size_bytes <= MOST_HELD_BYTES
        response = None
        if whole and self._head.is_http and self._head.record_type == "response":
            try:
                response = parse_response(bytes(self._held), limits=_LIMITS)
            except MessageError as error:
                yield Severity.WARNING, "http_limits", str(error)
        yield from self._payload_complaints(response)
        if response:
            truncated = self._head.get("WARC-Truncated") is not None
            yield from _http_complaints(response, truncated=truncated)

    def _payload_complaints(self, response: Response | None) -> Iterator[Complaint]:
        """We and some others digest the body without its chunks; our older files and most others
        digest everything behind the first head.
        """
        if self._head.record_type == "revisit" or self._payload_digest is None:
            return
        if not _differs(self._payload_hash, self._payload_digest):
            return
        if self._size_bytes > MOST_HELD_BYTES:
            message = "a large payload does not fit its digest as transferred; chunks not tried"
            yield Severity.WARNING, "payload_digest", message
        elif response is None or not _fits_otherwise(response, self._payload_digest):
            yield Severity.ERROR, "payload_digest", "the payload does not fit its digest"


def _damage(path: Path, offset: int, complaint: Complaint) -> Damage:
    severity, rule, message = complaint
    return Damage(file=str(path), offset=offset, severity=severity, rule=rule, message=message)


def _readable(text: str | None) -> Digest | None:
    """A digest that cannot be read is told by the rules of the head."""
    try:
        return parse_digest(text) if text else None
    except WarcError:
        return None


def _differs(found: Hash | None, said: Digest | None) -> bool:
    return found is not None and said is not None and found.digest() != said.value


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
    if promised is not None and promised < len(response.body):
        message = f"HTTP Content-Length says {promised}, the body has {len(response.body)} bytes"
        yield Severity.ERROR, "http_length", message
    try:
        entity = response.entity()
    except MessageError as error:
        yield Severity.WARNING, "http_limits", str(error)
        return
    if entity.damage and not truncated:
        yield Severity.ERROR, "http_body", entity.damage
    if entity.remark:
        wrong = any(label in entity.remark for label in (CHUNKED_MISLABELLED, GZIP_MISLABELLED))
        yield Severity.ERROR if wrong else Severity.WARNING, "http_coding", entity.remark
