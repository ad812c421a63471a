"""Workers on one PostgreSQL archive, run as an operator runs them, over a county of portals."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.storm.conftest import Storm

LEASE_S = 6.0
PATIENCE_S = 800


class Crew(Storm):
    """Workers by name. url: of the ledger, as the test asks it; through: as the workers do, where
    that differs.
    """

    clock_ahead_s = 0
    more: Mapping[str, str] = MappingProxyType({})
    """Variables of the environment beside those of every worker."""

    def __init__(self, home: Path, url: str) -> None:
        super().__init__(home)
        self.url = self.through = url
        self.workers: dict[str, subprocess.Popen[str]] = {}

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "GONGKAI_DATABASE_URL": self.through,
            "GONGKAI_WORKER_LEASE_S": str(LEASE_S),
            **self.more,
            **({"TESTS_CLOCK_AHEAD_S": str(self.clock_ahead_s)} if self.clock_ahead_s else {}),
        }

    def program(self) -> list[str]:
        return ["tests.support.wrong_clock"] if self.clock_ahead_s else super().program()

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.ask(f"SELECT * FROM {table}")  # noqa: S608 - names of our own views

    def ask(self, sql: str) -> list[dict[str, Any]]:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            result = connection.execute(text(sql))
            rows = [dict(row) for row in result.mappings()] if result.returns_rows else []
        engine.dispose()
        return rows

    def hire(self, name: str, *, at_once: int = 4) -> subprocess.Popen[str]:
        worker = self.start("worker", "--name", name, "--concurrency", str(at_once))
        self.workers[name] = worker
        return worker

    def kill(self, name: str) -> None:
        """As a machine that goes down: the worker and all of its processes, or the worker alone."""
        worker = self.workers.pop(name)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()

    def dismiss(self) -> dict[str, str]:
        """Ends all workers; what each said."""
        for worker in self.workers.values():
            worker.send_signal(signal.SIGTERM)
        said = {}
        for name, worker in self.workers.items():
            out, err = worker.communicate(timeout=PATIENCE_S)
            said[name] = out + err
        self.workers.clear()
        return said

    def is_idle(self) -> bool:
        """Whether no visit waits or is under way."""
        return not self.ask("SELECT 1 FROM procrastinate_jobs WHERE task_name = 'visit'")

    def schedule(self, *keys: str) -> dict[str, list[str]]:
        return json.loads(self.run("schedule", *keys, "--json", patience_s=PATIENCE_S))


def wait_for(what: Callable[[], bool], every_s: float = 0.2) -> None:
    """Waits as long as a machine that does much else may need."""
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, "it did not come to that in time"
        time.sleep(every_s)


@contextmanager
def cluster() -> Iterator[tuple[str, Callable[[], None]]]:
    """A PostgreSQL server of its own: its URL, and what restarts it."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        pytest.skip("no PostgreSQL server is installed")
    # Folders of tests are closed to the user that a server runs as where root starts it.
    data, bin_, port = Path(tempfile.mkdtemp(prefix="gongkai-pg-")), binaries[-1], free_port()
    as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_owner:
        shutil.chown(data, "postgres")

    def control(*arguments: str) -> None:
        subprocess.run([*as_owner, *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL)

    settings = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
    control(str(bin_ / "initdb"), "-D", str(data), "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust",
            "-U", "postgres")  # fmt: skip
    server = [str(bin_ / "pg_ctl"), "-D", str(data), "-w", "-l", str(data / "log")]
    control(*server, "-o", settings, "start")
    try:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        yield url, lambda: control(*server, "-o", settings, "-m", "fast", "restart")
    finally:
        control(*server, "-m", "immediate", "stop")
        shutil.rmtree(data)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
