"""What `make release` builds, and what is looked at before anybody gets it."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from packaging.metadata import Metadata

from tests.conventions.tree import files

PACKAGES = ("archive/", "crawler/", "settings/")


@dataclass(frozen=True)
class Built:
    wheel: Path
    sdist: Path


def version_of(root: Path) -> str:
    """The one version number: pyproject.toml has it."""
    return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def build(root: Path, folder: Path) -> Built:
    """Builds both with the hatchling of this environment: no index is asked."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def wheel_names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def sdist_names(sdist: Path) -> set[str]:
    """The paths below the one folder that a source distribution holds."""
    with tarfile.open(sdist) as packed:
        return {name.partition("/")[2] for name in packed.getnames()}


def metadata_of(wheel: Path) -> bytes:
    [name] = [name for name in wheel_names(wheel) if name.endswith(".dist-info/METADATA")]
    with zipfile.ZipFile(wheel) as packed:
        return packed.read(name)


def wheel_complaints(root: Path, names: set[str]) -> Iterator[str]:
    """A wheel holds every file of the three packages (data, SQL, templates too), and nothing else."""
    ours = {path for path in files(root) if path.startswith(PACKAGES)}
    held = {name for name in names if ".dist-info/" not in name}
    yield from (f"the wheel lacks {name}" for name in sorted(ours - held))
    yield from (f"the wheel has {name}" for name in sorted(held - ours))
    if not any(name.endswith(".dist-info/licenses/LICENSE") for name in names):
        yield "the wheel lacks its licence"


def sdist_complaints(root: Path, names: set[str]) -> Iterator[str]:
    """A source distribution is the tree, tests included: `make test` works in it."""
    ours = set(files(root))
    yield from (f"the sdist lacks {name}" for name in sorted(ours - names))
    yield from (f"the sdist has {name}" for name in sorted(names - ours - {"PKG-INFO"}))


def metadata_complaints(root: Path, content: bytes) -> Iterator[str]:
    """What an index would refuse, and a version that is not the one of pyproject.toml."""
    try:
        found = Metadata.from_email(content, validate=True)
    except ExceptionGroup as group:
        yield from (str(error) for error in group.exceptions)
        return
    if str(found.version) != version_of(root):
        yield f"the metadata has version {found.version}"
    if found.description_content_type != "text/markdown" or not found.description:
        yield "the metadata has no description that an index can show"
    if message_from_bytes(content)["License-Expression"] is None:
        yield "the metadata names no licence"


def complaints(root: Path, built: Built) -> list[str]:
    return [
        *wheel_complaints(root, wheel_names(built.wheel)),
        *sdist_complaints(root, sdist_names(built.sdist)),
        *metadata_complaints(root, metadata_of(built.wheel)),
    ]


def is_in_the_changelog(changelog: str, version: str) -> bool:
    """Whether the first heading with a number is that of the version: `## [0.1.0] - 2026-12-01`."""
    heads = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    return heads[:1] == [version]
