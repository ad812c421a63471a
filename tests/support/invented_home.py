"""One filled archive for all that only reads it, and the command as users run it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.cli import main
from tests.support.invented import fill

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two portals, two runs, one changed report; see tests/support/invented.py."""
    folder = tmp_path_factory.mktemp("home")
    fill(folder).close()
    return folder


@pytest.fixture
def gongkai_process(home: Path, root: Path) -> Run:
    """Runs the archive's commands in a process of their own."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
        clean = {"PATH": os.environ["PATH"], "GONGKAI_HOME": str(home), **environment}
        return subprocess.run(
            [sys.executable, "-m", "archive.cli", *arguments],
            cwd=root, env=clean, capture_output=True, timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def gongkai(
    home: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """The same without the start of a process, which takes most of the time."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
        for name, value in ({"GONGKAI_HOME": str(home)} | environment).items():
            monkeypatch.setenv(name, value)
        capfdbinary.readouterr()
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return subprocess.CompletedProcess(arguments, status, out, err)

    return run
