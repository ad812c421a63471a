"""A fresh ledger for every test: a SQLite file, or a PostgreSQL schema where one is offered."""

import importlib.util
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from archive.store import Store

# GONGKAI_TEST_PG is the URL of a PostgreSQL database: each test makes and drops a schema in it.
SERVER = os.environ.get("GONGKAI_TEST_PG", "")


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home made once: making one costs more than most tests."""
    made = tmp_path_factory.mktemp("made") / "home"
    Store.open(made).close()
    return made


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def location(request: pytest.FixtureRequest, tmp_path: Path, made_home: Path) -> Iterator[str]:
    """Where a ledger can be made."""
    if request.param == "sqlite":
        yield str(shutil.copytree(made_home, tmp_path / "home"))
        return
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    name = f"t_{uuid.uuid4().hex}"
    engine = create_engine(SERVER)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    joint = "&" if "?" in SERVER else "?"
    yield f"{SERVER}{joint}options=-csearch_path%3D{name}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def store(location: str) -> Iterator[Store]:
    with Store.open(location) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder on SQLite, for what only SQLite has."""
    return tmp_path / "home"
