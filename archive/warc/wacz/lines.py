"""Lines of the text files in somebody else's WACZ, in bounded memory."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from archive.warc.wacz.directory import ContainerError

_MAX_LINE_BYTES: Final = 64 * 1024 * 1024
_PIECE_BYTES: Final = 256 * 1024
_MAX_RATIO: Final = 200
_MAX_SMALL_BYTES: Final = 100 * 1024 * 1024


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines without their ends; empty ones are left out. ContainerError: a line without end."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from filter(None, (line.rstrip(b"\r") for line in whole))
        if len(rest) > _MAX_LINE_BYTES:
            raise ContainerError(f"a line is longer than {_MAX_LINE_BYTES:,} bytes")
    if rest.strip():
        yield rest


def gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The content of gzip members. ContainerError: damaged, or many times larger than it lies."""
    engine = zlib.decompressobj(wbits=31)
    came = gone = 0
    for raw in pieces:
        came += len(raw)
        rest = raw
        while rest:
            if engine.eof:
                engine = zlib.decompressobj(wbits=31)
            try:
                piece = engine.decompress(rest, _PIECE_BYTES)
            except zlib.error as error:
                raise ContainerError("its gzip members are damaged") from error
            gone += len(piece)
            if gone > max(_MAX_SMALL_BYTES, _MAX_RATIO * came):
                raise ContainerError(f"it unpacks to more than {_MAX_RATIO} times its own size")
            yield piece
            rest = engine.unused_data if engine.eof else engine.unconsumed_tail
    while not engine.eof and (piece := engine.decompress(b"", _PIECE_BYTES)):
        yield piece
    if came and not engine.eof:
        raise ContainerError("its last gzip member is cut")
