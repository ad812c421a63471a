"""Who is handed out, in which order, and what a lease tells."""

import time
from datetime import timedelta

import pytest

from archive.model.outcome import Outcome, Role
from archive.model.reading import Kind
from archive.store.frontier import hosts, leasing, runs
from archive.store.rows import HostState
from archive.store.write import outcomes
from tests.store.making import (
    ENTRY,
    FILE,
    LATER,
    NOW,
    a_portal,
    a_reading,
    a_record,
    begin,
    finish,
    keep,
    link_to,
    take,
    visit,
)
from tests.support.transactions import commit, fetch

SOON = NOW + timedelta(minutes=10)


def site(host: str, pages: int):
    return a_portal(host, *(f"http://{host}.example/{number}" for number in range(pages)))


def test_lists_come_before_pages_and_pages_before_attachments(store):
    ticket = begin(store)
    links = (
        link_to("http://www.jiashan.example/a.pdf", role=Role.ATTACHMENT),
        link_to("http://www.jiashan.example/1.html"),
        link_to("http://www.jiashan.example/2.html"),
        link_to("http://www.jiashan.example/nb/index_1.html", role=Role.LIST),
    )
    visit(store, take(store, ticket.run_id)[0], reading=a_reading(kind=Kind.LIST), links=links)
    assert [each.url.rpartition("/")[2] for each in take(store, ticket.run_id)] == [
        "index_1.html",
        "1.html",
        "2.html",
        "a.pdf",
    ]


def test_hosts_are_served_in_turn(store):
    ticket = begin(store, site("a", 3), site("b", 3))
    names = [each.url[7] for each in take(store, ticket.run_id, limit=4)]
    assert names == ["a", "b", "a", "b"]


def test_the_longest_unvisited_host_comes_first(store):
    ticket = begin(store, site("a", 1), site("b", 1), site("c", 1))
    commit(store, hosts.save_host, HostState(host="http://a.example:80", last_visit_at=NOW))
    commit(
        store,
        hosts.save_host,
        HostState(host="http://b.example:80", last_visit_at=NOW - timedelta(hours=1)),
    )
    assert [each.url[7] for each in take(store, ticket.run_id)] == ["c", "b", "a"]


def test_no_host_gets_more_than_its_share(store):
    ticket = begin(store, site("a", 5))
    assert len(take(store, ticket.run_id, per_host=2)) == 2


def test_the_share_of_a_host_counts_what_is_leased_already(store):
    ticket = begin(store, site("a", 5))
    take(store, ticket.run_id, per_host=2)
    assert take(store, ticket.run_id, per_host=2) == []


def test_an_excluded_host_is_left_out(store):
    ticket = begin(store, site("a", 1), site("b", 1))
    leases = take(store, ticket.run_id, exclude=["http://a.example:80"])
    assert [each.portal_key for each in leases] == ["b"]


def test_a_host_that_asked_for_a_pause_is_left_out_until_it_ends(store):
    ticket = begin(store, site("a", 1))
    commit(
        store,
        hosts.save_host,
        HostState(host="http://a.example:80", not_before_at=SOON, reason="503"),
    )
    assert take(store, ticket.run_id, now=NOW) == []
    assert len(take(store, ticket.run_id, now=SOON)) == 1


def test_an_url_to_retry_is_left_out_until_its_time(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    assert commit(
        store,
        leasing.retry_later,
        lease.page_id,
        ticket.run_id,
        not_before_at=SOON,
        reason="timeout",
    )
    assert take(store, ticket.run_id, now=NOW) == []
    assert [each.attempts for each in take(store, ticket.run_id, now=SOON)] == [1]


def test_a_kept_capture_that_must_be_fetched_again_goes_back(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    keep(store, [lease], status=503)
    commit(
        store, leasing.retry_later, lease.page_id, ticket.run_id, not_before_at=NOW, reason="503"
    )
    [again] = take(store, ticket.run_id)
    assert (again.attempts, again.pending_capture) == (1, None)


def test_a_retry_of_an_url_that_is_not_out_says_so(store):
    ticket = begin(store)
    assert not commit(
        store, leasing.retry_later, 1, ticket.run_id, not_before_at=SOON, reason="timeout"
    )


def test_a_released_lease_goes_back_unchanged(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    commit(store, leasing.release, [lease.page_id])
    assert take(store, ticket.run_id) == [lease]


def test_a_kept_capture_is_not_released(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    keep(store, [lease])
    commit(store, leasing.release, [lease.page_id])
    assert fetch(store, runs.remaining, ticket.run_id)["kept"] == 1


def test_a_lease_is_handed_out_once(store):
    ticket = begin(store)
    take(store, ticket.run_id)
    assert take(store, ticket.run_id) == []


def test_a_first_visit_has_no_previous(store):
    assert take(store, begin(store).run_id)[0].previous is None


def test_a_later_visit_knows_capture_validators_and_version(store):
    first = begin(store)
    [lease] = take(store, first.run_id)
    reading = a_reading()
    made = visit(store, lease, reading=reading)
    finish(store, first.run_id)
    previous = take(store, begin(store).run_id)[0].previous
    assert (previous.spot.file, previous.spot.offset, previous.spot.length) == (FILE, 0, 60)
    assert (previous.etag, previous.payload_digest) == ('"1"', "sha256:0")
    assert (previous.version_id, previous.version_number) == (made.version_id, 1)
    assert (previous.content_hash, previous.reader_version) == (reading.content_hash, "r1")


def revisit(store, outcome, due=LATER, **changes):
    """A second run that ends the entry with `outcome`, and what a third one then knows."""
    first = begin(store)
    visit(store, take(store, first.run_id)[0], reading=a_reading())
    finish(store, first.run_id)
    second = begin(store)
    [lease] = take(store, second.run_id)
    [capture] = keep(store, [lease], **changes)
    commit(store, outcomes.record, [a_record(lease, capture, outcome)], next_due={})
    finish(store, second.run_id)
    return take(store, begin(store).run_id)[0].previous


def test_a_revisit_keeps_the_capture_with_the_body_and_freshens_the_validators(store):
    previous = revisit(store, Outcome.UNCHANGED, record_type="revisit", status=304, etag='"2"')
    assert (previous.spot.offset, previous.etag) == (0, '"2"')


def test_an_unchanged_body_becomes_the_one_to_compare_with(store):
    assert revisit(store, Outcome.UNCHANGED).spot.offset == 100


def test_a_block_page_never_becomes_the_one_to_compare_with(store):
    previous = revisit(store, Outcome.BLOCKED, etag='"block"')
    assert (previous.spot.offset, previous.etag) == (0, '"1"')


def test_a_truncated_body_lends_no_validators(store):
    previous = revisit(store, Outcome.UNCHANGED, truncated="length")
    assert (previous.etag, previous.last_modified) == (None, None)


def test_a_redirect_carries_its_hops(store):
    ticket = begin(store)
    target = link_to("https://www.jiashan.example/nb/", role=Role.ENTRY)
    [lease] = take(store, ticket.run_id)
    visit(store, lease, Outcome.REDIRECTED, links=(target,), hops=(ENTRY,))
    [landed] = take(store, ticket.run_id)
    assert (landed.url, landed.hops, landed.depth) == (target.url, (ENTRY,), 0)


def test_an_url_needed_at_once_is_leased_at_once(store):
    ticket = begin(store)
    robots = "http://www.jiashan.example/robots.txt"
    lease = commit(
        store,
        leasing.lease_now,
        ticket.run_id,
        url=robots,
        portal_key="jiashan",
        role=Role.ROBOTS,
        now=NOW,
    )
    assert (lease.url, lease.role) == (robots, Role.ROBOTS)


@pytest.mark.slow
def test_leasing_stays_fast_with_a_hundred_thousand_waiting(store):
    ticket = begin(store, *(site(f"h{number}", 33) for number in range(3031)))
    assert ticket.pending == 100_023
    durations = []
    for _ in range(9):
        started = time.perf_counter()
        assert len(take(store, ticket.run_id, limit=64, per_host=2)) == 64
        durations.append(time.perf_counter() - started)
    assert sorted(durations)[4] < 0.5


def test_urls_of_a_role_can_be_taken_off_unless_they_are_kept(store):
    ticket = begin(store)
    for name in ("a", "b"):
        commit(
            store,
            leasing.lease_now,
            ticket.run_id,
            url=f"http://{name}.example/robots.txt",
            portal_key="jiashan",
            role=Role.ROBOTS,
            now=NOW,
        )
    entry = take(store, ticket.run_id)
    kept = commit(
        store,
        leasing.lease_now,
        ticket.run_id,
        url="http://c/robots.txt",
        portal_key="jiashan",
        role=Role.ROBOTS,
        now=NOW,
    )
    keep(store, [kept])
    commit(store, leasing.drop_waiting, ticket.run_id, Role.ROBOTS)
    assert fetch(store, runs.remaining, ticket.run_id) == {
        "pending": 0,
        "leased": len(entry),
        "kept": 1,
    }


def test_an_url_that_waits_is_not_leased_at_once(store):
    ticket = begin(store)
    lease = commit(
        store,
        leasing.lease_now,
        ticket.run_id,
        url=ENTRY,
        portal_key="jiashan",
        role=Role.PAGE,
        now=NOW,
    )
    assert lease is None
