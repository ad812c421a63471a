"""The project's own files: those git knows or would take; without git, all but the built ones."""

import functools
import subprocess
from pathlib import Path

BUILT = {
    ".git", ".venv", ".venv-replay", ".venv-site", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    ".hypothesis", ".import_linter_cache", "gongkai-data", "demo-data", "build", "dist", "site",
    "PKG-INFO",  # of an unpacked source distribution
}  # fmt: skip


@functools.cache
def files(root: Path) -> tuple[str, ...]:
    """Paths from the root, with slashes, sorted."""
    listed = listed_by_git(root) if (root / ".git").exists() else None
    if listed is None:
        listed = [
            path.relative_to(root).as_posix()
            for path in root.rglob("*")
            if path.is_file() and not BUILT & set(path.relative_to(root).parts)
        ]
    return tuple(sorted(path for path in listed if (root / path).is_file()))


def listed_by_git(root: Path) -> list[str] | None:
    command = ["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return [path for path in listed.decode().split("\0") if path]


def python_files(root: Path) -> list[str]:
    return [path for path in files(root) if path.endswith(".py")]


def in_the_packages(path: str) -> bool:
    return path.startswith(("archive/", "crawler/", "settings/", "bench/"))
