"""Instants that a wrong clock left: each is brought back once, and what is in order stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from archive.store import Store
from archive.store.frontier import hosts, leasing
from archive.store.frontier.ahead import bring_back
from archive.store.rows import HostState
from archive.store.schema import page
from archive.work.ingest.recrawl import MAX_AHEAD
from crawler.fetch.handler import MAX_RETRY_AFTER_S
from crawler.frontier.hosts import MAX_REST
from tests.store.making import NOW, begin, take, visit
from tests.support.transactions import commit, fetch

FAR, PAUSE = timedelta(days=900), timedelta(minutes=10)
HOST = "http://www.jiashan.example"


def brought_back(store: Store) -> list[str]:
    with store.write() as connection:
        return bring_back(connection, MAX_AHEAD, NOW)


def test_no_right_clock_plans_further_ahead() -> None:
    assert timedelta(seconds=MAX_RETRY_AFTER_S) <= MAX_AHEAD.pause
    assert MAX_AHEAD.pause >= MAX_REST


def test_a_host_rests_as_long_as_it_asked_for(store: Store) -> None:
    then = NOW + FAR
    commit(store, hosts.save_host,
        HostState(host=HOST, last_visit_at=then, not_before_at=then + PAUSE, reason="Retry-After",
                  rests_until=then + 2 * PAUSE, robots_status=200, robots_fetched_at=then)
    )  # fmt: skip
    [line] = brought_back(store)
    assert HOST in line
    found = fetch(store, hosts.host_states)[HOST]
    assert (found.last_visit_at, found.not_before_at) == (NOW, NOW + PAUSE)
    assert (found.rests_until, found.robots_fetched_at) == (NOW + 2 * PAUSE, None)
    assert brought_back(store) == []


@pytest.mark.parametrize("name", ["not_before_at", "rests_until"])
def test_a_pause_beyond_every_pause_is_cut(store: Store, name: str) -> None:
    commit(store, hosts.save_host, HostState(host=HOST, last_visit_at=NOW, **{name: NOW + FAR}))
    assert brought_back(store)
    assert getattr(fetch(store, hosts.host_states)[HOST], name) == NOW + MAX_AHEAD.pause
    assert brought_back(store) == []


def test_what_a_right_clock_has_planned_stays(store: Store) -> None:
    second = timedelta(seconds=1)
    kept = HostState(
        host=HOST, last_visit_at=NOW + second, not_before_at=NOW + MAX_AHEAD.pause,
        robots_status=200, robots_fetched_at=NOW, rests_until=NOW + MAX_REST,
    )  # fmt: skip
    commit(store, hosts.save_host, kept)
    ticket = begin(store)
    visit(store, take(store, ticket.run_id)[0], due=NOW + MAX_AHEAD.list_rest)
    assert brought_back(store) == []
    assert fetch(store, hosts.host_states)[HOST] == kept


@pytest.mark.parametrize(
    ("role", "captured", "rest", "is_due"),
    [
        ("entry", NOW, MAX_AHEAD.list_rest + PAUSE, True),
        ("page", NOW, MAX_AHEAD.list_rest + PAUSE, False),
        ("page", NOW, MAX_AHEAD.page_rest + PAUSE, True),
        ("page", NOW + FAR, MAX_AHEAD.seen_rest + PAUSE, True),
        ("page", NOW + FAR, MAX_AHEAD.seen_rest - PAUSE, False),
    ],
)
def test_a_visit_planned_by_a_wrong_clock_is_due(
    store: Store, role: str, captured: object, rest: timedelta, *, is_due: bool
) -> None:
    visit(store, take(store, begin(store).run_id)[0], due=NOW + rest)
    with store.write() as connection:
        connection.execute(update(page).values(role=role, last_captured_at=captured))
    assert bool(brought_back(store)) == is_due
    with store.read() as connection:
        assert (connection.scalar(select(page.c.next_due_at)) == NOW) == is_due
    assert brought_back(store) == []


def test_an_url_that_waits_for_another_year_may_be_tried(store: Store) -> None:
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    commit(
        store,
        leasing.retry_later,
        lease.page_id,
        ticket.run_id,
        not_before_at=NOW + FAR,
        reason="busy",
    )
    assert take(store, ticket.run_id) == []
    assert brought_back(store)
    assert [each.page_id for each in take(store, ticket.run_id)] == [lease.page_id]
