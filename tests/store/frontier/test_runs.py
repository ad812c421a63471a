"""Beginning, resuming and finishing runs."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from archive.model.errors import CannotRunError
from archive.model.outcome import Outcome, Role
from archive.model.reading import Kind
from archive.store import Store, catalogue
from archive.store.frontier import leasing, runs
from archive.store.frontier.runs import process_is_alive
from archive.store.query import verdicts
from archive.store.query.portal_states import portal_states
from archive.store.rows import Expected
from archive.store.schema import run
from tests.store.making import (
    ENTRY,
    LATER,
    NOW,
    a_portal,
    a_reading,
    begin,
    finish,
    keep,
    link_to,
    take,
    visit,
)
from tests.support.transactions import commit, fetch

PAGE = "http://www.jiashan.example/nb/2024.html"


def status_of(store: Store, run_id: int) -> str:
    with store.read() as connection:
        return connection.scalar(select(run.c.status).where(run.c.id == run_id))


def list_with_page(store: Store, run_id: int, due=LATER) -> None:
    """The entry is a list that names one page; both are visited."""
    [entry] = take(store, run_id)
    links = (link_to(PAGE),)
    reading = a_reading("列表", ("2024\t2025-01-20",), kind=Kind.LIST, links=links)
    visit(store, entry, reading=reading, links=links)
    [page] = take(store, run_id)
    visit(store, page, reading=a_reading(), due=due)


def test_a_fresh_run_schedules_the_entries_of_its_portals(store):
    ticket = begin(store, a_portal("a", "http://a.example/"), a_portal("b", "http://b.example/"))
    assert (ticket.resumed, ticket.pending) == (False, 2)


def test_an_entry_is_leased_as_an_entry(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    assert (lease.url, lease.role, lease.depth) == (ENTRY, Role.ENTRY, 0)


def test_an_unfinished_run_of_the_same_job_is_resumed(store):
    first = begin(store)
    take(store, first.run_id)
    second = begin(store)
    assert (second.run_id, second.resumed, second.recovered) == (first.run_id, True, 1)


def test_a_resumed_run_hands_the_lost_lease_out_again(store):
    first = begin(store)
    [lost] = take(store, first.run_id)
    begin(store)
    assert take(store, first.run_id) == [lost]


def test_what_was_kept_stays_kept_when_a_run_is_resumed(store):
    first = begin(store)
    keep(store, take(store, first.run_id))
    assert begin(store).kept == 1


def test_an_interrupted_run_is_resumed(store):
    first = begin(store)
    finish(store, first.run_id, status="interrupted")
    second = begin(store)
    assert (second.run_id, second.resumed) == (first.run_id, True)
    assert status_of(store, first.run_id) == "running"


def test_an_interrupted_run_gives_its_leases_back(store):
    ticket = begin(store)
    take(store, ticket.run_id)
    finish(store, ticket.run_id, status="interrupted")
    assert fetch(store, runs.remaining, ticket.run_id) == {"pending": 1, "leased": 0, "kept": 0}


def test_a_finished_run_is_not_resumed(store):
    first = begin(store)
    list_with_page(store, first.run_id)
    finish(store, first.run_id)
    assert begin(store).run_id != first.run_id


def test_another_run_whose_process_is_gone_becomes_crashed(store):
    dead = begin(store, job="old")
    begin(store, job="new")
    assert status_of(store, dead.run_id) == "crashed"


def test_another_run_whose_process_lives_goes_on(store):
    alive = begin(store, job="old", pid=1)
    commit(
        store,
        runs.begin_run,
        job="new",
        portals=[a_portal("b", "http://b.example/")],
        options={},
        mode="due",
        now=NOW,
        pid=2,
        is_alive=lambda _pid: True,
    )
    assert status_of(store, alive.run_id) == "running"


def test_a_crashed_run_of_the_same_job_is_resumed(store):
    dead = begin(store, job="old")
    begin(store, a_portal("b", "http://b.example/"), job="new")
    again = begin(store, job="old")
    assert (again.run_id, again.resumed, again.pending) == (dead.run_id, True, 1)


def test_a_fresh_run_adopts_what_a_dead_run_left(store):
    dead = begin(store, job="old")
    take(store, dead.run_id)
    ticket = begin(store, job="new")
    assert (ticket.adopted, ticket.recovered, ticket.pending) == (1, 1, 1)


def test_a_fresh_run_adopts_kept_captures(store):
    dead = begin(store, job="old")
    keep(store, take(store, dead.run_id))
    ticket = begin(store, job="new")
    [lease] = fetch(store, leasing.kept, ticket.run_id)
    assert (ticket.kept, lease.run_id, lease.pending_capture.status) == (1, ticket.run_id, 200)


def test_a_fresh_run_leaves_alone_what_a_living_run_holds(store):
    begin(store, job="old", pid=1)
    ticket = commit(
        store,
        runs.begin_run,
        job="new",
        portals=[a_portal()],
        options={},
        mode="due",
        now=NOW,
        pid=2,
        is_alive=lambda _pid: True,
    )
    assert (ticket.adopted, ticket.pending) == (0, 0)


def test_a_fresh_run_leaves_alone_what_belongs_to_other_portals(store):
    begin(store, a_portal("a", "http://a.example/"), job="old")
    ticket = begin(store, a_portal("b", "http://b.example/"), job="new")
    assert (ticket.adopted, ticket.pending) == (0, 1)


def test_a_known_page_that_is_not_due_is_left_out(store):
    first = begin(store)
    list_with_page(store, first.run_id)
    finish(store, first.run_id)
    second = begin(store, now=LATER - timedelta(seconds=1))
    assert [each.url for each in take(store, second.run_id)] == [ENTRY]


def test_a_known_page_that_is_due_is_visited(store):
    first = begin(store)
    list_with_page(store, first.run_id)
    finish(store, first.run_id)
    second = begin(store, now=LATER)
    assert [each.url for each in take(store, second.run_id)] == [ENTRY, PAGE]


def test_mode_full_visits_every_known_page(store):
    first = begin(store)
    list_with_page(store, first.run_id)
    finish(store, first.run_id)
    assert begin(store, mode="full").pending == 2


def test_a_known_list_is_always_visited(store):
    first = begin(store)
    [entry] = take(store, first.run_id)
    further = (link_to(ENTRY + "index_1.html", role=Role.LIST),)
    visit(store, entry, reading=a_reading(kind=Kind.LIST), links=further)
    [second_list] = take(store, first.run_id)
    visit(store, second_list, reading=a_reading(kind=Kind.LIST))
    finish(store, first.run_id)
    assert begin(store).pending == 2


def test_an_entry_that_left_the_catalogue_is_not_visited(store):
    first = begin(store)
    list_with_page(store, first.run_id)
    finish(store, first.run_id)
    moved = begin(store, a_portal("jiashan", "http://www.jiashan.example/new/"))
    assert [each.url for each in take(store, moved.run_id)] == ["http://www.jiashan.example/new/"]


def test_an_entry_goes_to_the_portal_that_names_it(store):
    first = begin(store, a_portal("adhoc"))
    list_with_page(store, first.run_id)
    finish(store, first.run_id)
    second = begin(store, a_portal("jiashan"), job="named")
    [lease] = take(store, second.run_id)
    assert lease.portal_key == "jiashan"


def test_a_run_is_not_finished_while_an_url_is_under_way(store):
    ticket = begin(store)
    take(store, ticket.run_id)
    with pytest.raises(CannotRunError, match="under way"):
        finish(store, ticket.run_id)
    assert status_of(store, ticket.run_id) == "running"


def test_what_a_page_budget_left_over_stays_pending(store):
    ticket = begin(store)
    finish(store, ticket.run_id)
    assert fetch(store, runs.remaining, ticket.run_id)["pending"] == 1


def test_counts_are_by_outcome(store):
    ticket = begin(store)
    list_with_page(store, ticket.run_id)
    assert fetch(store, runs.run_counts, ticket.run_id) == {Outcome.NEW: 2}


def test_a_robots_txt_is_not_counted_among_the_urls_of_a_run(store):
    ticket = begin(store)
    robots = commit(
        store,
        leasing.lease_now,
        ticket.run_id,
        url="http://www.jiashan.example/robots.txt",
        portal_key="jiashan",
        role=Role.ROBOTS,
        now=NOW,
    )
    visit(store, robots)
    assert fetch(store, runs.run_counts, ticket.run_id) == {}


def test_what_is_known_of_a_portal_is_counted_by_kind(store):
    ticket = begin(store)
    list_with_page(store, ticket.run_id)
    assert fetch(store, verdicts.known_by_portal)["jiashan"] == Expected(
        lists=1, reports=1, others=0
    )


def test_portals_come_back_as_they_were_saved(store):
    rows = [
        a_portal("a", delay_s=2.5, concurrency=2, division="330421", family="trs"),
        a_portal("b", source="user"),
    ]
    commit(store, catalogue.save_portals, rows)
    assert fetch(store, catalogue.portals) == rows


def test_our_own_process_is_alive_and_a_strange_one_is_not():
    assert process_is_alive(os.getpid())
    assert not process_is_alive(2**22 + 1)


@pytest.mark.parametrize(("told", "shown"), [(None, "trs"), ("vsb", "vsb")])
def test_a_portal_is_of_the_family_that_its_row_says_or_its_lists_show(store, told, shown):
    ticket = begin(store, a_portal("a", *(f"{ENTRY}{n}" for n in range(3)), family=told))
    for lease, seen in zip(take(store, ticket.run_id), ("plain", "trs", "trs"), strict=True):
        visit(store, lease, reading=a_reading(kind=Kind.LIST, family=seen))
    with store.read() as connection:
        [state] = portal_states(connection)
    assert state.family == shown
