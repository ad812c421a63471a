"""Moves closed WARC files to a bucket. A file is sent, read back and compared; only then is the
ledger's row switched, and only then, some days later, does the copy in the home go.

Whatever ends this in between, nothing is lost and the same command goes on: what was sent before is
compared, and sent again only where it is not the same.
"""

import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from typing import Final

from archive.model.errors import CannotRunError, GongkaiError
from archive.store import Store
from archive.store.frontier.worker_leases import live_leases
from archive.store.write.captures import archive_id
from archive.store.write.moved_files import FilePlace, file_places, note_place
from archive.warc.bucket import Bucket, bucket_at
from archive.warc.folder import BucketFolder
from archive.warc.growing import sync_folder
from archive.warc.mark import Mark, mark_bucket, read_mark, refuse_other
from archive.work import clock
from archive.work.home import Home, InBucket

EVERY_S: Final = 60.0
"""How often a run looks for files that it has closed."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Uploaded:
    """What an upload did. files: all that the ledger knows; in_bucket: of these, there by now.
    removed: copies in the home that went. problems: one line for each file that stays where it is.
    """

    files: int = 0
    in_bucket: int = 0
    moved: int = 0
    moved_bytes: int = 0
    removed: int = 0
    problems: list[str] = field(default_factory=list)


def upload(
    home: Home,
    store: Store,
    *,
    here_only: bool = False,
    on_bytes: Callable[[int], None] = lambda _: None,
) -> Uploaded:
    """Moves every closed file that waits. on_bytes: gets how many bytes were sent or read back.
    here_only: looks at the files that lie in the home alone, as a worker does every minute: the
    bucket, which has those of years, is not listed, and what it has is not counted.

    UsageError: the package or the credentials are missing. CannotRunError: the bucket is another
    archive's or cannot be asked, or the disk refuses.
    """
    if not isinstance(home.warc_at, InBucket):
        return Uploaded()
    run = _Upload(home, home.warc_at, store, on_bytes)
    try:
        return run.here() if here_only else run.all()
    except OSError as error:
        raise CannotRunError(
            f"cannot move {error.filename or home.warc}: {error.strerror}; run the same command"
            " again"
        ) from error


class _Upload:
    def __init__(
        self, home: Home, place: InBucket, store: Store, on_bytes: Callable[[int], None]
    ) -> None:
        self._folder = BucketFolder(home.warc, place.url)
        self._keep = place.keep
        self._store = store
        self._on_bytes = on_bytes
        self._bucket: Bucket = bucket_at(place.url)
        self._there: dict[str, int] = {}
        self._done = Uploaded()

    def all(self) -> Uploaded:
        places = self._places()
        with self._store.read() as connection:
            is_shared = bool(live_leases(connection))
        self._there = self._bucket.sizes()
        self._done.files = len(places)
        for before in places:
            path = self._folder.path / before.name
            # What is not here a worker may be sending, and has not compared yet.
            place = self._taken(before, path, adopts=not is_shared)
            if place.location == self._folder.url and self._is_kept(place, path):
                self._done.in_bucket += 1
                self._remove_old(place, path)
        return self._done

    def here(self) -> Uploaded:
        here = {path.name for path in self._folder.path.glob("*.warc.gz")}
        places = self._places(here) if here else []
        self._done.files = len(places)
        for before in places:
            path = self._folder.path / before.name
            place = self._taken(before, path, adopts=False)
            if place.location == self._folder.url:
                self._remove_old(place, path)
        return self._done

    def _places(self, only: Collection[str] | None = None) -> list[FilePlace]:
        """Every file, or those of these names, when folder and bucket are this archive's."""
        with self._store.read() as connection:
            mine, places = archive_id(connection), file_places(connection, only)
        unknown = Mark(archive_id=mine, ledger="unknown")
        refuse_other(self._folder.path, unknown)
        mark_bucket(self._folder, read_mark(self._folder.path) or unknown)
        return places

    def _taken(self, before: FilePlace, path: Path, *, adopts: bool) -> FilePlace:
        """A file where it is when it was moved, or where it stays."""
        if before.location == self._folder.url:
            return before
        try:
            if path.is_file():
                return self._move(before, path)
        except FileNotFoundError:  # another process has moved it meanwhile
            return before
        return self._adopt(before) if adopts else before

    def _move(self, place: FilePlace, path: Path) -> FilePlace:
        """Sends a file, where it is not there already."""
        size = path.stat().st_size
        if size != place.size_bytes:  # it may have grown, and been closed, since the rows were read
            with self._store.read() as connection:
                [place] = file_places(connection, [place.name])
        if size != place.size_bytes:
            return self._stays(
                place, f"{path}: it has {size:,} bytes, the ledger has committed"
                f" {place.size_bytes:,}; see gongkai verify",
            )  # fmt: skip
        with path.open("rb") as stream:
            own = hashlib.file_digest(stream, "sha256").hexdigest()
        if not self._is_there(place.name, size, own):
            self._bucket.put(place.name, path, self._on_bytes)
            if not self._is_there(place.name, size, own, anew=True):
                return self._stays(
                    place, f"{path}: what comes back from {self._folder.url} is not what was sent;"
                    " it stays here, and the next upload tries again",
                )  # fmt: skip
        self._done.moved += 1
        self._done.moved_bytes += size
        return self._switch(place, own)

    def _adopt(self, place: FilePlace) -> FilePlace:
        """A file that is not in the home: a ledger made anew found it in the bucket, or somebody
        copied it there from another one.
        """
        size, own = place.size_bytes, place.sha256
        if self._there.get(place.name) != size:
            return place
        if own is not None and not self._is_there(place.name, size, own):
            return self._stays(
                place, f"{self._folder / place.name}: it is not the file that was moved"
            )
        return self._switch(place, own)

    def _is_there(self, name: str, size: int, sha256: str, *, anew: bool = False) -> bool:
        """Whether the bucket gives back exactly these bytes."""
        if not anew and self._there.get(name) != size:
            return False
        return self._bucket.measured(name, self._on_bytes) == (size, sha256)

    def _is_kept(self, place: FilePlace, path: Path) -> bool:
        """Whether the bucket still has what was moved. Where the home has it too, the next upload
        sends it again.
        """
        if self._there.get(place.name) == place.size_bytes:
            return True
        found = self._bucket.find(place.name, anew=True)  # sent since the bucket was listed?
        if found is not None and found.st_size == place.size_bytes:
            return True
        helps = "the archive lacks it (gongkai repair)"
        if path.is_file():
            self._store_place(place, replace(place, location=None, moved_at=None))
            helps = "upload it again"
        self._stays(place, f"{place.name}: it is gone from {self._folder.url}, or cut; {helps}")
        return False

    def _remove_old(self, place: FilePlace, path: Path) -> None:
        """Removes the copy in the home that was kept long enough, when the bucket has the file."""
        if place.moved_at is None or clock.now() - place.moved_at < self._keep:
            return
        if not path.is_file():
            return
        found = self._bucket.find(place.name, anew=True)
        if found is None or found.st_size != place.size_bytes:
            self._store_place(place, replace(place, location=None, moved_at=None))
            self._stays(place, f"{path}: it is gone from {self._folder.url}; upload it again")
            return
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
        self._done.removed += 1

    def _switch(self, before: FilePlace, sha256: str | None) -> FilePlace:
        url, now = self._folder.url, clock.now()
        place = replace(before, location=url, sha256=sha256, moved_at=now)
        self._store_place(before, place)
        return place

    def _store_place(self, before: FilePlace, place: FilePlace) -> None:
        with self._store.write() as connection:
            note_place(connection, before, place)

    def _stays(self, place: FilePlace, why: str) -> FilePlace:
        self._done.problems.append(why)
        return place


@contextmanager
def moving_alone(home: Home) -> Iterator[bool]:
    """Whether no other process moves files out of this home, which several workers may share: each
    would send them all. CannotRunError: the disk refuses.
    """
    try:
        handle = os.open(home.path / ".upload.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotRunError(f"cannot write to {home.path}: {error.strerror}") from error
    try:
        is_mine = True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_mine = False
        except OSError:  # a file system that knows no locks
            pass
        yield is_mine
    finally:
        os.close(handle)


def upload_behind(home: Home, open_ledger: Callable[[], Store]) -> tuple[str, ...]:
    """Moves what a run has closed, at its end; whatever becomes of that, the run's verdict stays.
    Returns a line for each thing that a person should know.
    """
    if not isinstance(home.warc_at, InBucket):
        return ()
    try:
        with open_ledger() as store:
            return tuple(upload(home, store).problems)
    except GongkaiError as error:
        return (f"WARC files wait to be moved (gongkai upload): {error}",)


@contextmanager
def uploading(home: Home, store: Store) -> Iterator[None]:
    """Moves what a run closes while it is at work, as long as the block lasts."""
    if not isinstance(home.warc_at, InBucket):
        yield
        return
    ended = Event()
    thread = Thread(target=_upload_again, args=(home, store, ended), name="upload", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _EndedError(Exception):
    """The run ends: a file that is on its way is sent again later."""


def _upload_again(home: Home, store: Store, ended: Event) -> None:
    def go_on(_: int) -> None:
        if ended.is_set():
            raise _EndedError

    while not ended.wait(EVERY_S):
        try:
            for problem in upload(home, store, on_bytes=go_on).problems:
                logger.warning("%s", problem)
        except _EndedError:
            return
        except Exception as error:  # noqa: BLE001 - no run ends for this: its end tries again
            logger.warning("WARC files wait to be moved: %s", error)
