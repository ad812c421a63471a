"""Records read back: one by its place, or a whole file in order."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import BinaryIO, Final

from archive.model.errors import WarcError
from archive.model.frontier import WarcSpot
from archive.warc.digest import parse_digest
from archive.warc.folder import WarcFile, WarcFolder, file_of
from archive.warc.message import head_length, interim_length
from archive.warc.record import NOT_MODIFIED_SCHEME, parse_date
from archive.warc.scan import Head, Scanner
from archive.warc.unpack import BrokenError

MAX_BLOCK_BYTES = 512 * 1024 * 1024
_BESIDE: Final = 3  # its request, heads of interim answers, the 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it stands in a file.

    length: of its gzip member (of the record in a plain file); None when it cannot be read by
        itself because several records share a member.
    block: everything behind the WARC head. damage: None, or why the block cannot be trusted.
    """

    file: str
    length: int | None
    head: Head
    block: bytes
    damage: str | None = None

    @property
    def offset(self) -> int:
        """Where it begins in the file."""
        return self.head.offset

    @property
    def record_type(self) -> str:
        """WARC-Type, lower case; "" when it is missing."""
        return self.head.record_type

    @property
    def record_id(self) -> str | None:
        """WARC-Record-ID with its brackets; None when it is missing."""
        return self.header("WARC-Record-ID")

    @property
    def target_uri(self) -> str | None:
        """WARC-Target-URI without the brackets that WARC 1.0 writers put; None without one."""
        return self.head.target_uri

    @property
    def date(self) -> datetime | None:
        """WARC-Date in UTC; None when it is missing or malformed."""
        return parse_date(self.header("WARC-Date") or "")

    @property
    def is_http(self) -> bool:
        """Whether the block is an HTTP message."""
        return self.head.is_http

    @property
    def payload(self) -> memoryview:
        """The block without its HTTP heads (sections 3 and 6.3), the interim ones of old records
        included; all of it when it has none.
        """
        start = head_length(self.block, interim_length(self.block)) if self.is_http else None
        return memoryview(self.block)[start or 0 :]

    def header(self, name: str) -> str | None:
        """The first field of that name; None when it is absent."""
        return self.head.get(name)


def read_record(folder: WarcFolder, spot: WarcSpot) -> Record:
    """The record at `spot`, its block digest verified. Raises WarcError, with file and offset,
    when it is missing, cut, damaged, or more than one record.
    """
    path = file_of(folder, spot.file)
    scanner = Scanner(BytesIO(_bytes_at(path, spot)), path)
    try:
        records = list(_records(scanner, spot.file))
    except BrokenError as error:
        raise BrokenError(path, spot.offset, error.rule, error.message) from error
    if len(records) != 1 or records[0].length != spot.length:
        raise BrokenError(path, spot.offset, "spot", "here is not exactly one record")
    [record] = records
    if record.damage:
        raise BrokenError(path, spot.offset, "block_digest", record.damage)
    return replace(record, head=replace(record.head, offset=spot.offset))


def read_block(folder: WarcFolder, spot: WarcSpot) -> bytes:
    """The block of the record at `spot` (for an exchange: the bytes of the wire); errors as in
    `read_record`.
    """
    return read_record(folder, spot).block


def read_not_modified(folder: WarcFolder, spot: WarcSpot) -> bytes | None:
    """The head of the 304 that lies beside the revisit at `spot`, within the few records behind it;
    None without one. WarcError where these cannot be read.
    """
    beside_of = read_record(folder, spot).record_id
    path = file_of(folder, spot.file)
    with closing(_stream(path)) as stream:
        stream.seek(spot.offset + spot.length)
        for record in islice(_records(Scanner(stream, path), spot.file), _BESIDE):
            uri, of = record.target_uri or "", record.header("WARC-Concurrent-To")
            if of == beside_of and uri.startswith(NOT_MODIFIED_SCHEME) and not record.damage:
                return record.block
    return None


def iterate(path: WarcFile) -> Iterator[Record]:
    """Every record of a WARC file (1.0 or 1.1, gzip or plain), in order.

    Raises WarcError, after the records before it, at the first place that cannot be read, and
    for a file that is no WARC at all. A block that does not fit its digest is no such place: the
    record comes with `damage`.
    """
    with closing(_stream(path)) as stream:
        scanner = Scanner(stream, path)
        count = 0
        for record in _records(scanner, path.name):
            count += 1
            yield record
        if not count:
            raise WarcError(f"{path}, offset 0: no WARC record in the file")


def _stream(path: WarcFile) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise WarcError(f"{path}: {error.strerror}") from error


def _bytes_at(path: WarcFile, spot: WarcSpot) -> bytes:
    try:
        with path.open("rb", buffering=0) as stream:
            stream.seek(spot.offset)
            return stream.read(spot.length)
    except OSError as error:
        raise BrokenError(path, spot.offset, "file", error.strerror or "unreadable") from error


def _records(scanner: Scanner, file: str) -> Iterator[Record]:
    for head in scanner.heads():
        block = _block(scanner, head)
        scanner.close()
        _refuse_broken(scanner)
        damage = digest_damage(head, block)
        yield Record(file=file, length=scanner.length, head=head, block=block, damage=damage)
    _refuse_broken(scanner)


def _block(scanner: Scanner, head: Head) -> bytes:
    pieces, left = [], MAX_BLOCK_BYTES
    for piece in scanner.pieces():
        left -= len(piece)
        if left < 0:
            raise scanner.broken(head.offset, "size", f"the block exceeds {MAX_BLOCK_BYTES} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _refuse_broken(scanner: Scanner) -> None:
    for damage in scanner.damages:
        if not damage.readable:
            raise scanner.broken(damage.offset, damage.rule, damage.message)


def digest_damage(head: Head, block: bytes) -> str | None:
    """Why a block is not the one that its head has digested; None when it is."""
    text = head.get("WARC-Block-Digest")
    if text is None:
        return None
    try:
        fits = parse_digest(text).fits(block)
    except WarcError as error:
        return str(error)
    return None if fits else "the block does not fit its digest"
