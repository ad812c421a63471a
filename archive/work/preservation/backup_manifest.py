"""What a backup holds: its manifest, and how each file of it is known again."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from archive.model.errors import CannotRunError, DamageError, UsageError
from archive.model.reading import Severity
from archive.store.copying import facts_of
from archive.warc.check import Damage
from archive.warc.folder import WarcFile
from archive.work.atomic_file import atomic_file
from archive.work.given_file import check_given_file

NAME: Final = "backup.json"
FORMAT: Final = "gongkai-backup-1"
LEDGER: Final = "archive.sqlite"
WARC: Final = "warc"
IMPORTS: Final = "imports"
MERGED: Final = "merged"
KEPT: Final = (WARC, IMPORTS, MERGED)  # folders whose files never change, but for growing
_MAX_BYTES: Final = 256 * 1024 * 1024
_PIECE_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """A file of a backup: of what lies at `path`, the first `size_bytes`, with that SHA-256 in hex.
    A file may have grown since.
    """

    path: str
    size_bytes: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupManifest:
    """archive_id, revision: of the ledger. state: the folder of all but what lies in KEPT.
    has_ledger: False for an archive on PostgreSQL, whose dump lies elsewhere.
    """

    archive_id: str
    revision: str
    created: str
    software: str
    state: str
    has_ledger: bool
    files: tuple[SavedFile, ...]

    def place_in_home(self, path: str) -> PurePosixPath:
        """Where a file belongs in a home."""
        parts = PurePosixPath(path).parts
        return PurePosixPath(*parts[1:]) if parts[0] == self.state else PurePosixPath(path)


def read_manifest(folder: Path) -> BackupManifest | None:
    """The manifest of a backup; None when the folder has none. DamageError: it cannot be read."""
    path = folder / NAME
    check_given_file(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DamageError(f"{path} is larger than any manifest of a backup")
        return _manifest(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamageError(f"{path} is damaged, or no manifest of a backup: {error}") from error


def write_manifest(folder: Path, manifest: BackupManifest) -> None:
    """Puts a manifest in the place of the one before. CannotRunError: the disk refuses."""
    content = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1)
    with atomic_file(folder / NAME) as fresh:
        fresh.write_text(content + "\n", encoding="utf-8")


def lacking(folder: Path, manifest: BackupManifest) -> Iterator[Damage]:
    """WARC files of which the ledger of a backup has committed more than the backup holds. A ledger
    on PostgreSQL lies elsewhere and is not asked. CannotRunError: the ledger cannot be read.
    """
    if not manifest.has_ledger:
        return
    saved = {each.path: each.size_bytes for each in manifest.files}
    for name, end in facts_of(folder / manifest.state / LEDGER).ends.items():
        if (held := saved.get(f"{WARC}/{name}", 0)) < end:
            yield Damage(
                file=str(folder / WARC / name), offset=held, severity=Severity.ERROR,
                rule="backup_lacks",
                message=f"the ledger knows {end:,} bytes of the file, the backup has {held:,}",
            )  # fmt: skip


def check_backup(folder: Path, manifest: BackupManifest) -> Iterator[Damage]:
    """Files of a backup that are missing, cut or changed; and those that it lacks, when its ledger
    can be read.
    """
    for saved in manifest.files:
        path = folder / saved.path
        wrong = None
        try:
            check_given_file(path)
            if digest_of_file(path, saved.size_bytes) != saved.digest:
                wrong = "the file does not fit its SHA-256 in the backup's manifest"
        except OSError as error:
            wrong = f"the backup's file cannot be read: {error.strerror}"
        except UsageError as error:
            wrong = str(error)
        if wrong:
            yield Damage(
                file=str(path), offset=0, severity=Severity.ERROR, rule="backup_file", message=wrong
            )
    with suppress(CannotRunError):  # a ledger that was changed is told above
        yield from lacking(folder, manifest)


def digest_of_file(path: Path, size_bytes: int) -> str:
    """SHA-256 of the first bytes of a file, in hex; of a shorter one of all that there is."""
    return hand_on(path, size_bytes, lambda _: None)


def hand_on(path: WarcFile, size_bytes: int, write: Callable[[bytes], object]) -> str:
    """Hands the first bytes of a file on, and gives their SHA-256 in hex."""
    hasher, left = hashlib.sha256(), size_bytes
    with path.open("rb") as stream:
        while left and (piece := stream.read(min(left, _PIECE_BYTES))):
            hasher.update(piece)
            write(piece)
            left -= len(piece)
    return hasher.hexdigest()


def _manifest(found: Mapping[str, object]) -> BackupManifest:
    if found["format"] != FORMAT:
        raise ValueError(f"its format is {found['format']!r}, not {FORMAT}")
    files = found["files"]
    if not isinstance(files, list):
        raise TypeError("it has no list of files")
    state = str(found["state"])
    if len(PurePosixPath(state).parts) != 1 or state in (".", "..", *KEPT):
        raise ValueError(f"{state!r} is no folder of a backup")
    return BackupManifest(
        archive_id=str(found["archive_id"]),
        revision=str(found["revision"]),
        created=str(found["created"]),
        software=str(found["software"]),
        state=state,
        has_ledger=bool(found["has_ledger"]),
        files=tuple(_saved(each, state) for each in files),
    )


def _saved(found: Mapping[str, object], state: str) -> SavedFile:
    path, size = str(found["path"]), found["size_bytes"]
    parts = PurePosixPath(path).parts
    is_inside = len(parts) > 1 and parts[0] in (state, *KEPT) and ".." not in parts
    if not is_inside or "\\" in path or "\0" in path:
        raise ValueError(f"{path!r} is no file of a backup")
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"{path!r} has no size")
    return SavedFile(path=path, size_bytes=size, digest=str(found["digest"]))
