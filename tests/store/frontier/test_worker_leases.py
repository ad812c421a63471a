"""What workers hold: one holder a key, by the database's clock, and no longer than it lasts."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from archive.model.errors import CannotRunError, HomeLockedError
from archive.store import Store
from archive.store.frontier.worker_leases import (
    Used,
    free_leases,
    live_leases,
    make_leases,
    now_there,
    refuse_lost,
    renew_leases,
    take_leases,
)
from archive.work.ingest.leases import Leases
from tests.support.engines import SERVER

pytestmark = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shared(location: str) -> Iterator[Store]:
    if "://" not in location:
        pytest.skip("workers share an archive on PostgreSQL")
    with Store.open(location) as store:
        with store.write_beside() as connection:
            make_leases(connection)
            make_leases(connection)
        yield store


def take(store: Store, holder: str, *keys: str, lasts: timedelta = MINUTE) -> dict[str, Used]:
    with store.write_beside() as connection:
        return take_leases(connection, keys, holder=holder, who=f"worker {holder}", lasts=lasts)


def test_all_or_none_and_the_refusal_names_who_has_it(shared: Store) -> None:
    assert take(shared, "a", "host:x", "line:1") == {"host:x": Used(), "line:1": Used()}
    with pytest.raises(HomeLockedError, match="worker a has what this one needs: host:y or line:1"):
        take(shared, "b", "host:y", "line:1")
    with shared.read() as connection:
        assert live_leases(connection) == {"host:x": "worker a", "line:1": "worker a"}
    assert take(shared, "a", "host:x", "host:y").keys() == {"host:x", "host:y"}


def test_who_takes_it_next_keeps_the_pause(shared: Store) -> None:
    take(shared, "a", "line:1")
    used = Used(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    with shared.write_beside() as connection:
        free_leases(connection, "a", {"line:1": used})
    assert take(shared, "b", "line:1") == {"line:1": used}


def test_of_a_holder_that_went_without_a_word_all_of_its_time_counts_as_used(
    shared: Store,
) -> None:
    take(shared, "a", "line:1", lasts=timedelta(seconds=0.2))
    with shared.read() as connection:
        began = now_there(connection)
    time.sleep(0.3)
    with shared.write_beside() as connection:
        assert renew_leases(connection, "a", MINUTE) == set()
        with pytest.raises(CannotRunError, match="line:1 went to another worker"):
            refuse_lost(connection, "line:1", "a")
    used_at = take(shared, "b", "line:1")["line:1"].used_at
    assert used_at is not None
    assert began < used_at < began + timedelta(seconds=0.25)


def test_a_command_that_holds_the_archive_and_visits_keep_each_other_out(shared: Store) -> None:
    with shared.advisory_lock("process 1 on a"), pytest.raises(HomeLockedError, match="process 1"):
        take(shared, "b", "visit:x")
    take(shared, "a", "worker:a")
    with shared.advisory_lock("process 1 on a"):
        pass  # a worker that visits nothing is in nobody's way
    take(shared, "a", "visit:x")
    with (
        pytest.raises(HomeLockedError, match="worker a is at work on this archive"),
        shared.advisory_lock("process 1 on a"),
    ):
        pass


def test_one_transaction_writes_at_a_time(shared: Store) -> None:
    order = []

    def second() -> None:
        with shared.write():
            order.append("second")

    with shared.write() as connection:
        other = threading.Thread(target=second)
        other.start()
        time.sleep(0.2)
        order.append("first")
        connection.execute(text("SELECT 1"))
        with shared.write_beside() as beside:  # leases wait for nobody
            renew_leases(beside, "a", MINUTE)
    other.join()
    assert order == ["first", "second"]


def test_what_is_held_is_renewed_and_a_holder_that_is_cut_off_is_told_in_time(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []
    leases = Leases(shared, "worker a", timedelta(seconds=3), on_lost=lost.append)
    leases.take(["visit:x"])
    leases.guard("visit:x")
    time.sleep(3.5)
    with shared.write():
        assert leases.is_sure()

    def cut(*_: object) -> None:
        raise CannotRunError("the server does not answer")

    monkeypatch.setattr("archive.work.ingest.leases.renew_leases", cut)
    while not lost:
        time.sleep(0.02)
    with shared.read() as connection:
        held = live_leases(connection)
    assert held == {"visit:x": "worker a"}, "it was not told while its lease lasted"
    time.sleep(1)
    with pytest.raises(CannotRunError, match="went to another worker"), shared.write():
        pass
    shared.before_write = lambda _: None
    leases.close()
