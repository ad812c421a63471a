"""Bytes that come in piece by piece and may be many: in memory up to a measure, then on disk.

The file has no name (O_TMPFILE where the system has it), so nothing of it is left after kill -9.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MAX_IN_MEMORY_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


class _NamelessFile:
    """Closed with the last that knows it."""

    def __init__(self, folder: Path) -> None:
        with tempfile.TemporaryFile(dir=folder) as made:
            self.descriptor = os.dup(made.fileno())

    def __del__(self) -> None:
        os.close(self.descriptor)

    def write(self, data: bytes | bytearray) -> None:
        with memoryview(data) as rest:
            start = 0
            while start < len(rest):
                start += os.write(self.descriptor, rest[start:])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes of a file, read when they are needed; a slice of it is bytes, as of bytes."""

    file: _NamelessFile
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces())

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(len(self))
        return bytes(Stretch(self.file, self.start + start, max(self.start + stop, self.start)))

    def behind(self, start: int) -> "Stretch":
        """All of it from `start` on, unread."""
        return Stretch(self.file, min(self.start + start, self.stop), self.stop)

    def pieces(self) -> Iterator[bytes]:
        """All of it, in pieces that memory hardly feels."""
        position = self.start
        while position < self.stop:
            piece = os.pread(
                self.file.descriptor, min(_PIECE_BYTES, self.stop - position), position
            )
            if not piece:
                raise EOFError("a spooled file is shorter than what was written to it")
            yield piece
            position += len(piece)


Content = bytes | Stretch


def pieces_of(content: Content | memoryview) -> Iterator[bytes | memoryview]:
    """Any content in pieces."""
    if isinstance(content, Stretch):
        yield from content.pieces()
        return
    view = memoryview(content)
    for start in range(0, len(view), _PIECE_BYTES):
        yield view[start : start + _PIECE_BYTES]


def behind(content: Content, start: int) -> memoryview | Stretch:
    """`content` from `start` on, not copied."""
    return content.behind(start) if isinstance(content, Stretch) else memoryview(content)[start:]


class Spool:
    """Takes bytes in; `content` is what came.

    folder: where the file lies when one is needed (the disk of the archive: /tmp may be memory).
    OSError where that disk refuses.
    """

    def __init__(self, folder: Path, *, most_in_memory: int = _MAX_IN_MEMORY_BYTES) -> None:
        self._folder = folder
        self._most_in_memory = most_in_memory
        self._memory = bytearray()
        self._file: _NamelessFile | None = None
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, data: bytes) -> None:
        """Takes more bytes in."""
        if self._file is None and self._length + len(data) > self._most_in_memory:
            self._file = _NamelessFile(self._folder)
            self._file.write(self._memory)
            self._memory.clear()
        if self._file is None:
            self._memory += data
        else:
            self._file.write(data)
        self._length += len(data)

    def head(self, most_bytes: int) -> bytes:
        """The first bytes that came."""
        if self._file is None:
            return bytes(self._memory[:most_bytes])
        return self.content[:most_bytes]

    @property
    def content(self) -> Content:
        """What came so far."""
        if self._file is None:
            return bytes(self._memory)
        return Stretch(self._file, 0, self._length)
