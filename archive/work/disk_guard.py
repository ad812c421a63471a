"""Ends work before its disk is full: what was kept is recorded while there is still room for it."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from archive.model.errors import DiskLowError, GongkaiError, HomeLockedError

GIGABYTE: Final = 1_000_000_000
EVERY_S: Final = 0.5


def free_bytes(folder: Path) -> int:
    """How many bytes can still be written at a folder, or at the nearest one above it that exists.
    OSError when the disk cannot be asked.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


@dataclass(slots=True, kw_only=True)
class DiskGuard:
    """Looks at the disks of some folders, once in `every_s` seconds however often it is asked.
    min_free: bytes; 0 switches it off.
    """

    folders: Sequence[Path]
    min_free: int
    free: Callable[[Path], int] = free_bytes
    clock: Callable[[], float] = time.monotonic
    every_s: float = EVERY_S
    _next_s: float = field(default=float("-inf"), init=False)

    def check(self) -> None:
        """DiskLowError where one of the disks has less room than it must keep."""
        now_s = self.clock()
        if not self.min_free or now_s < self._next_s:
            return
        self._next_s = now_s + self.every_s
        for folder in self.folders:
            free = self.free(folder)
            if free < self.min_free:
                raise DiskLowError(
                    f"{folder}: {gigabytes(free)} free, and {gigabytes(self.min_free)} must stay"
                    " (GONGKAI_MIN_FREE_GB): make room and run the same command again"
                )


def gigabytes(size: int) -> str:
    """A number of bytes as people read it.

    >>> gigabytes(1_260_000_000), gigabytes(52_428_800)
    ('1.3 GB', '0.05 GB')
    """
    return f"{size / GIGABYTE:.1f} GB" if size >= GIGABYTE else f"{size / GIGABYTE:.2f} GB"


def disks_of(folders: Sequence[Path]) -> Iterator[Path]:
    """One folder of each disk among those that exist."""
    seen: set[int] = set()
    for folder in folders:
        if folder.exists() and (device := folder.stat().st_dev) not in seen:
            seen.add(device)
            yield folder


class Refused(str):
    """A line on what the disk did not keep of what follows a run: no verdict, but the exit status
    is not that of a good night.
    """

    __slots__ = ()


def line_on(what: str, error: GongkaiError) -> str:
    """Why something behind a run did not succeed; Refused where the disk is the reason."""
    cause = error.__cause__
    waits = isinstance(error, HomeLockedError) or isinstance(cause, BlockingIOError)
    line = f"{what}: {error}"
    by_disk = isinstance(error, DiskLowError) or (isinstance(cause, OSError) and not waits)
    return Refused(line) if by_disk else line


def any_refused(lines: Iterable[str]) -> bool:
    """Whether the disk refused anything behind a run."""
    return any(isinstance(line, Refused) for line in lines)
