"""A stretch of an open file as a stream of its own: a record of a WARC file, a file of a WACZ."""

import io
from typing import BinaryIO


class Window(io.RawIOBase):
    """Reads the bytes from `start` to `start + length` of `source`, whose position it moves.
    Closing it leaves `source` open.
    """

    def __init__(self, source: BinaryIO, start: int, length: int) -> None:
        super().__init__()
        self._source = source
        self._start = start
        self._length = length
        self._position = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """The new position, counted from the start of the stretch."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """The position, counted from the start of the stretch."""
        return self._position

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # typeshed wants a private type
        """How many bytes were read; 0 at the end of the stretch, or of the file."""
        most = min(len(buffer), self._length - self._position)
        if most <= 0:
            return 0
        self._source.seek(self._start + self._position)
        piece = self._source.read(most)
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def window(source: BinaryIO, start: int, length: int) -> io.BufferedReader:
    """A stretch of `source`, buffered."""
    return io.BufferedReader(Window(source, start, length))
