"""A file that only grows, and that is always whole up to its last synced end."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from archive.model.errors import CannotRunError

OPEN_SUFFIX = ".open"
_BUFFER_BYTES = 1024 * 1024


class GrowingFile:
    """`NAME.open` while it grows, locked so that nobody takes it for what a crash left; `finish`
    gives it its name.

    Raises CannotRunError when the disk refuses; the file then ends where it was last synced.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self.name = name
        self._buffer = bytearray()
        self._written_end = 0
        self.synced_end = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        try:
            self._descriptor = os.open(self.path, flags, 0o644)
        except OSError as error:
            raise CannotRunError(f"cannot create {self.path}: {error.strerror}") from error
        with suppress(OSError):  # a file system that knows no locks
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @property
    def path(self) -> Path:
        """Where the file lies while it grows."""
        return self._folder / (self.name + OPEN_SUFFIX)

    @property
    def end(self) -> int:
        """Where the next append will lie."""
        return self._written_end + len(self._buffer)

    def append(self, content: bytes) -> int:
        """Buffers `content`; returns the offset at which it will lie."""
        offset = self.end
        self._buffer += content
        if len(self._buffer) >= _BUFFER_BYTES:
            self._guarded_flush(durable=False)
        return offset

    def sync(self) -> None:
        """Makes everything appended durable, the file's name included."""
        if self.end > self.synced_end:
            self._guarded_flush(durable=True)

    def finish(self) -> None:
        """Syncs, closes, and gives the file its final name."""
        self.sync()
        give_final_name(self.path)
        os.close(self._descriptor)

    def discard(self) -> None:
        """Removes a file of which nothing was ever synced."""
        os.close(self._descriptor)
        self.path.unlink()

    def _guarded_flush(self, *, durable: bool) -> None:
        try:
            self._flush()
            if durable:
                self._make_durable()
        except OSError as error:
            self._roll_back()
            raise CannotRunError(
                f"cannot write {self.path}: {error.strerror}; make room and run the same command"
                " again"
            ) from error

    def _flush(self) -> None:
        with memoryview(self._buffer) as rest:
            start = 0
            while start < len(rest):
                start += os.write(self._descriptor, rest[start:])
        self._written_end += len(self._buffer)
        self._buffer.clear()

    def _make_durable(self) -> None:
        os.fsync(self._descriptor)
        if self.synced_end == 0:
            sync_folder(self._folder)
        self.synced_end = self._written_end

    def _roll_back(self) -> None:
        self._buffer.clear()
        self._written_end = self.synced_end
        os.ftruncate(self._descriptor, self.synced_end)


def is_growing(path: Path) -> bool:
    """Whether some process of this machine, or of another that shares its locks, writes a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    else:
        return False
    finally:
        os.close(descriptor)


def give_final_name(path: Path) -> None:
    """Renames `NAME.open` to `NAME`, durably. Raises CannotRunError when the disk refuses."""
    try:
        path.rename(path.with_name(path.name.removesuffix(OPEN_SUFFIX)))
        sync_folder(path.parent)
    except OSError as error:
        raise CannotRunError(f"cannot rename {path}: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Makes names in `folder` (new, renamed, removed files) durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
