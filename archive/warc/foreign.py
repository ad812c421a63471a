"""Records of the files that other crawlers made: WARC 1.0 and 1.1 (packed record by record, as a
whole, with zstd, or plain), ARC, WACZ with such files inside, and collections of such WACZ.

The file is hostile until it is read: what it unpacks to has a limit, its names never become paths,
and whatever cannot be read is told with its place. Nothing is ever extracted.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

import zstandard

from archive.model.errors import DamageError
from archive.model.reading import Severity
from archive.warc.arc import ArcScanner
from archive.warc.block import Block
from archive.warc.formats import other_format
from archive.warc.scan import Damage, Head, Scanner
from archive.warc.spool import Content, Spool
from archive.warc.window import window

MAX_BLOCK_BYTES: Final = 512 * 1024 * 1024
# What a file may unpack to: a full county portal is packed to a tenth, mark-up alone to a fiftieth.
MAX_UNPACKED_BYTES: Final = 1024**3
MAX_RATIO: Final = 250
_MAX_DAMAGES: Final = 100
_MAX_PARTS: Final = 10_000
_MAX_WINDOW_BYTES: Final = 128 * 1024 * 1024
_MAX_DICTIONARY_BYTES: Final = 16 * 1024 * 1024
_START_BYTES: Final = 4096
_PART_ENDS: Final = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
_BUNDLE_END: Final = ".wacz"
_ENTRY_BYTES: Final = 100  # of a ZIP's directory, at least
_LOCAL_HEAD: Final = struct.Struct("<26x2H")
_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"
_ZSTD_FRAME: Final = b"\x28\xb5\x2f\xfd"
_DIGEST_RULES: Final = frozenset({"block_digest", "payload_digest"})
_UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, zstandard.ZstdError, EOFError, OSError, NotImplementedError,
    RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRecord:
    """One record. part: the file inside a WACZ; "" for a file by itself. block: everything behind
    the head. damage: None, or why the block is not what the record says it is.
    """

    part: str
    head: Head
    block: Content
    damage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A record that was not wanted. reason: what `why_not` said."""

    part: str
    head: Head
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A place that cannot be read. rule: its short name, for machines."""

    part: str
    offset: int
    rule: str
    message: str


Found = ForeignRecord | Skipped | Unreadable


class _ContainerError(DamageError):
    """The packing around a file's records is damaged, or unpacks to more than the limit."""


def format_of(path: Path) -> str | None:
    """What a file is, as a word of the ledger (warc, arc, wacz); None where it is nothing of that.
    OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        other = other_format(stream.read(_START_BYTES))
    known = {None: "warc", "an ARC file": "arc", "a WACZ file": "wacz", "a ZIP archive": "wacz"}
    return "warc" if other == "compressed with zstd" else known.get(other)


def foreign_records(
    path: Path, *, why_not: Callable[[Head], str | None], spool: Callable[[], Spool]
) -> Iterator[Found]:
    """Every record of a file, in order, and every place that cannot be read.

    why_not: why a record's block is not wanted; None when it is. spool: makes room for a block.
    OSError where the file cannot be opened, or a block finds no room.
    """
    with path.open("rb") as stream:
        budget = _Budget(MAX_UNPACKED_BYTES + MAX_RATIO * path.stat().st_size)
        reader = _Reader(path, why_not, spool, budget)
        start = stream.read(_START_BYTES)
        stream.seek(0)
        if start.startswith(b"PK\x03\x04"):
            yield from reader.members(stream)
        else:
            yield from reader.records(stream, "", start)


class _Budget:
    """How much more a file may unpack to."""

    def __init__(self, most_bytes: int) -> None:
        self._left = self._most = most_bytes

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _ContainerError(
                f"it unpacks to more than {self._most:,} bytes, {MAX_RATIO} times its size: not"
                " read on"
            )


class _Unpacking:
    """A packed stream whose errors have one type, and whose bytes are counted."""

    def __init__(self, stream: BinaryIO, budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, count: int = -1) -> bytes:
        try:
            piece = self._stream.read(count)
        except _UNREADABLE as error:
            raise _ContainerError(str(error) or type(error).__name__) from error
        self._budget.spend(len(piece))
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._stream.seek(offset, whence)
        except _UNREADABLE as error:
            raise _ContainerError("it cannot be read on behind the damage") from error


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path
    why_not: Callable[[Head], str | None]
    spool: Callable[[], Spool]
    budget: _Budget

    def members(self, stream: BinaryIO, bundle: str = "") -> Iterator[Found]:
        """The records of all files inside a ZIP, and inside the bundles in it. bundle: the one of
        a collection that the ZIP is.
        """
        ends = _PART_ENDS if bundle else (*_PART_ENDS, _BUNDLE_END)
        try:
            with zipfile.ZipFile(stream) as packed:
                members = packed.infolist()
                self.budget.spend(len(members) * _ENTRY_BYTES)
                parts = [m for m in members if m.filename.lower().endswith(ends)]
                if not parts or len(parts) > _MAX_PARTS:
                    message = f"{len(parts):,} WARC files in it: 1 to {_MAX_PARTS:,} are read"
                    yield _unreadable(bundle, 0, "container", message)
                    return
                for member in parts:
                    if member.filename.lower().endswith(_BUNDLE_END):
                        yield from self._bundle(stream, member)
                    else:
                        name = f"{bundle}/{member.filename}" if bundle else member.filename
                        yield from self._member(packed, member, name)
        except (*_UNREADABLE, _ContainerError) as error:
            yield _unreadable(bundle, 0, "container", f"the ZIP cannot be read: {error}")

    def _bundle(self, stream: BinaryIO, member: zipfile.ZipInfo) -> Iterator[Found]:
        """A bundle of a collection, read where it stands: that is seldom packed once more."""
        stream.seek(member.header_offset)
        head = stream.read(_LOCAL_HEAD.size)
        if member.compress_type != zipfile.ZIP_STORED or len(head) < _LOCAL_HEAD.size:
            message = "a bundle packed once more is not read: unpack it and give it by itself"
            yield _unreadable(member.filename, 0, "container", message)
            return
        start = member.header_offset + _LOCAL_HEAD.size + sum(_LOCAL_HEAD.unpack(head))
        yield from self.members(window(stream, start, member.file_size), member.filename)

    def _member(
        self, packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str
    ) -> Iterator[Found]:
        try:
            stream = packed.open(member)
        except _UNREADABLE as error:
            yield _unreadable(name, 0, "container", str(error))
            return
        with stream:
            guarded = _Unpacking(cast(BinaryIO, stream), self.budget)
            try:
                start = guarded.read(_START_BYTES)
                guarded.seek(0)
            except _ContainerError as error:
                yield _unreadable(name, 0, "container", str(error))
                return
            yield from self.records(cast(BinaryIO, guarded), name, start)

    def records(self, stream: BinaryIO, part: str, start: bytes) -> Iterator[Found]:
        """The records of one file. start: its first bytes."""
        other = other_format(start)
        if other not in (None, "an ARC file", "compressed with zstd"):
            yield _unreadable(part, 0, "another_format", f"this is {other}: no WARC, ARC or WACZ")
            return
        try:
            if other == "compressed with zstd":
                with closing(_unzstd(stream, start)) as unpacked:
                    guarded = cast(BinaryIO, _Unpacking(unpacked, self.budget))
                    yield from self._scanned(Scanner(guarded, self.path), part)
            elif other is None:
                yield from self._scanned(Scanner(stream, self.path), part)
            else:
                yield from self._scanned(ArcScanner(stream, self.path), part)
        except (_ContainerError, zstandard.ZstdError) as error:
            yield _unreadable(part, 0, "container", str(error))

    def _scanned(self, scanner: Scanner | ArcScanner, part: str) -> Iterator[Found]:
        count = told = 0
        for head in scanner.heads():
            count += 1
            before = _taken(scanner)
            found = self._record(scanner, head, part)
            damages = _taken(scanner)
            told += len(before) + len(damages)
            for each in (*before, *damages):
                yield _unreadable(part, each.offset, each.rule, each.message)
            if told > _MAX_DAMAGES:
                message = f"more than {_MAX_DAMAGES} damaged places: not read on"
                yield _unreadable(part, head.offset, "container", message)
                return
            if not damages:  # else the record is cut, and told
                yield found
        damages = _taken(scanner)
        yield from (_unreadable(part, d.offset, d.rule, d.message) for d in damages)
        if not count and not damages and not told:
            yield _unreadable(part, 0, "empty", "there is no record in the file")

    def _record(self, scanner: Scanner | ArcScanner, head: Head, part: str) -> Found:
        reason = self.why_not(head)
        spool, block, size = self.spool(), Block(head), 0
        for piece in scanner.pieces():
            self.budget.spend(len(piece))
            size += len(piece)
            if reason is None and size <= MAX_BLOCK_BYTES:
                spool.add(piece)
                block.add(piece)
        scanner.close()
        if reason is not None:
            return Skipped(part=part, head=head, reason=reason)
        if size > MAX_BLOCK_BYTES:
            message = f"a block of {size:,} bytes; at most {MAX_BLOCK_BYTES:,} are taken in"
            return _unreadable(part, head.offset, "too_large", message)
        return ForeignRecord(
            part=part, head=head, block=spool.content, damage=_digest_damage(block)
        )


def _taken(scanner: Scanner | ArcScanner) -> list[Damage]:
    """What has become unreadable since the last look."""
    damages, scanner.damages = scanner.damages, []
    return [each for each in damages if not each.readable]


def _digest_damage(block: Block) -> str | None:
    for severity, rule, message in block.complaints():
        if rule in _DIGEST_RULES and severity is Severity.ERROR:
            return message
    return None


def _unreadable(part: str, offset: int, rule: str, message: str) -> Unreadable:
    return Unreadable(part=part, offset=offset, rule=rule, message=message)


def _unzstd(stream: BinaryIO, start: bytes) -> BinaryIO:
    """The unpacked bytes; a dictionary that stands before the first frame is used (the convention
    of .warc.zst: a skippable frame, the dictionary in it packed or plain).
    """
    dictionary = None
    if start.startswith(_DICTIONARY):
        size = int.from_bytes(start[4:8], "little")
        if size > _MAX_DICTIONARY_BYTES:
            raise _ContainerError(f"a zstd dictionary of {size:,} bytes")
        raw = stream.read(8 + size)[8:]
        if raw.startswith(_ZSTD_FRAME):
            raw = zstandard.ZstdDecompressor().decompress(
                raw, max_output_size=_MAX_DICTIONARY_BYTES
            )
        dictionary = zstandard.ZstdCompressionDict(raw)
    engine = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_MAX_WINDOW_BYTES)
    return cast(BinaryIO, engine.stream_reader(stream, read_across_frames=True, closefd=False))
