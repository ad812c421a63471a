"""Makes an archive again from a backup: in a new home, whole or not at all."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archive.model.errors import CannotRunError, DamageError, UsageError
from archive.work.atomic_file import move_durably, workplace
from archive.work.preservation.backup_manifest import (
    BackupManifest,
    SavedFile,
    hand_on,
    lacking,
    read_manifest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored. has_ledger: False where the ledger is to be taken from a dump.
    lacking: WARC files of which the backup has less than its ledger knows, one line each.
    """

    files: int
    size_bytes: int
    has_ledger: bool
    lacking: tuple[str, ...] = ()


def restore(
    folder: Path, home: Path, *, on_files: Callable[[int], None], on_file: Callable[[], None]
) -> Restored:
    """Copies the backup in `folder` to `home`, which must not be there, or be empty. Every file is
    compared with its SHA-256 on the way.

    UsageError: no backup, or a home that is taken. DamageError: a file is not as it was saved;
    CannotRunError: the disk refuses. Nothing is then at `home`.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder of a backup")
    manifest = read_manifest(folder)
    if manifest is None:
        raise UsageError(f"{folder} holds no backup (there is no backup.json)")
    _refuse_taken(home)
    on_files(len(manifest.files))
    with workplace(home) as place:
        fresh = place / "home"
        fresh.mkdir()
        for saved in manifest.files:
            _restore_file(folder, fresh, manifest, saved)
            on_file()
        move_durably(fresh, home)
    return Restored(
        files=len(manifest.files),
        size_bytes=sum(saved.size_bytes for saved in manifest.files),
        has_ledger=manifest.has_ledger,
        lacking=_lacking(folder, manifest),
    )


def _lacking(folder: Path, manifest: BackupManifest) -> tuple[str, ...]:
    """A ledger that was saved as damaged as it is comes back all the same."""
    try:
        return tuple(str(each) for each in lacking(folder, manifest))
    except CannotRunError as error:
        return (str(error),)


def _refuse_taken(home: Path) -> None:
    if not home.absolute().parent.is_dir():
        raise UsageError(f"{home}: there is no folder {home.absolute().parent}")
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise UsageError(f"{home} is there already; restore into a new one: --home NEW")


def _restore_file(folder: Path, fresh: Path, manifest: BackupManifest, saved: SavedFile) -> None:
    target = fresh / manifest.place_in_home(saved.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = folder / saved.path
    if source.is_symlink() or not source.is_file():
        raise DamageError(f"{source} is missing from the backup")
    with target.open("xb") as copy:
        digest = hand_on(source, saved.size_bytes, copy.write)
        copy.flush()
        os.fsync(copy.fileno())
    if digest != saved.digest:
        raise DamageError(
            f"{source} is damaged: it does not fit its SHA-256; take another backup, or look at"
            f" this one with `gongkai verify {folder}`"
        )
