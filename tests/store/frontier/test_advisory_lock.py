"""One crawl an archive: a second one, on this machine or another, is told who runs."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import text

from archive.model.errors import HomeLockedError
from archive.store import Store
from archive.work.home import Home
from crawler.options import CrawlOptions
from crawler.session import CrawlSession, open_session
from tests.store.making import a_portal
from tests.support.engines import SERVER

only_postgresql = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")


@pytest.fixture
def shared(location: str) -> str:
    if "://" not in location:
        pytest.skip("a home on SQLite has a file lock")
    return location


@only_postgresql
def test_one_session_at_a_time_holds_the_advisory_lock(shared: str) -> None:
    with Store.open(shared) as one, Store.open(shared) as other:
        with (
            one.advisory_lock("process 1 on a"),
            pytest.raises(HomeLockedError, match="process 1 on a"),
            other.advisory_lock("process 2 on b"),
        ):
            pass
        with other.advisory_lock("process 2 on b"):
            pass


@only_postgresql
def test_the_advisory_lock_ends_with_its_session(shared: str) -> None:
    with Store.open(shared) as one, Store.open(shared) as other:
        lock = one.advisory_lock("process 1 on a")
        lock.__enter__()
        with other.write() as connection:
            ended = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :a"
            )
            connection.execute(text(ended), {"a": "process 1 on a"})
        with other.advisory_lock("process 2 on b"):
            pass


@only_postgresql
def test_a_crawl_on_another_machine_is_refused(shared: str, tmp_path: Path) -> None:
    def session(name: str) -> AbstractContextManager[CrawlSession]:
        options = CrawlOptions(
            job="crawl", portals=(a_portal(),), database=shared, readers=1, contact="a@example.org"
        )
        return open_session(Home(tmp_path / name), options)

    with session("here"), pytest.raises(HomeLockedError, match="process"):
        session("there").__enter__()
    with session("there") as second:
        assert second.frontier.ticket.resumed
