"""Compound files (OLE; [MS-CFB]): one stream taken out, cycles and false sizes refused.

calamine follows whatever chain a file names, a loop until memory ends. So the stream is taken out
here and handed on in a compound file of our own making.
"""

import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from archive.reading.files.refusal import RefusedError

_END: Final = 0xFFFFFFFE
_FREE: Final = 0xFFFFFFFF
_FAT_MARK: Final = 0xFFFFFFFD
_LAST_SECTOR: Final = 0xFFFFFFFA
_ENTRY_BYTES: Final = 128
_STREAM: Final = 2
_ROOT: Final = 5
_MADE_SECTOR: Final = 512
_MIN_STREAM: Final = 4096
_MAX_FAT_SECTORS: Final = 109


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    name: str
    kind: int
    start: int
    size: int


def stream_of(body: bytes, names: Sequence[str]) -> bytes:
    """The first of the named streams that a compound file holds. RefusedError when it holds none,
    or its chains do not hang together.
    """
    try:
        return _Compound(body).stream(names)
    except struct.error as error:
        raise _damaged(str(error)) from None


def compound(name: str, stream: bytes) -> bytes:
    """A sound compound file that holds nothing but one stream (padded to whole sectors)."""
    stream = stream.ljust(_MIN_STREAM, b"\0")  # smaller ones would need mini sectors
    stream += bytes(-len(stream) % _MADE_SECTOR)
    sectors = len(stream) // _MADE_SECTOR
    per_fat = _MADE_SECTOR // 4
    fats = 1
    while fats * per_fat < fats + 1 + sectors:
        fats += 1
    if fats > _MAX_FAT_SECTORS:
        raise RefusedError("file_too_large", "the workbook is too large")
    chain = [*range(fats + 2, fats + 1 + sectors), _END]
    table = [*[_FAT_MARK] * fats, _END, *chain]
    table += [_FREE] * (fats * per_fat - len(table))
    places = [*range(fats), *[_FREE] * (_MAX_FAT_SECTORS - fats)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", *places)
    directory = _entry("Root Entry", _ROOT, 1, _END, 0)
    directory += _entry(name, _STREAM, _FREE, fats + 1, len(stream))
    return b"".join(
        (
            head.ljust(_MADE_SECTOR, b"\0"),
            struct.pack(f"<{len(table)}I", *table),
            directory.ljust(_MADE_SECTOR, b"\0"),
            stream,
        )
    )


def _entry(name: str, kind: int, below: int, start: int, size: int) -> bytes:
    spelled = name.encode("utf-16-le")
    head = struct.pack("<HBBIII", len(spelled) + 2, kind, 1, _FREE, _FREE, below)
    return spelled.ljust(64, b"\0") + head + bytes(36) + struct.pack("<IQ", start, size)


class _Compound:
    def __init__(self, body: bytes) -> None:
        self._body = body
        shift, mini_shift = struct.unpack_from("<HH", body, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise _damaged("sector size")
        self._size = 1 << shift
        self._directory, self._cutoff = (struct.unpack_from("<I", body, at)[0] for at in (48, 56))
        self._fat = self._table(self._fat_sectors())
        mini = struct.unpack_from("<I", body, 60)[0]
        self._mini_fat = self._table(self._chain(mini)) if mini < _LAST_SECTOR else []

    def stream(self, names: Sequence[str]) -> bytes:
        entries = list(self._entries())
        for name in names:
            for entry in entries:
                if entry.kind == _STREAM and entry.name.casefold() == name.casefold():
                    return self._read(entry, entries)
        raise _damaged("no workbook inside")

    def _read(self, entry: _Entry, entries: Collection[_Entry]) -> bytes:
        if entry.size > len(self._body):
            raise _damaged("a stream larger than its file")
        if entry.size >= self._cutoff:
            return self._joined(entry.start)[: entry.size]
        root = next((e for e in entries if e.kind == _ROOT), None)
        if root is None:
            raise _damaged("no root entry")
        holder = self._joined(root.start)
        pieces = _followed(self._mini_fat, entry.start)
        return b"".join(holder[n * 64 : (n + 1) * 64] for n in pieces)[: entry.size]

    def _entries(self) -> Iterator[_Entry]:
        directory = self._joined(self._directory)
        for at in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            start, size = struct.unpack_from("<II", directory, at + 116)
            name = directory[at : at + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace")
            yield _Entry(name=name, kind=kind, start=start, size=size)

    def _joined(self, start: int) -> bytes:
        return b"".join(map(self._sector, self._chain(start)))

    def _chain(self, start: int) -> list[int]:
        return _followed(self._fat, start)

    def _sector(self, number: int) -> bytes:
        begin = (number + 1) * self._size
        return self._body[begin : begin + self._size]

    def _table(self, sectors: Sequence[int]) -> list[int]:
        joined = b"".join(map(self._sector, sectors))
        return list(struct.unpack(f"<{len(joined) // 4}I", joined[: len(joined) // 4 * 4]))

    def _fat_sectors(self) -> list[int]:
        """Where the table lies: 109 places in the header, the others in a chain of their own."""
        most = len(self._body) // self._size
        found = [n for n in struct.unpack_from("<109I", self._body, 76) if n < _LAST_SECTOR]
        following = struct.unpack_from("<I", self._body, 68)[0]
        steps = 0
        while following < _LAST_SECTOR:
            steps += 1
            places = self._table([following])
            if not places or steps > most:
                raise _damaged("the table of sectors does not end")
            found += [n for n in places[:-1] if n < _LAST_SECTOR]
            following = places[-1]
        if len(found) > most or any(n > most for n in found):
            raise _damaged("the table of sectors lies outside the file")
        return found


def _followed(table: Sequence[int], start: int) -> list[int]:
    found: list[int] = []
    while start < _LAST_SECTOR:
        if start >= len(table) or len(found) > len(table):
            raise _damaged("a chain of sectors does not end")
        found.append(start)
        start = table[start]
    return found


def _damaged(evidence: str) -> RefusedError:
    return RefusedError("file_damaged", "the compound file is damaged", evidence)
