"""A fresh ledger for every test: a SQLite file, or a PostgreSQL database where one is offered."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Store
from tests.support.engines import ENGINES, ledger_on
from tests.support.fresh_ledger import by_migrations


@pytest.fixture(autouse=True)
def ledgers_are_made_by_migrations() -> Iterator[None]:
    with by_migrations():
        yield


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home made once: making one costs more than most tests."""
    made = tmp_path_factory.mktemp("made") / "home"
    with by_migrations():
        Store.open(made).close()
    return made


@pytest.fixture(params=ENGINES)
def location(request: pytest.FixtureRequest, tmp_path: Path, made_home: Path) -> Iterator[str]:
    """Where a ledger can be made."""
    if request.param == "sqlite":
        yield str(shutil.copytree(made_home, tmp_path / "home"))
        return
    with ledger_on(request.param, tmp_path) as place:
        yield place


@pytest.fixture
def store(location: str) -> Iterator[Store]:
    with Store.open(location) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder on SQLite, for what only SQLite has."""
    return tmp_path / "home"
