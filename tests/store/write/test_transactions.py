"""The two transactions: what they store, what they schedule, and that nothing is doubled."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from archive.model.errors import CannotRunError
from archive.model.outcome import Outcome, Role
from archive.model.reading import Field, Finding, Kind, Severity
from archive.store import Store
from archive.store.frontier import hosts, leasing, runs
from archive.store.query import history, stored_parts
from archive.store.rows import Recorded
from archive.store.schema import (
    body,
    capture,
    check_result,
    field,
    finding,
    held_checks,
    link,
    outcome,
    page,
)
from archive.store.schema import version as version_table
from archive.store.write import captures, outcomes
from tests.store.making import (
    ENTRY,
    FILE,
    LATER,
    NOW,
    a_full_reading,
    a_portal,
    a_reading,
    a_record,
    begin,
    finish,
    keep,
    link_to,
    new_capture,
    take,
    visit,
)
from tests.support.transactions import commit, fetch

PAGE = "http://www.jiashan.example/nb/2024.html"


def count(store: Store, table) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def first_visit(store, **changes):
    """The entry, visited once in a first run."""
    ticket = begin(store)
    made = visit(store, take(store, ticket.run_id)[0], **changes)
    return ticket, made


def again(store, outcome, **changes):
    """The entry, visited once more in a run of its own."""
    ticket = begin(store)
    made = visit(store, take(store, ticket.run_id)[0], outcome, **changes)
    finish(store, ticket.run_id)
    return made


def test_a_kept_lease_waits_with_its_capture(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    [stored] = keep(store, [lease])
    [waiting] = fetch(store, leasing.kept, ticket.run_id)
    assert waiting.pending_capture == stored
    assert fetch(store, runs.remaining, ticket.run_id) == {"pending": 0, "leased": 0, "kept": 1}


def test_keeping_notes_how_far_the_file_is_committed(store):
    keep(store, take(store, begin(store).run_id))
    assert fetch(store, captures.committed_ends) == {FILE: 100}


def test_keeping_notes_the_visit_of_the_host(store):
    keep(store, take(store, begin(store).run_id))
    assert fetch(store, hosts.host_states)[
        "http://www.jiashan.example:80"
    ].last_visit_at == NOW + timedelta(seconds=0.1)


def test_keeping_without_a_lease_is_refused_and_leaves_no_trace(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    commit(store, leasing.release, [lease.page_id])
    with pytest.raises(CannotRunError, match="not leased"):
        keep(store, [lease])
    assert (count(store, capture), fetch(store, captures.committed_ends)) == (0, {})


def test_keeping_without_the_file_s_end_is_refused(store):
    [lease] = take(store, begin(store).run_id)
    with pytest.raises(CannotRunError, match="committed end"):
        commit(store, captures.keep, [new_capture(lease, 0)], {})


def test_the_same_place_in_a_file_cannot_be_committed_twice(store):
    ticket = begin(store, a_portal("a", "http://a.example/1", "http://a.example/2"))
    leases = take(store, ticket.run_id)
    with pytest.raises(CannotRunError):
        commit(store, captures.keep, [new_capture(each, 0) for each in leases], {FILE: 100})
    assert count(store, capture) == 0


def test_a_committed_end_never_shrinks(store):
    commit(store, captures.keep, [], {FILE: 500})
    commit(store, captures.keep, [], {FILE: 100})
    assert fetch(store, captures.committed_ends) == {FILE: 500}


def test_a_version_is_stored_with_all_its_parts(store):
    reading = a_full_reading()
    _, made = first_visit(store, reading=reading)
    parts = fetch(store, stored_parts.version_parts, made.version_id)
    assert (parts.fields, parts.identity) == (reading.fields, reading.identity)
    assert (parts.tables, parts.figures) == (reading.tables, reading.figures)
    assert parts.findings == reading.findings
    assert (count(store, held_checks), count(store, check_result)) == (1, 0)
    assert count(store, link) == 1


def test_a_version_comes_back_as_it_was_read(store):
    reading = a_reading(lines=("一、总体情况", "甲\t乙"))
    first_visit(store, reading=reading)
    row = fetch(store, history.latest_version, ENTRY)
    assert (row.number, row.title, row.text) == (1, reading.title, "一、总体情况\n甲\t乙")
    assert (row.kind, row.report_year, row.content_hash) == ("report", 2024, reading.content_hash)


def test_recording_ends_the_lease(store):
    ticket, _ = first_visit(store, reading=a_reading())
    assert fetch(store, runs.remaining, ticket.run_id) == {"pending": 0, "leased": 0, "kept": 0}
    assert fetch(store, runs.run_counts, ticket.run_id) == {"new": 1}


def test_recording_twice_changes_nothing_and_answers_as_before(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    [stored] = keep(store, [lease])
    record = a_record(lease, stored, reading=a_full_reading(), links=(link_to(PAGE),))
    [first] = commit(store, outcomes.record, [record], next_due={})
    [second] = commit(store, outcomes.record, [record], next_due={})
    assert first == Recorded(version_id=first.version_id, version_number=1, scheduled=1)
    assert second == Recorded(version_id=first.version_id, version_number=1, scheduled=0)
    assert (count(store, version_table), count(store, outcome), count(store, finding)) == (1, 1, 1)


def test_recording_twice_within_one_batch_counts_once(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    [stored] = keep(store, [lease])
    record = a_record(lease, stored, reading=a_reading())
    answers = commit(store, outcomes.record, [record, record], next_due={})
    assert answers[0] == answers[1]
    assert count(store, version_table) == 1


def test_recording_a_page_that_is_not_on_the_frontier_is_refused(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    stranger = a_record(lease, None, Outcome.FAILED, page_id=999)
    with pytest.raises(CannotRunError, match="not on the frontier"):
        commit(store, outcomes.record, [stranger], next_due={})


def test_a_batch_of_two_runs_is_refused(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    records = [a_record(lease, None, Outcome.FAILED, run_id=number) for number in (1, 2)]
    with pytest.raises(ValueError, match="one batch, one run"):
        commit(store, outcomes.record, records, next_due={})


def test_a_version_without_a_capture_is_refused_and_leaves_no_trace(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    with pytest.raises(ValueError, match="needs a reading and a capture"):
        commit(store, outcomes.record, [a_record(lease, None, reading=a_reading())], next_due={})
    assert (count(store, outcome), fetch(store, runs.remaining, ticket.run_id)["leased"]) == (0, 1)


def test_a_failure_needs_no_capture(store):
    ticket = begin(store)
    [lease] = take(store, ticket.run_id)
    answers = commit(store, outcomes.record, [a_record(lease, None, Outcome.FAILED)], next_due={})
    assert answers == [Recorded(version_id=None, version_number=None, scheduled=0)]


def test_equal_bodies_are_stored_once(store):
    ticket = begin(store, a_portal("a", "http://a.example/1", "http://a.example/2"))
    for lease in take(store, ticket.run_id):
        visit(store, lease, reading=a_full_reading())
    assert (count(store, version_table), count(store, body)) == (2, 1)


def test_the_next_visit_compares_with_the_body_that_was_read(store):
    ticket, _ = first_visit(store, reading=a_reading(), body_digest="b0d1")
    finish(store, ticket.run_id)
    [lease] = take(store, begin(store).run_id)
    assert lease.previous.body_digest == "b0d1"


def test_changed_content_makes_the_next_version(store):
    ticket, _ = first_visit(store, reading=a_reading())
    finish(store, ticket.run_id)
    made = again(store, Outcome.CHANGED, reading=a_reading(lines=("改",)))
    rows = fetch(store, history.versions, ENTRY)
    assert [(row.number, row.supersedes) for row in rows] == [(1, None), (2, 1)]
    assert (made.version_number, fetch(store, history.latest_version, ENTRY).text) == (2, "改")


def test_a_better_reader_replaces_a_version_in_place(store):
    ticket, made = first_visit(store, reading=a_full_reading())
    finish(store, ticket.run_id)
    better = a_reading(lines=("读得更好",), reader_version="r2")
    replaced = again(store, Outcome.UNCHANGED, reading=better, supersede_reader=True)
    [row] = fetch(store, history.versions, ENTRY)
    assert (replaced.version_id, row.number, row.text) == (made.version_id, 1, "读得更好")
    assert row.reader_version == "r2"
    assert (count(store, body), count(store, field), count(store, finding)) == (1, 0, 0)


def test_changed_fields_of_unchanged_content_are_an_event(store):
    old = a_reading(fields=(Field(name="agency", value="甲", printed="甲", origin="header"),))
    new = a_reading(fields=(Field(name="agency", value="乙", printed="乙", origin="header"),))
    ticket, made = first_visit(store, reading=old)
    finish(store, ticket.run_id)
    again(store, Outcome.UNCHANGED, reading=new)
    [event] = fetch(store, history.field_events, ENTRY)
    assert (event.name, event.old_value, event.new_value, event.at) == ("agency", "甲", "乙", NOW)
    assert fetch(store, stored_parts.version_parts, made.version_id).fields == new.fields


def test_a_field_that_disappears_is_an_event(store):
    old = a_reading(fields=(Field(name="agency", value="甲", printed="甲", origin="header"),))
    ticket, _ = first_visit(store, reading=old)
    finish(store, ticket.run_id)
    again(store, Outcome.UNCHANGED, reading=a_reading())
    assert [event.new_value for event in fetch(store, history.field_events, ENTRY)] == [None]


def test_fields_read_by_better_code_are_no_event(store):
    old = a_reading(fields=(Field(name="agency", value="甲", printed="甲", origin="header"),))
    ticket, _ = first_visit(store, reading=old)
    finish(store, ticket.run_id)
    again(store, Outcome.UNCHANGED, reading=a_reading(reader_version="r2"))
    assert fetch(store, history.field_events, ENTRY) == []


def test_equal_fields_are_no_event(store):
    ticket, _ = first_visit(store, reading=a_full_reading())
    finish(store, ticket.run_id)
    again(store, Outcome.UNCHANGED, reading=a_full_reading())
    assert fetch(store, history.field_events, ENTRY) == []


def test_the_doubts_about_a_block_page_are_kept_without_a_version(store):
    doubt = Finding(rule="hijack_words", severity=Severity.ERROR, message="博彩")
    first_visit(store, outcome=Outcome.BLOCKED, reading=a_reading(findings=(doubt,)),
                new_version=False)  # fmt: skip
    with store.read() as connection:
        row = connection.execute(select(finding)).one()
    assert (row.rule, row.version_id) == ("hijack_words", None)
    assert fetch(store, history.latest_version, ENTRY) is None


def test_the_same_url_is_scheduled_once(store):
    ticket = begin(store)
    links = (link_to(PAGE), link_to(PAGE, text="又"), link_to(ENTRY))
    made = visit(store, take(store, ticket.run_id)[0], reading=a_reading(), links=links)
    assert (made.scheduled, fetch(store, runs.remaining, ticket.run_id)["pending"]) == (1, 1)


def test_an_url_that_ended_in_this_run_is_not_scheduled_again(store):
    ticket = begin(store)
    visit(store, take(store, ticket.run_id)[0], reading=a_reading(), links=(link_to(PAGE),))
    [page_lease] = take(store, ticket.run_id)
    back = (link_to(ENTRY, role=Role.LIST),)
    assert visit(store, page_lease, reading=a_reading(), links=back).scheduled == 0


def test_two_windows_of_one_post_list_are_two_pages(store):
    from dataclasses import replace

    ticket = begin(store)
    one = link_to("http://www.jiashan.example/list.do", role=Role.LIST)
    links = tuple(replace(one, method="POST", body=f"page={number}") for number in (1, 2))
    visit(store, take(store, ticket.run_id)[0], reading=a_reading(), links=links)
    assert [each.body for each in take(store, ticket.run_id)] == ["page=1", "page=2"]


def known_page(store, due):
    """A first run that visited entry and page; the page is due at `due`."""
    ticket = begin(store)
    visit(store, take(store, ticket.run_id)[0], reading=a_reading(), links=(link_to(PAGE),))
    visit(store, take(store, ticket.run_id)[0], reading=a_reading(), due=due)
    finish(store, ticket.run_id)


@pytest.mark.parametrize(("mode", "waits"), [("due", 0), ("full", 1)])
def test_a_known_page_that_a_list_names_waits_only_when_due_or_in_a_full_run(store, mode, waits):
    known_page(store, LATER)
    ticket = begin(store, mode=mode, now=LATER - timedelta(hours=1))
    entry = take(store, ticket.run_id, limit=1)[0]
    visit(store, entry, Outcome.UNCHANGED, links=(link_to(PAGE),))
    assert fetch(store, runs.remaining, ticket.run_id)["pending"] == waits


def test_a_page_of_ten_thousand_links_is_recorded(store):
    ticket = begin(store)
    links = tuple(link_to(f"http://www.jiashan.example/{number}") for number in range(10_000))
    reading = a_reading(kind=Kind.LIST, links=links)
    made = visit(store, take(store, ticket.run_id)[0], reading=reading, links=links)
    assert (made.scheduled, count(store, page)) == (10_000, 10_001)


def test_links_of_a_version_know_the_pages_they_lead_to(store):
    ticket = begin(store)
    links = (link_to(PAGE), link_to("http://elsewhere.example/"))
    reading = a_reading(links=links)
    visit(store, take(store, ticket.run_id)[0], reading=reading, links=links[:1])
    with store.read() as connection:
        rows = connection.execute(select(link).order_by(link.c.position)).all()
    assert [row.to_page_id is not None for row in rows] == [True, False]


def test_an_exception_in_the_second_transaction_leaves_no_trace(location):
    def refuse(connection, texts):
        raise RuntimeError("the index is broken")

    with Store.open(location, on_versions=refuse) as store:
        ticket = begin(store)
        [lease] = take(store, ticket.run_id)
        with pytest.raises(RuntimeError):
            visit(store, lease, reading=a_reading(), links=(link_to(PAGE),))
        assert (count(store, outcome), count(store, version_table), count(store, page)) == (0, 0, 1)
        assert fetch(store, runs.remaining, ticket.run_id)["kept"] == 1


def test_the_index_hears_of_every_version_and_what_it_replaces(location):
    heard = []
    with Store.open(location, on_versions=lambda _, texts: heard.extend(texts)) as store:
        ticket, _ = first_visit(store, reading=a_reading(lines=("甲",)))
        finish(store, ticket.run_id)
        again(store, Outcome.CHANGED, reading=a_reading(lines=("乙",), kind=Kind.LIST))
    assert [(each.text, each.hidden) for each in heard] == [("甲", False), ("乙", True)]
    assert [each.replaces for each in heard] == [None, None]


def test_a_host_s_last_visit_never_moves_back(store):
    from archive.store.rows import HostState

    commit(store, hosts.save_host, HostState(host="h", last_visit_at=LATER, robots_text="a"))
    commit(store, hosts.save_host, HostState(host="h", last_visit_at=NOW, robots_text="b"))
    state = fetch(store, hosts.host_states)["h"]
    assert (state.last_visit_at, state.robots_text) == (LATER, "b")
