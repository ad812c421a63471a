"""After a crash: files that were growing are closed where they end by the ledger.

What lies behind that end may be what a crash left between append and commit, or what a ledger
committed that was lost since (an older copy stands in its place): nobody knows. So whole records
are set aside and never deleted; only a record that is not whole is cut away, because a commit comes
after the fsync of whole records.
"""

import os
import re
import shutil
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, WarcError
from archive.warc.folder import WarcFile
from archive.warc.growing import OPEN_SUFFIX, give_final_name, sync_folder
from archive.warc.reader import iterate
from archive.warc.record import ARCHIVE_FIELD, archive_uri

ASIDE_NAME: Final = "aside"
_PIECE_BYTES: Final = 16 * 1024
_HEAD_BYTES: Final = 512
_WARCINFO: Final = re.compile(rb"^WARC-Type: warcinfo\r$", re.MULTILINE)


def recover(
    folder: Path,
    committed_ends: Mapping[str, int],
    *,
    archive_id: str | None = None,
    fresh: bool = False,
    wanted: Callable[[Path], bool] = lambda _: True,
) -> list[str]:
    """Closes every `*.open` file of `folder` at its last committed end. Whole records behind it,
    and files of which nothing was committed, are moved to `folder`/aside. Returns one line for
    each file touched.

    committed_ends: file name (without `.open`) to the end of its last committed record.
    archive_id: files that the ledger does not know are only touched when they declare that they are
        this archive's; None takes all for its own. fresh: the folder was marked just now, so that
        others may have files in it: unknown ones are left alone. wanted: which files to look at.
    Only for the one process that holds the files: a file somebody writes would be cut under him.
    Raises CannotRunError when the disk refuses.
    """
    notes = []
    for path in filter(wanted, sorted(folder.glob(f"*{OPEN_SUFFIX}"))):
        name = path.name.removesuffix(OPEN_SUFFIX)
        try:
            end = committed_ends.get(name, 0)
            if end > 0:
                notes.append(_close(path, name, end))
            elif not fresh and (archive_id is None or is_own(path, archive_id)):
                notes.append(_put_away(path, name))
        except OSError as error:
            raise CannotRunError(
                f"cannot recover {path}: {error.strerror}; nothing was lost, make room or give"
                " access and run the same command again"
            ) from error
    return notes


def is_own(path: WarcFile, archive_id: str) -> bool:
    """Whether a file that the ledger does not know can be taken for the archive's own: its first
    record names it, or there is no record in it yet. For folders that carry the archive's mark.
    """
    with suppress(WarcError):
        first = next(iterate(path))
        lines = first.block.decode("utf-8", "replace").splitlines()
        return f"{ARCHIVE_FIELD}: {archive_uri(archive_id)}" in lines
    return not may_hold_records(path, 0)


def may_hold_records(path: WarcFile, start: int) -> bool:
    """Whether there may be a whole record of an exchange behind `start`. False where there are
    nothing but zeros, a warcinfo, or one record that ends too early.
    """
    if _is_zero(path, start):
        return False
    with path.open("rb") as stream:
        stream.seek(start)
        rest = b""
        while True:
            engine, head = zlib.decompressobj(wbits=31), b""
            while not engine.eof:
                rest = rest or stream.read(_PIECE_BYTES)
                if not rest:
                    return False
                try:
                    head = (head + engine.decompress(rest))[:_HEAD_BYTES]
                except zlib.error:
                    return True  # no sign of a crash but of damage: nobody knows what it was
                rest = engine.unused_data
            if not _WARCINFO.search(head):
                return True


def _close(path: Path, name: str, committed_end: int) -> str:
    size = path.stat().st_size
    if committed_end > size:
        give_final_name(path)
        missing = committed_end - size
        return f"{name}: {missing} committed bytes are missing; `gongkai verify` names the captures"
    behind = f"{size - committed_end} bytes behind the last committed record"
    done = "cut"
    if may_hold_records(path, committed_end):
        done = f"set aside as {_copy_aside(path, name, committed_end)}"
    if committed_end < size:
        _cut(path, committed_end)
    give_final_name(path)
    return f"{name}: closed, {behind} {done}"


def _put_away(path: Path, name: str) -> str:
    size = path.stat().st_size
    if not may_hold_records(path, 0):
        path.unlink()
        sync_folder(path.parent)
        return f"{name}: removed, none of its {size} bytes was committed"
    target = _free_name(path.parent, name)
    path.rename(target)
    _sync_both(path.parent)
    return f"{name}: none of its {size} bytes was committed; set aside as {_place_aside(target)}"


def _copy_aside(path: Path, name: str, start: int) -> str:
    """A crash in between leaves a copy too much, never one too few."""
    target = _free_name(path.parent, f"{name.removesuffix('.warc.gz')}.from-{start}.warc.gz")
    draft = target.with_name(target.name + ".part")
    with path.open("rb") as source, draft.open("wb") as copy:
        source.seek(start)
        shutil.copyfileobj(source, copy, _PIECE_BYTES)
        copy.flush()
        os.fsync(copy.fileno())
    draft.rename(target)
    _sync_both(path.parent)
    return _place_aside(target)


def _free_name(folder: Path, name: str) -> Path:
    aside = folder / ASIDE_NAME
    aside.mkdir(exist_ok=True)
    target, number = aside / name, 1
    while target.exists():
        number += 1
        target = aside / f"{name.removesuffix('.warc.gz')}.{number}.warc.gz"
    return target


def _place_aside(target: Path) -> str:
    return f"{target.parent.name}/{target.name}"


def _sync_both(folder: Path) -> None:
    sync_folder(folder / ASIDE_NAME)
    sync_folder(folder)


def _is_zero(path: WarcFile, start: int) -> bool:
    with path.open("rb") as stream:
        stream.seek(start)
        while piece := stream.read(_PIECE_BYTES):
            if piece.count(0) != len(piece):
                return False
    return True


def _cut(path: Path, end: int) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(descriptor, end)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
