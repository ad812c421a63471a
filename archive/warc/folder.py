"""Where the WARC files of an archive lie, and how they are opened: in a folder; or, when they are
closed, in a bucket, and in a folder as long as they grow. Everything that reads asks here.
"""

import os
import re
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, TypeAlias

from archive.model.errors import WarcError
from archive.warc.bucket import bucket_at
from archive.warc.growing import OPEN_SUFFIX

_ARCHIVE = re.compile(r"\.(warc|arc|wacz)(\.(gz|zst|lz4|bz2|xz))?(\.open)?$", re.IGNORECASE)
_SUFFIXES = (".warc", ".warc.gz", ".warc" + OPEN_SUFFIX, ".warc.gz" + OPEN_SUFFIX)


class FileStat(Protocol):
    """What reading asks of `os.stat_result`."""

    @property
    def st_size(self) -> int:
        """Bytes."""

    @property
    def st_mtime(self) -> float:
        """When it was written last, in seconds since 1970."""


class WarcFile(Protocol):
    """What reading asks of a file: a `Path` answers it, and so does a `BucketFile`."""

    @property
    def name(self) -> str:
        """Without its folder."""

    def open(self, mode: Literal["rb"], buffering: int = -1) -> BinaryIO:
        """A stream to read and seek in. OSError when there is none."""

    def stat(self) -> FileStat:
        """Size and time. OSError when there is no such file."""


@dataclass(frozen=True, slots=True)
class BucketFolder:
    """A folder whose closed files are moved to a bucket. path: where they grow, and lie until they
    are moved. url: the bucket and prefix.
    """

    path: Path
    url: str

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> "BucketFile":
        return BucketFile(self, name)


@dataclass(frozen=True, slots=True)
class BucketFile:
    """A file of a `BucketFolder`, wherever it lies when it is asked: it may be moved meanwhile."""

    folder: BucketFolder
    name: str

    def __str__(self) -> str:
        path = self.folder.path / self.name
        return str(path) if path.exists() else f"{self.folder.url}/{self._closed}"

    def open(self, mode: Literal["rb"], buffering: int = -1) -> BinaryIO:
        """As in `WarcFile`. BucketError when the bucket cannot be asked."""
        for name in (self.name, self._closed):
            with suppress(FileNotFoundError):
                return (self.folder.path / name).open(mode, buffering)
        return bucket_at(self.folder.url).open(self._closed, buffering)

    def stat(self) -> FileStat:
        """As in `WarcFile`. BucketError when the bucket cannot be asked."""
        for name in (self.name, self._closed):
            with suppress(FileNotFoundError):
                return (self.folder.path / name).stat()
        return bucket_at(self.folder.url).stat(self._closed)

    @property
    def _closed(self) -> str:
        return self.name.removesuffix(OPEN_SUFFIX)


WarcFolder: TypeAlias = Path | BucketFolder


def local(folder: WarcFolder) -> Path:
    """Where its files grow."""
    return folder if isinstance(folder, Path) else folder.path


def file_of(folder: WarcFolder, name: str) -> WarcFile:
    """Where a WARC file of the archive lies now: `NAME`, or `NAME.open` while it grows. Raises
    WarcError when it is neither, or when `name` leads out of the folder; BucketError when the
    bucket cannot be asked.
    """
    if name != Path(name).name:
        raise WarcError(f"{name!r} is no file name")
    # NAME is looked up again: between the two looks the writer may have closed the file.
    for candidate in (name, name + OPEN_SUFFIX, name):
        if (local(folder) / candidate).is_file():
            return folder / candidate
    if isinstance(folder, BucketFolder) and bucket_at(folder.url).find(name):
        return folder / name
    raise WarcError(f"{folder / name}, offset 0: the file is missing")


def is_warc_file(name: str) -> bool:
    """Whether a file of an archive's folder is one of its WARC files, by its name."""
    return name.endswith(_SUFFIXES)


def warc_files(folder: WarcFolder) -> list[WarcFile]:
    """The WARC files of a folder in the order of their names, growing ones included.
    BucketError when the bucket cannot be asked.
    """
    names = {path.name for path in local(folder).glob("*.warc*")}
    if isinstance(folder, BucketFolder):
        names |= bucket_at(folder.url).sizes().keys()
    return [folder / name for name in sorted(names) if is_warc_file(name)]


def sizes(folder: WarcFolder) -> dict[str, int]:
    """The bytes of every file in a folder, by name; of one that lies in folder and bucket those
    that are read, the folder's. OSError when the folder cannot be looked at, BucketError when the
    bucket cannot be asked.
    """
    found = bucket_at(folder.url).sizes() if isinstance(folder, BucketFolder) else {}
    if found and not local(folder).exists():
        return found
    with closing(os.scandir(local(folder))) as entries:
        return found | {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}


def files_to_verify(folder: Path) -> list[Path]:
    """Every WARC file under a folder, however deep, and every file whose name says that it is an
    archive of another kind (the checker names it); in the order of their names.
    """
    return sorted(path for path in folder.rglob("*") if _ARCHIVE.search(path.name))
