"""Which files of a folder are WARC files."""

import re
from pathlib import Path

from archive.warc.growing import OPEN_SUFFIX

_ARCHIVE = re.compile(r"\.(warc|arc|wacz)(\.(gz|zst|lz4|bz2|xz))?(\.open)?$", re.IGNORECASE)


def warc_files(folder: Path) -> list[Path]:
    """The WARC files of a folder in the order of their names, growing ones included."""
    suffixes = (".warc", ".warc.gz", ".warc" + OPEN_SUFFIX, ".warc.gz" + OPEN_SUFFIX)
    return sorted(path for path in folder.glob("*.warc*") if path.name.endswith(suffixes))


def files_to_verify(folder: Path) -> list[Path]:
    """Every WARC file under a folder, however deep, and every file whose name says that it is an
    archive of another kind (the checker names it); in the order of their names.
    """
    return sorted(path for path in folder.rglob("*") if _ARCHIVE.search(path.name))
