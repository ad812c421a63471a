import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.forked import Forked, run_forked
from tests.support.rawserver import RawServer, raw_server

ROOT = Path(__file__).resolve().parents[2]


class Gongkai:
    """The command, run as a user runs it, over one home. ahead: how far its clock is before ours;
    nobody sleeps for that. reader: the version of its reader (tests.support.other_reader); None:
    today's.
    """

    ahead = timedelta(0)
    reader: str | None = None

    def __init__(self, home: Path) -> None:
        self.home = home

    def start(self, *args: str, **options: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", *self.program(), *args, "--home", str(self.home)]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def begin(self, *args: str) -> "Forked | subprocess.Popen[str]":
        """As `start`, but forked: for what is killed, interrupted or waited for at its work."""
        if "coverage" in sys.modules:  # it loads before all else
            return self.start(*args)
        program = [*self.program(), *args, "--home", str(self.home)]
        return Forked(program, cwd=ROOT, env=self.environment())

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile everything
        return kept

    def program(self) -> list[str]:
        """The module that is run, and what stands before the arguments."""
        if self.reader is not None:
            return ["tests.support.other_reader", self.reader]
        if not self.ahead:
            return ["crawler.cli"]
        return ["tests.support.later", str(self.ahead.total_seconds())]

    def run(self, *args: str, status: int | None = 0, patience_s: float = 100) -> str:
        """Standard output; fails unless the exit status is the expected one (None: any)."""
        done = self._done(*args, timeout_s=patience_s)
        self.stderr = done.stderr
        if status is not None:
            told = f"{done.stdout}{done.stderr}"
            assert done.returncode == status, f"{args} ended {done.returncode}: {told}"
        return done.stdout

    def _done(self, *args: str, timeout_s: float) -> "subprocess.CompletedProcess[str]":
        if "coverage" in sys.modules:  # it loads before all else
            process = self.start(*args)
            out, err = process.communicate(timeout=timeout_s)
            return subprocess.CompletedProcess(args, process.returncode, out, err)
        program = [*self.program(), *args, "--home", str(self.home)]
        return run_forked(program, cwd=ROOT, env=self.environment(), timeout_s=timeout_s)

    def patched(self, code: str, *args: str) -> int:
        """The exit status of a command in whose process `code` was run before."""
        program = ["-c", code, *args, "--home", str(self.home)]
        return run_forked(program, cwd=ROOT, env=self.environment(), timeout_s=100).returncode

    def crawl(self, *args: str, status: int | None = 0) -> dict[str, object]:
        """The verdict of a crawl without delay."""
        return json.loads(self.run("crawl", *args, "--delay", "0", "--json", status=status))

    def has(self, table: str) -> bool:
        """Whether the archive has such a table or view."""
        with closing(sqlite3.connect(self.home / "archive.sqlite")) as connection:
            query = "select count(*) from sqlite_master where name = ?"
            return bool(connection.execute(query, (table,)).fetchone()[0])

    def rows(self, table: str) -> list[dict[str, object]]:
        """A table as the analysts' views give it."""
        with closing(sqlite3.connect(self.home / "archive.sqlite")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"select * from {table}")]  # noqa: S608


@pytest.fixture
def gongkai(tmp_path: Path) -> Gongkai:
    return Gongkai(tmp_path / "home")


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running
