"""A bundle in a bag (BagIt, RFC 8493): a folder with manifests, as archives hand over files."""

from pathlib import Path
from typing import Final

import bagit

from archive.model.errors import UsageError
from archive.work.atomic_file import move_durably

_SUFFIX: Final = ".wacz"


def check_bag(output: Path) -> None:
    """Raises UsageError where no bag can be put: it is a new folder, or an empty one."""
    if output.suffix == _SUFFIX:
        raise UsageError(f"{output}: with --bag, -o names a folder, not a .wacz file")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(f"{output} is there already; name a new folder for the bag")


def put_into_bag(fresh: Path, output: Path) -> None:
    """Makes a bag around a finished file and moves it to `output`. OSError: the disk refuses."""
    bag = fresh.parent / "bag"
    bag.mkdir()
    fresh.rename(bag / f"{output.name}{_SUFFIX}")
    bagit.make_bag(str(bag), checksums=["sha256"])
    move_durably(bag, output)
