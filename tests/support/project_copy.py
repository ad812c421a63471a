"""A copy of the project to write into, and Scrapy's command line inside it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

COPIED = ("archive", "crawler", "settings", "tests/families", "tests/pages", "tests/support")
FILES = ("scrapy.cfg", "pyproject.toml", "tests/__init__.py", "tests/conftest.py")
# Pytest within a test, without the plugins that it finds by itself: they take two seconds to load.
PYTEST = ("pytest", "--disable-plugin-autoload", "-p", "pytest_timeout", "-p", "no:cacheprovider")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def pristine(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        shutil.copytree(root / name, folder / name)
    for name in FILES:
        shutil.copy(root / name, folder / name)
    return folder


@pytest.fixture
def project(pristine: Path, tmp_path: Path) -> Iterator[Path]:
    """A fresh copy, made of links: a test may add to it and remove, and what is written over a file
    that was there is noticed, because all copies would have it.
    """
    before = stamps(pristine)
    yield Path(shutil.copytree(pristine, tmp_path / "project", copy_function=os.link))
    assert stamps(pristine) == before


def stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    """When each file was written, and how long it is."""
    found = {path: path.stat() for path in folder.rglob("*") if path.is_file()}
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in found.items()}


@pytest.fixture
def run(project: Path) -> Run:
    """Runs a Python module in the copy; the copy's own code comes first."""

    def run_module(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(project), **environment}
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=project, env=clean, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    return run_module
