"""What the tests of commands share; reading ones ask an archive on each engine."""

from collections.abc import Iterator

import pytest

from tests.support.engines import ENGINES, ledger_on
from tests.support.invented import fill
from tests.support.invented_home import gongkai, gongkai_process, home

__all__ = ["gongkai", "gongkai_process", "home"]


@pytest.fixture(scope="session", params=ENGINES)
def invented_ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str | None]:
    """The invented archive's ledger on an engine; None: that of `home`, a SQLite file."""
    if request.param == "sqlite":
        yield None
        return
    with ledger_on(request.param, tmp_path_factory.mktemp("ledger")) as place:
        fill(place).close()
        yield place


@pytest.fixture
def on_each_engine(invented_ledger: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of the test ask that ledger."""
    if invented_ledger is not None:
        monkeypatch.setenv("GONGKAI_DATABASE_URL", invented_ledger)
