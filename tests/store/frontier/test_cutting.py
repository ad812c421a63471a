"""Lists that end unvisited, and those that a resumed run has had already."""

from archive.model.outcome import Outcome, Role
from archive.model.reading import Kind
from archive.store.frontier import cutting
from tests.store.making import a_reading, begin, link_to, take, visit
from tests.support.transactions import fetch

SECTION = "http://www.jiashan.gov.cn/nb/"


def test_every_list_of_a_run_counts_one_met_as_a_page_too(store):
    ticket = begin(store)
    [entry] = take(store, ticket.run_id)
    links = (
        link_to(f"{SECTION}2.html", role=Role.LIST),
        link_to(f"{SECTION}hub.html", role=Role.NAVIGATION),
        link_to(f"{SECTION}list.html"),
        link_to(f"{SECTION}report.html"),
    )
    visit(store, entry, links=links)
    for lease in take(store, ticket.run_id):
        kind = Kind.REPORT if lease.url.endswith("report.html") else Kind.LIST
        visit(store, lease, Outcome.NEW, reading=a_reading(lease.url, kind=kind))
    assert fetch(store, cutting.lists_ended, ticket.run_id) == {"jiashan": 4}
