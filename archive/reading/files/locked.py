"""Whether an archive or an old Word file is encrypted, or which members of a RAR file are, as its
own headers say.

No program needs to be asked for that, and bsdtar gives no word of it for some. Layouts: RAR's
"technical note" (4 and 5), 7-Zip's 7zFormat.txt, [MS-DOC] 2.5.1.
"""

import lzma
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from archive.reading.files.compound import stream_of
from archive.reading.files.refusal import RefusedError

_LOCKED: Final = "a part of the file is encrypted"
_BEHIND: Final = (
    "a part of the file is packed upon an encrypted one before it (a solid archive), so only the"
    " password opens it"
)
_RAR_5: Final = b"Rar!\x1a\x07\x01\x00"
_MAX_BLOCKS: Final = 4_000
_MAX_VINT_BYTES: Final = 10
_ARCHIVE_4, _FILE_4, _END_4 = 0x73, 0x74, 0x7B
_HAS_DATA_4, _LOCKED_HEADS_4, _LOCKED_FILE_4 = 0x8000, 0x80, 0x04
_SOLID_4, _LARGE_4, _FOLDER_4 = 0x08, 0x0100, 0xE0
_NAME_LENGTH_4, _NAME_4 = 26, 32
_ARCHIVE_5, _FILE_5, _LOCKED_HEADS_5, _END_5 = 1, 2, 4, 5
_SOLID_5, _FOLDER_5, _HAS_TIME_5, _HAS_SUM_5 = 0x04, 0x01, 0x02, 0x04
_MAX_NAME_BYTES: Final = 1_000
_HAS_EXTRA_5, _HAS_DATA_5, _LOCKED_RECORD_5 = 1, 2, 1
_HEAD_7Z: Final = 32
_PACKED_HEADER_7Z: Final = 0x17
_LZMA_7Z: Final = b"\x23\x03\x01\x01\x05"  # a coder's flags, its number, the size of what follows
_AES_7Z: Final = b"\x24\x06\xf1\x07\x01"
_MAX_HEADER_BYTES: Final = 8 * 1024**2
_MAX_WINDOW_BYTES: Final = 64 * 1024**2
_LOCKED_DOC: Final = 0x0100
_DAMAGE: Final = (RefusedError, struct.error, IndexError, ValueError, lzma.LZMAError)


def is_locked(body: bytes, kind: str) -> bool:
    """Whether a file of a kind (rar, 7z, doc) is encrypted, and with it all that it holds; False
    for every other kind, and where the headers are damaged. A 7z file is, as soon as one of its
    members is.

    >>> is_locked(bytes.fromhex("526172211a0701008d ef 02 d2 02 04 00"), "rar")
    True
    """
    asked = {"rar": _rar, "7z": _seven_zip, "doc": _doc}.get(kind)
    try:
        return asked is not None and asked(body)
    except _DAMAGE:
        return False


def why_locked(body: bytes, kind: str) -> str:
    """Of a file that is encrypted: what is to be told of it."""
    lost = _lost(_blocks(body)) if kind == "rar" else []
    if all(each.is_locked for each in lost):
        return f"the {kind} file is protected by a password"
    return (
        f"the first part of the {kind} file is encrypted, and the others are packed upon it (a"
        " solid archive): only the password opens them"
    )


def locked_members(body: bytes) -> tuple[tuple[str, str], ...]:
    """The names of the members of a RAR file that only a password opens, each with the reason; ()
    where there are none, where even their names are encrypted, and where the headers are damaged.
    """
    return tuple(
        (each.name or "", _LOCKED if each.is_locked else _BEHIND) for each in _lost(_blocks(body))
    )


def without_locked(body: bytes) -> bytes:
    """A RAR file without the members that only a password opens: its other blocks as they stand."""
    kept, at = [], 0
    for each in _lost(_blocks(body)):
        kept.append(body[at : each.begin])
        at = each.end
    return b"".join((*kept, body[at:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A block of a RAR file: where it stands with its data. name: of a file; None: it is none.
    is_locked: a file that is encrypted; of another block, all that is behind it.
    is_solid: what is packed in it builds on what is before.
    """

    begin: int
    end: int
    name: str | None = None
    is_locked: bool = False
    is_solid: bool = False


def _rar(body: bytes) -> bool:
    """Whether nothing can be read of it."""
    blocks = _blocks(body)
    if any(each.is_locked and each.name is None for each in blocks):
        return True
    lost = _lost(blocks)
    return bool(lost) and len(lost) == sum(each.name is not None for each in blocks)


def _lost(blocks: Sequence[_Block]) -> list[_Block]:
    """The members that cannot be read without a password: those that are encrypted, and in a solid
    archive what stands behind the first of them.
    """
    is_solid, is_behind, lost = any(each.is_solid for each in blocks), False, []
    for each in blocks:
        if each.name is not None and (each.is_locked or is_behind):
            is_behind = is_solid
            lost.append(each)
    return lost


def _blocks(body: bytes) -> list[_Block]:
    """As far as the headers can be understood."""
    blocks = _blocks_5(body) if body.startswith(_RAR_5) else _blocks_4(body)
    found: list[_Block] = []
    with suppress(*_DAMAGE):
        for each in islice(blocks, _MAX_BLOCKS):
            found.append(each)  # noqa: PERF402 - those before the damage stay
    return found


def _blocks_4(body: bytes) -> Iterator[_Block]:
    at = len(_RAR_5) - 1
    while at < len(body):
        _, kind, flags, size = struct.unpack_from("<HBHH", body, at)
        data = struct.unpack_from("<I", body, at + 7)[0] if flags & _HAS_DATA_4 else 0
        is_file = kind == _FILE_4 and flags & _FOLDER_4 != _FOLDER_4
        yield _Block(
            begin=at,
            end=at + size + data,
            name=_name_4(body, at, flags) if is_file else None,
            is_locked=bool(
                (kind == _ARCHIVE_4 and flags & _LOCKED_HEADS_4)
                or (is_file and flags & _LOCKED_FILE_4)
            ),
            is_solid=kind == _ARCHIVE_4 and bool(flags & _SOLID_4),
        )
        if kind == _END_4 or size + data == 0:
            return
        at += size + data


def _name_4(body: bytes, at: int, flags: int) -> str:
    (length,) = struct.unpack_from("<H", body, at + _NAME_LENGTH_4)
    begin = at + _NAME_4 + (8 if flags & _LARGE_4 else 0)
    return _spelled(body[begin : begin + length].split(b"\0")[0])


def _blocks_5(body: bytes) -> Iterator[_Block]:
    at = len(_RAR_5)
    while at < len(body):
        head = _Numbers(body, at + 4)
        size = head.next()
        end = head.at + size
        kind, flags = head.next(), head.next()
        extra = head.next() if flags & _HAS_EXTRA_5 else 0
        data = head.next() if flags & _HAS_DATA_5 else 0
        more = head.next() if kind in (_ARCHIVE_5, _FILE_5) else 0  # flags of that kind
        is_file = kind == _FILE_5 and not more & _FOLDER_5
        records = _records_5(body, end - extra, end) if is_file else iter(())
        yield _Block(
            begin=at,
            end=end + data,
            name=_name_5(head, more) if is_file else None,
            is_locked=kind == _LOCKED_HEADS_5 or _LOCKED_RECORD_5 in records,
            is_solid=kind == _ARCHIVE_5 and bool(more & _SOLID_5),
        )
        if kind == _END_5:
            return
        at = end + data


def _name_5(head: "_Numbers", flags: int) -> str:
    head.next(), head.next()  # its size, its attributes
    head.at += (4 if flags & _HAS_TIME_5 else 0) + (4 if flags & _HAS_SUM_5 else 0)
    head.next(), head.next()  # how it is packed, and on which system
    length = head.next()
    return _spelled(head.body[head.at : head.at + length])


def _spelled(name: bytes) -> str:
    """A name as RAR has it: UTF-8, or the charset of a machine in China."""
    for charset in ("utf-8", "gb18030"):
        try:
            return name[:_MAX_NAME_BYTES].decode(charset).replace("\\", "/")
        except UnicodeError:
            continue
    return name[:_MAX_NAME_BYTES].decode("utf-8", "replace")


def _records_5(body: bytes, at: int, end: int) -> Iterator[int]:
    """The kinds of the records in a header's extra area."""
    while at < end:
        record = _Numbers(body, at)
        at = record.next() + record.at
        yield record.next()


@dataclass(slots=True)
class _Numbers:
    """RAR 5's numbers of any length, seven bits a byte, one behind the other."""

    body: bytes
    at: int

    def next(self) -> int:
        value = 0
        for place in range(_MAX_VINT_BYTES):
            byte = self.body[self.at]
            self.at += 1
            value |= (byte & 0x7F) << 7 * place
            if not byte & 0x80:
                return value
        raise ValueError("a number without an end")


def _seven_zip(body: bytes) -> bool:
    """The cipher is named in the header; that stands packed, where several files are in it."""
    offset, size = struct.unpack_from("<QQ", body, 12)
    header = body[_HEAD_7Z + offset : _HEAD_7Z + offset + size]
    if _AES_7Z in header or header[:1] != bytes([_PACKED_HEADER_7Z]) or _LZMA_7Z not in header:
        return _AES_7Z in header
    position, at = _number_7z(header, 2)
    length, _ = _number_7z(header, at + 2)
    begin = _HEAD_7Z + position
    return _AES_7Z in _unpacked_7z(header, body[begin : begin + length])


def _unpacked_7z(header: bytes, packed: bytes) -> bytes:
    at = header.index(_LZMA_7Z) + len(_LZMA_7Z)
    properties, window = struct.unpack_from("<BI", header, at)
    rest, lc = divmod(properties, 9)
    pb, lp = divmod(rest, 5)
    how = {
        "id": lzma.FILTER_LZMA1, "dict_size": min(window, _MAX_WINDOW_BYTES),
        "lc": lc, "lp": lp, "pb": pb,
    }  # fmt: skip
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[how]).decompress(
        packed, _MAX_HEADER_BYTES
    )


def _number_7z(header: bytes, at: int) -> tuple[int, int]:
    """A number and where the next thing stands. The first byte's leading ones say how many bytes
    follow it, lowest first; what is left of it is the highest part.
    """
    first = header[at]
    more = next((n for n in range(8) if not first & 0x80 >> n), 8)
    value = int.from_bytes(header[at + 1 : at + 1 + more], "little")
    return value | (first & 0x7F >> more) << 8 * more, at + 1 + more


def _doc(body: bytes) -> bool:
    (flags,) = struct.unpack_from("<H", stream_of(body, ["WordDocument"]), 10)
    return bool(flags & _LOCKED_DOC)
