"""The files that are taken in: what each is, and the archive's own copy of it."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, UsageError
from archive.warc.foreign import format_of
from archive.warc.growing import sync_folder
from archive.work.given_file import check_given_file
from archive.work.home import Home

FOLDER: Final = "imports"
_PIECE_BYTES: Final = 1024 * 1024
_UNSAFE: Final = re.compile(r"[^\w.-]+", re.ASCII)
_MAX_NAME: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to take in. name: as it is called, without its folder. sha256: of all of it, in hex.
    format: warc, arc or wacz.
    """

    path: Path
    name: str
    sha256: str
    size_bytes: int
    format: str


def source_file(path: Path) -> SourceFile:
    """What a file is. UsageError: there is none, or it is no WARC, ARC or WACZ."""
    check_given_file(path)
    try:
        form = format_of(path)
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
            size = stream.tell()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if form is None or not size:
        what = "is empty" if not size else "is no WARC, ARC or WACZ file"
        raise UsageError(f"{path} {what}; leave it out")
    name = os.fsencode(path.name).decode("utf-8", "replace")
    return SourceFile(path=path, name=name, sha256=digest.hexdigest(), size_bytes=size, format=form)


def copy_into(home: Home, file: SourceFile) -> str:
    """The name of the archive's own copy, under HOME/imports; made where it is not there. Its
    bytes are compared with the digest as they are copied. CannotRunError: the disk refuses, or the
    file changed meanwhile.
    """
    folder = home.path / FOLDER
    name = f"{file.sha256}-{_UNSAFE.sub('_', file.name)[-_MAX_NAME:]}"
    target, draft = folder / name, folder / f".{name}.part"
    if target.is_file() and target.stat().st_size == file.size_bytes:
        return name
    digest = hashlib.sha256()
    try:
        folder.mkdir(exist_ok=True)
        with file.path.open("rb") as stream, draft.open("wb") as copy:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
        if digest.hexdigest() == file.sha256:
            draft.replace(target)
            sync_folder(folder)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotRunError(
            f"cannot copy {file.path} into {folder}: {error.strerror}; make room and run the same"
            " command again, or leave out --copy"
        ) from error
    if digest.hexdigest() != file.sha256:
        draft.unlink(missing_ok=True)
        raise CannotRunError(f"{file.path} changed while it was copied; run the same command again")
    return name
