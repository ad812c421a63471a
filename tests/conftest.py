"""What every test gets: no outside network, a clean environment, the shared material or a skip."""

import gc
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from archive.work.ingest import process_pool
from tests.support import fresh_ledger, shared_parsers, shared_statements
from tests.support.forked import Forking

# A shell without job control starts what runs behind it deaf to interrupts, and all that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
ROOT = Path(__file__).resolve().parent.parent


class OutsideNetworkError(RuntimeError):
    """A test tried to leave this machine; serve what it needs on 127.0.0.1."""


def stay_on_this_machine(event: str, details: tuple[object, ...]) -> None:
    """Audit hook: connections to anything but loopback, and look-ups of foreign names, fail."""
    if event == "socket.connect":
        connected, target = details
        if connected.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(target[0]):
            raise OutsideNetworkError(f"connect to {target}")
    elif event == "socket.getaddrinfo" and not is_loopback(details[0]):
        raise OutsideNetworkError(f"look-up of {details[0]}")


def is_loopback(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    spelled = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(spelled.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


sys.addaudithook(stay_on_this_machine)

# The same examples on every machine; `make prove` looks further. No time limit for one example:
# the machines differ, each test has a time limit of its own.
hypothesis.settings.register_profile("house", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("prove", max_examples=1000, deadline=None, database=None)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is loaded stays: no collection of garbage goes through it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own archive and contact address stay out of the tests."""
    for name in [name for name in os.environ if name.startswith("GONGKAI_")]:
        if name not in {
            "GONGKAI_SHARED",
            "GONGKAI_TEST_AXE",
            "GONGKAI_TEST_PG",
            "GONGKAI_TEST_KILLS",
            "GONGKAI_TEST_PICTURES",
            "GONGKAI_TEST_PLAYER",
        }:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def readers_are_forked() -> None:
    """What a test reads in other processes waits for no imports there (tests.support.forked)."""
    if "coverage" not in sys.modules:  # it loads before all else
        process_pool._SPAWNING = Forking({})


@pytest.fixture(autouse=True, scope="session")
def ledgers_are_quick() -> None:
    """A new archive waits for no migrations, no statement for what compiled it before, and no command
    for what built the parser before.
    """
    fresh_ledger.make_from_the_first()
    shared_statements.compile_once()
    shared_parsers.build_once()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real pages and documents; tests that need it say so and are skipped."""
    folder = Path(os.environ.get("GONGKAI_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("the folder with real pages (../shared or GONGKAI_SHARED) is not here")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT
