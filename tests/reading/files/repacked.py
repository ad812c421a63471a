"""RAR files of our own making, as far as a test needs: members stored, not compressed.

Layout: the RAR 4 "technical note" that comes with every unpacker: marker, archive header, one
header and the bytes for each file, end.
"""

import struct
import zlib
from collections.abc import Mapping

_MARKER = b"Rar!\x1a\x07\x00"
_ARCHIVE, _FILE, _END = 0x73, 0x74, 0x7B
_HAS_DATA, _UNICODE_NAME = 0x8000, 0x0200
_STORED, _UNIX, _FOR_2_0 = 0x30, 3, 20


def rar(members: Mapping[str, bytes], *, charset: str = "utf-8") -> bytes:
    """A RAR 4 file with these members; their names in UTF-8, or in the charset of a machine."""
    flags = _HAS_DATA | (_UNICODE_NAME if charset == "utf-8" else 0)
    files = b"".join(
        _block(_FILE, flags, _about(name.encode(charset), body), body)
        for name, body in members.items()
    )
    return _MARKER + _block(_ARCHIVE, 0, bytes(6)) + files + _block(_END, 0x4000, b"")


def _about(name: bytes, body: bytes) -> bytes:
    sizes = struct.pack("<IIBI", len(body), len(body), _UNIX, zlib.crc32(body))
    kinds = struct.pack("<IBBHI", 0x5A21 << 16, _FOR_2_0, _STORED, len(name), 0o100644)
    return sizes + kinds + name


def _block(kind: int, flags: int, about: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(about)) + about
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data
