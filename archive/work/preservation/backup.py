"""Copies an archive to a folder while a crawl runs; again to the same folder, what is new.

The ledger is copied first, of one moment; then of every WARC file what that copy calls committed.
The manifest comes last and names a fresh folder for everything but WARC files, and WARC files only
grow: so whatever ends a backup, the folder holds the one before, whole.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, UsageError, WarcError
from archive.store.copying import LedgerFacts, copy_sqlite, facts_of
from archive.warc.folder import WarcFile, file_of
from archive.warc.growing import OPEN_SUFFIX, sync_folder
from archive.work.home import Home
from archive.work.ingest.folder import refuse_moved
from archive.work.preservation.backup_manifest import (
    IMPORTS,
    KEPT,
    LEDGER,
    MERGED,
    NAME,
    WARC,
    BackupManifest,
    SavedFile,
    hand_on,
    read_manifest,
    write_manifest,
)
from archive.work.preservation.verify_round import NOTED_IN

_STATE: Final = "state-"
_LOCK: Final = "backup.lock"
_JOURNAL: Final = "copied.jsonl"
# Of a home: locks, the ledger (copied by its engine) and copies of it before a migration.
_LEFT_OUT: Final = ("crawl.lock", LEDGER, NOTED_IN)
_RESERVE_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup did. copied, copied_bytes: files that were new or had grown; files: all of it.
    lacking: WARC files that are not as the ledger says, one line each.
    """

    copied: int
    copied_bytes: int
    files: int
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who hears how far a backup is: pages of the ledger (done, all), then files (all), each."""

    on_pages: Callable[[int, int], None]
    on_files: Callable[[int], None]
    on_file: Callable[[], None]


def back_up(
    home: Home,
    ledger: Path | LedgerFacts,
    folder: Path,
    *,
    created: str,
    software: str,
    listener: Listener,
) -> BackedUp:
    """Copies an archive into `folder`, which is made or has an earlier backup of it. ledger: a
    SQLite file; or, of a ledger on PostgreSQL, what it says now.

    UsageError: the folder holds something else, or WARC files lie in a bucket that is not named.
    CannotRunError: another backup is at work there,
    or the disk refuses; the backup before is then as it was.
    """
    with _held(folder):
        before = read_manifest(folder)
        state = _fresh_state(folder, before)
        try:
            return _Backup(home, folder, state, before, listener).run(ledger, created, software)
        except OSError as problem:
            where = problem.filename2 or problem.filename or folder
            raise CannotRunError(
                f"the backup cannot be written: {os.fspath(where)}: {problem.strerror}; make room"
                " and run the same command again"
            ) from problem


class _Backup:
    """One run. known: files that are in the folder already, by their path there."""

    def __init__(
        self,
        home: Home,
        folder: Path,
        state: str,
        before: BackupManifest | None,
        listener: Listener,
    ) -> None:
        self._home = home
        self._folder = folder
        self._state = state
        self._before = before
        self._listener = listener
        self._known = {saved.path: saved for saved in before.files} if before else {}
        self._known |= _journal(folder)
        self._saved: list[SavedFile] = []
        self._lacking: list[str] = []
        self._copied = self._copied_bytes = 0

    def run(self, ledger: Path | LedgerFacts, created: str, software: str) -> BackedUp:
        # What describes runs comes before the ledger: nothing then speaks of what it lacks.
        for path in _others(self._home, self._folder):
            self._save_other(path)
        facts = self._save_ledger(ledger)
        self._refuse_other(facts)
        refuse_moved(facts.locations, self._home.files)
        self._save_warc_files(facts.ends)
        for path in self._folder.rglob("*"):
            if path.is_dir():
                sync_folder(path)
        sync_folder(self._folder)
        manifest = BackupManifest(
            archive_id=facts.archive_id, revision=facts.revision, created=created,
            software=software, state=self._state, has_ledger=isinstance(ledger, Path),
            files=tuple(self._saved),
        )  # fmt: skip
        write_manifest(self._folder, manifest)
        (self._folder / _JOURNAL).unlink(missing_ok=True)
        _fresh_state(self._folder, manifest)
        return BackedUp(
            copied=self._copied, copied_bytes=self._copied_bytes, files=len(self._saved),
            lacking=tuple(self._lacking),
        )  # fmt: skip

    def _save_ledger(self, ledger: Path | LedgerFacts) -> LedgerFacts:
        if isinstance(ledger, LedgerFacts):
            return ledger
        target = self._folder / self._state / LEDGER
        target.parent.mkdir(exist_ok=True)
        self._refuse_small(ledger.stat().st_size)
        copy_sqlite(ledger, target, self._listener.on_pages)
        digest = hand_on(target, target.stat().st_size, lambda _: None)
        self._note(f"{self._state}/{LEDGER}", target.stat().st_size, digest)
        return facts_of(target)

    def _save_other(self, path: Path) -> None:
        """A file that is gone again (a log that was rotated) is left out."""
        name = f"{self._state}/{path.relative_to(self._home.path).as_posix()}"
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            self._copy(path, target, path.stat().st_size, name)

    def _save_warc_files(self, ends: Mapping[str, int]) -> None:
        wanted = dict(self._wanted(ends))
        self._refuse_small(sum(size for name, size in wanted.items() if not self._has(name, size)))
        self._listener.on_files(len(wanted))
        for name, size in wanted.items():
            self._listener.on_file()
            if self._has(name, size):
                self._saved.append(self._known[name])
                continue
            target = self._folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._copy(self._source(name), target, size, name)
            except FileNotFoundError:  # the crawl has closed it just now, under its final name
                self._copy(self._source(name), target, size, name)

    def _source(self, name: str) -> WarcFile:
        """Where a file lies now."""
        if not name.startswith(f"{WARC}/"):
            return self._home.path / name
        inside = name.removeprefix(f"{WARC}/")
        if "/" in inside:
            return self._home.warc / inside
        growing = self._home.warc / (inside + OPEN_SUFFIX)
        return growing if growing.is_file() else self._home.files / inside

    def _wanted(self, ends: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """The WARC files with how much of each, what lies beside them, and imported originals."""
        for name, end in sorted(ends.items()):
            try:
                size = self._size_of(name)
            except WarcError as error:
                self._lacking.append(str(error))
                self._keep_saved(f"{WARC}/{name}")
                continue
            if size < end:
                self._lacking.append(f"{name}: {end - size:,} committed bytes are missing")
                if self._keep_saved(f"{WARC}/{name}", more_than=size):
                    continue
            yield f"{WARC}/{name}", min(size, end)
        for path in sorted(self._home.warc.rglob("*")):
            relative = path.relative_to(self._home.warc).as_posix()
            is_known = relative.removesuffix(OPEN_SUFFIX) in ends or path.name.startswith(".")
            is_growing = path.name.endswith(OPEN_SUFFIX)  # and nothing of it is committed
            if path.is_file() and not (path.is_symlink() or is_known or is_growing):
                yield f"{WARC}/{relative}", path.stat().st_size
        for folder in (IMPORTS, MERGED):
            for path in sorted((self._home.path / folder).rglob("*")):
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(self._home.path).as_posix(), path.stat().st_size

    def _keep_saved(self, path: str, more_than: int = -1) -> bool:
        """Whether the backup before has more of a file than there is: it is then kept."""
        known = self._known.get(path)
        if known is None or known.size_bytes <= more_than:
            return False
        self._saved.append(known)
        return True

    def _size_of(self, name: str) -> int:
        with suppress(FileNotFoundError):  # the crawl has closed it just now
            return file_of(self._home.files, name).stat().st_size
        return file_of(self._home.files, name).stat().st_size

    def _has(self, name: str, size: int) -> bool:
        known = self._known.get(name)
        is_kept = name.endswith(".gz") or name.startswith(f"{IMPORTS}/")
        if known is None or known.size_bytes != size or not is_kept:
            return False
        try:
            return (self._folder / name).stat().st_size == size
        except OSError:
            return False

    def _copy(self, path: WarcFile, target: Path, size: int, name: str) -> None:
        part = target.with_name(f".{target.name}.part")
        with part.open("wb") as copy:
            digest = hand_on(path, size, copy.write)
            copy.flush()
            os.fsync(copy.fileno())
        part.replace(target)
        self._note(name, target.stat().st_size, digest)

    def _note(self, name: str, size: int, digest: str) -> None:
        saved = SavedFile(path=name, size_bytes=size, digest=digest)
        self._saved.append(saved)
        self._copied += 1
        self._copied_bytes += size
        if not name.startswith(f"{self._state}/"):
            with (self._folder / _JOURNAL).open("a", encoding="utf-8") as journal:
                journal.write(json.dumps(asdict(saved)) + "\n")

    def _refuse_other(self, facts: LedgerFacts) -> None:
        if self._before and self._before.archive_id != facts.archive_id:
            raise UsageError(
                f"{self._folder} holds the backup of another archive; give each a folder of its own"
            )

    def _refuse_small(self, needed: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if needed + _RESERVE_BYTES > free:
            raise CannotRunError(
                f"the backup needs {needed:,} bytes and {self._folder} has {free:,}: make room and"
                " run the same command again"
            )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Holds the folder for one backup; the kernel frees it when its holder ends."""
    _refuse_foreign(folder)
    try:
        folder.mkdir(exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotRunError(f"cannot write to {folder}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotRunError(f"another backup is writing into {folder}; wait for it") from None
    finally:
        os.close(handle)


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        if not folder.parent.is_dir():
            raise UsageError(f"{folder}: there is no folder {folder.parent}")
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder")
    names = {path.name for path in folder.iterdir()}
    if names and not names & {NAME, _LOCK}:
        raise UsageError(f"{folder} is not empty and holds no backup; name another folder")


def _fresh_state(folder: Path, kept: BackupManifest | None) -> str:
    """The name of a folder for a new state; those that no manifest names are removed."""
    for path in folder.glob(f"{_STATE}*"):
        if kept is None or path.name != kept.state:
            shutil.rmtree(path, ignore_errors=True)
    number = int(kept.state.removeprefix(_STATE)) + 1 if kept else 1
    return f"{_STATE}{number}"


def _journal(folder: Path) -> dict[str, SavedFile]:
    """WARC files that a backup had copied when it was ended; a line that was cut is left out."""
    found = {}
    with suppress(OSError, ValueError, TypeError):
        for line in (folder / _JOURNAL).read_text(encoding="utf-8").splitlines():
            saved = SavedFile(**json.loads(line))
            found[saved.path] = saved
    return found


def _others(home: Home, folder: Path) -> list[Path]:
    """The files of a home besides ledger, WARC files, originals, locks and half written ones."""
    found = []
    inside = folder.resolve()
    for path in sorted(home.path.rglob("*")):
        first = path.relative_to(home.path).parts[0]
        is_warc = first in KEPT or path.is_relative_to(home.warc)
        is_own = path.resolve().is_relative_to(inside)
        if is_warc or is_own or first.startswith((*_LEFT_OUT, ".")):
            continue
        if path.is_file() and not path.is_symlink():
            found.append(path)
    return found
