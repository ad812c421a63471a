"""Reads the ZIP container of somebody else's WACZ: nothing that its directory says is believed
before it was compared with the file.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from archive.model.errors import DamageError
from archive.model.reading import Severity
from archive.warc.rules import Complaint
from archive.warc.window import window

_MAX_ENTRIES: Final = 200_000
_MAX_DIRECTORY_BYTES: Final = 64 * 1024 * 1024
_PIECE_BYTES: Final = 256 * 1024
# JSON Lines are packed to a twentieth at best; what unpacks to more than this is made to harm.
_MAX_RATIO: Final = 200
_MAX_SMALL_BYTES: Final = 100 * 1024 * 1024
_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_MAX_COMMENT: Final = 0xFFFF
_ENCRYPTED: Final = 1


class ContainerError(DamageError):
    """The container cannot be read on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntry:
    """A file of the container. start: where its bytes begin. packed_bytes: how many there are;
    size_bytes: how many they unpack to, as the directory says.
    """

    name: str
    offset: int
    start: int
    packed_bytes: int
    size_bytes: int
    crc: int
    is_stored: bool


class Directory:
    """The files of a container that can be read. complaints: what is wrong with the others, each
    with its offset.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Raises ContainerError when the file is no ZIP file, or one that nobody should unpack."""
        self._stream = stream
        self.entries: dict[str, FoundEntry] = {}
        self.complaints: list[tuple[int, Complaint]] = []
        end = _end_of_entries(stream)
        try:
            infos = ZipFile(stream).infolist()
        except (BadZipFile, NotImplementedError, struct.error, ValueError, OverflowError) as error:
            raise ContainerError(f"the directory of the ZIP file is damaged: {error}") from error
        self._add_all(infos, end)

    def stored(self, entry: FoundEntry) -> BinaryIO:
        """A file that was stored as it is, open for reading."""
        return window(self._stream, entry.start, entry.packed_bytes)

    def pieces(self, entry: FoundEntry) -> Iterator[bytes]:
        """The bytes of a file, in bounded memory. Raises ContainerError at the end when they are
        not what the directory says, and at once when they unpack to many times more.
        """
        if not entry.is_stored and _is_bomb(entry.packed_bytes, entry.size_bytes):
            raise ContainerError(
                f"it unpacks to {entry.size_bytes:,} bytes, more than {_MAX_RATIO} times its own"
            )
        size = crc = 0
        for piece in self._raw(entry) if entry.is_stored else self._inflated(entry):
            size += len(piece)
            crc = zlib.crc32(piece, crc)
            if size > entry.size_bytes:
                break
            yield piece
        if size != entry.size_bytes:
            raise ContainerError(f"it has not the {entry.size_bytes:,} bytes that it declares")
        if crc != entry.crc:
            raise ContainerError("it does not fit its check sum (CRC-32)")

    def content(self, entry: FoundEntry, at_most_bytes: int) -> bytes:
        """A whole small file. ContainerError when it is larger, and as `pieces`."""
        if entry.size_bytes > at_most_bytes:
            raise ContainerError(f"it is larger than {at_most_bytes:,} bytes; not looked at")
        return b"".join(self.pieces(entry))

    def _raw(self, entry: FoundEntry) -> Iterator[bytes]:
        with self.stored(entry) as stream:
            while piece := stream.read(_PIECE_BYTES):
                yield piece

    def _inflated(self, entry: FoundEntry) -> Iterator[bytes]:
        engine = zlib.decompressobj(wbits=-15)
        try:
            for raw in self._raw(entry):
                rest = raw
                while rest and not engine.eof:
                    yield engine.decompress(rest, _PIECE_BYTES)
                    rest = engine.unconsumed_tail
            while piece := engine.decompress(engine.unconsumed_tail, _PIECE_BYTES):
                yield piece
        except zlib.error as error:
            raise ContainerError("its deflated bytes are damaged") from error

    def _add_all(self, infos: list[ZipInfo], end: int) -> None:
        last_name, last_end = "", 0
        for info in sorted(infos, key=lambda each: each.header_offset):
            if info.is_dir() and not info.file_size:
                continue
            try:
                entry = self._compared(info, end)
            except ContainerError as error:
                self._complain(info.header_offset, "zip_entry", f"{_shown(info)}: {error}")
                continue
            if entry.offset < last_end:
                message = f"{_shown(info)} and {last_name} lie over each other"
                self._complain(entry.offset, "zip_overlap", message)
                continue
            if entry.name in self.entries:
                self._complain(entry.offset, "zip_name_twice", f"{_shown(info)} is there twice")
                continue
            if entry.offset > last_end:
                message = f"{entry.offset - last_end} bytes belong to no file of the container"
                self._complain(last_end, "zip_gap", message, Severity.WARNING)
            self.entries[entry.name] = entry
            last_name, last_end = _shown(info), entry.start + entry.packed_bytes
            last_end += _descriptor_bytes(info, self._stream, last_end)

    def _compared(self, info: ZipInfo, end: int) -> FoundEntry:
        """An entry whose local header says what the directory says. ContainerError otherwise."""
        _refuse_name(info.filename)
        self._stream.seek(info.header_offset)
        raw = self._stream.read(_LOCAL.size)
        if len(raw) < _LOCAL.size or raw[:4] != b"PK\x03\x04":
            raise ContainerError("no file begins where the directory says")
        _, _, flags, method, _, _, _, _, _, name_length, extra_length = _LOCAL.unpack(raw)
        name = self._stream.read(name_length).decode("utf-8" if flags & 0x800 else "cp437")
        if name != info.orig_filename or method != info.compress_type:
            raise ContainerError("its own header says otherwise than the directory")
        if flags & _ENCRYPTED:
            raise ContainerError("it is encrypted")
        if method not in (ZIP_STORED, ZIP_DEFLATED):
            raise ContainerError(f"it is packed in a way of its own ({method})")
        start = info.header_offset + _LOCAL.size + name_length + extra_length
        if start + info.compress_size > end:
            raise ContainerError("it would end behind the end of the container")
        if method == ZIP_STORED and info.compress_size != info.file_size:
            raise ContainerError("it has two sizes")
        return FoundEntry(
            name=info.filename, offset=info.header_offset, start=start,
            packed_bytes=info.compress_size, size_bytes=info.file_size, crc=info.CRC,
            is_stored=method == ZIP_STORED,
        )  # fmt: skip

    def _complain(
        self, offset: int, rule: str, message: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.complaints.append((offset, (severity, rule, message)))


def _is_bomb(packed_bytes: int, size_bytes: int) -> bool:
    return size_bytes > max(_MAX_SMALL_BYTES, _MAX_RATIO * packed_bytes)


def _shown(info: ZipInfo) -> str:
    return repr(info.filename[:200])


def _refuse_name(name: str) -> None:
    parts = PurePosixPath(name).parts
    is_odd = any(ord(character) < 32 or character in "\\:" for character in name)
    if not parts or name.startswith("/") or ".." in parts or is_odd:
        raise ContainerError("a name that leads out of the container")


def _descriptor_bytes(info: ZipInfo, stream: BinaryIO, end: int) -> int:
    """How long the sizes behind the data are, where a writer could not put them before it."""
    if not info.flag_bits & 0x08:
        return 0
    stream.seek(end)
    is_signed = stream.read(4) == b"PK\x07\x08"
    is_large = max(info.file_size, info.compress_size) >= 0xFFFFFFFF
    return 4 * is_signed + 4 + (16 if is_large else 8)


def _end_of_entries(stream: BinaryIO) -> int:
    """Where the directory begins. ContainerError: there is none, or it is beyond all measure."""
    size = stream.seek(0, 2)
    from_end = min(size, _MAX_COMMENT + _END.size)
    stream.seek(size - from_end)
    tail = stream.read(from_end)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END.size:
        raise ContainerError("no ZIP file, or one that was cut: it has no directory")
    numbers: tuple[int, ...] = _END.unpack_from(tail, place)[4:7]
    count, length, offset = numbers
    end = size - from_end + place
    if count == 0xFFFF or length == 0xFFFFFFFF or offset == 0xFFFFFFFF:
        count, length, offset = _large(stream, end)
    if count > _MAX_ENTRIES or length > _MAX_DIRECTORY_BYTES:
        raise ContainerError(f"{count:,} files are more than anybody puts into a WACZ; not read")
    if offset + length > end:
        raise ContainerError("the directory of the ZIP file would lie behind its end")
    return offset


def _large(stream: BinaryIO, end: int) -> tuple[int, int, int]:
    """Count, length and offset of a ZIP64 directory."""
    stream.seek(max(0, end - _LOCATOR.size))
    locator = stream.read(_LOCATOR.size)
    if len(locator) < _LOCATOR.size or locator[:4] != b"PK\x06\x07":
        raise ContainerError("the ZIP file has no place of its large directory")
    stream.seek(min(_LOCATOR.unpack(locator)[2], end))
    raw = stream.read(_END64.size)
    if len(raw) < _END64.size or raw[:4] != b"PK\x06\x06":
        raise ContainerError("the ZIP file has no large directory")
    found = _END64.unpack(raw)
    return found[7], found[8], found[9]
