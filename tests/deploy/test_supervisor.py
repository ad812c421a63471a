"""What a service manager hears of `serve` and of a crawl."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import supervisor
from tests.support.command import Gongkai, gongkai, server
from tests.support.engines import SERVER, ledger_on
from tests.support.rawserver import RawServer, page
from tests.support.workers import LEASE_S, Crew

__all__ = ["gongkai", "server"]


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket like that of systemd; what it hears comes with a limit of time."""
    place = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(place)
        heard.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        yield heard


def all_heard(manager: socket.socket) -> list[str]:
    manager.settimeout(0)
    found = []
    try:
        while True:
            found.append(manager.recv(100).decode())
    except BlockingIOError:
        return found


def test_states_are_datagrams(manager: socket.socket) -> None:
    supervisor.ready()
    supervisor.alive()
    supervisor.stop_watchdog()
    assert all_heard(manager) == ["READY=1", "WATCHDOG=1", "WATCHDOG_USEC=0"]


def test_an_abstract_address_and_nobody_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"gongkai-test-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    supervisor.alive()  # nobody is there
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + name)
        supervisor.alive()
        assert all_heard(heard) == ["WATCHDOG=1"]
        monkeypatch.delenv("NOTIFY_SOCKET")
        supervisor.alive()
        assert all_heard(heard) == []


def test_serve_is_ready_and_lives(manager: socket.socket, root: Path, tmp_path: Path) -> None:
    from archive.store import Store

    Store.open(tmp_path / "home").close()
    process = subprocess.Popen(
        [sys.executable, "-m", "archive.cli", "serve", "--port", "0", "--home", tmp_path / "home"],
        cwd=root, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert [manager.recv(100).decode() for _ in range(2)] == ["READY=1", "WATCHDOG=1"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_a_crawl_is_ready_lives_and_then_takes_its_time(
    manager: socket.socket, gongkai: Gongkai, server: RawServer
) -> None:
    def late(client: socket.socket) -> None:
        time.sleep(2)  # longer than the crawl goes without a sign of life
        client.sendall(page("政府信息公开年报"))

    server.answers = {"/nb/index.html": late}
    gongkai.crawl(f"{server.url}/nb/index.html", status=None)
    heard = all_heard(manager)
    assert (heard[0], heard[1], heard[-1]) == ("READY=1", "WATCHDOG=1", "WATCHDOG_USEC=0")


@pytest.mark.timeout(300)
@pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")
def test_a_worker_is_ready_lives_and_is_silent_when_it_hangs(
    manager: socket.socket, tmp_path: Path
) -> None:
    with ledger_on("postgresql", tmp_path) as url:
        crew = Crew(tmp_path / "home", url)
        crew.catalogue({})
        crew.more = {"NOTIFY_SOCKET": os.environ["NOTIFY_SOCKET"]}
        worker = crew.hire("one")
        try:
            manager.settimeout(240)
            while manager.recv(100) != b"READY=1":
                pass
            assert [manager.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
            worker.send_signal(signal.SIGSTOP)
            time.sleep(LEASE_S / 2)
            all_heard(manager)
            time.sleep(LEASE_S / 2)
            assert all_heard(manager) == []
            worker.send_signal(signal.SIGCONT)
            manager.settimeout(30)
            assert manager.recv(100) == b"WATCHDOG=1"
        finally:
            worker.send_signal(signal.SIGCONT)
            crew.dismiss()
