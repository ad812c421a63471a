"""Files that the command line names."""

import stat
from pathlib import Path

from archive.model.errors import UsageError


def check_given_file(path: Path) -> None:
    """UsageError where something is there that is no regular file: to open a pipe waits for its
    writer for ever, and a device never ends. What is missing is told by whoever opens it.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is no regular file")
