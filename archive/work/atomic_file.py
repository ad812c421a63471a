"""A file is written whole or not at all: beside its place first, then moved there in one step."""

import os
import re
import shutil
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


@contextmanager
def workplace(target: Path) -> Iterator[Path]:
    """A fresh folder beside `target`, to make it in; at the end it is removed with what is still in
    it, and with those that killed processes left. CannotRunError in one line when the disk refuses.
    """
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        _remove_abandoned(target)
        fresh.mkdir()
        yield fresh
    except OSError as problem:
        where = problem.filename2 or problem.filename or target
        raise CannotRunError(
            f"{target}: cannot be written: {os.fspath(where)}: {problem.strerror};"
            " make room or give access, and run the same command again"
        ) from problem
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def move_durably(fresh: Path, target: Path) -> None:
    """Makes a file, or a folder with all that is in it, durable and moves it to `target` in one
    step. OSError when the disk refuses, or when `target` is a folder that is not empty.
    """
    for folder, _, names in os.walk(fresh):
        for name in names:
            _sync(Path(folder) / name)
        _sync(Path(folder))
    _sync(fresh)
    fresh.replace(target)
    _sync(target.parent)


def _remove_abandoned(target: Path) -> None:
    left = re.compile(rf"\.{re.escape(target.name)}\.(\d+)\.new")
    for path in target.parent.iterdir():
        match = left.fullmatch(path.name)
        if match and path.is_dir() and not _is_running(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return pid != os.getpid()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
