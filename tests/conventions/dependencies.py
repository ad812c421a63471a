"""What the project says it depends on, what it imports, and what the locks hold."""

import ast
import functools
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conventions.tree import in_the_packages, python_files

OURS = {"archive", "crawler", "settings", "bench", "tests"}


def declared(root: Path) -> list[Requirement]:
    """The runtime dependencies of pyproject.toml."""
    return [Requirement(line) for line in project(root)["project"]["dependencies"]]


def extras(root: Path) -> list[Requirement]:
    """What the extras of pyproject.toml bring."""
    found = project(root)["project"]["optional-dependencies"].values()
    return [Requirement(line) for lines in found for line in lines]


def grouped(root: Path, group: str) -> list[Requirement]:
    """A dependency group with the groups that it includes."""
    found: list[Requirement] = []
    for entry in project(root)["dependency-groups"][group]:
        if isinstance(entry, str):
            found.append(Requirement(entry))
        else:
            found.extend(grouped(root, entry["include-group"]))
    return found


def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@functools.cache
def imported(root: Path) -> dict[str, str]:
    """Distribution -> a file that imports it, for everything the packages import."""
    owners = importlib.metadata.packages_distributions()
    found = {}
    for path in filter(in_the_packages, python_files(root)):
        for name in top_level_imports((root / path).read_text(encoding="utf-8")):
            if name not in OURS and name not in sys.stdlib_module_names:
                found[canonicalize_name(owners.get(name, [name])[0])] = path
    return found


def top_level_imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


def locked(lock: str) -> dict[str, str]:
    """Name -> version of every requirement of a lock file (the last, where markers give two)."""
    pinned = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", lock, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pinned}


def breaches(lock: str) -> Iterator[str]:
    """Where a lock file is not `name==version` with hashes, or names a URL."""
    for entry in re.split(r"\n(?=\S)", lock):
        if entry.startswith("#") or not entry.strip():
            continue
        head = entry.splitlines()[0]
        if re.match(r"-|.*(://| @ )", head):
            yield f"a URL or option: {head}"
        elif not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", head) or "--hash=sha256:" not in entry:
            yield f"not pinned with hashes: {head}"
