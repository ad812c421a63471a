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
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile everything
        command = [*self.program(), *args, "--home", str(self.home)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def program(self) -> list[str]:
        """The command line up to the arguments."""
        if self.reader is not None:
            return [sys.executable, "-m", "tests.support.other_reader", self.reader]
        if not self.ahead:
            return [sys.executable, "-m", "crawler.cli"]
        return [sys.executable, "-m", "tests.support.later", str(self.ahead.total_seconds())]

    def run(self, *args: str, status: int | None = 0) -> str:
        """Standard output; fails unless the exit status is the expected one (None: any)."""
        process = self.start(*args)
        out, err = process.communicate(timeout=100)
        if status is not None:
            assert process.returncode == status, f"{args} ended {process.returncode}: {out}{err}"
        self.stderr = err
        return out

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
