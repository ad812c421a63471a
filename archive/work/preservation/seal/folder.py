"""The folder seals/ of an archive: its lock, what lies in it, new files whole or not at all."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, HomeLockedError
from archive.work.atomic_file import atomic_file
from archive.work.home import Home
from archive.work.preservation.seal.manifest import MAX_SEAL_BYTES, sha256

FOLDER: Final = "seals"
_LOCK: Final = "lock"
_SEAL: Final = re.compile(r"([1-9][0-9]{0,8})\.json")
_TOKEN: Final = re.compile(r"([1-9][0-9]{0,8})\.[0-9a-f]{16}\.tsr")
_PROOF: Final = re.compile(r"([1-9][0-9]{0,8})\.[0-9a-f]{16}\.ots")


def seals_of(home: Home) -> Path:
    """Where an archive's seals lie."""
    return home.path / FOLDER


@contextmanager
def sealing(folder: Path) -> Iterator[None]:
    """Holds the folder for one process that seals; it is made where it is missing, and what a
    killed process left half-written goes. HomeLockedError: another one seals. CannotRunError: the
    disk refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotRunError(f"cannot write to {folder}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for half in folder.glob(".*.new.*"):
            half.unlink()
        yield
    except BlockingIOError:
        raise HomeLockedError(
            f"another process is sealing into {folder}; wait for it and run the same command again"
        ) from None
    finally:
        os.close(handle)


def stored_seals(folder: Path) -> Iterator[tuple[int, bytes]]:
    """The number of every file N.json and its bytes, in ascending order. A file that is too large
    for a seal is cut, and so read as none.
    """
    found = (_SEAL.fullmatch(path.name) for path in folder.glob("*.json"))
    for number in sorted(int(match[1]) for match in found if match):
        with (folder / f"{number}.json").open("rb") as stream:
            yield number, stream.read(MAX_SEAL_BYTES + 1)


def stored_tokens(home: Home) -> Iterator[tuple[int, Path]]:
    """Every time stamp of an archive, with the number of the seal it was made for."""
    yield from _numbered(seals_of(home), _TOKEN)


def stored_proofs(folder: Path) -> Iterator[tuple[int, Path]]:
    """Every proof of OpenTimestamps, with the number of the seal it was made for."""
    yield from _numbered(folder, _PROOF)


def _numbered(folder: Path, name: re.Pattern[str]) -> Iterator[tuple[int, Path]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if match := name.fullmatch(path.name):
            yield int(match[1]), path


def put(folder: Path, name: str, content: bytes) -> Path:
    """Writes a file of the folder, whole or not at all. CannotRunError: the disk refuses."""
    path = folder / name
    with atomic_file(path) as fresh:
        fresh.write_bytes(content)
    return path


def token_name(number: int, token: bytes) -> str:
    """The name of a time stamp beside its seal."""
    return f"{number}.{sha256(token)[:16]}.tsr"
