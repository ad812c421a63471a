"""After a crash: files that were growing are cut to what was committed, and closed."""

import os
from collections.abc import Mapping
from pathlib import Path

from archive.model.errors import CannotRunError
from archive.warc.growing import OPEN_SUFFIX, give_final_name, sync_folder


def recover(folder: Path, committed_ends: Mapping[str, int]) -> list[str]:
    """Cuts every `*.open` file of `folder` to its last committed end and gives it its final name;
    a file of which nothing was committed is removed. Returns one line for each file touched.

    committed_ends: file name (without `.open`) to the end of its last committed record.
    Only for the one process that holds the home: a file somebody writes would be cut under him.
    Raises CannotRunError when the disk refuses.
    """
    told = []
    for path in sorted(folder.glob(f"*{OPEN_SUFFIX}")):
        name = path.name.removesuffix(OPEN_SUFFIX)
        try:
            told.append(_recover_one(path, name, committed_ends.get(name, 0)))
        except OSError as error:
            raise CannotRunError(f"cannot recover {path}: {error.strerror}") from error
    return told


def _recover_one(path: Path, name: str, committed_end: int) -> str:
    size = path.stat().st_size
    if committed_end <= 0:
        path.unlink()
        sync_folder(path.parent)
        return f"{name}: removed, none of its {size} bytes was committed"
    if committed_end < size:
        _cut(path, committed_end)
    give_final_name(path)
    if committed_end > size:
        missing = committed_end - size
        return f"{name}: {missing} committed bytes are missing; `gongkai verify` names the captures"
    return f"{name}: closed, {size - committed_end} bytes behind the last committed record cut"


def _cut(path: Path, end: int) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(descriptor, end)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
