"""One pass over a WARC file, record by record, in bounded memory; goes on behind damage.

Reads WARC 1.0 and 1.1, packed record by record (as it should be), packed as a whole, or plain.
What is wrong is collected in `damages`; the checker reports all of it, the reader stops at what
cannot be read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from archive.model.reading import Severity
from archive.warc.folder import WarcFile
from archive.warc.unpack import BrokenError, Unpacked

_MAX_LINE_BYTES = 64 * 1024
_MAX_HEAD_BYTES = 256 * 1024
_PIECE_BYTES = 64 * 1024
_MAX_LENGTH_DIGITS = 15
_VERSION = re.compile(rb"WARC/(\d{1,3}\.\d{1,3})\r?\n?")
_SEVERAL = "several records in one gzip member: none but the first can be read by its offset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is wrong with a file. rule: its short name, for machines. readable: False
    when the record at `offset` could not be read to its end.
    """

    file: str
    offset: int
    severity: Severity
    rule: str
    message: str
    readable: bool = True

    def __str__(self) -> str:
        return f"{self.file}, offset {self.offset}: {self.severity} {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a record. offset: of its gzip member, in a plain file of the record itself.
    first: whether it is the first record of its member (always in a plain file).
    """

    offset: int
    version: str
    fields: tuple[tuple[str, str], ...]
    first: bool

    def all(self, name: str) -> list[str]:
        """Every value of a field, in order; names know no case."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        """The first value of a field; None when it is absent."""
        return next(iter(self.all(name)), None)

    @property
    def record_type(self) -> str:
        """WARC-Type, lower case; "" when it is missing."""
        return (self.get("WARC-Type") or "").lower()

    @property
    def target_uri(self) -> str | None:
        """WARC-Target-URI without the brackets that WARC 1.0 writers put; None without one."""
        uri = self.get("WARC-Target-URI")
        return uri.removeprefix("<").removesuffix(">") if uri else None

    @property
    def is_http(self) -> bool:
        """Whether the block is an HTTP message."""
        return (self.get("Content-Type") or "").lower().startswith("application/http")


class BlockScanner:
    """What scanners of WARC and ARC files share: the block of the record whose head came last.

    damages: what was wrong so far.
    """

    _LENGTH = "length"  # how the format calls it

    def __init__(self, stream: BinaryIO, path: WarcFile) -> None:
        self._path = path
        self._bytes = Unpacked(stream, path)
        self._left = 0
        self._lost = False
        self.damages: list[Damage] = []

    def pieces(self) -> Iterator[bytes]:
        """The block of the record whose head came last; ends early, and reports a damage, where
        the file does.
        """
        while self._left:
            try:
                piece = self._bytes.read(min(self._left, _PIECE_BYTES))
                if not piece:
                    message = f"the record ends {self._left} bytes before its {self._LENGTH}"
                    raise self._bytes.error("content_length", message)
            except BrokenError as error:
                self._break(error)
                return
            self._left -= len(piece)
            yield piece

    def _break(self, error: BrokenError) -> None:
        """Behind this place the record cannot be read."""
        self._lost, self._left = True, 0
        self.damages.append(
            Damage(
                file=str(self._path),
                offset=error.offset,
                severity=Severity.ERROR,
                rule=error.rule,
                message=error.message,
                readable=False,
            )
        )


class Scanner(BlockScanner):
    """`for head in scanner.heads()`: inside the loop `pieces` gives the block of that record.

    length: after `close`, of the record's gzip member (of the record in a plain file); None when
    it has no member of its own or is damaged.
    """

    _LENGTH = "Content-Length"

    def __init__(self, stream: BinaryIO, path: WarcFile) -> None:
        super().__init__(stream, path)
        self._records_in_member = 0
        self._tried_at = -1
        self._begun_at: int | None = None
        self._reported: set[str] = set()
        self.length: int | None = None

    def heads(self) -> Iterator[Head]:
        """Every record's head; what the loop leaves of a block is skipped."""
        while True:
            try:
                if not self._advance():
                    return
                head = self._head()
            except BrokenError as error:
                self._break(error)
                continue
            if head is not None:
                yield head
                self.close()

    def close(self) -> None:
        """Reads the record to its end and sets `length`; a second call does nothing."""
        for _ in self.pieces():
            pass
        if self._begun_at is None:
            return
        try:
            self._end_record(self._begun_at)
        except BrokenError as error:
            self._break(error)
        self._begun_at = None

    def report_damage(self, offset: int, severity: Severity, rule: str, message: str) -> None:
        """Notes a damage that does not stop the reading."""
        self.damages.append(
            Damage(
                file=str(self._path), offset=offset, severity=severity, rule=rule, message=message
            )
        )

    def broken(self, offset: int, rule: str, message: str) -> BrokenError:
        """An error for a consumer to raise, that names the file."""
        return BrokenError(self._path, offset, rule, message)

    def _tell_once(
        self, offset: int, rule: str, message: str, severity: Severity = Severity.ERROR
    ) -> None:
        """For what is wrong with each record of a file in the same way."""
        if rule not in self._reported:
            self._reported.add(rule)
            self.report_damage(offset, severity, rule, message)

    def _break(self, error: BrokenError) -> None:
        super()._break(error)
        self._begun_at = None

    def _advance(self) -> bool:
        """Goes to where the next record should begin; False at the end of the file."""
        self.length = None
        if self._lost:
            self._lost = False
            return self._find_again()
        return not self._bytes.at_member_end() or self._next_member()

    def _next_member(self) -> bool:
        self._records_in_member = 0
        return self._bytes.next_member()

    def _find_again(self) -> bool:
        if self._bytes.packed:
            return self._bytes.seek_member() and self._next_member()
        if self._bytes.position == self._tried_at:
            self._bytes.read(1)
        while (begin := self._bytes.peek(5)) != b"WARC/":
            if not begin:
                return False
            self._bytes.skip_line()
        return True

    def _head(self) -> Head | None:
        """None when only empty lines were left of the member."""
        offset = self._tried_at = self._place()
        line = self._bytes.line(_MAX_LINE_BYTES)
        while line in (b"\r\n", b"\n"):
            offset = self._tried_at = self._place()
            line = self._bytes.line(_MAX_LINE_BYTES)
        if not line:
            if self._bytes.packed and not self._records_in_member:
                message = "a gzip member without a record"
                self._tell_once(offset, "empty_member", message, Severity.WARNING)
            return None
        version = _VERSION.fullmatch(line)
        if version is None:
            raise self._bytes.error("junk", "what stands here is no WARC record")
        lines = self._field_lines()
        if any(not each.endswith(b"\r\n") for each in [line, *lines]):
            self._tell_once(offset, "line_ends", "header lines end with LF instead of CRLF")
        first = self._is_first(offset)
        head = Head(offset=offset, version=version[1].decode(), fields=_fields(lines), first=first)
        self._begin_record(head)
        return head

    def _place(self) -> int:
        return self._bytes.member_offset if self._bytes.packed else self._bytes.position

    def _is_first(self, offset: int) -> bool:
        self._records_in_member += 1
        if self._records_in_member == 1 or not self._bytes.packed:
            return True
        self._tell_once(offset, "one_member", _SEVERAL)
        return False

    def _field_lines(self) -> list[bytes]:
        lines: list[bytes] = []
        left = _MAX_HEAD_BYTES
        while (line := self._bytes.line(_MAX_LINE_BYTES)) not in (b"\r\n", b"\n"):
            left -= len(line)
            if not line or left < 0:
                raise self._bytes.error("head", "the record's head is cut or too long")
            lines.append(line)
        return lines

    def _begin_record(self, head: Head) -> None:
        lengths = set(head.all("content-length"))
        value = lengths.pop() if len(lengths) == 1 else ""
        if not (value.isascii() and value.isdigit() and len(value) <= _MAX_LENGTH_DIGITS):
            raise self._bytes.error("content_length", "Content-Length is missing or no number")
        self._left = int(value)
        self._begun_at = head.offset

    def _end_record(self, begun_at: int) -> None:
        tail = self._bytes.peek(4)
        if tail == b"\r\n\r\n":
            self._bytes.read(4)
        elif tail.startswith(b"\n\n"):
            self._bytes.read(2)
            self._tell_once(begun_at, "line_ends", "the record ends with LF instead of CRLF")
        elif not tail.strip():
            self._bytes.read(len(tail))
            self._tell_once(begun_at, "record_end", "the record does not end with two empty lines")
        else:
            message = "more bytes follow the block than its Content-Length says"
            raise self._bytes.error("content_length", message)
        ended = self._bytes.at_member_end()
        if not self._bytes.packed or (ended and self._records_in_member == 1):
            self.length = self._bytes.position - begun_at


def _fields(lines: list[bytes]) -> tuple[tuple[str, str], ...]:
    """Folded lines (section 4) are joined; what is not UTF-8 stays visible as latin-1."""
    pairs: list[tuple[str, list[str]]] = []
    for line in lines:
        text = _text(line)
        name, _, value = text.partition(":")
        if text[:1] in (" ", "\t") and pairs:
            pairs[-1][1].append(text.strip())
        else:
            pairs.append((name.strip(), [value.strip()]))
    return tuple((name, " ".join(parts)) for name, parts in pairs)


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
