"""Records copied from one WARC file to another byte for byte, and looked at on the way: one that is
damaged is not handed on.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from archive.model.errors import WarcError
from archive.warc.digest import parse_digest
from archive.warc.folder import WarcFile
from archive.warc.payload import HEAD_ROOM
from archive.warc.scan import Head, Scanner
from archive.warc.unpack import BrokenError
from archive.warc.window import window

_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """A record that was read through. length: of its gzip member (of the record in a plain file).
    start: the first bytes of its block, all heads of an HTTP message among them.
    """

    head: Head
    length: int
    start: bytes


def read_through(source: BinaryIO, path: WarcFile, offset: int, end: int) -> ReadRecord:
    """The one record at `offset` of an open WARC file, its block digest checked, in bounded memory.

    end: where its bytes end at the latest. Raises WarcError, with file and offset, when none stands
    there, or it is damaged.
    """
    scanner = Scanner(window(source, offset, end - offset), path)
    head = next(scanner.heads(), None)
    if head is None:
        raise BrokenError(path, offset, "spot", "here is no record")
    declared = head.get("WARC-Block-Digest")
    hasher = parse_digest(declared).hasher() if declared else None
    start = bytearray()
    for piece in scanner.pieces():
        if hasher:
            hasher.update(piece)
        start += piece[: HEAD_ROOM - len(start)]
    scanner.close()
    for damage in scanner.damages:
        if not damage.readable:
            raise BrokenError(path, offset, damage.rule, damage.message)
    if scanner.length is None:
        raise BrokenError(path, offset, "one_member", "the record shares its gzip member")
    if hasher and declared and hasher.digest() != parse_digest(declared).value:
        raise BrokenError(path, offset, "block_digest", "the block does not fit its digest")
    return ReadRecord(head=head, length=scanner.length, start=bytes(start))


def copy_bytes(
    source: BinaryIO, path: WarcFile, offset: int, length: int, write: Callable[[bytes], object]
) -> str:
    """Hands `length` bytes on, as they stand; returns their SHA-256 in hex. Raises WarcError when
    the file ends before.
    """
    source.seek(offset)
    hasher, left = hashlib.sha256(), length
    while left:
        piece = source.read(min(left, _PIECE_BYTES))
        if not piece:
            raise WarcError(f"{path}, offset {offset}: the file ends {left} bytes too early")
        hasher.update(piece)
        write(piece)
        left -= len(piece)
    return hasher.hexdigest()
