"""Whose a folder of WARC files is: a small file in it names the archive, and a lock on that file is
held by the one crawl that writes there. Two archives that were pointed at one folder would each
take the other's growing files for the remains of a crash of its own.

On NFS the kernel makes a flock a lock of the server's. Where a file system knows no locks, the mark
still keeps other archives out, and the ledger's own lock a second crawl of this one.
"""

import errno
import fcntl
import os
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, HomeLockedError
from archive.warc.bucket import bucket_at
from archive.warc.folder import BucketFolder, WarcFolder, local
from archive.warc.growing import sync_folder

MARK_NAME: Final = "archive.toml"
_HEAD: Final = (
    "# The WARC files here belong to one archive of Gongkai. Leave this file beside them.\n"
)
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_MAX_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """archive_id: a UUID. ledger: where the archive's ledger was when the folder was marked, for
    people. merged: ids of archives whose WARC files were taken over.
    """

    archive_id: str
    ledger: str
    merged: tuple[str, ...] = ()


def read_mark(folder: WarcFolder) -> Mark | None:
    """Whose the folder is; None when nobody has marked it. CannotRunError when that cannot be
    told. Where a folder has none, that of its bucket counts.
    """
    path = local(folder) / MARK_NAME
    try:
        with path.open("rb") as stream:
            return _parsed(stream.read(_MAX_BYTES), path)
    except FileNotFoundError:
        return read_bucket_mark(folder) if isinstance(folder, BucketFolder) else None
    except OSError as error:
        raise CannotRunError(f"cannot read {path}: {error.strerror}") from error


def read_bucket_mark(folder: BucketFolder) -> Mark | None:
    """Whose the bucket is; as `read_mark`."""
    content = bucket_at(folder.url).read_small(MARK_NAME)
    return None if content is None else _parsed(content, f"{folder.url}/{MARK_NAME}")


def mark_bucket(folder: BucketFolder, mine: Mark) -> None:
    """Marks a bucket that nobody has marked, or that this archive has. CannotRunError: it is
    another archive's.
    """
    bucket = bucket_at(folder.url)
    if bucket.put_small(MARK_NAME, _spelled(mine)):
        return
    found = read_bucket_mark(folder)
    _refuse(folder.url, found, mine)
    if found != mine:
        bucket.put_small(MARK_NAME, _spelled(mine), replace=True)


def _parsed(content: bytes, path: object) -> Mark:
    try:
        fields = tomllib.loads(content.decode())
        return Mark(
            archive_id=str(fields["id"]),
            ledger=str(fields.get("ledger", "unknown")),
            merged=tuple(map(str, fields.get("merged", ()))),
        )
    except (ValueError, KeyError) as error:
        raise CannotRunError(
            f"{path} is damaged, so nobody knows whose the WARC files beside it are; restore it"
            " from a backup, or remove it if they are this archive's"
        ) from error


def merged_archives(folder: WarcFolder) -> tuple[str, ...]:
    """Ids of the archives whose WARC files a folder took over. CannotRunError as `read_mark`."""
    mark = read_mark(folder)
    return mark.merged if mark else ()


@contextmanager
def held(folder: Path, mine: Mark) -> Iterator[bool]:
    """Holds the folder for one crawl of the archive `mine`; gives True when it was marked just now.

    The kernel frees the lock when its holder ends, however it ends. HomeLockedError: another crawl
    writes there. CannotRunError: it is another archive's, or the disk refuses.
    """
    fresh = mark_folder(folder, mine)
    path = folder / MARK_NAME
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError as error:
        raise CannotRunError(f"cannot write to {path}: {error.strerror}") from error
    try:
        _lock(handle, folder)
        refuse_other(folder, mine)
        yield fresh
    finally:
        os.close(handle)


def mark_folder(folder: Path, mine: Mark) -> bool:
    """Marks the folder where nobody has; whether it was done just now."""
    return read_mark(folder) is None and _put(folder, mine)


def refuse_other(folder: WarcFolder, mine: Mark) -> None:
    """Raises CannotRunError, with what to do, when folder or bucket are another archive's."""
    _refuse(local(folder), read_mark(local(folder)), mine)
    if isinstance(folder, BucketFolder):
        _refuse(folder.url, read_bucket_mark(folder), mine)


def _refuse(folder: object, found: Mark | None, mine: Mark) -> None:
    if found is None or found.archive_id == mine.archive_id:
        return
    if found.ledger == mine.ledger:
        raise CannotRunError(
            f"the WARC files in {folder} are of the ledger that was at {mine.ledger} before, and"
            " is lost: `gongkai rebuild` makes it again; or restore it from a backup, or move that"
            " folder aside to begin anew"
        )
    raise CannotRunError(
        f"the WARC files in {folder} belong to another archive, with its ledger at {found.ledger}:"
        " give each archive a folder of its own (GONGKAI_WARC_URL or --home); if this is that"
        " archive and its ledger was lost, `gongkai rebuild` makes it again"
    )


def rewrite_mark(folder: Path, mark: Mark) -> None:
    """Writes the mark of a folder anew, for who holds the archive. CannotRunError: the disk
    refuses.
    """
    draft = folder / f".{MARK_NAME}.{uuid.uuid4().hex}"
    try:
        _write(draft, mark)
        draft.replace(folder / MARK_NAME)
        sync_folder(folder)
    except OSError as error:
        raise CannotRunError(f"cannot write to {folder}: {error.strerror}") from error


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise HomeLockedError(
            f"another crawl is writing into {folder}; wait for it, or give this one a folder of"
            " its own (GONGKAI_WARC_URL or --home)"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise CannotRunError(f"cannot lock {folder}: {error.strerror}") from error


def _put(folder: Path, mark: Mark) -> bool:
    """Marks the folder, whole or not at all; False when somebody was quicker."""
    draft = folder / f".{MARK_NAME}.{uuid.uuid4().hex}"
    try:
        _write(draft, mark)
        placed = _place(draft, folder / MARK_NAME)
        sync_folder(folder)
    except OSError as error:
        raise CannotRunError(f"cannot write to {folder}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return placed


def _write(draft: Path, mark: Mark) -> None:
    with draft.open("xb") as file:
        file.write(_spelled(mark))
        file.flush()
        os.fsync(file.fileno())


def _place(draft: Path, path: Path) -> bool:
    """A link is made only where no file has the name, on NFS too; where a file system knows no
    links, a name that is free a moment before is as good as it gets.
    """
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    except OSError:
        if path.exists():
            return False
        draft.rename(path)
    return True


def _spelled(mark: Mark) -> bytes:
    lines = [f"{_HEAD}id = {_text(mark.archive_id)}", f"ledger = {_text(mark.ledger)}"]
    if mark.merged:
        lines.append(f"merged = [{', '.join(map(_text, mark.merged))}]")
    return "".join(f"{line}\n" for line in lines).encode()


def _text(value: str) -> str:
    """As TOML spells it: a JSON string is one."""
    return dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=True)
