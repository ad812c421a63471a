"""The queue's tables, which a newer release of procrastinate brings migrations for."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from archive.model.errors import CannotRunError, UsageError
from archive.store import Store
from archive.store.frontier.worker_leases import WORKER, take_leases
from archive.work.jobs.queue import app_for, prepare
from tests.support.engines import SERVER, ledger_on

pytestmark = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")

NEWER = ("98.00.00_01_pre_more.sql", "98.00.00_50_post_more.sql")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    with ledger_on("postgresql", tmp_path) as url:
        yield url


@pytest.fixture
def update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Installs a release of procrastinate that adds a value to a type, and uses it."""
    folder = tmp_path / "migrations"
    shutil.copytree(SchemaManager.get_migrations_path(), folder)
    add = "ALTER TYPE procrastinate_job_status ADD VALUE 'half' -- 50 %"
    (folder / NEWER[0]).write_text(add)
    half = "'half'::procrastinate_job_status || '%'"
    use = f"CREATE TABLE more AS SELECT {half} AS status; SELECT 1"
    (folder / NEWER[1]).write_text(use)
    there = staticmethod(lambda: str(folder))
    return lambda: monkeypatch.setattr(SchemaManager, "get_migrations_path", there)


def prepared(place: str) -> tuple[str, ...]:
    async def run(store: Store) -> tuple[str, ...]:
        app = app_for(place)
        async with app.open_async():
            return tuple(await prepare(store, app))

    with Store.open(place) as store:
        return asyncio.run(run(store))


def ask(place: str, sql: str) -> list[object]:
    with Store.open(place) as store, store.write_beside() as connection:
        result = connection.execute(text(sql))
        return [*result] if result.returns_rows else []


def test_workers_bring_the_queues_tables_up_once(place: str, update: Callable[[], None]) -> None:
    assert prepared(place) == ()
    ask(place, "DROP TABLE worker_queue")  # as made before anybody noted what they have
    assert prepared(place) == ()
    update()
    assert prepared(place) == NEWER
    assert prepared(place) == ()
    assert ask(place, "SELECT status FROM more") == [("half%",)]


def test_workers_of_the_older_tables_are_not_hurt_and_older_ones_refuse_the_newer(
    place: str, update: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepared(place) == ()
    update()
    lasts = timedelta(minutes=1)
    with Store.open(place) as store, store.write_beside() as connection:
        take_leases(connection, [f"{WORKER}old"], holder="h", who="worker old", lasts=lasts)
    with pytest.raises(CannotRunError, match=r"worker old is at work .*: end all workers"):
        prepared(place)
    ask(place, "DELETE FROM worker_lease")
    assert prepared(place) == NEWER
    monkeypatch.undo()
    with pytest.raises(UsageError, match=r"of a newer procrastinate .* install .*gongkai\[workers"):
        prepared(place)
