"""Where the commands write: the project whose scrapy.cfg is nearest; never over what is there."""

import re
from pathlib import Path

from scrapy.exceptions import UsageError
from scrapy.utils.conf import closest_scrapy_cfg

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def project_root() -> Path:
    """The folder of the nearest scrapy.cfg."""
    return Path(closest_scrapy_cfg()).resolve().parent


def checked_name(name: str, what: str) -> str:
    """`name` when it can name a file and a test. UsageError else."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{what}: small letters, digits and _, at most 32, a letter first")
    return name


def write_new(path: Path, content: str | bytes) -> str:
    """Writes a file that was not there; returns the line to print. UsageError when it was."""
    if path.exists():
        raise UsageError(f"{path} is there already; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return f"wrote {path.relative_to(project_root())}"
