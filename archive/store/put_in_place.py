"""A ledger that was made beside its place is moved there in one step; what stood there is kept."""

import os
import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

from archive.model.errors import CannotRunError

_BESIDE = ("-wal", "-shm")


def put_in_place(draft: Path, target: Path) -> Path | None:
    """Moves a closed SQLite ledger onto `target`. Returns where the one that stood there is kept;
    None when there was none. CannotRunError when the disk refuses, or somebody uses it.
    """
    try:
        _sync(draft)
        aside = set_aside(target, "before-rebuild") if target.exists() else None
        draft.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise CannotRunError(f"cannot move {draft} to {target}: {error.strerror}") from error
    return aside


def set_aside(target: Path, why: str) -> Path:
    """Gives a ledger a second name with `why` in it, so that there is one at every moment, and
    returns that. Its log must not be taken for a new ledger's: it is written back, or kept aside
    where the file is damaged. CannotRunError: somebody uses it.
    """
    aside = next(
        path
        for number in count(1)
        if not (path := target.with_name(f"{target.name}.{why}-{number}")).exists()
    )
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(target, timeout=10)) as old:
        busy, *_ = old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise CannotRunError(f"{target} is in use; end what reads it and run the command again")
    aside.hardlink_to(target)
    for suffix in _BESIDE:
        log = target.with_name(target.name + suffix)
        if log.exists():
            log.rename(aside.with_name(aside.name + suffix))
    return aside


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
