"""A file is written whole or not at all: beside its place first, then moved there in one step."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.model.errors import CannotRunError


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A path in the same folder to write to; moved onto `path` when the block ends well, removed
    when it does not. CannotRunError in one line when the disk refuses.
    """
    fresh = path.with_name(f".{path.stem}.{os.getpid()}.new{path.suffix}")
    try:
        fresh.touch()
        yield fresh
        _sync(fresh)
        fresh.replace(path)
        _sync(path.parent)
    except OSError as problem:
        raise CannotRunError(f"{path}: cannot be written: {problem.strerror}") from problem
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
