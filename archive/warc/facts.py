"""What a checker remembers of millions of records, on disk: facts that are looked at together when
they have the same key.

Facts go to one of many temporary files by their key; at the end one file after another is read
and grouped. So memory holds one part of the facts, however many there are.
"""

import struct
from collections.abc import Iterator
from hashlib import blake2b
from io import BytesIO
from tempfile import TemporaryFile, gettempdir
from typing import IO, NamedTuple

from archive.model.errors import CannotRunError

_PARTS = 64
_IN_MEMORY_BYTES = 32 * 1024
_MAX_TEXT_BYTES = 600
_HEAD = struct.Struct("<QBQQIQH")


class Fact(NamedTuple):
    """Something that was seen at an offset of a file (by its number).

    key: what it is about. kind, value, extra, text: whatever the caller needs to know of it.
    """

    key: int
    kind: int
    value: int
    extra: int
    file: int
    offset: int
    text: str


class Facts:
    """`add` as many as there are, go once through `groups`, `close`.

    Raises CannotRunError when there is no room for temporary files.
    """

    def __init__(self) -> None:
        self._parts = [_Part() for _ in range(_PARTS)]

    def add(self, fact: Fact) -> None:
        """Remembers one fact; a long text is cut."""
        text = fact.text.encode("utf-8", "replace")[:_MAX_TEXT_BYTES]
        head = _HEAD.pack(
            fact.key, fact.kind, fact.value, fact.extra, fact.file, fact.offset, len(text)
        )
        self._parts[fact.key % _PARTS].write(head + text)

    def groups(self) -> Iterator[list[Fact]]:
        """All facts of one key at a time, in the order they were added."""
        for part in self._parts:
            found: dict[int, list[Fact]] = {}
            for fact in part.facts():
                found.setdefault(fact.key, []).append(fact)
            yield from found.values()

    def close(self) -> None:
        """Removes the temporary files."""
        for part in self._parts:
            part.close()


class _Part:
    """In memory while it is small."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None

    def write(self, raw: bytes) -> None:
        self._buffer += raw
        if len(self._buffer) >= _IN_MEMORY_BYTES:
            self._flush()

    def facts(self) -> Iterator[Fact]:
        stream: IO[bytes] = BytesIO(self._buffer)
        if self._file:
            self._flush()
            self._file.seek(0)
            stream = self._file
        while head := stream.read(_HEAD.size):
            key, kind, value, extra, file, offset, length = _HEAD.unpack(head)
            text = stream.read(length).decode("utf-8", "replace")
            yield Fact(key, kind, value, extra, file, offset, text)

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _flush(self) -> None:
        try:
            self._file = self._file or TemporaryFile()  # noqa: SIM115 - closed by `close`
            self._file.write(self._buffer)
            self._file.flush()
        except OSError as error:
            raise CannotRunError(
                f"temporary files in {gettempdir()}: {error.strerror}; make room or set TMPDIR"
            ) from error
        self._buffer.clear()


def key_of(*words: str) -> int:
    """A 64-bit key of some words; never 0."""
    raw = "\0".join(words).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(raw, digest_size=8).digest()) or 1
