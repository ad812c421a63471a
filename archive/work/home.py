"""The home of an embedded archive: where its parts lie, and the lock that one crawl holds."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archive.model.errors import CannotRunError, HomeLockedError
from archive.warc.folder import BucketFolder, WarcFolder

USER_FILE = "portals.toml"
CRAWL_LOCK, OCR_LOCK = "crawl.lock", "ocr.lock"
_FAILED_PICTURES = "ocr.failed"
# Whoever reads pictures has the lock for moments only, while it stores something.
_BRIEF, _BRIEF_TRIES = "(gongkai ocr)", 600
_TRIES = 4
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class InBucket:
    """Closed WARC files are moved to a bucket. url: `s3://BUCKET/PREFIX`. keep: how long a file
    that was moved stays in HOME too.
    """

    url: str
    keep: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside HOME (`--home`, GONGKAI_HOME, default ./gongkai-data). warc_at: a folder for the
    WARC files elsewhere, or a bucket; None keeps them in HOME.
    """

    path: Path
    warc_at: Path | InBucket | None = None

    @property
    def database(self) -> Path:
        """The embedded SQL database."""
        return self.path / "archive.sqlite"

    @property
    def warc(self) -> Path:
        """The folder where WARC files are written."""
        return self.warc_at if isinstance(self.warc_at, Path) else self.path / "warc"

    @property
    def files(self) -> WarcFolder:
        """Where WARC files are read: that folder, or a bucket too."""
        if isinstance(self.warc_at, InBucket):
            return BucketFolder(self.warc, self.warc_at.url)
        return self.warc

    @property
    def logs(self) -> Path:
        """The folder of rotated logs."""
        return self.path / "logs"

    @property
    def catalogue(self) -> Path:
        """The user's own portal rows."""
        return self.path / USER_FILE

    def make(self) -> None:
        """Creates the folders. CannotRunError in one line when that is not possible."""
        try:
            for folder in (self.path, self.warc, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRunError(
                f"cannot write to {folder}: {error.strerror}; choose another --home"
            ) from error

    @contextmanager
    def locked(self, command: str = "crawl", *, file: str = CRAWL_LOCK) -> Iterator[None]:
        """Holds the lock of whoever writes, or another one. HomeLockedError names the process that
        has it and its command; the kernel frees the lock when its holder dies, however it dies.
        """
        self.make()
        try:
            handle = os.open(self.path / file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise CannotRunError(f"cannot write to {self.path}: {error.strerror}") from error
        try:
            if not _taken(handle, fcntl.LOCK_EX, tries=_TRIES) and not _taken_soon(handle, file):
                holder = _holder(handle)
                raise HomeLockedError(
                    f"process {holder} works on {self.path}; wait for it or choose another --home"
                )
            self._sign(handle, command)
            yield
        finally:
            os.close(handle)

    def _sign(self, handle: int, command: str) -> None:
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()} (gongkai {command})\n".encode(), 0)
        except OSError as error:
            raise CannotRunError(
                f"cannot write to {self.path}: {error.strerror}; make room and run the same command"
                " again"
            ) from error

    def failed_pictures(self) -> frozenset[int]:
        """The versions whose pictures could not be read at some time, by their ids; only an order:
        what is lost of it costs nothing.
        """
        try:
            told = (self.path / _FAILED_PICTURES).read_text("ascii")
        except (OSError, UnicodeError):
            return frozenset()
        return frozenset(int(each) for each in told.split() if each.isdecimal())

    def note_failed_pictures(self, version_id: int) -> None:
        """Puts a version among them. CannotRunError: nothing can be written."""
        try:
            with (self.path / _FAILED_PICTURES).open("a", encoding="ascii") as file:
                file.write(f"{version_id}\n")
        except OSError as error:
            raise CannotRunError(f"cannot write to {self.path}: {error.strerror}") from error

    def is_crawled(self) -> bool:
        """True while a crawl holds the lock."""
        try:
            handle = os.open(self.path / CRAWL_LOCK, os.O_RDONLY)
        except OSError:
            return False
        try:
            return not _taken(handle, fcntl.LOCK_SH, tries=1)
        finally:
            os.close(handle)


def this_process(command: str) -> str:
    """How a process that works on an archive is named on other machines."""
    return f"process {os.getpid()} (gongkai {command}) on {socket.gethostname()}"


def _holder(handle: int) -> str:
    return os.pread(handle, 64, 0).decode("ascii", "replace").strip() or "unknown"


def _taken_soon(handle: int, file: str) -> bool:
    """Takes the lock from one who has it for a moment only."""
    is_brief = file == CRAWL_LOCK and _holder(handle).endswith(_BRIEF)
    return is_brief and _taken(handle, fcntl.LOCK_EX, tries=_BRIEF_TRIES)


def _taken(handle: int, kind: int, *, tries: int) -> bool:
    """Takes the lock; who only looks whether it is held holds it for a moment himself."""
    for attempt in range(tries):
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S if attempt + 1 < tries else 0)
        else:
            return True
    return False
