"""Our own checker of WARC files: one pass, bounded memory, every damage with its offset.

It exists because the public tools let much through: of 24 kinds of defect, twelve pass all of
gzip -t, warcio, fastwarc, cdxj-indexer, warcat and metawarc (measured with one file for each
kind). Among these are the two that a careless writer makes: a header that says gzip or chunked
over a body that is not.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeAlias

from archive.model.reading import Severity
from archive.warc.block import NO_BODY, Block
from archive.warc.folder import WarcFile
from archive.warc.formats import other_format
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.methods import HeadComplaint, Methods
from archive.warc.rules import DATE_FUTURE, Complaint, complaints, segment_number
from archive.warc.scan import Damage, Head, Scanner
from archive.warc.seen import Seen

__all__ = ["ANOTHER_FORMAT", "Block", "Damage", "OnRecord", "Seen", "check_file", "check_stream"]

# The rule of a file that is no WARC file and was not looked at.
ANOTHER_FORMAT = "another_format"
# What a server labelled wrongly: in a file of our own no damage of the file.
SENT_WRONGLY = frozenset({"http", "http_length", "http_body", "http_coding"})
# Doubts that a writer gives with each of its records: reported once a file.
_ONCE = frozenset({"no_digest", "profile", "uri_brackets", "version"})
_MAX_REPORTED = 1_000
_START_BYTES = 4096
# A record's head, its length (None when it has no gzip member of its own) and its block.
OnRecord: TypeAlias = Callable[[Head, int | None, Block], None]


def check_file(
    path: WarcFile,
    *,
    seen: Seen | None = None,
    on_record: OnRecord | None = None,
) -> Iterator[Damage]:
    """Everything that is wrong with a WARC file, in order, and at the end what contradicts other
    records or refers to none.

    seen: pass one for several files that belong together; what is referred to is then looked for
    in all of them, and the caller calls `seen.unresolved()` after the last.
    on_record: called with every record that can be read.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        yield _damage(path, 0, (Severity.ERROR, "file", error.strerror or "cannot be read"))
        return
    with stream:
        if seen is not None:
            yield from _check_open(stream, path, seen, on_record)
            return
        with Seen() as own:
            yield from _check_open(stream, path, own, on_record)
            yield from own.unresolved()


def _check_open(
    stream: BinaryIO, path: WarcFile, seen: Seen, on_record: OnRecord | None
) -> Iterator[Damage]:
    """A disk that refuses to give what is on it is damage of the file, and no end of the whole
    look.
    """
    try:
        latest = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        yield from check_stream(stream, path, latest, seen=seen, on_record=on_record)
    except OSError as error:
        message = f"cannot be read to its end: {error.strerror or error}"
        yield _damage(path, 0, (Severity.ERROR, "file", message))


def check_stream(
    stream: BinaryIO,
    path: WarcFile,
    latest: datetime,
    *,
    seen: Seen,
    on_record: OnRecord | None = None,
) -> Iterator[Damage]:
    """The same of an open file, or of a file in another one. path: what to call it. latest: when it
    was written: no record can be younger.
    """
    other = other_format(stream.read(_START_BYTES))
    stream.seek(0)
    if other:
        yield _damage(path, 0, (Severity.WARNING, ANOTHER_FORMAT, f"{other}; not looked at"))
        return
    yield from _Check(path, stream, latest, seen, on_record).damages()


class _Check:
    """One run over one file."""

    def __init__(
        self,
        path: WarcFile,
        stream: BinaryIO,
        latest: datetime,
        seen: Seen,
        on_record: OnRecord | None,
    ) -> None:
        self._path = path
        self._on_record = on_record
        self._scanner = Scanner(stream, path)
        self._seen = seen
        self._methods = Methods()
        self._latest = latest
        self._reported: set[Complaint] = set()
        self._ahead: list[HeadComplaint] = []
        self._ahead_count = 0

    def damages(self) -> Iterator[Damage]:
        nothing = True
        for head in self._scanner.heads():
            yield from self._scanned()
            yield from self._record(head)
            nothing = False
        broken = any(damage.severity is Severity.ERROR for damage in self._scanner.damages)
        if nothing and not broken:
            yield _damage(self._path, 0, (Severity.ERROR, "empty", "no WARC record in the file"))
        yield from self._scanned()
        yield from self._about(self._methods.rest())
        yield from self._about(self._clock_ahead())

    def _scanned(self) -> Iterator[Damage]:
        damages, self._scanner.damages = self._scanner.damages, []
        yield from damages

    def _record(self, head: Head) -> Iterator[Damage]:
        for about, complaint in self._complaints(head):
            if complaint[1] == DATE_FUTURE:
                self._ahead_count += 1
                self._ahead = self._ahead or [(about, complaint)]
                continue
            if complaint[1] in _ONCE and complaint[0] is Severity.WARNING:
                if complaint in self._reported:
                    continue
                if len(self._reported) < _MAX_REPORTED:
                    self._reported.add(complaint)
            yield _damage(self._path, about.offset, complaint)

    def _about(self, complaints: Iterable[HeadComplaint]) -> Iterator[Damage]:
        for head, complaint in complaints:
            yield _damage(self._path, head.offset, complaint)

    def _clock_ahead(self) -> Iterator[HeadComplaint]:
        """A clock that ran ahead dated every record wrongly: one line with a count."""
        for head, (severity, rule, message) in self._ahead:
            more = self._ahead_count - 1
            also = f", and so {'is' if more == 1 else 'are'} {more:,} more" if more else ""
            yield head, (severity, rule, f"{message}{also}")

    def _complaints(self, head: Head) -> Iterator[HeadComplaint]:
        for complaint in complaints(head, latest=self._latest):
            yield head, complaint
        if head.offset == 0 and (misnamed := _misnamed(head, self._path)):
            yield head, misnamed
        self._seen.note(head, str(self._path))
        block = Block(head, whole=not _is_segment(head))
        for piece in self._scanner.pieces():
            block.add(piece)
        self._scanner.close()
        # A block that was cut is reported already; that it fits no digest then adds nothing.
        if all(damage.readable for damage in self._scanner.damages):
            yield from self._block_complaints(head, block)
            if self._on_record:
                self._on_record(head, self._scanner.length, block)

    def _block_complaints(self, head: Head, block: Block) -> Iterator[HeadComplaint]:
        if _is_segment(head):
            self._seen.segments.note(head, self._path, block.size_bytes)
        if head.record_type == "request":
            yield from self._methods.request(head, asks_head=block.begins_with_head_method)
        for complaint in block.complaints():
            if complaint[1] == NO_BODY:
                yield from self._methods.without_body(head, complaint[2])
            else:
                yield head, complaint


def _is_segment(head: Head) -> bool:
    return head.record_type == "continuation" or segment_number(head) is not None


def _misnamed(head: Head, path: WarcFile) -> Complaint | None:
    """Only the first record describes the file; further ones show that files were joined."""
    named = head.get("WARC-Filename") if head.record_type == "warcinfo" else None
    name = path.name.removesuffix(OPEN_SUFFIX)
    if named is None or name.removesuffix(".gz") == Path(named).name.removesuffix(".gz"):
        return None
    message = f"WARC-Filename says {named[:100]!r}: the file was renamed, or taken from another"
    return Severity.WARNING, "file_name", message


def _damage(path: WarcFile, offset: int, complaint: Complaint) -> Damage:
    severity, rule, message = complaint
    return Damage(file=str(path), offset=offset, severity=severity, rule=rule, message=message)
