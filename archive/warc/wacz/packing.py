"""Writes the ZIP container: entry by entry, hashed as they pass, in bounded memory.

Files of WARC and of the compressed index are stored as they are: readers reach into them by offset.
Everything else is deflated. Times in the container are fixed, so that the same content gives the
same bytes.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Final, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first instant that ZIP can hold
_MODE: Final = 0o644 << 16
# From here on zipfile puts a ZIP64 field into the local header.
_LARGE_BYTES: Final = (1 << 31) * 9 // 10
# An empty field of a known kind (0xCAFE). wabac.js computes where the data begins, and takes the
# local header to be as short as the central one says: beside a ZIP64 field both must be longer.
_PADDING: Final = b"\xfe\xca\x00\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A file of the container. digest: SHA-256, in hex."""

    path: str
    size_bytes: int
    digest: str


class Entry:
    """The open entry of a container: `write` to it."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        """Adds bytes; returns how many."""
        self._target.write(data)
        self._hash.update(data)
        self.size_bytes += len(data)
        return len(data)

    def digest(self) -> str:
        """SHA-256 of what was written, in hex."""
        return self._hash.hexdigest()


class Container:
    """A WACZ that is written to `stream`, in a `with`. resources: the entries closed so far."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = ZipFile(stream, "w", ZIP_STORED, allowZip64=True)
        self.resources: list[Resource] = []

    @contextmanager
    def entry(self, path: str, *, deflated: bool, at_most_bytes: int = 0) -> Iterator[Entry]:
        """A new entry, open for as long as the block lasts; one at a time.

        at_most_bytes: how large it may become, where that can be more than a gigabyte.
        """
        info = ZipInfo(path, _EPOCH)
        info.compress_type = ZIP_DEFLATED if deflated else ZIP_STORED
        info.create_system = 3  # Unix, whatever machine this is
        info.external_attr = _MODE
        is_large = at_most_bytes >= _LARGE_BYTES
        info.extra = _PADDING if is_large else b""
        with self._zip.open(info, "w", force_zip64=is_large) as target:
            entry = Entry(target)
            yield entry
        self.resources.append(
            Resource(path=path, size_bytes=entry.size_bytes, digest=entry.digest())
        )

    def add(self, path: str, content: bytes) -> None:
        """A small file in one piece."""
        with self.entry(path, deflated=True) as entry:
            entry.write(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, problem: type[BaseException] | None, *_: object) -> None:
        """Writes the directory of the container; of one that failed nobody wants it."""
        with suppress(*(() if problem is None else (OSError, ValueError))):
            self._zip.close()
