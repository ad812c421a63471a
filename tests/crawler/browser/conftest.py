import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crawler.browser.launch import NO_SANDBOX, find_chromium
from tests.support.forked import run_forked

ROOT = Path(__file__).resolve().parents[3]


class Gongkai:
    """The command, run as a user runs it, over one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def environment(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")}
        own.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile everything
        if os.geteuid() == 0:  # CI is root in a container, where no sandbox may be to be had
            own[NO_SANDBOX] = "1"
        return own

    def program(self, *args: str) -> list[str]:
        return ["crawler.cli", "crawl", *args, "--json", "--home", str(self.home)]

    def start(self, *args: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", *self.program(*args)], cwd=ROOT, env=self.environment(),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def crawl(self, *args: str, delay: str = "0", **environment: str) -> dict[str, object]:
        program = self.program(*args, "--delay", delay)
        own = self.environment() | environment
        done = run_forked(program, cwd=ROOT, env=own, timeout_s=100)
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        return json.loads(done.stdout)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.home / "archive.sqlite")) as connection:
            return connection.execute(query).fetchall()

    def outcomes(self) -> dict[str, tuple[object, object]]:
        """The latest outcome of every URL but robots.txt, by path."""
        rows = self.rows("select url, outcome, reason from outcomes order by run")
        return {
            str(url).split("/", 3)[3]: (outcome, reason)
            for url, outcome, reason in rows
            if not str(url).endswith("robots.txt")
        }


@pytest.fixture
def gongkai(tmp_path: Path) -> Gongkai:
    return Gongkai(tmp_path / "home")


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> str:
    """The Chromium of the system; CI installs it."""
    if os.geteuid() == 0:
        monkeypatch.setenv(NO_SANDBOX, "1")
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return path
