"""The same statements for both engines; a run on PostgreSQL itself needs GONGKAI_TEST_PG."""

from types import SimpleNamespace

import pytest
from sqlalchemy import ClauseElement, Engine, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from archive.model.errors import CannotRunError
from archive.model.outcome import Outcome
from archive.store import Store
from archive.store.dialects import among, copy_rows, insert_into
from archive.store.frontier import hosts, leasing
from archive.store.query import (
    history,
    indexed_captures,
    newest_captures,
    stored_parts,
    verdicts,
)
from archive.store.schema import host, page
from tests.store.making import (
    ENTRY,
    NOW,
    a_full_reading,
    a_reading,
    begin,
    finish,
    link_to,
    take,
    visit,
)
from tests.support.transactions import commit, fetch


def test_many_rows_that_one_spoils_are_refused_in_a_line(store: Store) -> None:
    """COPY goes past SQLAlchemy, and so do its errors."""
    names = ("host", "reason", "last_visit_at", "trips", "refusals")
    rows = [
        ("a.example", 'tab\t, line\n, \\N and "%s"', NOW, 0, 0),
        ("b.example", None, None, 1, 0),
    ]
    with store.write() as connection:
        copy_rows(connection, host, names, rows)
        chosen = select(*(host.c[name] for name in names)).order_by(host.c.host)
        assert [tuple(row) for row in connection.execute(chosen)] == rows
    with pytest.raises(CannotRunError, match="cannot be written"), store.write() as connection:
        copy_rows(connection, host, names, [("c.example", "", NOW, 0, 0), rows[0]])
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(host)) == 2


def test_some_ids_are_asked_for_at_once(store: Store) -> None:
    begin(store)
    with store.read() as connection:
        [known] = connection.scalars(select(page.c.id))
        for ids, found in (([], []), ([known], [known]), (list(range(5_000)), [known])):
            chosen = select(page.c.id).where(among(connection, page.c.id, ids))
            assert list(connection.scalars(chosen)) == found


def test_statements_of_one_reader_stay_prepared_from_one_question_to_the_next(
    location: str,
) -> None:
    """Behind a ROLLBACK psycopg has them all forgotten, and each is planned again."""
    if "://" not in location:
        pytest.skip("PostgreSQL alone prepares statements")
    with Store.open(location, read_only=True) as store:
        for _ in range(8):
            with store.read() as connection:
                connection.scalar(select(func.count()).select_from(page))
        with store.read() as connection:
            prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :p")
            assert connection.scalar(prepared, {"p": "%count(*)%FROM page%"}) == 1
            assert connection.scalar(text("SHOW jit")) == "off"


def everything_the_ledger_does(home):
    with Store.open(home, on_versions=lambda *_: None) as store:
        ticket = begin(store)
        lease = take(store, ticket.run_id)[0]
        links = (link_to(ENTRY + "1.html"),)
        made = visit(store, lease, reading=a_full_reading(), links=links)
        [page_lease] = take(store, ticket.run_id)
        commit(
            store,
            leasing.retry_later,
            page_lease.page_id,
            ticket.run_id,
            not_before_at=NOW,
            reason="",
        )
        commit(store, leasing.release, [lease.page_id for lease in take(store, ticket.run_id)])
        finish(store, ticket.run_id, status="interrupted")
        finish(store, begin(store).run_id)
        second = begin(store, mode="full", job="other")
        better = a_reading(reader_version="r2")
        visit(store, take(store, second.run_id)[0], Outcome.UNCHANGED, reading=better,
              supersede_reader=True)  # fmt: skip
        commit(store, hosts.save_host, next(iter(fetch(store, hosts.host_states).values())))
        fetch(store, stored_parts.version_parts, made.version_id)
        fetch(store, verdicts.known_by_portal)
        for ask in (history.versions, history.latest_version, history.outcomes,
                    history.field_events, history.captures_at):  # fmt: skip
            fetch(store, ask, ENTRY)
        fetch(store, indexed_captures.pages_at, [ENTRY])
        fetch(store, indexed_captures.pages_under, [ENTRY])
        fetch(store, indexed_captures.pages_of_domain, "a.example")
        fetch(store, indexed_captures.captures_of, [1], start=NOW, end=NOW)
        fetch(store, indexed_captures.captures_near, 1, NOW, limit=2)
        fetch(store, newest_captures.captured_portals)
        fetch(store, newest_captures.newest_captures, limit=2)
        fetch(store, history.committed_captures)


def test_every_statement_compiles_for_postgresql(home):
    seen = []

    def collect(_connection, statement, *_):
        seen.append(statement)

    event.listen(Engine, "before_execute", collect)
    try:
        everything_the_ledger_does(home)
    finally:
        event.remove(Engine, "before_execute", collect)
    ours = [each for each in seen if isinstance(each, ClauseElement)]
    assert len(ours) > 80
    for statement in ours:
        # An upsert is built by the dialect's own insert, see the next test.
        if not isinstance(statement, sqlite.Insert):
            statement.compile(dialect=postgresql.dialect())


@pytest.mark.parametrize("dialect", [sqlite, postgresql])
def test_an_upsert_is_spoken_in_the_connection_s_dialect(dialect):
    connection = SimpleNamespace(dialect=dialect.dialect())
    statement = insert_into(connection, page).on_conflict_do_nothing(index_elements=[page.c.key])
    assert "ON CONFLICT" in str(statement.compile(dialect=dialect.dialect()))
