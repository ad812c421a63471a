"""What tells whether an archive is kept well, on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from archive.model.outcome import Outcome
from archive.store import Store
from archive.store.frontier.hosts import save_host
from archive.store.query import health
from archive.store.query.integrity import failed_checksums, table_faults, tables_to_check
from archive.store.query.questions import run_at
from archive.store.query.run_outcomes import run_portals, run_versions
from archive.store.query.verdicts import save_verdicts
from archive.store.rows import HostState
from archive.work.ingest.changes import note_changes
from tests.store.making import NOW, a_portal, a_reading, begin, finish, take, visit
from tests.support.transactions import commit, fetch

PORTAL = a_portal("p", "http://p.example/1", "http://p.example/2")


def filled(store: Store) -> None:
    """Two runs over two reports, the second of which changes; one URL is left."""
    for run, year in ((1, 2023), (2, 2024)):
        ticket = begin(store, PORTAL, mode="full", now=NOW + timedelta(days=run))
        for number, lease in enumerate(take(store, ticket.run_id), 1):
            changed = f"{year}" if number == 2 else ""
            title = f"第{number}县{changed}年度报告"
            how = Outcome.NEW if run == 1 else Outcome.CHANGED if changed else Outcome.UNCHANGED
            visit(store, lease, how, reading=a_reading(title=title, lines=(title,)))
        verdict = {"p": ("bad" if run == 2 else "good", "why", {})}
        commit(store, save_verdicts, ticket.run_id, verdict)
        finish(store, ticket.run_id)
    note_changes(store)


def test_what_a_run_brought_stands_beside_the_run_before(store: Store) -> None:
    filled(store)
    [portal] = fetch(store, run_portals, 2, 2)
    assert (portal.verdict, portal.before, portal.reason) == ("bad", "good", "why")
    assert fetch(store, run_portals, 1, 1)[0].before is None
    with store.read() as connection:
        first, count = run_versions(connection, 1, 1, Outcome.NEW, limit=1)
        changed, changes = run_versions(connection, 2, 2, Outcome.CHANGED, limit=9)
        assert run_at(connection, 2) is not None
        assert run_at(connection, 9) is None
    assert (len(first), count, len(changed), changes) == (1, 2, 1, 1)
    assert (changed[0].version, changed[0].what) == (2, ("text", "title"))


def test_what_waits_and_what_is_held(store: Store) -> None:
    assert fetch(store, health.pending) == health.Pending(urls=0, kept=0, since=None)
    filled(store)
    begin(store, PORTAL, mode="full", now=NOW + timedelta(days=5))
    waits = fetch(store, health.pending)
    assert (waits.urls, waits.kept, waits.since) == (2, 0, NOW + timedelta(days=5))
    assert fetch(store, health.newest_capture_at) is not None
    fresh = fetch(store, health.fresh_captures, hosts=5)  # both of its newest run
    assert [each.host for each in fresh] == ["http://p.example:80"] * 2
    assert fetch(store, health.fresh_captures, hosts=0) == []
    state = HostState(host="h", rests_until=NOW + timedelta(days=3), trips=4, reason="x")
    commit(store, save_host, state)
    [held] = fetch(store, health.held_hosts, NOW, None)
    assert (held.host, held.until, held.trips) == ("h", NOW + timedelta(days=3), 4)
    assert fetch(store, health.held_hosts, NOW + timedelta(days=9), 5) == []
    assert [each.verdict for each in fetch(store, health.portal_verdicts)] == ["bad"]
    commit(store, lambda c: c.execute(text("UPDATE page SET role = 'list', next_due_at = NULL")))
    assert fetch(store, health.overdue_lists, NOW) == {}
    assert fetch(store, health.silent_bodies, "2030-01-01", "2020-01-01") == []


def test_the_engine_is_asked_for_damage(store: Store) -> None:
    with store.read() as connection:
        tables = tables_to_check(connection)
        assert [fault for name in tables for fault in table_faults(connection, name)] == []
        is_sqlite = connection.dialect.name == "sqlite"
        assert ("page" in tables, failed_checksums(connection) in (None, 0)) == (is_sqlite, True)


def test_jobs_are_those_of_procrastinate(store: Store) -> None:
    """On PostgreSQL with its own tables, whose states are a type of theirs."""
    assert fetch(store, health.stalled_jobs, NOW) is None
    with store.write() as connection:
        for statement in _queue(connection.dialect.name):
            connection.exec_driver_sql(statement)
        at = "2000-01-01T00:00:00.000000Z"
        connection.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (:at)"),
                           {"at": at})  # fmt: skip
        for values in ("'todo', NULL, 'waits'", "'doing', 1, 'visit p'", "'doing', NULL, NULL"):
            columns = "queue_name, task_name, status, worker_id, queueing_lock"
            job = f"INSERT INTO procrastinate_jobs ({columns}) VALUES ('q', 'visit', {values})"  # noqa: S608 - ours
            connection.exec_driver_sql(job)
    assert fetch(store, health.stalled_jobs, NOW) == ["visit p (job 2)", "visit (job 3)"]
    long_ago = NOW - timedelta(days=20_000)
    assert fetch(store, health.stalled_jobs, long_ago) == ["visit (job 3)"]


def _queue(engine: str) -> list[str]:
    """What makes the tables of the queue."""
    if engine == "postgresql":
        schema = pytest.importorskip("procrastinate.schema").SchemaManager.get_schema()
        return [schema.replace("%", "%%")]
    columns = "queue_name TEXT, task_name TEXT, status TEXT, worker_id INTEGER, queueing_lock TEXT"
    return [
        f"CREATE TABLE procrastinate_jobs (id INTEGER PRIMARY KEY, {columns})",
        "CREATE TABLE procrastinate_workers (id INTEGER PRIMARY KEY, last_heartbeat TEXT)",
    ]
